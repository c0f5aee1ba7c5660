"""Cards of other awards, from the rules alone: half and quarter steps, a checklist, numbers, every rule for notes."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from award.evaluation import numbers_in
from award.forms.card import Asked, Card, Given, build_card
from scoring_rules.reader import read_rules
from scoring_rules.rules import Category
from tests.award.scoring_day import ScoringDay, build_day

RULES = Path(__file__).parent.parent / "cases" / "accepted" / "rules" / "every_word.yaml"
ANSWERS = {
    "title": "โครงการ", "story": "เล่าเรื่อง", "done": "17", "planned": "20", "counted_on": "2021-06-30", "kind": "new",
    "has_plan": "yes", "clip": "https://example.org/clip", "projects": [{"name": "โครงการหนึ่ง", "ready": "yes"}],
    "days_late": "0", "debt": "8",
}  # fmt: skip


@pytest.fixture(scope="module")
def category() -> Category:
    return read_rules(RULES.read_text(encoding="utf-8"), file=RULES.name).category("office")


def card_of(category: Category, values: dict[str, str] | None = None) -> Card:
    return build_card(
        category, answers=ANSWERS, fields=numbers_in(category, ANSWERS), evidence=[], values=values or {}, marks={}
    )


def asked(card: Card, path: str) -> Asked:
    return next(part for part in card.asked() if part.path == path)


def test_a_scale_of_few_steps_is_buttons_and_one_of_many_is_a_number(category: Category) -> None:
    card = card_of(category)
    talk, plain = asked(card, "d1/talk"), asked(card, "d1/plain")
    assert talk.kind == "levels"
    assert [choice.value for choice in talk.choices] == [
        "0", "0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5",
    ]  # fmt: skip
    assert [choice.value for choice in talk.choices if choice.suggested] == ["4"], "17 / 20 = 85: the band from 80"
    assert (plain.kind, plain.scale, plain.choices) == ("number", ("0", "20", "0.25"), ())
    assert card.places == 5, "three criteria and two items"


def test_a_checklist_asks_item_by_item(category: Category) -> None:
    ticks = asked(card_of(category, {"ticks/open": "1"}), "ticks")
    assert ticks.kind == "items"
    assert [(place.name, place.points, place.value) for place in ticks.places] == [
        ("ticks/open", "4", "1"),
        ("ticks/signed", "6", ""),
    ]


def test_points_from_a_number_are_shown_and_not_asked(category: Category) -> None:
    given = [part for part in card_of(category).parts if isinstance(part, Given)]
    assert [(part.path, part.earned) for part in given] == [("debt", "12"), ("line", "7.06")]
    assert given[0].measured.band is not None
    assert given[0].measured.band.en == "at most 10"


def test_answers_stand_beside_what_they_prove(category: Category) -> None:
    card = card_of(category)
    assert [answer.label.en for answer in asked(card, "d1/talk").answers] == ["Story", "Papers"]
    assert [answer.label.en for answer in asked(card, "ticks").answers] == ["Clip"]
    about = {answer.label.en: answer for answer in card.about}
    assert "Story" not in about
    assert about["Kind"].shown.en == "New"
    assert about["Has a plan"].shown.en == "Yes"
    assert str(about["Counted on"].shown) == "2021-06-30"
    assert [cell[0] for cell in about["Projects"].shown[0]] == ["text", "yes_no"]


@pytest.fixture
def day(tmp_path: Path) -> ScoringDay:
    """The first award judged by these rules instead."""
    built = build_day(tmp_path)
    content = RULES.read_bytes()
    built.change(
        "update adoption set rules_text = :text, rules_sha256 = :sha where id = 1",
        text=content.decode(), sha=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    built.change("update entry set answers = :a where code = 'to-23'", a=json.dumps(ANSWERS, ensure_ascii=False))
    built.open()
    return built


WHOLE = {
    "d1/talk": "4", "d1/range": "3", "d1/plain": "12.25", "note:d1/plain": "เหตุผล", "ticks/open": "1",
    "ticks/signed": "0",
}  # fmt: skip


def test_such_a_card_is_shown_marked_and_sent(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    page = client.get(f"/s/card/{card}")
    assert page.status_code == 200
    assert "Mark, from 0 to 20 in steps of 0.25" in page.text
    assert "the points come from a number in the entry" in page.text
    assert "4 blank" not in page.text and "5 blank" in page.text
    answer = day.save(client, card, WHOLE)
    assert answer.json is not None
    # 17.5 × 4/5 + 22.5 × 2/4 + 12.25 + 4 of the checklist + 12 and 7.059 from the debt rate
    assert answer.json["total"] == "60.56"
    assert answer.json["blanks"] == 0
    assert day.send(client, card).status_code == 303
    assert "60.56" in client.get(f"/s/card/{card}").text


def test_a_quarter_step_is_kept_exactly_and_an_eighth_refused(day: ScoringDay) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    answer = day.save(client, card, {"d1/plain": "12.125"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert "from 0 to 20 in steps of 0.25" in answer.json["details"]["problems"]["d1/plain"]["en"]
    assert day.save(client, card, {"d1/plain": "12.75"}).status_code == 200
    assert day.value("select value from mark where criterion = 'd1/plain' and assignment_id = :c", c=card) == 127_500


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"note:d1/plain": ""}, "a note is required"),
        ({"d1/range": "5"}, "the lowest or highest mark needs a written reason"),
        ({"d1/range": "1"}, "the lowest or highest mark needs a written reason"),
        ({"d1/talk": "3.5"}, "the mark differs from the suggested one, and the reason is missing"),
        ({"ticks/signed": ""}, "no mark yet"),
    ],
)
def test_every_rule_for_notes_is_asked_when_sending(day: ScoringDay, changes: dict[str, str], missing: str) -> None:
    client, card = day.site.client_as("z9-chair"), day.card("z9-chair")
    day.save(client, card, WHOLE | changes)
    answer = day.send(client, card)
    assert answer.status_code == 422
    summary = answer.text.split('class="error-summary"')[1].split("</div>")[0]
    assert summary.count("<li>") == 1 and missing in summary


def test_the_comparison_shows_a_checklist_by_its_points(day: ScoringDay) -> None:
    for login in ("z9-chair", "z9-member", "z9-secretary"):
        client, card = day.site.client_as(login), day.card(login)
        day.save(client, card, WHOLE | ({"ticks/signed": "1"} if login == "z9-member" else {}))
        day.send(client, card)
    day.close()
    page = day.site.client_as("z9-chair").get(f"/s/slot/{day.first_slot}/compare").text
    row = page.split("Checklist</th>")[1].split("</tr>")[0]
    assert re.findall(r"<td[^>]*>\s*([0-9]+)", row) == ["4", "10", "4", "6", "6"], "marks, mean, spread"
    assert re.findall(r'class="off">([^<]+)', row) == ["−2", "+4", "−2"]
