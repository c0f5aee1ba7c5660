"""A scoring day acted out again: what is right passes in both editions, and each act that is not is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exports.verifier.chain import read_ledger
from exports.verifier.main import check_package
from exports.verifier.replay import replay, summary
from exports.verifier.rules import Rules, read_rules
from exports.verifier.said import Failed
from exports.verifier.steps import FAIL, OK
from exports.verifier.yaml_text import read_yaml
from tests.exports.forging import adding, at, leaving_out, telling
from tests.exports.lived_day import CHAIR, FIRST, LATER, PHOTO, lived_files, lived_lines
from tests.exports.package_by_hand import Line, alias, chained, zipped
from tests.exports.small_round import RULES, seat, ticks
from tests.exports.tamperings_day import named_holders, opened_day, seated_through

WHY = {"salted": "0" * 64}
ONE = seat("n-one")
ABSENT = {"slot": 13, "member": ONE, "state": "absent", "arrived_at": None}
NONE = {"session": 5, "member": seat("n-chair"), "kind": "none", "proposed": False, "reason": WHY, "cards": []}
PAPER = {"slot": 13, "card": 9, "revision": 1, "marks": ticks(9, 1, 0), "notes": {}, "total": "87",
         "photo_sha256": PHOTO, "reason": WHY}  # fmt: skip
OTHER_PAPER = {**PAPER, "slot": 11, "marks": ticks(8, 1, 1), "total": "90"}
SPARE = {"slot": 14, "panel": 3, "stage": "nation", "province": "10", "zone": 3, "cards": []}
Change = Callable[[list[Line]], list[Line]]


def after(act: str, body: dict[str, Any], *, what: str, number: int = 0, person: str = CHAIR) -> Any:
    return adding(what, body, after=act, number=number, person=person)


def after_opening(what: str, body: dict[str, Any], person: str = CHAIR) -> Any:
    """Right after the nation's slot was opened."""
    return after("open_slot", body, what=what, number=2, person=person)


def in_turn(*changes: Change) -> Change:
    def change(lines: list[Line]) -> list[Line]:
        for each in changes:
            lines = each(lines)
        return lines

    return change


def acted_by(act: str, number: int, person: str) -> Change:
    def change(lines: list[Line]) -> list[Line]:
        lines[at(lines, act, number)]["actor"] = alias(f"{act} {person}")
        return lines

    return change


