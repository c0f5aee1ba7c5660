"""What a typed answer means, and what keeps an entry from being sent; by a small rule set with every type of field."""
# ruff: noqa: E501  the rule set reads better one field a line

from typing import Any

import pytest

from award.answers.check import list_problems, list_unusual
from award.answers.plain import clean_text, count_words, is_web_address, plain_date, plain_number
from award.answers.tidy import tidy_changes
from award.errors import Foreign, Invalid
from award.evaluation import numbers_in
from award.forms.entries import Question, Result, build_sections, read_posted
from scoring_rules.reader import read_rules
from scoring_rules.rules import Category

RULES = """
format: 1
id: small/2564-r1
award: {th: รางวัลทดสอบ, en: Test award}
short: {th: ทดสอบ, en: Test}
cycle: 2564
basis: proposed
sources: [{code: p, what: {th: ข้อเสนอ, en: Proposed}}]
categories:
- code: office
  label: {th: หน่วยงาน, en: Office}
  entrant: district_office
  limit: {entries: 2, per: province}
  fields:
  - {code: title, label: {th: ชื่อ, en: Title}, type: text, required: true, max_chars: 20}
  - {code: story, label: {th: เรื่อง, en: Story}, type: long_text, required: false, max_words: 4}
  - {code: kind, label: {th: ชนิด, en: Kind}, type: choice, required: true, options: [{code: big, label: {th: ใหญ่, en: Big}}]}
  - {code: ready, label: {th: พร้อม, en: Ready}, type: yes_no, required: true}
  - {code: page, label: {th: เว็บ, en: Page}, type: link, required: false}
  - {code: proof, label: {th: หลักฐาน, en: Proof}, type: files, required: true, accept: [pdf], max_files: 2, max_mb: 1, part_of: d1/a}
  - {code: top, label: {th: ทำแล้ว, en: Done}, type: integer, required: false, min: 0, part_of: d1/a}
  - {code: bottom, label: {th: ทั้งหมด, en: All}, type: decimal, places: 1, required: false, min: 0, part_of: d1/a}
  - {code: percent, label: {th: ร้อยละ, en: Percent}, type: decimal, places: 2, required: false, min: 0, max: 100, part_of: d1/b}
  - {code: counted, label: {th: วันที่, en: Date}, type: date, required: false, part_of: d1/a}
  - code: projects
    label: {th: โครงการ, en: Projects}
    type: table
    required: true
    max_rows: 2
    columns:
    - {code: name, label: {th: ชื่อโครงการ, en: Project}, type: text, required: true, max_chars: 50}
    - {code: d1, label: {th: มิติ 1, en: Dimension 1}, type: yes_no, required: false}
    - {code: d2, label: {th: มิติ 2, en: Dimension 2}, type: yes_no, required: false}
  indicators:
  - {code: share, label: {th: ร้อยละที่ทำ, en: Share done}, unit: {th: ร้อยละ, en: percent}, better: higher,
     from: {ratio: [top, bottom], times: 100}, round: {places: 2, mode: half_up}}
  criteria:
  - code: d1
    label: {th: ด้านหนึ่ง, en: First}
    points: 60
    parts:
    - code: a
      label: {th: ก, en: A}
      points: 40
      source: marks
      scale: {from: 0, to: 5, step: 1}
      worth: share_of_top
      levels: [{at: 1, text: {th: น้อย, en: Few}}, {at: 4, text: {th: มาก, en: Many}}]
      suggest: {indicator: share, bands: [[80, 4]], below: 1}
      comment: optional
    - {code: b, label: {th: ข, en: B}, points: 20, source: marks, scale: {from: 0, to: 5, step: 1}, worth: share_of_top, comment: optional}
  - {code: d2, label: {th: ด้านสอง, en: Second}, points: 40, source: marks, scale: {from: 0, to: 5, step: 1}, worth: share_of_top, comment: optional}
  panel: {combine: mean, applied_to: marks, quorum: 1, missing: {recused: leave_out, absent: leave_out, blank: refuse}}
  total: {floor: 0, ceiling: 100}
  rounding: {combined: none, points: none, total: {places: 2, mode: half_up}, rank_on: rounded}
  tie_breaks: [{by: resolution}]
stages: [{code: zone, label: {th: เขต, en: Zone}, groups: zone}]
"""
WHOLE: dict[str, Any] = {
    "title": "ชื่อผลงาน", "kind": "big", "ready": "yes", "top": "7", "bottom": "8",
    "projects": [{"name": "โครงการ", "d1": "yes"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def office() -> Category:
    return read_rules(RULES).category("office")


def said(category: Category, answers: dict[str, Any], **evidence: int) -> list[tuple[str, str, str]]:
    problems = list_problems(category, answers, numbers=numbers_in(category, answers), evidence=evidence)
    values = [{name: getattr(value, "en", value) for name, value in each.values.items()} for each in problems]
    return [(each.place, each.kind, each.says % value) for each, value in zip(problems, values, strict=True)]


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("97.27", "97.27"), ("๙๗.๒๗", "97.27"), ("๙,๗๒๗", "9727"), ("1,234,567.50", "1234567.5"), ("９７", "97"),
        (" 12 ", "12"), ("-3", "-3"), ("9,5", None), ("1,00", None), ("12 000", None), ("1e5", None), ("NaN", None),
        ("85%", None), ("", None), ("1234567890123456", None),
    ],
)  # fmt: skip
def test_a_number_is_understood_as_people_write_it_and_never_guessed(typed: str, plain: str | None) -> None:
    assert plain_number(typed) == plain


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("19/7/2564", "2021-07-19"), ("๑๙/๗/๒๕๖๔", "2021-07-19"), ("19 ก.ค. 2564", "2021-07-19"),
        ("19 กรกฎาคม พ.ศ. 2564", "2021-07-19"), ("19 July 2021", "2021-07-19"), ("2021-07-19", "2021-07-19"),
        ("2564-07-19", "2021-07-19"), ("29/2/2563", "2020-02-29"), ("29/2/2564", "None"), ("31/2/2564", "None"),
        ("19/7/64", "2021-07-19"), ("๙/๗/๖๔", "2021-07-09"), ("9 ก.ค. 64", "2021-07-09"), ("9 ก.ค.64", "2021-07-09"),
        ("9 ก.ค. ’64", "2021-07-09"), ("9 July 64", "2021-07-09"), ("9/7/21", "None"), ("9 ก.ค. 21", "None"),
        ("9 ก.ค. พ.ศ. 21", "1978-07-09"), ("9/7/99", "None"), ("9/7/4", "None"), ("9/7/564", "None"),
        ("64-07-09", "None"), ("29/2/64", "None"), ("7/2564", "None"), ("19/13/2564", "None"), ("soon", "None"),
    ],
)  # fmt: skip
def test_a_date_is_buddhist_era_or_named_and_stored_in_iso(typed: str, day: str) -> None:
    assert str(plain_date(typed)) == day


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://trat.cdd.go.th/ข่าว?id=1", True), ("http://example.test:8080/a", True), ("javascript:alert(1)", False),
        ("file:///etc/hosts", False), ("//example.test", False), ("http://127.0.0.1/", False), ("http://localhost/", False),
        ("https://user:word@example.test/", False), ("https://[::1]/", False), ("https://a b.test/", False),
        ("https://example.test:99999/", False), ("ftp://example.test/", False),
    ],
)  # fmt: skip
def test_a_link_leads_to_another_web_site_and_nowhere_else(address: str, good: bool) -> None:
    assert is_web_address(address) is good


