"""Facts to tables and back: nothing that counts is lost on the way."""

from fractions import Fraction
from pathlib import Path

import pytest

from award.tables import csv_bytes, table_from
from scoring_rules.fact_files import read_facts
from scoring_rules.fact_rows import tables_of
from scoring_rules.facts import Card, Entry, Facts, Resolution
from scoring_rules.reader import read_rules_file
from scoring_rules.rules import RuleSet

RULES = Path(__file__).parent.parent / "cases" / "refused" / "facts" / "rules.yaml"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return read_rules_file(RULES)


FACTS = Facts(
    entries=(
        Entry(
            "e2", "office", 'สำนัก, "สอง"', "presented", {"zone": "9"}, {"households": Fraction(785, 10), "days_late": 0}
        ),
        Entry(
            "e1", "office", "สำนักหนึ่ง", "withdrawn", {"zone": "9", "province": "ตราด", "region": "ตะวันออก"}, {"plan": 1}
        ),
        Entry("v1", "village", "หมู่บ้าน", "presented", {"zone": "10"}),
    ),
    cards={
        "e2": (
            Card(
                "m2", "standing", {"d1/plan": 5, "d1/result": Fraction(19, 2), "papers/letter": 1, "papers/photos": 0}
            ),
            Card("m1", "recused", {}, "ญาติ"),
            Card("m3", "absent"),
            Card("m4"),
        ),
        "v1": (Card("m1", "standing", {"saving": 0}),),
    },
    resolutions=(Resolution("office", "zone", "9", ("e2", "e1"), "มติครั้งที่ 1, ข้อ 2"),),
)


def test_facts_come_back_from_csv_with_the_same_fingerprint(rules: RuleSet) -> None:
    tables = {kind: table_from(csv_bytes(table), name=kind) for kind, table in tables_of(rules, FACTS).items()}
    assert sorted(tables) == ["entries", "marks", "recusals", "resolutions"]
    back = read_facts(
        rules,
        entries=tables["entries"],
        marks=tables["marks"],
        recusals=tables["recusals"],
        resolutions=tables["resolutions"],
    )
    assert back.to_json() == FACTS.to_json()


def test_a_text_that_a_spreadsheet_would_calculate_is_written_as_text(rules: RuleSet) -> None:
    for label in ("=1+2", "+66", "@x", "-x"):
        entry = Entry("e1", "village", label, "presented", {"zone": "9"}, {})
        written = csv_bytes(tables_of(rules, Facts((entry,), {}))["entries"]).decode("utf-8-sig")
        assert f",'{label}," in written
    minus = Entry("e1", "village", "x", "presented", {"zone": "-9"}, {})
    assert ",-9," in csv_bytes(tables_of(rules, Facts((minus,), {}))["entries"]).decode("utf-8-sig")
