"""What of a rule file decides a ranking: the same words as the file, as texts, with every criterion under its path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from exports.verifier.amounts import number, places_of
from exports.verifier.said import fail

Written = Mapping[str, Any]


class Node(NamedTuple):
    """A criterion: `written` is its mapping in the file; a leaf has a `source` and no parts."""

    path: str
    points: Fraction
    written: Written
    parts: tuple[Node, ...] = ()

    @property
    def source(self) -> str:
        """`marks`, `checklist`, `indicator`; empty for an inner node."""
        return "" if self.parts else str(self.written["source"])

    def walk(self) -> list[Node]:
        """This node, then everything below it."""
        return [self, *(each for part in self.parts for each in part.walk())]

    def places(self) -> list[str]:
        """Where a member writes a mark: the leaf, or each item of a checklist."""
        if self.source == "checklist":
            return [f"{self.path}/{item['code']}" for item in self.written["items"]]
        return [self.path] if self.source == "marks" else []


class Category(NamedTuple):
    """One category: its mapping in the file, and its criteria by path."""

    code: str
    written: Written
    roots: tuple[Node, ...]

    @property
    def nodes(self) -> list[Node]:
        """Every criterion, parents before their parts."""
        return [node for root in self.roots for node in root.walk()]

    @property
    def leaves(self) -> list[Node]:
        """The criteria that earn points themselves, in the order written."""
        return [node for node in self.nodes if not node.parts]

    def listed(self, key: str) -> Sequence[Written]:
        """A list of the category that may be left out."""
        return self.written.get(key) or []

    @property
    def rounding(self) -> Written:
        """What is rounded, and how."""
        return dict(self.written["rounding"])

    @property
    def places(self) -> int:
        """Decimals in which totals are shown."""
        total = self.rounding["total"]
        return places_of(total) if isinstance(total, Mapping) else 6


class Stage(NamedTuple):
    """One round of ranking."""

    code: str
    groups: str
    take: int | None
    carries: Written | None
    label: Written


class Rules(NamedTuple):
    """A rule set: its id, categories and stages in the order written."""

    id: str
    written: Written
    categories: tuple[Category, ...]
    stages: tuple[Stage, ...]

    def stage(self, code: str) -> Stage:
        """Raises Failed for a stage that the rules do not have."""
        for each in self.stages:
            if each.code == code:
                return each
        return fail(f"เกณฑ์ไม่มีรอบ “{code}”", f'the rules have no stage "{code}"')

    def category(self, code: str) -> Category:
        """Raises Failed for a category that the rules do not have."""
        for each in self.categories:
            if each.code == code:
                return each
        return fail(f"เกณฑ์ไม่มีประเภท “{code}”", f'the rules have no category "{code}"')

    def before(self, stage: Stage) -> Stage | None:
        """The stage before, which decides who comes to this one."""
        place = self.stages.index(stage)
        return self.stages[place - 1] if place else None


ONLY_STAGE: Written = {"code": "final", "label": {"th": "รอบตัดสิน", "en": "Final"}, "groups": "none"}


def read_rules(written: Any) -> Rules:
    """The rules that a file as texts states. Raises Failed where something that decides is not there."""
    try:
        categories = tuple(
            Category(each["code"], each, tuple(_node(node, "") for node in each["criteria"]))
            for each in written["categories"]
        )
        stages = tuple(_stage(each) for each in written.get("stages") or [ONLY_STAGE])
        rules = Rules(written["id"], written, categories, stages)
        for category in categories:
            for key in ("panel", "total", "rounding", "tie_breaks"):
                category.written[key]
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        fail(f"rules.yaml: อ่านเกณฑ์ไม่ได้ ({error!r})", f"rules.yaml: the rules cannot be read ({error!r})")
    return rules


def _node(written: Written, above: str) -> Node:
    path = f"{above}/{written['code']}" if above else str(written["code"])
    parts = tuple(_node(part, path) for part in written.get("parts") or [])
    return Node(path, number(written["points"]), written, parts)


def _stage(written: Written) -> Stage:
    advance = written.get("advance")
    take = int(advance["take"]) if advance else None
    return Stage(written["code"], written["groups"], take, written.get("carries"), written["label"])
