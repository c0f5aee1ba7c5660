"""Every hostile form, request and rule file of the corpus gets the answer that stands beside it, word for word."""

import html
import re
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.award.corpus import (
    FORMS,
    LANGUAGES,
    RULES,
    Door,
    Heard,
    load_cases,
    open_door,
    problems_of_try,
    refusal_id,
    texts_of,
    tries_of,
)
from tests.award.hostile import everything, served
from tests.award.scoring_day import new_key

ROOT = Path(__file__).parent.parent.parent
CASES = load_cases(FORMS) | load_cases(RULES)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    return open_door(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def port(door: Door) -> Iterator[int]:
    with served(door.day.site) as number:
        yield number


@pytest.mark.parametrize(("name", "place"), tries_of(FORMS), ids=lambda value: str(value))
def test_a_hostile_request_gets_its_answer_and_leaves_nothing(door: Door, name: str, place: int) -> None:
    case = CASES[name]
    asked = case["tries"][place]
    login = asked.get("as", "")
    for language in LANGUAGES:
        door.client(login, language)
        before = door.mark()
        with Heard() as heard:
            began = time.perf_counter()
            answer = door.send(asked["request"], login, language)
            took = time.perf_counter() - began
        assert answer.status_code == asked["status"], answer.text[:600]
        assert (refusal_id(answer) or "".join(heard.ids)) == asked["error"]
        said = texts_of(answer)
        for sentence in asked.get(language, ()):
            assert sentence in said
        for text in asked.get("kept", ()):
            assert text in html.unescape(answer.text), "what was typed is kept on the page"
        assert [text for text in asked.get("hasnt", ()) if text in answer.text] == []
        assert (heard.ids != []) == asked["security"], heard.ids
        assert all("\n" not in line and "\r" not in line for line in heard.lines)
        if "location" in asked:
            assert answer.headers["Location"] == asked["location"]
        if "milliseconds" in case:
            assert took < case["milliseconds"] / 1000
        if asked.get("stores"):
            _look_and_take_back(door, asked, login, language)
        else:
            assert door.mark() == before, "nothing was written, to the database or beside it"


def _look_and_take_back(door: Door, asked: dict[str, Any], login: str, language: str) -> None:
    """What was stored is shown as text; then the card is as it was before the try."""
    client, _ = door.client(login, language)
    then = door.filled(asked["then"])
    page = client.get(then["to"]).text
    assert then["has"] in page
    assert then.get("hasnt", "\0") not in page
    card = door.places["card"]
    door.day.change("delete from mark where assignment_id = :c", c=card)
    door.day.change("update assignment set revision = 0 where id = :c", c=card)


@pytest.mark.parametrize(("name", "place"), tries_of(FORMS, raw=True), ids=lambda value: str(value))
def test_bytes_that_are_no_request_of_ours_end_at_the_server(door: Door, port: int, name: str, place: int) -> None:
    asked = CASES[name]["tries"][place]
    before = door.mark()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(asked["raw"].replace("LONG", "x" * asked.get("long", 0)).encode())
        try:
            for _ in range(asked.get("chunks", 0)):
                connection.sendall(f"{asked['chunk']:x}\r\n".encode() + b"x" * asked["chunk"] + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all of it was sent
        answer = _read(connection)
    assert int(answer.split(" ")[1]) == asked["status"], answer[:300]
    assert asked.get("hasnt", "\0") not in answer
    assert "\r\nServer:" not in answer, "who serves is nobody's business"
    assert door.mark() == before


def _read(connection: socket.socket) -> str:
    """The first answer as far as it comes."""
    received = b""
    try:
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65536)
            if not piece:
                break
            received += piece
    except ConnectionResetError:
        pass  # an answer before the end of a body may be cut off by the reset
    return received.decode("latin-1")


@pytest.mark.parametrize("name", load_cases(RULES))
def test_a_hostile_rule_file_is_refused_with_the_sentence_beside_it(name: str) -> None:
    """Through the reader that `award rules check` and the site share."""
    for each in CASES[name]["tries"]:
        if "proved_by" not in each:
            began = time.perf_counter()
            problems = problems_of_try(each)
            assert time.perf_counter() - began < 5, each
            assert each["error"] in [problem.code for problem in problems], each
            for language in LANGUAGES:
                assert each[language] in [problem.sentence(language) for problem in problems]


def test_what_is_proved_elsewhere_is_there() -> None:
    named = [each["proved_by"] for case in CASES.values() for each in case["tries"] if "proved_by" in each]
    assert named
    for place in named:
        file, _, function = place.partition("::")
        assert re.search(rf"^def {function}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), place


def test_every_number_of_the_corpus_is_there_and_what_has_no_door_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = sorted(int(name[1:3]) for name in CASES)
    assert numbers == [*FORMS, *RULES]
    tries = sum(len(case["tries"]) for case in CASES.values())
    absent = {name: case["absent"] for name, case in CASES.items() if "absent" in case}
    assert all(case["tries"] or "absent" in case for case in CASES.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with capsys.disabled():
        print(f"\ncorpus B33-B62: {len(CASES)} cases, {tries} tries in two languages, peak {peak} MiB")
        for name, why in absent.items():
            print(f"  no such door yet: {name}: {why}")


def test_closed_marks_are_opened_again_only_with_a_reason_of_ten_letters(door: Door) -> None:
    day = door.day
    slot = day.slots[2]
    day.change("update slot set state = 'closed', closed_at = '2021-07-19T01:00:00.000000Z' where id = :s", s=slot)
    client, token = door.client("z9-chair", "en")
    before = everything(day.site)
    for reason in ("", ".", "         .", "ตรวจใหม่", "\u200b" * 12):
        form = {"key": new_key(), "reason": reason, "csrf_token": token}
        answer = client.post(f"/s/slot/{slot}/reopen", data=form)
        assert answer.status_code == 422
        assert "Write the reason in at least 10 letters" in answer.text
    assert everything(day.site) == before