REFUSED: dict[str, tuple[Change, str]] = {
    "a closed slot moved": (
        after("close_slot", {"slot": 13, "was": FIRST, "starts_at": LATER, "reason": WHY}, what="move_slot", number=4),
        "slot 13 is closed",
    ),
    "a move from a time it never had": (telling("move_slot", 1, was=FIRST.replace("08-01", "08-02")), "was to start"),
    "a slot planned again at another time": (
        after("plan_slot", {**SPARE, "starts_at": LATER}, what="plan_slot", number=3),
        "slot 14 was to start at",
    ),
    "a move to where it is": (telling("move_slot", 0, starts_at=FIRST), "is moved to where it is"),
    "a move without a zone": (telling("move_slot", 0, was="2026-08-01T02:00:00"), "the body of move_slot"),
    "an open slot dropped": (after_opening("drop_slot", {"slot": 13, "reason": WHY}), "slot 13 is open, not planned"),
    "an act in a dropped slot": (
        after_opening("begin_phase", {"slot": 14, "phase": "done", "seconds": None}),
        "there is no slot 14",
    ),
    "a mark on a dropped card": (
        after_opening("record_marks", {"card": 13, "revision": 1, "marks": {"work": 0}, "notes": {}}, "u32"),
        "card 13 was never planned",
    ),
    "a phase that nobody knows": (telling("begin_phase", 0, phase="lunch"), "unknown phase lunch"),
    "a countdown below zero": (telling("begin_phase", 0, seconds=-1), "a countdown of -1 seconds"),
    "attendance of a stranger": (telling("record_attendance", 0, member=seat("z1-one")), "does not sit in panel 3"),
    "attendance of no kind": (telling("record_attendance", 0, state="asleep"), "attendance asleep"),
    "late without a time": (telling("record_attendance", 0, state="late"), "a time of arrival belongs to who is late"),
    "a card sent by who was absent": (leaving_out("allow_member"), "card 10: its member missed the presentation"),
    "a card sent by who came after the presentation": (
        in_turn(
            leaving_out("allow_member"),
            telling("record_attendance", 2, state="late", arrived_at="2026-08-01T23:00:00+00:00"),
        ),
        "card 10: its member missed the presentation",
    ),
    "an allowance of who was there": (telling("allow_member", 0, member=seat("n-chair")), "not recorded as late"),
    "an allowance that a later tick took back": (
        in_turn(
            after_opening("record_attendance", ABSENT),
            after_opening("record_attendance", {**ABSENT, "state": "present"}),
        ),
        "card 10: its member missed the presentation",
    ),
    "a chair passed to a stranger": (telling("pass_chair", 0, member=seat("z1-one")), "does not sit in panel 3"),
    "a note in no slot": (telling("note_minutes", 0, slot=99), "there is no slot 99"),
    "a declaration of a stranger": (telling("declare_interest", 0, member=seat("x")), "sits in no panel"),
    "a declaration of no kind": (telling("declare_interest", 0, kind="friend"), "interest friend"),
    "nothing declared, and cards recused": (
        telling("declare_interest", 1, cards=[9]),
        "no interest, yet cards are recused",
    ),
    "somebody else's cards recused": (telling("declare_interest", 2, cards=[9]), f"card 9 is {seat('n-chair')}'s"),
    "a card recused in a closed slot": (
        after("close_slot", {**NONE, "kind": "other", "cards": [9]}, what="declare_interest", number=4),
        "slot 13 is closed",
    ),
    "a card recused twice": (telling("declare_interest", 2, cards=[10, 10]), "its member is recused already"),
    "a recusal taken back that never was": (telling("record_interest", 0, freed=[9]), f"card 9 is {seat('n-chair')}'s"),
    "a recusal taken back twice": (telling("record_interest", 0, freed=[10, 10]), "card 10 was not recused"),
    "a recusal taken back once marks were seen": (
        after(
            "reopen_slot",
            {**NONE, "session": 1, "member": seat("z1-two"), "freed": [3]},
            what="record_interest",
            person="u1",
        ),
        "slot 11 was closed before",
    ),
    "a card sent over a declared interest": (
        in_turn(leaving_out("record_interest"), after_opening("excuse_member", {
            "slot": 13, "cards": [10, 12], "kind": "", "reason": WHY
        })),
        "card 10: its member declared an interest",
    ),
    "one person declares for two": (acted_by("declare_interest", 2, CHAIR), "declares for two members"),
    "two people declare for one": (
        after_opening("declare_interest", NONE, "u32"),
        "declares for " + seat("n-chair") + ", before it was",
    ),
    "a paper over marks of the member's own": (
        in_turn(
            after("record_marks", {**PAPER, "card": 9, "revision": 2}, what="enter_paper", number=7, person="u1"),
        ),
        "card 9 holds marks that its member recorded",
    ),
    "a paper for a sent card": (
        after("send_card", {**PAPER, "revision": 2}, what="enter_paper", number=12, person="u1"),
        "card 9 was sent already",
    ),
    "a paper in a slot that is not open": (
        after("plan_slot", PAPER, what="enter_paper", number=2, person="u1"),
        "slot 13 is not open (planned)",
    ),
    "a paper with another total": (telling("enter_paper", 0, total="91"), "its marks make 90"),
    "a paper at another revision": (telling("enter_paper", 0, revision=2), "revision 2, expected 1"),
    "a paper off its scale": (telling("enter_paper", 0, marks={"work": 52_500}), "which is not on the scale"),
    "a paper without a mark": (telling("enter_paper", 0, marks={}, revision=0), "the paper holds no mark"),
    "a paper without a photo": (telling("enter_paper", 0, photo_sha256="x"), "is no SHA-256 of a photo"),
    "a paper of another slot's card": (telling("enter_paper", 0, slot=12), "card 10 is of another slot"),
    "a paper confirmed twice": (
        after("confirm_paper", {"card": 10, "revision": 1}, what="confirm_paper", person="u32"),
        "card 10 waits for nobody",
    ),
    "a card confirmed that is no paper": (telling("confirm_paper", 0, card=9), "card 9 waits for nobody"),
    "an older paper confirmed": (telling("confirm_paper", 0, revision=0), "card 10 is at revision 1"),
    "two members' papers confirmed by one hand": (
        in_turn(
            after("open_slot", {"card": 6, "revision": 1}, what="confirm_paper", person="u2"),
            after("open_slot", {"card": 5, "revision": 1}, what="confirm_paper", person="u2"),
            after("open_slot", {**OTHER_PAPER, "card": 6}, what="enter_paper", person="u1"),
            after("open_slot", {**OTHER_PAPER, "card": 5}, what="enter_paper", person="u1"),
        ),
        "acts for two members",
    ),
    "a request for a card that is still open": (
        after_opening("ask_reopening", {"slot": 13, "card": 9, "changes": 0, "reason": WHY}),
        "card 9 can still be changed",
    ),
    "a request of another slot": (telling("ask_reopening", 0, slot=11), "card 9 is of another slot"),
    "a request of no number": (telling("ask_reopening", 0, changes=-1), "-1 changes"),
    "a request by two people": (
        after("ask_reopening", {"slot": 13, "card": 9, "changes": 1, "reason": WHY}, what="ask_reopening",
              person="u32"),
        "acts, before it was",
    ),
    "an answer that nobody asked for": (leaving_out("ask_reopening"), "nobody asked for card 9"),
}  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> Rules:
    return read_rules(read_yaml(RULES.encode()))


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_happen_on_a_scoring_day_is_refused_at_its_line(name: str, rules: Rules) -> None:
    change, words = REFUSED[name]
    with pytest.raises(Failed) as refused:
        replay(read_ledger(chained(change(lived_lines()))), rules)
    assert words in refused.value.said.en
    assert refused.value.said.th


