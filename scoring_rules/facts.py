"""Facts: what was sent in, what members gave, who did not mark, what the committee resolved."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from scoring_rules.exact import Number, exact_text, parse_exact

EntryState = Literal["presented", "not_presented", "withdrawn"]
CardState = Literal["standing", "recused", "absent"]

_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the rules see it. `fields` holds numbers only; what is absent is missing, never 0 (yes_no: 1, 0)."""

    code: str
    category: str
    label: str
    state: EntryState = "presented"
    attributes: Mapping[str, str] = field(default_factory=dict)  # zone, province, region
    fields: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """One member's marks on one entry by leaf path (`leaf/item` for checklists). A path not there is blank, never 0."""

    member: str
    state: CardState = "standing"
    marks: Mapping[str, Number] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The committee's written decision on a tie: entries best first."""

    category: str
    stage: str
    group: str
    order: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything `evaluate` needs besides the rule set. `cards` is by entry code; order never matters."""

    entries: tuple[Entry, ...]
    cards: Mapping[str, tuple[Card, ...]]
    resolutions: tuple[Resolution, ...] = ()

    def to_json(self) -> str:
        """Canonical JSON: the same facts give the same text in whatever order they came."""
        return "".join(self._pieces())

    def sha256(self) -> str:
        """Fingerprint of to_json()."""
        fingerprint = hashlib.sha256()
        for piece in self._pieces():
            fingerprint.update(piece.encode())
        return fingerprint.hexdigest()

    def _pieces(self) -> Iterator[str]:
        """The canonical JSON entry by entry: the text of a large contest never stands in memory for its fingerprint."""
        yield '{"cards":{'
        yield from _listed(
            f"{_canonical(code)}:{_canonical([_card_data(card) for card in sorted(cards, key=lambda c: c.member)])}"
            for code, cards in sorted(self.cards.items(), key=lambda each: each[0])
        )
        yield '},"entries":['
        yield from _listed(_canonical(_entry_data(entry)) for entry in sorted(self.entries, key=lambda e: e.code))
        yield '],"resolutions":'
        yield _canonical(sorted([r.category, r.stage, r.group, list(r.order), r.reason] for r in self.resolutions))
        yield "}"

    @classmethod
    def from_json(cls, text: str) -> "Facts":
        """The inverse of to_json."""
        data = json.loads(text)
        return cls(
            entries=tuple(
                Entry(e["code"], e["category"], e["label"], e["state"], e["attributes"], _numbers(e["fields"]))
                for e in data["entries"]
            ),
            cards={
                entry: tuple(Card(c["member"], c["state"], _numbers(c["marks"]), c["reason"]) for c in cards)
                for entry, cards in data["cards"].items()
            },
            resolutions=tuple(Resolution(c, s, g, tuple(order), why) for c, s, g, order, why in data["resolutions"]),
        )


def _listed(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        yield f",{text}" if number else text


def _entry_data(entry: Entry) -> dict[str, Any]:
    return {
        "code": entry.code,
        "category": entry.category,
        "label": entry.label,
        "state": entry.state,
        "attributes": dict(entry.attributes),
        "fields": {code: exact_text(value) for code, value in entry.fields.items()},
    }


def _card_data(card: Card) -> dict[str, Any]:
    return {
        "member": card.member,
        "state": card.state,
        "marks": {path: str(mark) if type(mark) is int else exact_text(mark) for path, mark in card.marks.items()},
        "reason": card.reason,
    }


def _numbers(texts: Mapping[str, str]) -> dict[str, Number]:
    return {code: parse_exact(text) for code, text in texts.items()}
