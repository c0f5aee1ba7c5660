"""Many threads against the real server: what is locked stays locked, what is once is once, whoever hurries."""

import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text

from award.clock import BANGKOK
from award.db.ledger import alias
from tests.award.build import TRAT, BuiltSite, build_site
from tests.award.hostile import PANEL, served, signed_in
from tests.award.scoring_day import ScoringDay, build_day, new_key
from tests.award.test_entries import entry_of, fill

Answer = tuple[int, Any]


@dataclass
class Browser:
    """One signed-in browser on its own connection."""

    port: int
    cookie: str

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def post(self, address: str, *, form: dict[str, Any] | None = None, sent: Any = None) -> Answer:
        body = urlencode(form) if form is not None else json.dumps(sent)
        kind = "application/x-www-form-urlencoded" if form is not None else "application/json"
        self.connection.request("POST", address, body, {"Content-Type": kind, "Cookie": f"sign_in={self.cookie}"})
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if answer.getheader("Content-Type") == "application/json" else None

    def save(self, card: int, base: int, mark: int, key: str = "") -> Answer:
        changes = {"d1/commitment": str(mark), "note:d1/commitment": f"ครั้งที่ {base}"}
        sent = {"key": key or new_key(), "base_revision": base, "changes": changes}
        return self.post(f"/s/card/{card}/marks", sent=sent)


@contextmanager
def browsers(site: BuiltSite) -> Iterator[Callable[[str], Browser]]:
    """Makes a browser for a sign-in name."""
    made: list[Browser] = []

    def browser(login: str) -> Browser:
        cookie = signed_in(site, login).get_cookie("sign_in")
        assert cookie is not None
        made.append(Browser(port, cookie.value))
        return made[-1]

    with served(site) as port:
        try:
            yield browser
        finally:
            for each in made:
                each.connection.close()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Does all of them at the same moment."""
    gate = Barrier(len(acts))

    def act(one: Callable[[], Any]) -> Any:
        gate.wait()
        return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def number_of(answer: dict[str, Any]) -> int:
    found = re.match(r"#(\d+)", answer["receipt"])
    assert found is not None
    return int(found[1])


def lines(site: BuiltSite, verb: str) -> list[tuple[int, dict[str, Any]]]:
    """The ledger's lines of a verb in the order they were written: number in the log, and content."""
    with site.database.reading() as db:
        rows = db.execute(text("select seq, line from ledger_line order by rowid"))
        found = [(row[0], json.loads(row[1])) for row in rows]
    return [(seq, line) for seq, line in found if line["act"] == verb]


def alias_of(day: ScoringDay, card: int) -> str:
    """How the award's log calls a card."""
    seal = day.value("select a.seal from adoption a join entry e on e.adoption_id = a.id where e.code = 'to-23'")
    return alias(str(seal), f"card {card}")


def ready_day(folder: Path) -> ScoringDay:
    """The first slot is open; everybody but the member has sent."""
    day = build_day(folder)
    day.post(signed_in(day.site, "z9-chair"), f"/s/slot/{day.first_slot}/open")
    for login in ("z9-chair", "z9-secretary"):
        client, card = signed_in(day.site, login), day.card(login)
        assert day.save(client, card, day.whole()).status_code == 200
        assert day.send(client, card).status_code == 303
    return day


def hammer(browser: Browser, card: int, stop: Event) -> list[int]:
    """Saves as fast as it can, building on whatever is stored; the receipts it was given."""
    accepted, base, mark, refused = [], 0, 0, 0
    while not stop.is_set() or refused < 3:
        mark = (mark + 1) % 6
        status, answer = browser.save(card, base, mark)
        if status == 200:
            base = answer["revision"]
            accepted.append(number_of(answer))
        elif status == 409:
            base = answer["details"]["revision"]
        else:
            assert status == 423, (status, answer)
            refused += 1
    return accepted


