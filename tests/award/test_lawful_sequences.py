"""A round goes any lawful way, at random: the check of the logs and the package of each result find nothing wrong."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from award.actions.checkpoints import Witness
from award.actions.packages import make_package
from award.clock import BANGKOK
from award.db.notes import Key, make_key
from award.demo.answers import invent_answers
from award.errors import Locked
from award.evaluation import rules_of
from award.queries.people import find_actor_by_login
from exports.verifier.main import check_package
from exports.verifier.steps import FAIL
from scoring_rules.cards import marked_leaves
from scoring_rules.marks import mark_places
from scoring_rules.rules import Category
from tests.award.build import BuiltSite
from tests.award.hostile import signed_in
from tests.award.test_first_round import (
    AFTERNOON,
    NO_DEMO,
    OPEN,
    THE_DAY,
    begin,
    found_wrong,
    new_key,
    prepare,
    served,
)

TWO_MORE = {"award-womens-fund-rules": "", "award-cdd-policy-award-rules": "cdd-policy-award/2564-r1",
            "award-cdd-policy-award-order": "2"}  # fmt: skip
ORGANIZERS, PROVINCES = ("secretariat", "second"), ("22", "23", "25")
SITTING = {"inspector": "chair", "deputy": "chair", "centre": "member", "assistant": "member", "expert": "member"}
WHY = "มีเหตุจำเป็นตามที่บันทึกไว้"
SEEDS = range(2)
LATER = datetime(2021, 8, 2, 9, 0, tzinfo=BANGKOK)


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a site with its people, where nobody has prepared a round."""
    made = served(tmp_path_factory.mktemp("peopled"))
    begin(made)
    for login, role in SITTING.items():
        made.give(login, role, zone="9")
    for province in PROVINCES:
        made.give(f"office{province}", "officer", province=province)
    made.give("auditor", "auditor")
    made.site.database.close()
    return Path(made.settings.data)


class Lived:
    """One site that goes some way. What the program refuses is tried and left."""

    def __init__(self, data: Path, seed: int):
        self.fresh, self.draw, self.said = served(data), Random(seed), ""
        self.done: list[tuple[str, str, int]] = []

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with self.fresh.site.database.reading() as db:
            return list(db.execute(text(sql), values).all())

    def some(self, sql: str, **values: Any) -> Any:
        found = self.rows(sql, **values)
        return self.draw.choice(found) if found else None

    def at(self, moment: datetime) -> None:
        self.fresh.at(moment)

    def insist(self, who: str, address: str, /, **form: Any) -> None:
        """Posts, and once more where a clash is warned of."""
        if not self.post(who, address, **form):
            seen = self.said.partition('name="seen" value="')[2][:16]
            self.post(who, address, seen=seen, **form)

    def post(self, who: str, address: str, /, *, json: Any = None, **data: Any) -> bool:
        """Whether it was done. Whatever is refused is refused in words: never an error of the program."""
        self.fresh.site.clock.set(self.fresh.site.clock.now() + timedelta(seconds=1))
        client = self.fresh.clients.get(who)
        if client is None:
            client = self.fresh.clients[who] = signed_in(BuiltSite(self.fresh.app, self.fresh.settings, NO_DEMO), who)
        if json is not None:
            answer = client.post(address, json={"key": new_key(), **json}, headers={"Accept": "application/json"})
        else:
            answer = client.post(address, data={"key": new_key(), **data})
        assert answer.status_code < 500, (address, answer.text)
        done = answer.status_code in (302, 303) or (json is not None and answer.status_code == 200)
        self.done.append((who, address, answer.status_code))
        self.said = answer.text
        return done

    def organizer(self) -> str:
        return self.draw.choice(ORGANIZERS)


# --- the plan -----------------------------------------------------------------------------------------------------


