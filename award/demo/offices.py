"""How far each office is with each of its entries, and who let it pass: for rounds that go up the office's chain, and
for a round that is still being collected."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from award.demo.people import DemoUser

# Of a round that is being collected, out of a hundred entries: sent, with the chief, with the director, drafts; the
# rest was not even begun.
SHARES = (("submitted", 46), ("chief", 10), ("director", 12), ("draft", 24))
# Trat's five, so that each kind is there to be seen.
TRAT = {"to-23": "draft", "pa-23": "director", "wf-a-23": "", "wf-b-23": "draft", "wf-c-23": "chief"}
STEPS = ("director", "chief")


@dataclass(frozen=True, slots=True)
class Ways:
    """What becomes of the entries of a round. `chain`: they go up the office; its people are `offices`: (province,
    role) → person and duty. `collecting`: most provinces are still at it. `empty`: provinces that have begun nothing.
    """

    rng: Random
    offices: dict[tuple[str, str], int] = field(default_factory=dict)
    chain: bool = False
    collecting: bool = False
    empty: frozenset[str] = frozenset()

    def state_of(self, province: str, code: str, *, live: bool) -> str:
        """submitted | chief | director (with whom it is) | draft, or "" for an entry that nobody has begun."""
        if province in self.empty:
            return ""
        if not self.collecting:
            return "draft" if live else "submitted"
        if code in TRAT:
            return self._without_chain(TRAT[code])
        drawn = self.rng.randrange(100)
        for state, share in SHARES:
            drawn -= share
            if drawn < 0:
                return self._without_chain(state)
        return ""

    def _without_chain(self, state: str) -> str:
        return "draft" if state in STEPS and not self.chain else state

    def sender_of(self, province: str, officer_id: int) -> int:
        """Who sends: the chief where there is a chain."""
        return self.offices[province, "chief"] if self.chain else officer_id

    def acts_of(self, province: str, entry: dict[str, Any], *, state: str, officer_id: int) -> Iterator[dict[str, Any]]:
        """How an entry came to where it is: sent to the director, approved, approved by the chief."""
        if not self.chain or state == "draft":
            return
        director, chief = (self.offices[province, role] for role in STEPS)
        acts = (
            ("director", "send", officer_id, 180), ("director", "approve", director, 75),
            ("chief", "approve", chief, 0),
        )  # fmt: skip
        for step, act, person, before in acts[: {"director": 1, "chief": 2, "submitted": 3}[state]]:
            yield {
                "entry_id": entry["id"], "revision": entry["revision"], "step": step, "act": act, "note": "",
                "at": entry["saved_at"] - timedelta(minutes=before), "by_id": person,
                "duty_id": None if act == "send" else person,  # an officer sends on as such
            }  # fmt: skip


def offices_of(people: list[DemoUser]) -> dict[tuple[str, str], int]:
    """(province, role) → the person, whose duty has the same number."""
    return {(user.province_code, user.role): user.id for user in people if user.province_code and user.role in STEPS}
