"""Numbers of an entry: percentages that cannot be, rows by district that must add up, sources, suggested points."""
# ruff: noqa: E501  the rule set and the tables read better one line a case

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from award.answers.check import list_problems, list_unusual
from award.answers.codes import find_field, list_codes, list_fields
from award.answers.district_rows import list_sums
from award.answers.percentages import guess
from award.answers.suggestions import list_suggestions, list_unsourced, points_text
from award.answers.tidy import tidy_changes
from award.db.cycles import Adoption
from award.db.entries import Entry
from award.db.people import Province
from award.demo import load_demo
from award.demo.district_rows import invent_rows
from award.errors import Foreign, Invalid
from award.evaluation import numbers_in
from award.forms.entries import Result, build_sections, read_posted
from scoring_rules.reader import load_set, read_rules
from scoring_rules.rules import Category
from tests.award.build import PHRAE, TRAT, empty_database
from tests.award.test_entries_answers import RULES, WHOLE

TOP = "  - {code: top,"
WITH_ROWS = RULES.replace("mode: half_up}}\n  criteria", "mode: half_up}, rows: district, max: 100}\n  criteria")
TYPED = WITH_ROWS.replace(
    "  criteria:\n",
    "  - {code: direct, label: {th: ร้อยละตรง, en: Direct}, unit: ร้อยละ, better: higher, from: {field: plain}}\n  criteria:\n", 1,
).replace(TOP, "  - {code: plain, label: {th: ร้อยละ, en: Plain}, type: decimal, places: 2, required: false}\n" + TOP)  # fmt: skip
ROWS: list[dict[str, str]] = [
    {"district": "เมือง", "top": "4", "bottom": "4"}, {"district": "แหลมงอบ", "top": "3", "bottom": "4"},
]  # fmt: skip
SOUND = WHOLE | {"@rows:share": ROWS}


@pytest.fixture(scope="module")
def office() -> Category:
    return read_rules(WITH_ROWS).category("office")


def said(category: Category, answers: dict[str, Any], *, districts: int | None = None) -> list[str]:
    problems = list_problems(
        category, answers, numbers=numbers_in(category, answers), evidence={"proof": 1}, districts=districts
    )
    values = [{name: getattr(value, "en", value) for name, value in each.values.items()} for each in problems]
    return [f"{each.place}: {each.says % value}" for each, value in zip(problems, values, strict=True)]


def test_what_a_number_brings_with_it_stands_after_its_last_part_in_every_list_of_codes(office: Category) -> None:
    assert list_codes(office) == (
        "title", "story", "kind", "ready", "page", "top", "bottom", "@rows:share", "@why:share", "@source:share",
        "percent", "counted", "projects",
    )  # fmt: skip
    assert [column.code for column in list_fields(office)[7].columns] == ["district", "top", "bottom"]
    assert "@rows:share" not in list_codes(read_rules(RULES).category("office"))
    assert find_field(office, "@why:share") is not None and find_field(office, "@why:other") is None


def test_rows_are_stored_plain_and_blank_ones_are_not_kept(office: Category) -> None:
    tidied = tidy_changes(
        office,
        {
            "@rows:share": [{"district": " เมือง ", "top": "๑,๒๐๐", "bottom": "2"}, {"district": ""}],
            "@why:share": "a\nb",
        },
    )
    assert tidied.values["@rows:share"] == [{"district": "เมือง", "top": "1200", "bottom": "2"}]
    assert tidied.values["@why:share"] == "a\nb"
    for changes in ({"@rows:share": [{"value": "1"}]}, {"@rows:share": "x"}, {"@source:share": 5}):
        with pytest.raises(Invalid):
            tidy_changes(office, changes)
    with pytest.raises(Foreign):
        tidy_changes(office, {"@rows:other": []})


def test_rows_that_add_up_keep_nothing_from_being_sent(office: Category) -> None:
    assert said(office, SOUND) == []
    assert said(office, SOUND, districts=2) == []


