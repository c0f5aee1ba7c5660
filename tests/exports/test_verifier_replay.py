"""What may not happen in a round is refused at its line, even where chain, root and signature fit."""

import copy
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from exports.verifier.chain import read_ledger
from exports.verifier.replay import replay
from exports.verifier.rules import Rules, read_rules
from exports.verifier.said import Failed
from exports.verifier.yaml_text import read_yaml
from tests.exports.forging import adding, at, leaving_out, telling
from tests.exports.package_by_hand import Line, chained
from tests.exports.small_round import RULES, seat, small_round

SENT = {"card": 7, "revision": 1, "total": "57"}
WHY = {"salted": "0" * 64}
AGAIN = {"panel": 1, "stage": "zone", "zone": 1, "members": [seat("z1-chair")] * 2}
SLOT = {"slot": 12, "panel": 2, "stage": "zone", "province": "10", "zone": 2}
DRAFT = {"entry": "e", "category": "shop", "province": "10"}


def after(act: str, body: dict[str, Any], *, what: str, number: int = 0, person: str = "u1") -> Any:
    return adding(what, body, after=act, number=number, person=person)


def zone_calculated_anew(lines: list[Line]) -> list[Line]:
    """The zones' official run once more, of the same facts, before the nation's, certified already, is published."""
    again = lines[at(lines, "calculate_run", 1)]
    lines.insert(at(lines, "publish_run"), {**again, "at": lines[-1]["at"], "body": {**again["body"], "run": 4}})
    return lines


GIVEN_BACK = {"entry": "b", "fields": ["sales"], "reason": WHY, "until": "2026-08-20T00:00:00+00:00"}


def given_back_then(act: str, body: dict[str, Any]) -> Callable[[list[Line]], list[Line]]:
    """A single question of b is returned after it was sent for the first time, and then `act` comes."""

    def change(lines: list[Line]) -> list[Line]:
        returned = after("submit_entry", GIVEN_BACK, what="return_questions", number=1)(lines)
        changed: list[Line] = after("return_questions", body, what=act, person="u20")(returned)
        return changed

    return change


DECIDED = {"stage": "zone", "category": "shop", "group": "1", "order": ["a", "b"], "reason": "x"}

