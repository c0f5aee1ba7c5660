"""The least that a save can cost: Flask on waitress, one row, one flushed SQLite commit, as our database is opened.

.venv/bin/python -m bench.bare PORT FOLDER       (started by bench.web)
"""

import sqlite3
import sys
import threading
from pathlib import Path

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from waitress import serve

from award.db.engine import JOURNAL, SYNCHRONOUS

PAGE = f"<!doctype html>{'<p>ข้อความสมมติ</p>' * 1000}"  # some forty KiB that cost nothing to make


def bare_app(file: Path) -> Flask:
    """`POST /save` stores what was sent and answers once it is on the disk; `GET /` answers a few
    bytes, `GET /page` as many as a list has."""
    app = Flask("bare")
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA journal_mode={JOURNAL}")
    connection.execute(f"PRAGMA synchronous={SYNCHRONOUS}")
    connection.execute("CREATE TABLE saved (id INTEGER PRIMARY KEY, key TEXT UNIQUE, changes TEXT)")
    lock = threading.Lock()

    @app.post("/save")
    def save() -> ResponseReturnValue:
        sent = request.get_json()
        with lock:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO saved (key, changes) VALUES (?, ?)", (sent["key"], str(sent["changes"])))
            connection.execute("COMMIT")
        return jsonify(saved=True)

    @app.get("/page")
    def page() -> ResponseReturnValue:
        return PAGE

    @app.get("/")
    def index() -> ResponseReturnValue:
        return "ready"

    return app


if __name__ == "__main__":
    serve(
        bare_app(Path(sys.argv[2]) / "bare.sqlite3"),
        host="127.0.0.1", port=int(sys.argv[1]), threads=32, connection_limit=1000, asyncore_use_poll=True, ident=None,
    )  # fmt: skip
