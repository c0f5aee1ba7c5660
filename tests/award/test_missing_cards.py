"""A member's card that is not there is told where nobody said why, and changes nothing of the ranking."""

from pathlib import Path

import pytest

from scoring_rules.facts import Card, Entry, Facts
from scoring_rules.missing_cards import MissingCards, missing_cards
from scoring_rules.reader import read_rules_file
from tests.award.test_cli import RULES, award

ENTRIES = "entry,category,label,zone,households,days_late\n" + "".join(
    f"{code},office,สำนักงาน {code},{zone},80,0\n" for code, zone in (("m01", 9), ("m02", 9), ("m04", 9), ("z1", 10))
)
HEADER = "entry,member,d1/plan,d1/result,papers/letter,papers/photos\n"
MARKS = {(entry, member): f"{entry},{member},4,8,1,1\n" for entry in ("m01", "m02", "m04") for member in "abcde"}
MARKS |= {("z1", member): f"z1,{member},4,8,1,1\n" for member in "xy"}
THAI = (
    "m04 มีใบคะแนนของกรรมการ 4 คน ขณะที่ผลงานในกลุ่มเดียวกันมีกรรมการรวม 5 คน (ไม่มี d):"
    " ถ้ากรรมการไม่ได้ให้คะแนน ให้ระบุในคอลัมน์ members หรือแฟ้ม recusals\n"
)
ENGLISH = (
    "m04 has cards of 4 members, while its group is marked by 5 (no d):"
    " where a member gave no marks, say so in the column members or in the file of recusals.\n"
)


def files(folder: Path, *, entries: str = ENTRIES, without: str = "d") -> list[str | Path]:
    marks = HEADER + "".join(line for seat, line in MARKS.items() if seat != ("m04", without))
    (folder / "entries.csv").write_text(entries, encoding="utf-8")
    (folder / "marks.csv").write_text(marks, encoding="utf-8")
    return ["rank", RULES, "--entries", folder / "entries.csv", "--marks", folder / "marks.csv", "--stage", "zone"]


@pytest.mark.parametrize(("language", "says"), [("th", THAI), ("en", ENGLISH)])
def test_a_card_that_is_not_there_is_told_beside_the_ranking(language: str, says: str, tmp_path: Path) -> None:
    outcome = award(*files(tmp_path), "--language", language)
    assert (outcome.exit_code, outcome.stderr) == (0, says)
    assert "m04" in outcome.stdout and says not in outcome.stdout


def test_nothing_is_told_where_every_card_is_there_or_accounted_for(tmp_path: Path) -> None:
    assert award(*files(tmp_path, without="none")).stderr == ""
    (tmp_path / "recusals.csv").write_text("entry,member,kind,reason\nm04,d,absent,ป่วย\n", encoding="utf-8")
    assert award(*files(tmp_path), "--recusals", tmp_path / "recusals.csv").stderr == ""


PANELS = {"m01": "a|b|c|d|e", "m02": "a|b|c|d|e", "m04": "a|b|c|e", "z1": "x|y"}


def with_members(panels: dict[str, str]) -> str:
    """The entries with a column `members`."""
    lines = ENTRIES.splitlines()
    named = [f"{line},{panels.get(line.partition(',')[0], '')}" for line in lines[1:]]
    return "\n".join([f"{lines[0]},members", *named]) + "\n"


def test_entries_that_name_their_panel_are_taken_at_their_word(tmp_path: Path) -> None:
    assert award(*files(tmp_path, entries=with_members(PANELS))).stderr == ""
    assert award(*files(tmp_path, entries=with_members({}))).stderr == THAI


def test_only_the_category_that_is_ranked_is_spoken_of(tmp_path: Path) -> None:
    assert award(*files(tmp_path), "--category", "village").stderr == ""
    assert award(*files(tmp_path), "--category", "office").stderr == THAI


def test_the_ranking_itself_says_nothing_of_it(tmp_path: Path) -> None:
    told, silent = tmp_path / "told.json", tmp_path / "silent.json"
    assert award(*files(tmp_path), "--json", told).stderr == THAI
    assert award(*files(tmp_path, entries=with_members(PANELS)), "--json", silent).stderr == ""
    assert told.read_bytes() == silent.read_bytes()


def facts_with(panels: dict[str, str]) -> Facts:
    entries = tuple(Entry(code, "office", code, attributes={"zone": "9"}) for code in panels)
    return Facts(entries, {code: tuple(Card(member) for member in members) for code, members in panels.items()})


def test_panels_without_a_member_in_common_are_each_by_themselves() -> None:
    rules = read_rules_file(RULES)
    assert missing_cards(rules, facts_with({"e1": "abc", "e2": "abc", "e3": "xyz", "e4": ""})) == ()
    found = missing_cards(rules, facts_with({"e1": "abc", "e2": "ab", "e3": "xyz", "e4": "z"}))
    assert found == (MissingCards("e2", 2, 3, ("c",)), MissingCards("e4", 1, 3, ("x", "y")))


def test_panels_that_meet_through_a_third_are_one() -> None:
    found = missing_cards(read_rules_file(RULES), facts_with({"e1": "ab", "e2": "cd", "e3": "bc"}))
    assert [(each.entry, "".join(each.without)) for each in found] == [("e1", "cd"), ("e2", "ab"), ("e3", "ad")]
