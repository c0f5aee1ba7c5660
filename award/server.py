"""The server that people meet: many connections at once, none of which can hold up the others."""

import time

from flask import Flask
from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

from award.config import Settings

CONNECTIONS = 4000  # a thousand open pages of a session day, and room for those who come meanwhile
THREADS = 32
IDLE_SECONDS = 60  # without a request, or silent in the middle of one
HEAD_SECONDS = 20  # for the first line and the headers of a request, drop by drop
BODY_SECONDS = 60  # after which a body must have come at LEAST_RATE
LEAST_RATE = 500  # bytes a second: slower than any phone that still loads a page
MOST_HEADERS = 32 * 1024
MB = 1024 * 1024


class Channel(HTTPChannel):
    """A connection whose request must get on: who sends a byte now and then is cut off, and holds no thread before."""

    began = 0.0

    def received(self, data: bytes) -> bool:
        """Takes what came in, unless the request it belongs to has been under way for too long."""
        now = time.monotonic()
        if self.request is None:
            self.began = now
        elif _is_too_slow(self.request, seconds=now - self.began):
            self.will_close = True
            return False
        return bool(super().received(data))


def _is_too_slow(request: object, *, seconds: float) -> bool:
    if not getattr(request, "headers_finished", True):
        return seconds > HEAD_SECONDS
    return seconds > BODY_SECONDS and getattr(request, "body_bytes_received", 0) < LEAST_RATE * seconds


def make_server(app: Flask, *, port: int, settings: Settings) -> BaseWSGIServer:
    """The server on this machine. Many threads and connections: slow phones must not hold up the others.

    A body somewhat too large gets the site's own sentence; one far beyond is refused by its length, unreceived. What
    proxies say of the caller is kept for the site to judge where `proxies` are set, and taken out where none are.
    """
    server = create_server(
        app, host="127.0.0.1", port=port, threads=THREADS, connection_limit=_connections(), asyncore_use_poll=True,
        ident=None, max_request_body_size=2 * settings.max_body_mb * MB, max_request_header_size=MOST_HEADERS,
        channel_timeout=IDLE_SECONDS, cleanup_interval=10, backlog=1024, expose_tracebacks=False,
        clear_untrusted_proxy_headers=not settings.proxies,
    )  # fmt: skip
    server.channel_class = Channel
    return server


def _connections() -> int:
    """CONNECTIONS, or what the system lets one program open; raised first as far as the system allows."""
    try:
        import resource
    except ImportError:  # Windows counts them in another way
        return CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 200  # files, the database, evidence
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(100, min(CONNECTIONS, soft - 200))