REFUSED: dict[str, tuple[Callable[[list[Line]], list[Line]], str]] = {
    "nothing opens the round": (leaving_out("open_round"), "open_round stands first"),
    "a second opening": (after("begin_entry", {}, what="open_round"), "open_round stands first, and only there"),
    "a body without its keys": (telling("open_slot", 0, slot=None), "there is no slot None"),
    "a member there twice": (after("seat_panel", AGAIN, what="seat_panel"), "a member is there twice"),
    "a panel of another stage": (
        after("seat_panel", {**AGAIN, "stage": "nation", "members": []}, what="seat_panel"),
        "changes its stage",
    ),
    "an unknown panel": (telling("plan_slot", 0, panel=9), "there is no panel 9"),
    "a slot of another stage": (telling("plan_slot", 0, stage="nation"), "its stage is not its panel's"),
    "a slot that changes its panel": (
        after("plan_slot", {**SLOT, "slot": 11, "cards": []}, what="plan_slot"),
        "a slot changes its panel",
    ),
    "a card that changes its member": (
        after("plan_slot", {**SLOT, "cards": [[7, "d", seat("z2-chair")]]}, what="plan_slot", number=1),
        "changes its entry or member",
    ),
    "a second card on one entry": (
        after("plan_slot", {**SLOT, "cards": [[99, "c", seat("z2-chair")]]}, what="plan_slot", number=1),
        "has a card on c already",
    ),
    "a card in a closed slot": (
        after("close_slot", {**SLOT, "cards": [[99, "x", seat("z2-chair")]]}, what="plan_slot", number=3),
        "slot 12 is closed",
    ),
    "a card in an unknown slot": (telling("submit_entry", 4, cards=[[99, 8, seat("z2-chair")]]), "there is no slot 99"),
    "an entry begun twice": (after("begin_entry", {**DRAFT, "entry": "a"}, what="begin_entry"), "was begun before"),
    "an entry of no category": (telling("begin_entry", 0, category="x"), 'no category "x"'),
    "answers to an entry that was sent": (
        after("submit_entry", {"entry": "a", "revision": 5}, what="save_answers"),
        "entry a was sent already",
    ),
    "an older revision of answers": (telling("save_answers", 0, revision=0), "revision 0 was saved before"),
    "an unknown entry": (telling("save_answers", 0, entry="x"), "there is no entry x"),
    "answers after the deadline": (
        telling("open_round", 0, deadline_at="2026-08-01T02:05:00+00:00"),
        "is past its deadline",
    ),
    "an entry sent in another category": (telling("submit_entry", 0, category="x"), "its category is another"),
    "a number not in its shortest form": (
        telling("submit_entry", 0, fields={"sales": "12.5"}),
        "not in its shortest form",
    ),
    "an entry returned while it is marked": (
        after("record_marks", {"entry": "a", "until": ""}, what="return_entry"),
        "a is being marked already",
    ),
    "a single question of a draft": (
        after("begin_entry", {**GIVEN_BACK, "entry": "a"}, what="return_questions"),
        "a was not sent",
    ),
    "no question returned": (
        after("submit_entry", {**GIVEN_BACK, "fields": []}, what="return_questions", number=1),
        "no question is returned",
    ),
    "a question returned while it is marked": (
        after("record_marks", {**GIVEN_BACK, "entry": "a"}, what="return_questions"),
        "a is being marked already",
    ),
    "a file beside a question that was not returned": (
        given_back_then("attach_file", {"entry": "b", "field": "papers", "sha256": "0" * 64}),
        "question papers of b is locked",
    ),
    "an entry withdrawn once its slot was opened": (
        after("open_slot", {"entry": "a", "reason": WHY}, what="withdraw_entry", person="u20"),
        "slot 11 that hears a was opened",
    ),
    "answers to an entry that was withdrawn": (
        after("begin_entry", {"entry": "a", "reason": WHY}, what="withdraw_entry", person="u20"),
        "entry a was withdrawn",
    ),
    "an entry marked that was withdrawn": (
        after("submit_entry", {"entry": "c", "reason": WHY}, what="withdraw_entry", number=3, person="u20"),
        "entry c is withdrawn",
    ),
    "an entry withdrawn that did not present": (
        after("record_presence", {"entry": "d", "reason": WHY}, what="withdraw_entry", person="u20"),
        "entry d is not_presented",
    ),
    "a file beside a locked question once there is more time": (
        lambda lines: after(
            "extend_entry", {"entry": "b", "field": "papers", "sha256": "0" * 64}, what="attach_file", person="u20"
        )(given_back_then("extend_entry", {k: GIVEN_BACK[k] for k in ("entry", "reason", "until")})(lines)),
        "question papers of b is locked",
    ),
    "a slot opened twice": (after("open_slot", {"slot": 11}, what="open_slot"), "slot 11 is open, not planned"),
    "a slot closed before it opens": (
        after("plan_slot", {"slot": 11, "cards": []}, what="close_slot"),
        "slot 11 is planned, not open",
    ),
    "a slot closed without a card": (
        telling("close_slot", 3, cards=[[7, 1, "sent"]]),
        "card 8 should be at revision 0, draft",
    ),
    "a slot closed with a card too many": (
        telling("close_slot", 3, cards=[[7, 1, "sent"], [8, 0, "draft"], [9, 0, "draft"]]),
        "cards that are not the slot's",
    ),
    "a card sent twice": (
        after("send_card", SENT, what="send_card", number=11, person="u9"),
        "card 7 was sent already",
    ),
    "an older revision sent": (telling("send_card", 0, revision=0), "is at revision 1"),
    "a mark that is no whole number": (telling("record_marks", 0, marks={"work": "5"}), "is no whole number"),
    "a sheet with a card of another slot": (telling("record_sheet", 0, slot=12), "is of another slot"),
    "a member who steps back after sending": (
        after("send_card", {"card": 7, "reason": WHY}, what="recuse", number=11, person="u9"),
        "it was sent",
    ),
    "a member who steps back after the end": (
        after("close_slot", {"card": 7, "reason": WHY}, what="recuse", number=3, person="u9"),
        "slot 12 is closed",
    ),
    "an excuse after the end": (
        after(
            "close_slot", {"slot": 12, "cards": [7], "kind": "absent", "reason": WHY}, what="excuse_member", number=3
        ),
        "slot 12 is closed",
    ),
    "an excuse of no kind": (telling("excuse_member", 0, kind="tired"), "kind tired"),
    "an excuse taken back once marks were seen": (
        after("reopen_slot", {"slot": 11, "cards": [3], "kind": "", "reason": WHY}, what="excuse_member"),
        "who was excused stays so",
    ),
    "an excuse of two members at once": (telling("excuse_member", 0, cards=[11, 12]), "it is about one member"),
    "an excuse of another slot": (telling("excuse_member", 0, slot=12), "slot 12 is closed"),
    "a presence after the end": (
        after(
            "close_slot",
            {"slot": 12, "entry": "c", "presented": False, "reason": WHY},
            what="record_presence",
            number=3,
        ),
        "slot 12 is closed",
    ),
    "a presence of another slot's entry": (telling("record_presence", 0, entry="a"), "a is not of this slot"),
    "a presence that stands already": (telling("record_presence", 0, presented=True), "entry d is submitted"),
    "marks for an entry that did not present": (
        after(
            "record_presence",
            {"card": 8, "revision": 1, "marks": {"work": 0}, "notes": {}},
            what="record_marks",
            person="u9",
        ),
        "entry d is not_presented",
    ),
    "a card opened again that was not sent": (telling("reopen_card", 0, card=3), "card 3 was not sent"),
    "a card opened again in another slot": (telling("reopen_card", 0, card=7), "card 7 is of another slot"),
    "a slot opened again without a card": (telling("reopen_slot", 0, cards=[1, 2]), "sent are [1, 2, 4, 5, 6]"),
    "a decision that names an entry twice": (
        telling("record_resolution", 0, order=["b", "b"]),
        "it names an entry twice",
    ),
    "a decision on an unknown stage": (telling("record_resolution", 0, stage="x"), 'no stage "x"'),
    "a run's number again": (telling("calculate_run", 1, run=1), "a run's number comes again"),
    "a run numbered downwards": (telling("calculate_run", 1, run=0), "runs are numbered upwards"),
    "a run of no kind": (telling("calculate_run", 0, kind="final"), "kind final"),
    "a run by other rules": (telling("calculate_run", 0, rules_sha256="0" * 64), "made by other rules"),
    "a first stage with one before it": (
        telling("calculate_run", 0, earlier={"stage": "x", "run": 1}),
        "has none before it",
    ),
    "a later stage that follows another run": (
        telling("calculate_run", 2, earlier={"stage": "zone", "run": 1}),
        "does not follow run 2 of zone",
    ),
    "a later stage without an official one before": (
        telling("calculate_run", 1, kind="provisional"),
        "run 2 is provisional",
    ),
    "an unknown run certified": (telling("certify_run", 0, run=7), "there is no run 7"),
    "a provisional run certified": (leaving_out("calculate_run", 1), "there is no run 2"),
    "a result published that nobody certified": (leaving_out("certify_run", 1), "run 3 was not certified"),
    "a run certified while its slot is open again": (
        after("calculate_run", {"slot": 11, "card": 6, "reason": WHY}, what="reopen_card", number=1),
        "certify_run: slot [11] is open",
    ),
    "a run certified once its facts are others": (
        after("calculate_run", DECIDED, what="record_resolution", number=1),
        "certify_run: the facts changed after run 2",
    ),
    "a run published once its facts are others": (
        after("certify_run", {**DECIDED, "stage": "nation"}, what="record_resolution", number=1),
        "publish_run: the facts changed after run 3",
    ),
    "a run published once the stage before was calculated anew": (
        zone_calculated_anew,
        "publish_run: it does not follow run 4 of zone",
    ),
    "something withdrawn that is not public": (
        after("certify_run", {"run": 2, "reason": WHY}, what="withdraw_publication"),
        "nothing of it is published",
    ),
    "a package of no run": (
        after("publish_run", {"run": 9, "edition": "public"}, what="make_package"),
        "there is no such run",
    ),
    "a package of no edition": (
        after("publish_run", {"run": 3, "edition": "secret"}, what="make_package"),
        "unknown edition",
    ),
}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return read_rules(read_yaml(RULES.encode()))


