"""Connections that do not get on are cut off; those that only sit there hold up nobody."""

import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from award import server
from tests.award.build import build_site
from tests.award.hostile import served

DROPS = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 400


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with served(build_site(tmp_path_factory.mktemp("server"))) as number:
        yield number


def is_cut_off(connection: socket.socket, drops: bytes, *, every: float) -> bool:
    """Whether the server ends a connection over which one byte comes now and then."""
    for place in range(len(drops)):
        try:
            connection.sendall(drops[place : place + 1])
            connection.settimeout(every)
            if connection.recv(1) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def test_headers_that_come_drop_by_drop_are_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.4)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        began = time.monotonic()
        assert is_cut_off(connection, DROPS, every=0.05)
        assert time.monotonic() - began < 5


def test_a_body_that_comes_drop_by_drop_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BODY_SECONDS", 0.4)
    head = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head)
        assert is_cut_off(connection, b"x" * 400, every=0.05)


def test_a_slow_phone_that_gets_on_is_served(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BODY_SECONDS", 0.2)
    body = b"login=x&password=" + b"x" * 3000
    head = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
        for place in range(0, len(body), 500):  # some ten times the least rate
            connection.sendall(body[place : place + 500])
            time.sleep(0.1)
        assert connection.recv(12) == b"HTTP/1.1 422"


def test_hundreds_that_only_sit_there_hold_up_nobody(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(300)]
    for each in silent[::2]:
        each.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nlogin=")
    try:
        for _ in range(5):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/sign-in", headers={"Host": "localhost"})
            answer = connection.getresponse()
            assert answer.status == 200 and answer.getheader("Server") is None
            connection.close()
    finally:
        for each in silent:
            each.close()


def test_the_server_says_how_many_it_can_hold() -> None:
    assert 100 <= server._connections() <= server.CONNECTIONS