def plan_round(lived: Lived) -> None:
    """Saved in turn, discarded and begun again, opened by whoever may."""
    plan = prepare(lived.fresh, **TWO_MORE)
    for _ in range(lived.draw.randrange(4)):
        who, revision = lived.organizer(), lived.rows("select revision from round_plan where id = :p", p=plan)[0][0]
        if lived.draw.random() < 0.3:
            assert lived.post(who, f"/cycles/{plan}/discard", base_revision=revision)
            plan = prepare(lived.fresh, **TWO_MORE)
        else:
            assert not lived.post(who, f"/cycles/{plan}/open", base_revision=revision - 1, without="yes")
            lived.post(who, f"/cycles/{plan}/rules", base_revision=revision)
    saved_by = lived.rows("select u.login from round_plan p join user u on u.id = p.changed_by_id where p.id = :p",
                          p=plan)[0][0]  # fmt: skip
    revision = lived.rows("select revision from round_plan where id = :p", p=plan)[0][0]
    assert not lived.post(saved_by, f"/cycles/{plan}/open", base_revision=revision, without="yes")
    other = next(each for each in ORGANIZERS if each != saved_by)
    assert lived.post(other, f"/cycles/{plan}/open", base_revision=revision, without="yes")


# --- panels and days ----------------------------------------------------------------------------------------------


def panel_of(lived: Lived) -> int:
    return int(lived.rows("select id from panel where zone_number = 9")[0][0])


def duties(lived: Lived) -> dict[str, int]:
    return {row.login: row.id for row in lived.rows(
        "select u.login, d.id from duty d join user u on u.id = d.user_id where d.zone_number = 9"
        " and d.state = 'confirmed'"
    )}  # fmt: skip


def seat_all(lived: Lived) -> None:
    held, panel = duties(lived), panel_of(lived)
    chosen = lived.draw.sample(sorted(held), lived.draw.randint(2, len(held)))
    kinds = {f"seat-{panel}-{held[login]}": SITTING[login] for login in chosen}
    if lived.draw.random() < 0.5:
        kinds |= {f"seat-{panel}-{held[login]}": "secretary" for login in chosen if SITTING[login] == "member"}
    lived.post(lived.organizer(), "/agenda/seating", panel=str(panel), **kinds)


def add_seat(lived: Lived) -> None:
    login, duty = lived.draw.choice(sorted(duties(lived).items()))
    kind = lived.draw.choice((SITTING[login], "member", "secretary"))
    lived.post(lived.organizer(), f"/agenda/{panel_of(lived)}/seating/add", duty=duty, kind=kind)


def remove_seat(lived: Lived) -> None:
    if seat := lived.some("select id, duty_id from seat"):
        lived.post(lived.organizer(), f"/agenda/{panel_of(lived)}/seating/remove", seat=seat.id, was=seat.duty_id)


def hand_over(lived: Lived) -> None:
    if seat := lived.some("select id, duty_id from seat"):
        duty = lived.draw.choice(sorted(duties(lived).values()))
        address = f"/agenda/{panel_of(lived)}/seats"
        lived.post(lived.organizer(), address, seat=seat.id, was=seat.duty_id, duty=duty, reason=WHY)


def revoke(lived: Lived) -> None:
    """A duty ends, and is proposed and confirmed anew."""
    if lived.draw.random() < 0.7:
        return
    login, duty = lived.draw.choice(sorted(duties(lived).items()))
    lived.post("secretariat", f"/people/duty/{duty}/revoke")
    person = lived.rows("select id from user where login = :l", l=login)[0][0]
    lived.fresh.clients.pop(login, None)
    about = {"role": SITTING[login], "title_th": login, "from_day": "1/10/2563", "zone": "9"}
    lived.post("secretariat", f"/people/{person}/duty", **about)
    new = [row.id for row in lived.rows("select id from duty where state = 'proposed'")]
    lived.post("admin", "/people/waiting/many", duty=new)


def plan_day(lived: Lived) -> None:
    day = lived.draw.choice(("19/7/2564", "20/7/2564"))
    turns: dict[str, str] = {}
    for at, adoption in enumerate(lived.rows("select id from adoption order by id")):
        if lived.draw.random() < 0.8:
            turns |= {f"slot-{adoption.id}": "yes", f"slot-{adoption.id}-time": f"{lived.draw.randint(8, 15):02}.{at}0"}
    form = {"province": lived.draw.choice(PROVINCES), "day": day, "channel": "Zoom", **turns}
    lived.insist("second", f"/agenda/{panel_of(lived)}/plan", **form)


def drop(lived: Lived) -> None:
    if slot := lived.some("select id, session_id from slot"):
        whole = lived.draw.random() < 0.3
        address = f"/agenda/day/{slot.session_id}/drop" if whole else f"/agenda/slot/{slot.id}/drop"
        lived.post(lived.organizer(), address, reason=WHY)