def test_no_mark_is_taken_once_the_chair_has_excused_and_closed(tmp_path: Path) -> None:
    day = ready_day(tmp_path)
    card, slot, stop = day.card("z9-member"), day.first_slot, Event()
    excuse = {"seat": day.seat("z9-member"), "kind": "absent", "reason": "สัญญาณขาด"}
    excuse["entry"] = day.value("select id from entry where code = 'to-23'")
    with browsers(day.site) as browser, ThreadPoolExecutor(6) as pool:
        chair = browser("z9-chair")
        writers = [pool.submit(hammer, browser("z9-member"), card, stop) for _ in range(6)]
        for _ in range(200):
            if sum(line["body"]["card"] == alias_of(day, card) for _, line in lines(day.site, "record_marks")) >= 30:
                break
            time.sleep(0.02)
        assert chair.post(f"/s/slot/{slot}/excuse", form={"key": new_key(), **excuse})[0] == 303
        assert chair.post(f"/s/slot/{slot}/close", form={"key": new_key()})[0] == 303
        stop.set()
        accepted = [number for writer in writers for number in writer.result()]
    shut = lines(day.site, "excuse_member")[0][0]
    assert len(accepted) >= 20
    assert max(accepted) < shut, "a receipt was given for a mark after the lock"
    own = [line["body"] for _, line in lines(day.site, "record_marks")]
    kept = [body["revision"] for body in own if body["card"] == alias_of(day, card)]
    assert kept == sorted(kept), "revisions run on without a gap in order"
    assert day.value("select max(revision) from mark where assignment_id = :c", c=card) == kept[-1]


def test_what_was_sent_is_what_stands(tmp_path: Path) -> None:
    """A mark saved while the card is being sent is in the card that was sent, or refused."""
    day = ready_day(tmp_path)
    card, stop = day.card("z9-member"), Event()
    assert day.save(signed_in(day.site, "z9-member"), card, day.whole()).status_code == 200
    assert day.declare(signed_in(day.site, "z9-member")).status_code == 303
    with browsers(day.site) as browser, ThreadPoolExecutor(4) as pool:
        sender = browser("z9-member")
        writers = [pool.submit(hammer, browser("z9-member"), card, stop) for _ in range(3)]
        status = 409
        while status == 409:
            form = {"key": new_key(), "base_revision": day.revision(card)}
            status, _ = sender.post(f"/s/card/{card}/send", form=form)
        stop.set()
        accepted = [number for writer in writers for number in writer.result()]
    assert status == 303
    sent = [(seq, line) for seq, line in lines(day.site, "send_card") if line["body"]["card"] == alias_of(day, card)]
    assert len(sent) == 1
    assert all(number < sent[0][0] for number in accepted)
    assert sent[0][1]["body"]["revision"] == day.revision(card)


def test_of_many_saves_on_one_revision_one_is_taken_and_of_many_with_one_key_one_is_made(tmp_path: Path) -> None:
    day = ready_day(tmp_path)
    card, key = day.card("z9-member"), new_key()
    with browsers(day.site) as browser:
        made = [browser("z9-member") for _ in range(8)]
        rivals = at_once(*(lambda one=one, mark=mark % 5: one.save(card, 0, mark) for mark, one in enumerate(made)))
        assert sorted(status for status, _ in rivals) == [200] + [409] * 7
        repeats = at_once(*(lambda one=one: one.save(card, 1, 5, key) for one in made))
    assert [status for status, _ in repeats] == [200] * 8
    assert len({answer["receipt"] for _, answer in repeats}) == 1
    assert day.revision(card) == 2