def acted_out(lines: list[Line], rules: Rules) -> None:
    replay(read_ledger(chained(lines)), rules)


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_happen_is_refused_at_its_line(name: str, rules: Rules) -> None:
    change, words = REFUSED[name]
    with pytest.raises(Failed) as refused:
        acted_out(change(copy.deepcopy(small_round().lines)), rules)
    assert words in refused.value.said.en
    assert refused.value.said.th


def test_the_round_as_it_was_is_acted_out_to_its_end(rules: Rules) -> None:
    acted_out(copy.deepcopy(small_round().lines), rules)


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("save_answers", {"entry": "b", "revision": 2, "answers_sha256": "0" * 64}),
        ("attach_file", {"entry": "b", "field": "sales", "sha256": "0" * 64}),
        ("return_questions", {**GIVEN_BACK, "fields": ["papers"]}),
    ],
)
def test_a_returned_question_is_mended_and_the_rest_of_the_round_goes_on(act: str, body: Any, rules: Rules) -> None:
    acted_out(given_back_then(act, body)(copy.deepcopy(small_round().lines)), rules)


def test_many_cards_in_one_slot_take_no_more_than_their_number(rules: Rules) -> None:
    """Ten thousand cards once took minutes: each was compared with all before it."""
    lines = copy.deepcopy(small_round().lines[: at(small_round().lines, "begin_entry")])
    member, many = seat("z2-chair"), 10_000
    cards = [[f"n{number}", f"x{number}", member] for number in range(many)]
    whole = lines[-1] | {"act": "plan_slot", "body": {**SLOT, "slot": 99, "cards": cards}}
    opened = whole | {"act": "open_slot", "body": {"slot": 99}}
    again = whole | {"act": "seat_panel", "body": {"panel": 2, "stage": "zone", "zone": 2, "members": [member]}}
    listed = [[f"n{number}", 0, "draft"] for number in range(many)]
    closed = whole | {"act": "close_slot", "body": {"slot": 99, "cards": listed}}
    ledger = read_ledger(chained([*lines, whole, opened, *[again] * 1_000, closed]))
    began = process_time()
    assert len(replay(ledger, rules).cards) == many + 7
    assert process_time() - began < 3