def move_day(lived: Lived) -> None:
    if day := lived.some("select id from scoring_session"):
        to = lived.draw.choice(("16/7/2564", "19/7/2564"))
        lived.insist(lived.organizer(), f"/agenda/day/{day.id}/move", day=to, reason=WHY)


# --- entries ------------------------------------------------------------------------------------------------------


def category_of(lived: Lived, adoption: int, code: str = "") -> Category:
    rules = rules_of(lived.rows("select rules_text from adoption where id = :a", a=adoption)[0][0])
    return rules.category(code) if code else rules.categories[0]


def begin_entry(lived: Lived) -> None:
    province, adoption = lived.draw.choice(PROVINCES), lived.some("select id from adoption").id
    code = category_of(lived, adoption).code
    login = f"office{province}"
    lived.post(login, "/e/begin", adoption=adoption, category=code, province=province, label="สำนักงาน")


def fill(lived: Lived) -> None:
    """Some province saves answers, adds a link, and sends."""
    entry = lived.some("select id, adoption_id, province_code, category, revision from entry where state = 'draft'")
    if entry is None:
        begin_entry(lived)
        return
    rules, login = category_of(lived, entry.adoption_id, entry.category), f"office{entry.province_code}"
    answers = invent_answers(rules, quality=lived.draw.random(), rng=Random(lived.draw.random()), title="ผลงาน")
    if lived.draw.random() < 0.8:
        lived.post(login, f"/e/{entry.id}/answers", json={"base_revision": entry.revision, "changes": answers})
    there = {row.field for row in lived.rows(
        "select field from evidence where entry_id = :e and removed_at is null", e=entry.id
    )}  # fmt: skip
    for each in rules.fields:
        if each.type == "files" and lived.draw.random() < (0.05 if each.code in there else 0.95):
            address = f"https://example.invalid/{lived.draw.randrange(4)}"
            lived.post(login, f"/e/{entry.id}/evidence", field=each.code, title="ลิงก์", url=address)
    send(lived)


def send(lived: Lived) -> None:
    for entry in lived.rows("select id, adoption_id, province_code, category from entry where state = 'draft'"):
        if lived.draw.random() < 0.7:
            sure = [each.code for each in category_of(lived, entry.adoption_id, entry.category).indicators]
            lived.post(f"office{entry.province_code}", f"/e/{entry.id}/submit", confirmed=sure)


def take_away(lived: Lived) -> None:
    if piece := lived.some("select v.id, v.entry_id, e.province_code from evidence v join entry e on e.id = v.entry_id"
                           " where v.removed_at is null and e.state = 'draft'"):  # fmt: skip
        lived.post(f"office{piece.province_code}", f"/e/{piece.entry_id}/evidence/{piece.id}/remove")


def give_back(lived: Lived) -> None:
    entry = lived.some("select id, adoption_id, category from entry where state = 'submitted'")
    if entry is None:
        return
    until = {"day": "1/9/2564", "time": "16.30"}
    if lived.draw.random() < 0.4:
        lived.post(lived.organizer(), f"/e/{entry.id}/return", reason=WHY, **until)
        return
    fields = [each.code for each in category_of(lived, entry.adoption_id, entry.category).fields]
    asked = {f"reason-{code}": WHY for code in lived.draw.sample(fields, min(2, len(fields)))}
    lived.post(lived.organizer(), f"/e/check/{entry.id}/return", **asked, **until)


def stand(lived: Lived) -> None:
    if entry := lived.some("select id from entry where state = 'draft'"):
        lived.post(lived.organizer(), f"/e/check/{entry.id}/stand", **{"stand-reason": WHY})


def get_ready(lived: Lived) -> None:
    """The day is prepared as it should be: a chair who holds the duty, entries that were sent, days planned."""
    panel, held = panel_of(lived), duties(lived)
    for seat in lived.rows("select s.id, s.duty_id, s.kind from seat s join duty d on d.id = s.duty_id"
                           " where d.state = 'revoked'"):  # fmt: skip
        for login in sorted(held):
            lived.post("second", f"/agenda/{panel}/seats", seat=seat.id, was=seat.duty_id, duty=held[login], reason=WHY)
    for login in ("inspector", "centre", "expert"):
        lived.post("second", f"/agenda/{panel}/seating/add", duty=held[login], kind=SITTING[login])
    for province in PROVINCES:
        for adoption in lived.rows("select id from adoption"):
            about = {"category": category_of(lived, adoption.id).code, "province": province, "label": "สำนักงาน"}
            lived.post(f"office{province}", "/e/begin", adoption=adoption.id, **about)
        turns = {"slot-1": "yes", "slot-1-time": "09.00", "slot-2": "yes", "slot-2-time": "10.00"}
        lived.insist("second", f"/agenda/{panel}/plan", province=province, day="19/7/2564", channel="Zoom", **turns)
    for _ in range(6):
        fill(lived)


