"""The logs of a site: every request, what was refused or signed in, what went wrong, who opened which file.

None of it stands in the database: asking changes nothing there. Texts that open a door (one-time links, tokens,
passwords) are never written: of an address only the path is, and what stands for a secret in it is left out.
"""

import hashlib
import json
import logging
import re
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, got_request_exception, has_request_context, request
from flask.logging import default_handler

from award.config import Settings
from award.db.log_files import LogFile, second_place
from award.errors import NotStarted
from award.views.context import current_actor, site

SECURITY = logging.getLogger("award.security")
SECRET_ARGUMENT = re.compile(r"token|link|secret|code|key")
# An address without a route may be a one-time link mistyped: a long piece of letters and digits is not written down.
LOOKS_SECRET = re.compile(r"[A-Za-z0-9_~.=-]{20,}")
HIDDEN = "…"
FOLLOWING = "/live"  # how the addresses end that open pages ask every few seconds
OF_ACCOUNTS = ("people", "accounts", "invitations", "invitation_slips", "people_import")
# What a line may say of the request by itself; the handler says it for all lines in one way.
SAID_ONCE = ("at", "who", "from", "address", "method", "path")
_PLAIN_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


@dataclass(frozen=True, slots=True)
class Logs:
    """The four log files of a site."""

    access: LogFile
    security: LogFile
    errors: LogFile
    reads: LogFile

    @classmethod
    def of(cls, settings: Settings) -> "Logs":
        """Those in the folder of `settings`; nothing is opened before the first line. Raises NotStarted where the
        second place cannot be read."""
        try:
            second = second_place(settings.log_copy)
        except (ValueError, OSError):
            raise NotStarted("AWARD_LOG_COPY must be a folder, syslog:host:port or syslog:/dev/log.") from None
        return cls(*(LogFile(settings.logs, name, second=second) for name in ("access", "security", "errors", "reads")))


def logs() -> Logs:
    """The logs of the site that the request runs in."""
    found: Logs = current_app.extensions["award_logs"]
    return found


def shown_path() -> str:
    """The request's path without what opens a door."""
    path = request.path
    for name, value in (request.view_args or {}).items():
        if isinstance(value, str) and value and SECRET_ARGUMENT.search(name):
            path = path.replace(value, HIDDEN)
    return path if request.url_rule is not None and not path.startswith("/assets/") else without_secrets(path)


def without_secrets(path: str) -> str:
    """A path whose long pieces are left out."""
    return "/".join(LOOKS_SECRET.sub(HIDDEN, piece) for piece in path.split("/"))


