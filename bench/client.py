"""Clients over HTTP: sign in as a person does, then read or save, each answer checked; latencies come back."""

import http.client
import json
import re
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

PER_PROCESS = 8  # clients that share a process of the driver
LONGEST = 300  # seconds until an answer counts as lost


@dataclass(frozen=True, slots=True)
class Saved:
    """Something that is saved again and again: where, the revision acknowledged last, the value each name has."""

    address: str
    revision: int
    choices: Mapping[str, tuple[str, str]]  # name -> two values, sent in turn
    values: Mapping[str, str] = field(default_factory=dict)  # acknowledged last


@dataclass(frozen=True, slots=True)
class Client:
    """A signed-in browser and what it works on."""

    port: int
    cookies: str = ""
    token: str = ""
    pages: tuple[str, ...] = ()
    saves: tuple[Saved, ...] = ()
    names_per_save: int | None = None  # None: all of them


@dataclass(frozen=True, slots=True)
class Done:
    """What one client did: seconds of each request, and its saves as acknowledged last."""

    seconds: tuple[float, ...]
    saves: tuple[Saved, ...]


def sign_in(port: int, login: str, password: str) -> Client:
    """A client with the cookies and the token that a browser would hold. Ends the bench where it is refused."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST)
    cookies: dict[str, str] = {}

    def ask(method: str, address: str, body: str | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Accept": "text/html"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, address, body, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            cookies[name] = value
        return answer.status, answer.read().decode()

    form = ask("GET", "/sign-in")[1]
    said = {"login": login, "password": password, "csrf_token": _token(form)}
    status, page = ask("POST", "/sign-in", urlencode(said))
    if status != 302:
        raise SystemExit(f"{login} could not sign in: {status} {page[:200]}")
    token = _token(ask("GET", "/rules/")[1])
    connection.close()
    return Client(port, "; ".join(f"{name}={value}" for name, value in cookies.items()), token)


def _token(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    if not found:
        raise SystemExit("the page holds no CSRF token")
    return found.group(1)


def work(client: Client, *, requests: int, begin_at: float, until: float) -> Done:
    """Sends `requests` one after another, or fewer once `until` is reached; at least one. A refusal ends the bench."""
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=LONGEST)
    connection.connect()
    time.sleep(max(0.0, begin_at - time.monotonic()))
    seconds, saves = [], list(client.saves)
    for number in range(requests):
        if number and time.monotonic() > until:
            break
        began = time.perf_counter()
        if saves:
            place = number % len(saves)
            saves[place] = _save(connection, client, saves[place])
        else:
            _read(connection, client, client.pages[number % len(client.pages)])
        seconds.append(time.perf_counter() - began)
    connection.close()
    return Done(tuple(seconds), tuple(saves))


def _read(connection: http.client.HTTPConnection, client: Client, address: str) -> None:
    connection.request("GET", address, headers={"Cookie": client.cookies, "Accept": "text/html"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200 or len(body) < 500:
        raise RuntimeError(f"{address}: {answer.status}, {len(body)} bytes")


def _save(connection: http.client.HTTPConnection, client: Client, saved: Saved) -> Saved:
    """One acknowledged save; the revision is the server's."""
    names = list(saved.choices)
    if client.names_per_save is not None:
        first = saved.revision % len(names)
        names = (names + names)[first : first + client.names_per_save]
    changes = {name: _other(saved.choices[name], saved.values.get(name)) for name in names}
    body = {"key": secrets.token_hex(16), "base_revision": saved.revision, "changes": changes}
    headers = {
        "Cookie": client.cookies, "X-CSRFToken": client.token,
        "Content-Type": "application/json", "Accept": "application/json",
    }  # fmt: skip
    connection.request("POST", saved.address, json.dumps(body), headers)
    answer = connection.getresponse()
    said: dict[str, Any] = json.loads(answer.read())
    if answer.status != 200:
        raise RuntimeError(f"{saved.address}: {answer.status} {said}")
    return replace(saved, revision=said.get("revision", saved.revision + 1), values={**saved.values, **changes})


def _other(choices: tuple[str, str], now: str | None) -> str:
    return choices[1] if now == choices[0] else choices[0]


def drive(clients: Sequence[Client], *, requests: int, seconds: float) -> tuple[list[Done], float]:
    """All clients at once, each `requests` long at most; what each did, and the seconds it took altogether."""
    groups = [clients[first : first + PER_PROCESS] for first in range(0, len(clients), PER_PROCESS)]
    begin_at = time.monotonic() + 0.5 + 0.1 * len(groups)
    with ProcessPoolExecutor(len(groups)) as pool:
        asked = [pool.submit(_work_together, group, requests, begin_at, begin_at + seconds) for group in groups]
        done = [each for group in asked for each in group.result()]
    return done, time.monotonic() - begin_at


def _work_together(clients: Sequence[Client], requests: int, begin_at: float, until: float) -> list[Done]:
    done: list[Done | BaseException | None] = [None] * len(clients)

    def one(place: int) -> None:
        try:
            done[place] = work(clients[place], requests=requests, begin_at=begin_at, until=until)
        except BaseException as error:  # carried to the caller below: a thread's own error would only be printed
            done[place] = error

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in done:
        if not isinstance(each, Done):
            raise RuntimeError(f"a client failed: {each!r}")
    return done  # type: ignore[return-value]