def test_invisible_characters_are_taken_out_and_counted() -> None:
    assert clean_text("สำนัก\u202eงาน\x00\u200b") == ("สำนักงาน", 3)
    assert clean_text("a\r\nb\ud800", lines=True) == ("a\nb", 1)
    assert clean_text("a\nb\tc") == ("a b c", 0)
    assert clean_text("น\u0e4d\u0e32") == ("นำ", 0)  # sara am in two pieces


def test_thai_writing_counts_five_letters_a_word() -> None:
    assert count_words("สวัสดี") == 2
    assert count_words("two words") == 2
    assert count_words("") == 0


def test_a_whole_entry_has_nothing_to_mend(office: Category) -> None:
    assert said(office, WHOLE, proof=1) == []


def test_every_missing_thing_is_named_at_once(office: Category) -> None:
    assert said(office, {}) == [
        ("f-title", "missing", "“Title” is not filled in."),
        ("f-kind", "missing", "“Kind” is not filled in."),
        ("f-ready", "missing", "“Ready” is not filled in."),
        ("f-proof", "missing", "“Proof” has no file and no link yet."),
        ("f-projects", "missing", "“Projects” has no row yet."),
    ]


@pytest.mark.parametrize(
    ("code", "typed", "place", "words"),
    [
        ("percent", "9727", "f-percent", "9727 is too large; the most possible is 100"),
        ("percent", "97.271", "f-percent", "more than 2 decimals"),
        ("percent", "-1", "f-percent", "too small"),
        ("percent", "much", "f-percent", "“much” is not a number"),
        ("top", "6.5", "f-top", "not a whole number"),
        ("counted", "31/2/2564", "f-counted", "is not a date"),
        ("page", "javascript:alert(1)", "f-page", "only addresses of web pages"),
        ("title", "x" * 21, "f-title", "has 21 characters; at most 20"),
        ("story", "one two three four five", "f-story", "about 5 words; at most 4"),
        ("projects", [{"d1": "yes"}], "f-projects-0-name", "“Projects, row 1: Project” is not filled in"),
        ("projects", [{"name": "a"}] * 3, "f-projects", "has 3 rows; at most 2"),
        ("bottom", "0", "f-bottom", "is 0, so “Share done” cannot be worked out"),
        ("bottom", "", "f-bottom", "“All” is needed to work out “Share done”"),
    ],
)
def test_what_is_impossible_is_refused_with_a_sentence(
    office: Category, code: str, typed: Any, place: str, words: str
) -> None:
    problems = said(office, WHOLE | {code: typed}, proof=1)
    assert [each[0] for each in problems] == [place]
    assert words in problems[0][2]


