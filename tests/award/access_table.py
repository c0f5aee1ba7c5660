"""The table of access (authz.yaml) as values: who gets which answer at which address, in which phase."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FILE = Path(__file__).with_name("authz.yaml")
NOBODY = "anon"
NOT_PEOPLE = ("does", "at", "send", "json", "file", "hides")
_HEAD = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)(?: \(.+\))?")


@dataclass(frozen=True, slots=True)
class Row:
    """One block of the table. `answers`: (column, phase) → status."""

    name: str
    method: str
    rule: str
    answers: Mapping[tuple[str, str], int]
    at: Mapping[str, str]
    form: Mapping[str, str]
    json: Mapping[str, Any] | None
    file: str | None
    hides: Mapping[str, str]  # column → a text that never stands in its answer
    is_steady: bool  # the same answers in every phase, and none of them for its time


@dataclass(frozen=True, slots=True)
class AccessTable:
    """The whole table."""

    columns: tuple[str, ...]
    phases: tuple[str, ...]
    rows: tuple[Row, ...]
    places: Mapping[str, str]
    traces: frozenset[str]


@lru_cache
def read_table(file: Path = FILE) -> AccessTable:
    """Raises ValueError naming the block that cannot be understood."""
    told = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    columns, phases, groups = tuple(told["columns"]), tuple(told["phases"]), told["groups"]

    def people(names: Iterable[str]) -> list[str]:
        found: list[str] = []
        for name in names:
            if name not in columns and name not in groups:
                raise ValueError(f"no column and no group: {name}")
            found += [name] if name in columns else people(groups[name])
        return found

    def read_row(head: str, told: Mapping[str, Any]) -> Row:
        matched = _HEAD.fullmatch(head)
        if matched is None:
            raise ValueError(f"not a method and an address: {head}")
        answers = {(who, phase): 401 if who == NOBODY else 403 for who in columns for phase in phases}
        for names, said in told.items():
            if names not in NOT_PEOPLE:
                by_phase = _by_phase(str(said), phases)
                answers |= {
                    (who, phase): by_phase[phase] for who in people(re.split(r",\s*", names)) for phase in phases
                }
        return Row(
            head, matched[1], matched[2], answers, told.get("at") or {}, told.get("send") or {}, told.get("json"),
            told.get("file"), told.get("hides") or {},
            all(status == answers[who, phases[0]] != 423 for (who, _), status in answers.items()),
        )  # fmt: skip

    rows = []
    for head, block in told["routes"].items():
        try:
            rows.append(read_row(head, block or {}))
        except ValueError as error:
            raise ValueError(f"{file.name}, {head}: {error}") from error
    return AccessTable(columns, phases, tuple(rows), told["places"], frozenset(told["traces"]))


def _by_phase(said: str, phases: tuple[str, ...]) -> dict[str, int]:
    """`404 draft open, 200` → the status in each phase. Raises ValueError: a phase named twice, or not at all."""
    found: dict[str, int] = {}
    for part in said.split(","):
        status, *named = part.split()
        if not re.fullmatch("[1-5][0-9][0-9]", status) or set(named) - set(phases) or set(named) & set(found):
            raise ValueError(f"not a status with phases: {said}")
        found |= {phase: int(status) for phase in named or phases if phase not in found}
    if set(found) != set(phases):
        raise ValueError(f"no answer for the phases {sorted(set(phases) - set(found))}: {said}")
    return found