def withdraw(lived: Lived) -> None:
    if (entry := lived.some("select id, province_code from entry")) and lived.draw.random() < 0.4:
        lived.post(f"office{entry.province_code}", f"/e/{entry.id}/withdraw", reason=WHY)


# --- the day ------------------------------------------------------------------------------------------------------


def chair(lived: Lived) -> str:
    found = lived.rows("select u.login from seat s join duty d on d.id = s.duty_id join user u on u.id = d.user_id"
                       " where s.kind = 'chair'")  # fmt: skip
    return str(found[0].login) if found else "inspector"


def open_slot(lived: Lived) -> None:
    if slot := lived.some("select id from slot where state = 'planned'"):
        lived.post(chair(lived), f"/s/slot/{slot.id}/open")


def cards(lived: Lived, slot: int) -> list[Any]:
    return lived.rows(
        "select a.id, a.seat_id, a.entry_id, a.revision, a.state, e.category, l.adoption_id, l.session_id, u.login"
        " from assignment a join entry e on e.id = a.entry_id join slot l on l.id = a.slot_id"
        " join seat s on s.id = a.seat_id join duty d on d.id = s.duty_id join user u on u.id = d.user_id"
        " where a.slot_id = :s", s=slot,
    )  # fmt: skip


def mark(lived: Lived, *, all_of: int = 0) -> None:
    slot = all_of or getattr(lived.some("select id from slot where state = 'open'"), "id", 0)
    for each in cards(lived, slot):
        if each.state == "sent" or (not all_of and lived.draw.random() < 0.3):
            continue
        rules = category_of(lived, each.adoption_id, each.category)
        changes = {place: str(lived.draw.randint(3, 5)) for place in mark_places(rules)}
        changes |= {f"note:{leaf.path}": "ตามหลักฐาน" for leaf in marked_leaves(rules)}
        lived.post(each.login, f"/s/card/{each.id}/marks", json={"base_revision": each.revision, "changes": changes})
        lived.post(each.login, f"/s/{each.session_id}/interest", interest="none")
        revision = lived.rows("select revision from assignment where id = :c", c=each.id)[0][0]
        lived.post(each.login, f"/s/card/{each.id}/send", base_revision=revision)


def excuse(lived: Lived) -> None:
    slot = lived.some("select id from slot where state != 'closed'")
    dealt = cards(lived, slot.id) if slot else []
    if dealt:
        each = lived.draw.choice(dealt)
        lived.post(chair(lived), f"/s/slot/{slot.id}/excuse", seat=each.seat_id, entry=[each.entry_id],
                   kind=lived.draw.choice(("absent", "recused", "")), reason=WHY)  # fmt: skip


def presence(lived: Lived) -> None:
    slot = lived.some("select id from slot where state != 'closed'")
    dealt = cards(lived, slot.id) if slot else []
    if dealt:
        entry = lived.draw.choice(dealt).entry_id
        lived.post(chair(lived), f"/s/slot/{slot.id}/entries/{entry}/presence",
                   presented=lived.draw.choice(("yes", "no")), reason=WHY)  # fmt: skip


def close(lived: Lived) -> None:
    if slot := lived.some("select id from slot where state = 'open'"):
        if lived.draw.random() < 0.7:
            mark(lived, all_of=slot.id)
        lived.post(chair(lived), f"/s/slot/{slot.id}/close")


def reopen(lived: Lived) -> None:
    if (slot := lived.some("select id from slot where state = 'closed'")) and lived.draw.random() < 0.4:
        dealt = [each for each in cards(lived, slot.id) if each.state == "sent"]
        if dealt and lived.draw.random() < 0.5:
            lived.post(chair(lived), f"/s/slot/{slot.id}/cards/{lived.draw.choice(dealt).id}/reopen", reason=WHY)
        else:
            lived.post(chair(lived), f"/s/slot/{slot.id}/reopen", reason=WHY)