def test_a_percentage_above_100_waits_for_a_word_of_the_sender(office: Category) -> None:
    answers = WHOLE | {"top": "9"}
    assert said(office, answers, proof=1) == []
    assert [(each.indicator.code, each.shown) for each in list_unusual(office, numbers_in(office, answers))] == [
        ("share", "112.50")
    ]
    assert list_unusual(office, numbers_in(office, WHOLE)) == []


def test_changes_are_stored_in_their_plain_form_and_wrong_text_stays_as_typed(office: Category) -> None:
    tidied = tidy_changes(
        office,
        {
            "top": "๑,๒๓๔", "bottom": "lots", "counted": "19/7/2564", "title": "a\x00b",
            "projects": [{"name": "  โครงการ ", "d1": "yes", "d2": ""}, {"name": " "}],
        },
    )  # fmt: skip
    assert tidied.values == {
        "top": "1234", "bottom": "lots", "counted": "2021-07-19", "title": "ab", "projects": [{"name": "โครงการ", "d1": "yes"}],
    }  # fmt: skip
    assert tidied.cleaned == ("title",)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": 5}, {"title": None}, {"kind": "small"}, {"ready": "maybe"},
        {"projects": "x"}, {"projects": [{"owner": "x"}]}, {"projects": [{"name": 1}]}, {"title": "x" * 20_001},
    ],
)  # fmt: skip
def test_what_does_not_belong_to_the_form_is_refused(office: Category, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        tidy_changes(office, changes)


@pytest.mark.parametrize("name", ["state", "proof", "@label", ""])
def test_a_field_that_the_rules_do_not_have_is_foreign(office: Category, name: str) -> None:
    with pytest.raises(Foreign):
        tidy_changes(office, {"title": "a", name: "x"})


def test_the_form_stands_in_the_order_of_the_rules(office: Category) -> None:
    sections = build_sections(
        office, WHOLE, numbers=numbers_in(office, WHOLE), evidence=(), problems=(), language="th"
    )  # fmt: skip
    assert [section.code for section in sections] == ["general", "d1", "d2"]
    assert [block.name for block in sections[0].parts[0].questions if isinstance(block, Question)] == [
        "title", "story", "kind", "ready", "page", "projects",
    ]  # fmt: skip
    assert [part.criterion.path for part in sections[1].parts if part.criterion] == ["d1/a", "d1/b"]
    result = sections[1].parts[0].questions[3]  # after both numbers, before the date
    assert isinstance(result, Result)
    assert (result.shown, result.level.at if result.level else None) == ("87.50", 4)


def test_one_project_serves_every_dimension_it_is_ticked_for(office: Category) -> None:
    answers = WHOLE | {"projects": [{"name": "ก", "d1": "yes", "d2": "yes"}, {"name": "ข", "d2": "yes"}]}
    sections = build_sections(office, answers, numbers={}, evidence=(), problems=(), language="th")
    assert [section.serving for section in sections] == [(), ("ก",), ("ก", "ข")]


def test_a_date_shows_in_the_language_of_the_page(office: Category) -> None:
    def shown(language: str) -> str:
        answers = {"counted": "2021-07-19"}
        sections = build_sections(office, answers, numbers={}, evidence=(), problems=(), language=language)
        blocks = [block for block in sections[1].parts[0].questions if isinstance(block, Question)]
        return next(block.value for block in blocks if block.name == "counted")

    assert shown("th") == "19 กรกฎาคม 2564"
    assert shown("en") == "19 July 2021"


def test_a_form_posted_without_the_pages_code_reads_as_the_same_changes(office: Category) -> None:
    posted = {
        "title": "a", "shown:ready": "1", "shown:projects": "1", "projects:0:name": "ก", "projects:3:name": "ข",
        "projects:3:d1": "yes",
    }  # fmt: skip
    assert read_posted(office, posted) == {
        "title": "a", "ready": "", "projects": [{"name": "ก"}, {"name": "ข", "d1": "yes"}],
    }  # fmt: skip


@pytest.mark.parametrize("name", ["other", "projects:x:name", "projects:0:cost", "projects:0", "proof", "shown:other"])
def test_a_form_with_a_field_that_the_rules_do_not_have_is_foreign(office: Category, name: str) -> None:
    with pytest.raises(Foreign):
        read_posted(office, {"title": "a", name: "b"})
