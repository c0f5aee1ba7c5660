"""A member's own card: what may be typed, what a mark needs, what is missing before it is sent."""

from fractions import Fraction
from pathlib import Path

import pytest

from scoring_rules.cards import find_gaps, note_needed, read_changes
from scoring_rules.marks import mark_places
from scoring_rules.reader import load_set, read_rules
from scoring_rules.rules import Category

EVERY_WORD = Path(__file__).parent.parent / "cases" / "accepted" / "rules" / "every_word.yaml"


@pytest.fixture(scope="module")
def category() -> Category:
    return read_rules(EVERY_WORD.read_text(encoding="utf-8"), file=EVERY_WORD.name).category("office")


def test_a_card_has_a_place_for_each_criterion_and_each_item(category: Category) -> None:
    assert mark_places(category) == ("d1/talk", "d1/range", "d1/plain", "ticks/open", "ticks/signed")
    office = load_set("transparent-office/2564-r1").category("office")
    assert len(mark_places(office)) == 17


def test_marks_and_notes_are_read_together(category: Category) -> None:
    typed = read_changes(category, {"d1/talk": "๓.๕", "ticks/open": "1", "d1/range": " ", "note:ticks": " ดี\r\nมาก "})
    assert typed.marks == {"d1/talk": Fraction(7, 2), "ticks/open": 1, "d1/range": None}
    assert typed.notes == {"ticks": "ดี\nมาก"}
    assert typed.problems == {}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("d1/talk", "3.75", "in steps of 0.5"),
        ("d1/range", "0", "from 1 to 5"),
        ("d1/plain", "1,5", "Use a point: 1.5?"),
        ("ticks/open", "2", "is not a tick"),
        ("ticks/open", "มี", "is not a tick"),
        ("ticks", "1", "mark its parts"),
        ("debt", "5", "takes its points from an indicator"),
        ("debt", "ห้า", "takes its points from an indicator"),
        ("d1", "", "takes no mark as a whole"),
        ("note:debt", "x", "There is no criterion"),
        ("", "", "There is no criterion"),
    ],
)
def test_what_does_not_fit_says_what_was_expected(category: Category, name: str, text: str, says: str) -> None:
    problems = read_changes(category, {"d1/range": "3"} | {name: text}).problems
    assert list(problems) == [name]
    assert says in problems[name].en
    assert problems[name].th


def test_which_marks_need_a_note(category: Category) -> None:
    talk, ends, plain = (category.criterion(path) for path in ("d1/talk", "d1/range", "d1/plain"))
    assert note_needed(talk, 4, 4) == ""
    assert note_needed(talk, 5, 4) == "different"
    assert note_needed(talk, 5, None) == "", "nothing was suggested: the value is missing"
    assert [note_needed(ends, mark, None) for mark in (1, 2, 4, 5)] == ["at_ends", "", "", "at_ends"]
    assert note_needed(plain, 7, None) == "required"
    assert note_needed(plain, None, None) == "", "a blank is missing as a mark, not as a note"
    assert note_needed(category.criterion("ticks"), 1, None) == ""


def test_gaps_are_found_in_the_order_of_the_card(category: Category) -> None:
    fields = {"done": 17, "planned": 20}
    found = find_gaps(category, marks={"d1/talk": 5, "ticks/open": 1}, notes={"d1/talk": "  "}, fields=fields)
    assert [(gap.place, gap.why) for gap in found] == [
        ("d1/talk", "different"),
        ("d1/range", "blank"),
        ("d1/plain", "blank"),
        ("ticks/signed", "blank"),
    ]
    whole = {"d1/talk": 4, "d1/range": 2, "d1/plain": 0, "ticks/open": 0, "ticks/signed": 0}
    assert find_gaps(category, marks=whole, notes={"d1/plain": "เพราะ"}, fields=fields) == ()