def record_read(*, file: int, entry: str, sha256: str) -> None:
    """Notes that the person in front opened an evidence file. By the site's clock, as the record of the round is."""
    logs().reads.write(
        {"file": file, "user": current_actor().code, "entry": entry, "sha256": sha256[:12],
         "read_at": site().clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    )  # fmt: skip


def record_paper_read(*, paper: int, entry: str, sha256: str) -> None:
    """The same for the photo of a signed paper sheet."""
    logs().reads.write(
        {"paper": paper, "user": current_actor().code, "entry": entry, "sha256": sha256[:12],
         "read_at": site().clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    )  # fmt: skip


def record_error(number: str, error: BaseException) -> None:
    """Notes where the program failed, under the number that the person was told. What the failure said is left out:
    it may quote what somebody typed."""
    calls = traceback.extract_tb(error.__traceback__)[-25:]
    frames = [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in calls]
    logs().errors.write({"error": number, "kind": type(error).__name__, **_here(), "frames": frames})


def _here() -> dict[str, Any]:
    return {
        "user": current_actor().code if current_actor().is_signed_in else "",
        "address": request.remote_addr or "", "method": request.method, "path": shown_path(),
    }  # fmt: skip


class SecurityEvents(logging.Handler):
    """`logging.getLogger("award.security")` → security.jsonl of the site in which it was called, with who and where.

    The message is the event's name, or a JSON object that says more; so does `extra={...}`: codes and counts, never
    what opens a door.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """One line; an event outside a request has no one in front of it."""
        if not current_app or "award_logs" not in current_app.extensions:
            return
        more = {name: value for name, value in vars(record).items() if name not in _PLAIN_RECORD}
        here = _here() if has_request_context() else {}
        event = {"event": record.getMessage()}
        if event["event"].startswith("{"):
            told = json.loads(event["event"])
            event = {"event": "refused" if "refused" in told else "told"}
            event |= {name: value for name, value in told.items() if name not in SAID_ONCE}
        logs().security.write({**event, "level": record.levelname.lower(), **here, **more})


class AccessLog:
    """Around the whole application, so that no answer is given past it: one line for each request.

    Only that nothing changed, told every few seconds to every page that follows a scoring day, is not written down: it
    hands nothing out, and would be a gigabyte a day."""

    def __init__(self, wsgi: Callable[..., Iterable[bytes]], access: LogFile):
        self._wsgi, self._access = wsgi, access

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answers as the application does. `ms` is until the answer begins, not until a slow phone has it."""
        began = time.perf_counter_ns()
        status = "500"

        def started(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = line[:3]
            return start_response(line, headers, *rest)

        try:
            return self._wsgi(environ, started)
        finally:
            if not (status == "304" and environ.get("PATH_INFO", "").endswith(FOLLOWING)):
                self._write(environ, status, (time.perf_counter_ns() - began) // 1_000_000)

    def _write(self, environ: dict[str, Any], status: str, ms: int) -> None:
        noted: dict[str, Any] = environ.get("award.noted", {})
        self._access.write(
            {
                "user": noted.get("user", ""),
                "address": environ.get("REMOTE_ADDR", ""),
                "method": environ.get("REQUEST_METHOD", ""),
                "path": noted.get("path") or without_secrets(environ.get("PATH_INFO", "")),
                "status": int(status),
                "ms": ms,
                **({"error": noted["error"]} if "error" in noted else {}),
            }
        )


def _note(response: Response) -> Response:
    """Leaves for the access log who it was and what it was about; notes what the program failed over."""
    actor = current_actor()
    noted = {"user": actor.code if actor.is_signed_in else "", "path": shown_path()}
    if "error_number" in g:
        noted["error"] = g.error_number
        record_error(g.error_number, g.failed)
    request.environ["award.noted"] = noted
    if request.method == "POST" and request.blueprint in OF_ACCOUNTS and request.endpoint != "people.language":
        _note_account(response.status_code)
    return response


def _note_account(status: int) -> None:
    """Signing in, second steps, resets, passkeys, signing out: whether it worked or not. Of the name that was typed
    only a fingerprint, by which tries for one account are found together: people type passwords there too."""
    more: dict[str, Any] = {"act": request.endpoint, "status": status}
    typed = "" if status == 413 else request.form.get("login", "").strip().lower()  # a form too large was never read
    if typed:
        more["tried"] = hashlib.sha256(typed.encode()).hexdigest()[:12]
    SECURITY.log(logging.INFO if status < 400 else logging.WARNING, "account", extra=more)


def _keep_failure(_app: Flask, exception: BaseException, **_rest: Any) -> None:
    g.failed = exception


def _not_security(record: logging.LogRecord) -> bool:
    return record.name != SECURITY.name


def set_up_logs(app: Flask, settings: Settings) -> None:
    """Opens the logs of `settings` for the application. Call it before anything else asks for after_request."""
    found = app.extensions["award_logs"] = Logs.of(settings)
    app.after_request(_note)
    got_request_exception.connect(_keep_failure, app)
    app.wsgi_app = AccessLog(app.wsgi_app, found.access)  # type: ignore[method-assign]
    SECURITY.setLevel(logging.INFO)
    default_handler.addFilter(_not_security)  # the program's own log would repeat the bare names of events
    if not any(isinstance(each, SecurityEvents) for each in SECURITY.handlers):
        SECURITY.addHandler(SecurityEvents())