# --- results ------------------------------------------------------------------------------------------------------


def calculate(lived: Lived) -> None:
    if award := lived.some("select id from adoption"):
        kind = lived.draw.choice(("preview", "official"))
        lived.post(lived.organizer(), f"/r/{award.id}/zone/calculate", kind=kind)


def publish(lived: Lived) -> None:
    if run := lived.some("select id from ranking_run where kind = 'official'"):
        for act in lived.draw.sample(("certify", "publish", "publish"), 3):
            lived.post(lived.organizer(), f"/r/run/{run.id}/{act}")


BEFORE: tuple[Callable[[Lived], None], ...] = (
    seat_all, seat_all, add_seat, remove_seat, hand_over, plan_day, plan_day, drop, move_day, revoke
)  # fmt: skip
ENTRIES: tuple[Callable[[Lived], None], ...] = (
    begin_entry, begin_entry, fill, fill, fill, send, take_away, give_back, stand, stand, withdraw
)  # fmt: skip
DAY: tuple[Callable[[Lived], None], ...] = (
    open_slot, open_slot, mark, excuse, presence, close, close, reopen, calculate, publish
)  # fmt: skip


def go(lived: Lived, acts: tuple[Callable[[Lived], None], ...], most: int) -> Iterator[str]:
    for _ in range(lived.draw.randint(most // 2, most)):
        act = lived.draw.choice(acts)
        act(lived)
        yield act.__name__


def finish(lived: Lived) -> None:
    """Whatever is planned is heard and closed, as far as it goes; then results."""
    for slot in lived.rows("select id, state from slot where state != 'closed' order by id"):
        if slot.state == "planned":
            lived.post(chair(lived), f"/s/slot/{slot.id}/open")
        mark(lived, all_of=slot.id)
        lived.post(chair(lived), f"/s/slot/{slot.id}/close")
    for award in lived.rows("select id from adoption"):
        lived.post("secretariat", f"/r/{award.id}/zone/calculate", kind="official")
    for run in lived.rows("select id from ranking_run where kind = 'official'"):
        lived.post("secretariat", f"/r/run/{run.id}/certify")
        lived.post("second", f"/r/run/{run.id}/publish")


def package_of(lived: Lived, run: int, edition: Any, key: Key) -> bytes:
    """Empty while a slot of the award is open."""
    site = lived.fresh.site
    with site.database.reading() as db:
        auditor = find_actor_by_login(db, "auditor", today=site.clock.today())
    assert auditor is not None
    witness = Witness("awards.example", lived.fresh.settings.anchors, key)
    try:
        made = make_package(site.database, site.clock, witness, actor=auditor, run_id=run, edition=edition)
    except Locked:
        return b""
    return made.content


@pytest.mark.parametrize("seed", SEEDS)
def test_any_lawful_way_leaves_logs_and_packages_in_order(peopled: Path, tmp_path: Path, seed: int) -> None:
    shutil.copytree(peopled, tmp_path / "data")
    lived = Lived(tmp_path / "data", seed)
    plan_round(lived)
    went = list(go(lived, BEFORE, 10))
    lived.at(OPEN)
    went += go(lived, BEFORE + ENTRIES + ENTRIES, 50)
    if lived.draw.random() < 0.8:
        get_ready(lived)
    lived.at(THE_DAY)
    went += go(lived, BEFORE + ENTRIES + DAY + DAY, 50)
    assert found_wrong(lived.fresh) == [], went
    lived.at(AFTERNOON)
    went += go(lived, DAY + ENTRIES, 20)
    lived.at(LATER)
    finish(lived)
    went += go(lived, BEFORE + ENTRIES + DAY, 15)
    assert found_wrong(lived.fresh) == [], went
    key = make_key(tmp_path / "log.key", name="awards.example")
    for run in lived.rows("select run_id as id from publication"):
        for edition in ("public", "auditor"):
            content = package_of(lived, run.id, edition, key)
            if content:
                (tmp_path / "package.zip").write_bytes(content)
                outcomes = check_package(str(tmp_path / "package.zip"), keys=[key.vkey])
                wrong = [each.said.en for each in outcomes if each.state == FAIL]
                assert wrong == [], (edition, run.id, went)
                lived.done.append(("", f"package {edition}", 0))
    lived.fresh.site.database.close()