def test_the_difference_is_told_until_it_is_mended_or_explained(office: Category) -> None:
    answers = SOUND | {"top": "1200", "bottom": "8.5"}
    assert said(office, answers)[1:] == [
        "f-@rows:share: The districts' “Done” add up to 7, but 1,200 is stated for the province: −1,193. "
        "Mend a number, or write why they differ.",
        "f-@rows:share: The districts' “All” add up to 8, but 8.5 is stated for the province: −0.5. "
        "Mend a number, or write why they differ.",
    ]
    assert said(office, SOUND | {"bottom": "9", "@why:share": "หนึ่งอำเภอรายงานภายหลัง"}) == []


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([], "f-@rows:share: “Share done” has no rows"),
        ([*ROWS, {"district": "อำเภอเมือง", "top": "0", "bottom": "0"}], "f-@rows:share-2-district: “Share done”: row 3 is the same"),
        ([*ROWS, {"district": "บ่อไร่", "bottom": "0"}], "f-@rows:share-2-top: "),
        ([*ROWS, {"top": "0", "bottom": "0"}], "f-@rows:share-2-district: "),
        ([*ROWS, {"district": "บ่อไร่", "top": "many", "bottom": "0"}], "f-@rows:share-2-top: "),
        ([*ROWS, {"district": "บ่อไร่", "top": "-1", "bottom": "0"}], "f-@rows:share-2-top: "),
    ],
)  # fmt: skip
def test_rows_that_lack_something_say_where(office: Category, rows: list[dict[str, str]], place: str) -> None:
    found = said(office, WHOLE | {"@rows:share": rows})
    assert found and found[0].startswith(place)


def test_rows_without_the_provinces_number_and_too_few_rows_are_told() -> None:
    province = read_rules(WITH_ROWS.replace("entrant: district_office", "entrant: province_office")).category("office")
    assert said(province, SOUND, districts=7) == [
        "f-@rows:share: “Share done” has 2 rows; the province has 7 districts. Mend it, or say why."
    ]
    assert said(province, SOUND | {"@why:share": "ห้าอำเภอไม่มีโครงการ"}, districts=7) == []
    blank = {code: value for code, value in SOUND.items() if code != "top"}
    assert said(province, blank)[-1] == "f-top: The rows of “Share done” add up to 7, yet “Done” is not filled in."


def test_a_part_that_exceeds_the_whole_is_refused_and_cannot_be_confirmed(office: Category) -> None:
    answers = WHOLE | {"top": "9727", "bottom": "8", "@rows:share": [{"district": "ก", "top": "9727", "bottom": "8"}]}
    assert said(office, answers) == [
        "f-top: “Share done” comes to 121587.50, more than 100, which cannot be: “Done” (9,727) is part of “All” (8). "
        "Mend one of the two."
    ]
    assert list_unusual(office, numbers_in(office, answers)) == []
    against_a_plan = read_rules(RULES).category("office")
    assert said(against_a_plan, answers) == []
    assert [each.shown for each in list_unusual(against_a_plan, numbers_in(against_a_plan, answers))] == ["121587.50"]


@pytest.mark.parametrize("typed", ["9727", "๙๗๒๗", "9,727"])
def test_9727_as_a_percentage_is_refused_with_the_number_that_was_meant(typed: str) -> None:
    category = read_rules(TYPED).category("office")
    answers = SOUND | tidy_changes(category, {"plain": typed}).values
    assert said(category, answers) == ["f-plain: “Plain”: 9,727 is more than 100, which cannot be. Did you mean 97.27?"]
    bounded = SOUND | tidy_changes(category, {"percent": typed}).values
    assert said(category, bounded)[0].endswith("the most possible is 100. Did you mean 97.27?")
    assert said(category, SOUND | {"plain": "97.27", "percent": "97.27"}) == []


def test_the_guess_only_moves_a_point_that_is_missing() -> None:
    assert [guess(typed, 100) for typed in ("9727", "985", "97270", "100", "9727.5", "-50", "123456789", "101")] == [
        "97.27", "98.5", "97.27", "10", None, None, None, "10.1",
    ]  # fmt: skip


def test_the_form_asks_for_a_row_for_each_district_and_names_them_as_before(office: Category) -> None:
    rules = load_set("cdd-policy-award/2564-r2").category("office")
    named = {"@rows:knn_plots_done": [{"district": name} for name in ("เมืองตราด", "คลองใหญ่")]}
    sections = build_sections(rules, named, numbers={}, evidence=(), problems=(), language="th", districts=7)
    results = [each for one in sections for part in one.parts for each in part.questions if isinstance(each, Result)]
    rows = {each.indicator.code: each.ready for each in results if each.rows}
    assert {code: len(each) for code, each in rows.items()} == {"knn_plots_done": 7, "households_10_vegetables": 7}
    other = [cells[0].value for cells in rows["households_10_vegetables"]]
    assert other == ["เมืองตราด", "คลองใหญ่", "", "", "", "", ""]
    assert len([each for each in results if each.source]) == 5
    (answered,) = [each for each in results if each.given]
    assert answered.rows and len(answered.rows.rows) == 2  # who reads sees no more than what was written


