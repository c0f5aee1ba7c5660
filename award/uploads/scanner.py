"""A virus scanner beside the site: clamd, asked over its socket with the command INSTREAM."""

import socket
import struct
from pathlib import Path

from award.uploads.refusals import Harm

MOST_SECONDS = 60
_PIECE = 1 << 16
_MOST_ANSWER = 4096


def scan(path: Path, *, address: str) -> None:
    """Lets clamd at `address` (a socket's path, or host:port) look at the file.

    Raises Harm: `virus` where it found one, `scanner_away` where it does not answer, or not clearly: then no file is
    taken.
    """
    try:
        with _connected(address) as line, path.open("rb") as file:
            line.sendall(b"zINSTREAM\0")
            try:
                while piece := file.read(_PIECE):
                    line.sendall(struct.pack(">I", len(piece)) + piece)
                line.sendall(struct.pack(">I", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has said why, and reads no further
            answer = _answer(line)
    except OSError:
        raise Harm("scanner_away") from None
    if answer == "stream: OK":
        return
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        found = answer.removeprefix("stream: ").removesuffix(" FOUND")
        raise Harm("virus", found="".join(each for each in found if each.isalnum() or each in "._-/ ")[:80])
    raise Harm("scanner_away")


def _connected(address: str) -> socket.socket:
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit():
        return socket.create_connection((host or "127.0.0.1", int(port)), timeout=MOST_SECONDS)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(MOST_SECONDS)
    try:
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line


def _answer(line: socket.socket) -> str:
    told = b""
    while not told.endswith((b"\0", b"\n")) and len(told) < _MOST_ANSWER:
        piece = line.recv(_MOST_ANSWER)
        if not piece:
            break
        told += piece
    return told.rstrip(b"\0\r\n").decode("utf-8", "replace")