def test_a_slot_is_closed_once_and_runs_count_a_panel_whole_or_not_at_all(tmp_path: Path) -> None:
    day = ready_day(tmp_path)
    client, card, slot = signed_in(day.site, "z9-member"), day.card("z9-member"), day.first_slot
    assert day.save(client, card, day.whole()).status_code == 200
    assert day.send(client, card).status_code == 303
    with browsers(day.site) as browser:
        chairs, organizers = [browser("z9-chair") for _ in range(4)], [browser("organizer") for _ in range(4)]

        def calculate(one: Browser) -> list[int]:
            form = {"kind": "provisional"}
            return [one.post("/r/1/zone/calculate", form={**form, "key": new_key()})[0] for _ in range(3)]

        closing = [lambda one=one: one.post(f"/s/slot/{slot}/close", form={"key": new_key()})[0] for one in chairs]
        answers = at_once(*closing, *(lambda one=one: calculate(one) for one in organizers))
    assert sorted(answers[:4]) == [303, 423, 423, 423]
    assert answers[4:] == [[303] * 3] * 4
    assert [line["body"]["slot"] for _, line in lines(day.site, "close_slot")][-1] == slot
    with day.site.database.reading() as db:
        facts = [json.loads(row[0]) for row in db.execute(text("select facts from ranking_run order by id"))]
    counts = [len(each["cards"].get("to-23", ())) for each in facts]
    assert set(counts) <= {0, len(PANEL)} and counts == sorted(counts)


def test_an_entry_is_sent_once_and_begun_once(tmp_path: Path) -> None:
    site = build_site(tmp_path, live=(TRAT,))
    entry = fill(site, "to-23")
    with site.database.writing() as db:
        db.execute(text("delete from assignment where entry_id in (select id from entry where code = 'pa-23')"))
        db.execute(text("delete from entry_revision where entry_id in (select id from entry where code = 'pa-23')"))
        db.execute(text("delete from entry where code = 'pa-23'"))
        db.commit()
    begin = {"adoption": "2", "category": "office", "province": "23", "label": ""}
    with browsers(site) as browser:
        made = [browser("p23") for _ in range(6)]
        sent = at_once(*(lambda one=one: one.post(f"/e/{entry.id}/submit", form={"key": new_key()}) for one in made))
        begun = at_once(*(lambda one=one: one.post("/e/begin", form={**begin, "key": new_key()}) for one in made))
    assert [status for status, _ in sent] == [303] * 6
    assert sum(line["body"]["entry"] == "to-23" for _, line in lines(site, "submit_entry")) == 1
    assert sorted(status for status, _ in begun) == [303] + [422] * 5
    with site.database.reading() as db:
        own = db.execute(text("select count(*) from entry where adoption_id = 2 and province_code = '23'")).scalar_one()
    assert own == 1


def test_nothing_is_taken_after_the_second_of_the_deadline_however_many_hurry(tmp_path: Path) -> None:
    site = build_site(tmp_path, live=(TRAT,))
    entry = entry_of(site, "to-23")
    with site.database.reading() as db:
        deadline = db.execute(text("select deadline_at from cycle")).scalar_one()
    closes = site.clock.now().astimezone(BANGKOK).replace(hour=8, minute=55, second=0, microsecond=0)
    assert deadline.startswith("2021-07-19T01:55:00")
    with browsers(site) as browser:
        made = [browser("p23") for _ in range(4)]
        site.clock.set(closes + timedelta(seconds=0.6))  # the second itself still counts

        def hurry(one: Browser) -> list[int]:
            statuses: list[int] = []
            base = entry.revision
            while statuses.count(423) < 2:
                sent = {"key": new_key(), "base_revision": base, "changes": {"title": f"รุ่น {base}"}}
                status, answer = one.post(f"/e/{entry.id}/answers", sent=sent)
                base = answer.get("revision", (answer.get("details") or {}).get("revision", base))
                statuses.append(status)
            return statuses

        answers = at_once(*(lambda one=one: hurry(one) for one in made))
    saved = [line["at"] for _, line in lines(site, "save_answers")]
    assert len(saved) == sum(statuses.count(200) for statuses in answers) > 0
    assert max(saved) < "2021-07-19T01:55:01"
    for statuses in answers:
        assert 200 not in statuses[statuses.index(423) :], "once it is over it is over"