ASKED = {"slot": 11, "card": 3, "reason": WHY}
ALLOWED: dict[str, Change] = {
    "a request declined once the slot is open again for another card": in_turn(
        after("reopen_slot", ASKED, what="decline_reopening", person="u1"),
        after("close_slot", {**ASKED, "changes": 0}, what="ask_reopening", person="u3"),
    ),
    "a paper after a save that changed nothing": after_opening(
        "record_marks", {"card": 10, "revision": 0, "marks": {}, "notes": {}}, "u32"
    ),
    "an interest taken back on the day that the slots were moved to": telling("record_interest", 0, session=6),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_the_program_lets_happen_is_acted_out_to_the_end(name: str, rules: Rules) -> None:
    replay(read_ledger(chained(ALLOWED[name](lived_lines()))), rules)


@pytest.mark.parametrize("auditor", [False, True], ids=["public", "auditor"])
def test_the_day_as_it_was_passes_every_step(auditor: bool, tmp_path: Path) -> None:
    content = zipped(lived_files(auditor=auditor), edition="auditor" if auditor else "public")
    (tmp_path / "package.zip").write_bytes(content)
    outcomes = check_package(str(tmp_path / "package.zip"))
    assert [each.said.en for each in outcomes if each.state == FAIL] == []


def test_papers_and_those_that_nobody_confirmed_are_told(rules: Rules) -> None:
    whole = replay(read_ledger(chained(lived_lines())), rules)
    assert "1 entered from paper (0 not confirmed by their members)" in summary(whole, 1).en
    waiting = replay(read_ledger(chained(leaving_out("confirm_paper")(lived_lines()))), rules)
    assert "1 entered from paper (1 not confirmed by their members)" in summary(waiting, 1).en
    assert "ยังไม่ยืนยัน 1" in summary(waiting, 1).th


def test_what_came_from_paper_is_the_members_own_once_they_send_it_again(rules: Rules) -> None:
    again = in_turn(
        after("confirm_paper", {"card": 10, "revision": 1, "total": "90"}, what="send_card", person="u32"),
        after("confirm_paper", {"slot": 13, "card": 10, "reason": WHY}, what="reopen_card"),
    )
    assert replay(read_ledger(chained(again(lived_lines()))), rules).cards[10].paper == ""


@pytest.mark.parametrize(("told", "said"), [((), "0 of their holders"), (("n-chair", "n-one"), "2 of their holders")])
def test_the_duties_of_who_sits_are_opened_where_names_holds_them(
    told: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    made = opened_day(seated_through(7), names=named_holders(*told))({})
    (tmp_path / "package.zip").write_bytes(made)
    outcomes = {each.number: each for each in check_package(str(tmp_path / "package.zip"))}
    assert outcomes[14].state == OK, outcomes[14].said.en
    assert said in outcomes[14].said.en