def test_a_form_posted_without_the_pages_code_brings_rows_reason_and_source(office: Category) -> None:
    posted = {
        "shown:@rows:share": "1", "@rows:share:0:district": "เมือง", "@rows:share:0:top": "7", "@rows:share:1:top": "",
        "@why:share": "x", "@source:share": "y",
    }  # fmt: skip
    assert read_posted(office, posted) == {
        "@rows:share": [{"district": "เมือง", "top": "7"}, {"top": ""}], "@why:share": "x", "@source:share": "y",
    }  # fmt: skip
    for name in ("@rows:other:0:top", "@rows:share:0:value", "@rows:share:x:top", "@why:other", "shown:@rows:other"):
        with pytest.raises(Foreign):
            read_posted(office, {name: "1"})


def test_what_the_rules_suggest_is_told_in_points_before_anyone_marks(office: Category) -> None:
    (found,) = list_suggestions(office, numbers_in(office, WHOLE))
    assert (found.shown, found.level.at if found.level else None, found.points) == ("87.50", 4, 32)  # 4 of 5, 40 points
    (open_,) = list_suggestions(office, {})
    assert (open_.shown, open_.level, open_.points, open_.leaf) == (None, None, None, found.leaf)
    assert [points_text(each) for each in (32, Fraction(65, 2), Fraction(14, 3))] == ["32", "32.5", "4.67"]


def test_points_that_come_from_the_number_itself_are_told_as_such() -> None:
    text = RULES.replace(
        "source: marks\n      scale: {from: 0, to: 5, step: 1}\n      worth: share_of_top\n"
        "      levels: [{at: 1, text: {th: น้อย, en: Few}}, {at: 4, text: {th: มาก, en: Many}}]\n"
        "      suggest: {indicator: share, bands: [[80, 4]], below: 1}\n      comment: optional",
        "source: indicator\n      indicator: share\n      bands: [[80, 30]]\n      below: 0",
    )
    category = read_rules(text).category("office")
    (found,) = list_suggestions(category, numbers_in(category, WHOLE))
    assert (found.is_fixed, found.points) == (True, 30)


def test_numbers_without_a_source_are_named_and_nothing_else(office: Category) -> None:
    numbers = numbers_in(office, WHOLE)
    assert [each.code for each in list_unsourced(office, WHOLE, numbers)] == ["share"]
    assert list_unsourced(office, WHOLE | {"@source:share": "ทะเบียน"}, numbers) == []
    assert list_unsourced(office, {}, {}) == []


def test_sums_are_exact_and_open_while_a_cell_is(office: Category) -> None:
    indicator = office.indicators[0]
    rows = [{"top": "0.1", "bottom": "1"}, {"top": "0.2", "bottom": "x"}]
    top, bottom = list_sums(office, indicator, rows, {"top": Fraction(3, 10), "bottom": 1})
    assert (top.total, top.difference, top.difference_text) == (Fraction(3, 10), 0, "0")
    assert (bottom.total, bottom.difference, bottom.total_text, bottom.difference_text) == (None, None, "", "")


def test_invented_rows_add_up() -> None:
    category = load_set("cdd-policy-award/2564-r2").category("office")
    answers = {"plots_done": "705", "plots_planned": "1001", "households_growing": "88", "households_all": "99"}
    invent_rows(category, answers, districts=7)
    numbers = numbers_in(category, answers)
    for indicator in category.indicators[:2]:
        rows = answers[f"@rows:{indicator.code}"]
        assert len(rows) == 7
        assert [each.difference for each in list_sums(category, indicator, rows, numbers)] == [0, 0]  # type: ignore[arg-type]


def test_a_demo_round_by_the_second_revisions_holds_nothing_that_could_not_be_sent(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "award.sqlite3")
    load_demo(database, provinces=(TRAT, PHRAE), revision="r2")
    with database.reading() as db:
        asked = select(Entry, Adoption.rules_text, Province.districts).join(Adoption, Adoption.id == Entry.adoption_id)
        rows = db.execute(asked.join(Province, Province.code == Entry.province_code)).all()
    database.close()
    with_rows = 0
    for entry, text, districts in rows:
        category, answers = read_rules(text).category(entry.category), json.loads(entry.answers)
        assert text.count("/2564-r2")
        assert said(category, answers, districts=districts) == [], entry.code
        with_rows += any(len(answers[code]) == districts for code in answers if code.startswith("@rows:"))
    assert (len(rows), with_rows) == (10, 2)
