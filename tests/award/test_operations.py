"""What docs/operations says of itself is so: each item has its state and a proof that is there, and counts add up."""

import re
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from award.actions.passwords import hash_password
from award.config import Keeping

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs" / "operations"
SECURITY = (OPERATIONS / "security.md").read_text(encoding="utf-8")
ITEMS = re.findall(r"^\| (\d+) \|([^|]*)\|([^|]*)\| (\S+) \|(.*)\|$", SECURITY, re.MULTILINE)


def test_all_items_are_there_once_in_their_order_with_a_state() -> None:
    assert [int(number) for number, *_ in ITEMS] == list(range(1, 55))
    assert {state for _, _, _, state, _ in ITEMS} <= {"done", "office", "open", "n.a."}


def test_the_counts_are_those_of_the_table() -> None:
    said = re.search(r"Counted: (\d+) done, (\d+) office, (\d+) open, (\d+) n\.a\.", SECURITY)
    assert said is not None
    counted = Counter(state for _, _, _, state, _ in ITEMS)
    assert [int(each) for each in said.groups()] == [counted[state] for state in ("done", "office", "open", "n.a.")]


@pytest.mark.parametrize("item", [item for item in ITEMS if item[3] == "done"], ids=lambda item: item[0])
def test_what_is_done_names_a_proof(item: tuple[str, ...]) -> None:
    assert re.search(r"`tests/\S+`|\*[A-Z][^*]+\* above", item[4]), item


@pytest.mark.parametrize("file", sorted(OPERATIONS.glob("*.md")), ids=lambda file: file.name)
def test_every_file_that_is_named_is_there(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|award|docs|requirements|bench)/[\w./-]+)`", text)
    linked = re.findall(r"\]\(([\w./-]+)\)", text)
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert [name for name in linked if not (file.parent / name).exists()] == []


def test_the_periods_that_are_told_are_those_that_hold() -> None:
    told = (OPERATIONS / "privacy.md").read_text(encoding="utf-8")
    for each in fields(Keeping):
        assert re.search(rf"`keep_{each.name}` \| {each.default}\b", told), each.name


def test_passwords_are_kept_as_the_list_says() -> None:
    kept = hash_password("three words of mine")
    memory = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+)", kept)
    assert memory is not None and int(memory[1]) >= 65_536 and int(memory[2]) >= 2
    assert kept != hash_password("three words of mine"), "each with a salt of its own"
