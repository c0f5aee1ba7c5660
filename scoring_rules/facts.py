"""Facts: what was sent in, what members gave, who did not mark, what the committee resolved."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from scoring_rules.exact import Number, exact_text, parse_exact

EntryState = Literal["presented", "not_presented", "withdrawn"]
CardState = Literal["standing", "recused", "absent"]


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
        data = {
            "entries": [_entry_data(entry) for entry in sorted(self.entries, key=lambda e: e.code)],
            "cards": {
                entry: [_card_data(card) for card in sorted(cards, key=lambda c: c.member)]
                for entry, cards in self.cards.items()
            },
            "resolutions": sorted(
                [[r.category, r.stage, r.group, list(r.order), r.reason] for r in self.resolutions]
            ),
        }
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def sha256(self) -> str:
        """Fingerprint of to_json()."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

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
        "marks": {path: exact_text(value) for path, value in card.marks.items()},
        "reason": card.reason,
    }


def _numbers(texts: Mapping[str, str]) -> dict[str, Number]:
    return {code: parse_exact(text) for code, text in texts.items()}
