"""The only bridge between rows and the engine: answers and marks become facts, rules become what forms show."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from award.errors import N_, Invalid
from award.queries.cards import get_rules_text
from award.queries.cycles import AwardCycle
from award.queries.ranking import Run, find_official_run_before, get_facts_text, get_result_text
from award.queries.ranking_facts import list_card_rows, list_entry_rows, list_mark_rows, list_resolutions
from scoring_rules.cards import NOTE, Gap, Typed, find_gaps, marked_leaves, read_changes
from scoring_rules.earlier import read_earlier
from scoring_rules.engine import EarlierResults, evaluate
from scoring_rules.exact import NotANumber, Number, parse_number, plain, shown, simplest
from scoring_rules.facts import Card, CardState, Entry, Facts, Resolution
from scoring_rules.marks import Sheet, mark_places, running_total
from scoring_rules.reader import read_rules
from scoring_rules.results import Evaluation
from scoring_rules.rules import Category, IndicatorSource, RuleSet


@lru_cache(maxsize=64)
def rules_of(rules_text: str) -> RuleSet:
    """The adopted rule set, read once per text."""
    return read_rules(rules_text, file="adopted rules")


def numbers_in(category: Category, answers: Mapping[str, Any]) -> dict[str, Number]:
    """The number fields of an entry's answers, exact; what is blank or not a number is missing, never zero."""
    found: dict[str, Number] = {}
    for field in category.fields:
        typed = answers.get(field.code)
        if not isinstance(typed, str) or not typed.strip():
            continue
        if field.type == "yes_no":
            if typed in ("yes", "no"):
                found[field.code] = 1 if typed == "yes" else 0
        elif field.type in ("integer", "decimal"):
            try:
                found[field.code] = parse_number(typed)
            except NotANumber:
                continue  # a draft may hold text that is not a number yet; submitting refuses it
    return found


ENTRY_STATES = {"submitted": "presented", "not_presented": "not_presented", "withdrawn": "withdrawn"}


def collect_facts(db: Session, *, award_cycle: AwardCycle, stage: str) -> Facts:
    """What is known for a ranking of one award at one stage, in four statements whatever its size.

    Every entry that was sent is there. Cards and marks are those of closed slots only, so that nothing leaks from a
    slot that is still being marked; a closed slot's card counts when it was sent, or when its member was excused.
    """
    rules = rules_of(award_cycle.rules_text)
    categories = {category.code: category for category in rules.categories}
    entries = tuple(
        Entry(
            code=row.code,
            category=row.category,
            label=row.label,
            state=ENTRY_STATES[row.state],  # type: ignore[arg-type]
            attributes={"zone": str(row.zone_number), "province": row.name_th, "region": row.region_th},
            fields=numbers_in(categories[row.category], json.loads(row.answers)),
        )
        for row in list_entry_rows(db, adoption_id=award_cycle.adoption_id)
    )
    return Facts(
        entries=entries,
        cards=_closed_cards(db, adoption_id=award_cycle.adoption_id, stage=stage),
        resolutions=_latest_resolutions(db, adoption_id=award_cycle.adoption_id, stage=stage),
    )


def aliased(facts: Facts, alias: Callable[[str], str]) -> Facts:
    """The same facts as the public may see them: members under their aliases, without the reasons of the excused."""
    return replace(
        facts,
        cards={
            entry: tuple(replace(card, member=alias(card.member), reason="") for card in cards)
            for entry, cards in facts.cards.items()
        },
    )


def _closed_cards(db: Session, *, adoption_id: int, stage: str) -> dict[str, tuple[Card, ...]]:
    marks: dict[int, dict[str, Number]] = defaultdict(dict)
    for assignment, criterion, value in list_mark_rows(db, adoption_id=adoption_id, stage=stage):
        if value is None:
            marks[assignment].pop(criterion, None)  # taken back: blank, never zero
        else:
            marks[assignment][criterion] = _mark(value)
    cards: dict[str, list[Card]] = defaultdict(list)
    for assignment, entry, seat, state, excused, reason in list_card_rows(db, adoption_id=adoption_id, stage=stage):
        if excused:
            standing: CardState = excused
            cards[entry].append(Card(member=seat, state=standing, reason=reason))
        elif state == "sent":
            cards[entry].append(Card(member=seat, marks=marks[assignment]))
    return {entry: tuple(given) for entry, given in cards.items()}


@lru_cache(maxsize=4096)
def _mark(ten_thousandths: int) -> Number:
    return simplest(Fraction(ten_thousandths, 10_000))


def _latest_resolutions(db: Session, *, adoption_id: int, stage: str) -> tuple[Resolution, ...]:
    latest = {
        (row.category, row.group): Resolution(row.category, stage, row.group, tuple(row.order.split("|")), row.reason)
        for row in list_resolutions(db, adoption_id=adoption_id, stage=stage)
    }
    return tuple(latest.values())


def earlier_stage(rules: RuleSet, stage: str) -> str | None:
    """The stage before `stage`, whose official result decides who comes here; None for the first."""
    codes = [each.code for each in rules.stages]
    place = codes.index(stage)
    return codes[place - 1] if place else None


def evaluate_stage(rules: RuleSet, facts: Facts, *, stage: str, earlier_result: str | None = None) -> Evaluation:
    """Rankings of one stage. `earlier_result` is the stored official result of the stage before, where there is one.

    The same rules, facts and earlier result give the same bytes. Raises FactsRefused with every problem.
    """
    return evaluate(rules, facts, stage=stage, earlier=_earlier(rules, earlier_result))


def _earlier(rules: RuleSet, result: str | None) -> EarlierResults | None:
    return None if result is None else read_earlier(result, name="earlier stage", rules=rules)


def sha256_of(text: str) -> str:
    """Fingerprint of a stored text."""
    return hashlib.sha256(text.encode()).hexdigest()


_adopted: dict[str, RuleSet] = {}


def adopted_rules(db: Session, *, adoption_id: int, sha256: str) -> RuleSet:
    """The rules that an adoption pins; their text leaves the database the first time only.

    Raises ValueError where the stored text is not the one that was pinned.
    """
    found = _adopted.get(sha256)
    if found is None:
        found = rules_of(get_rules_text(db, adoption_id))
        if found.sha256 != sha256:
            raise ValueError(f"the rules of adoption {adoption_id} are not those that were adopted")
        _adopted[sha256] = found
    return found


def exact_marks(marks: Mapping[str, Decimal]) -> dict[str, Number]:
    """Stored marks as the engine's exact numbers."""
    return {place: simplest(Fraction(value)) for place, value in marks.items()}


def as_stored(mark: Number | None) -> Decimal | None:
    """A mark read by the engine as the tables keep it."""
    return None if mark is None else Decimal(mark.numerator) / Decimal(mark.denominator)


def names_of_card(category: Category) -> set[str]:
    """Every name that a change on a card may have: its places, and a note for each leaf that is marked."""
    return {*mark_places(category), *(NOTE + leaf.path for leaf in marked_leaves(category))}


def read_typed(category: Category, changes: Mapping[str, str]) -> Typed:
    """What a member typed on a card, by name; `problems` says what each refused name expects."""
    return read_changes(category, changes)


def card_total(category: Category, marks: Mapping[str, Decimal], answers: str) -> Number:
    """A member's own total so far, exact: what is marked, and the points that come from indicators."""
    card, fields = Card(member="", marks=exact_marks(marks)), numbers_in(category, json.loads(answers))
    return running_total(category, card, fields)[0]


def needs_answers(category: Category) -> bool:
    """Whether a member's own total also holds points from indicators."""
    return any(isinstance(leaf.source, IndicatorSource) for leaf in category.leaves)


def card_gaps(
    category: Category, *, marks: Mapping[str, Decimal], notes: Mapping[str, str], answers: str
) -> tuple[Gap, ...]:
    """What keeps a card from being sent; empty when it is whole."""
    return find_gaps(category, marks=exact_marks(marks), notes=notes, fields=numbers_in(category, json.loads(answers)))


def blank_places(category: Category, marks: Mapping[str, Decimal]) -> tuple[str, ...]:
    """The places of a card that hold no mark, in the order of the card."""
    return tuple(place for place in mark_places(category) if place not in marks)


def count_places(category: Category) -> int:
    """How many places a whole card has."""
    return len(mark_places(category))


def mark_text(mark: Decimal) -> str:
    """A stored mark as people type it: `4`, `6.25`."""
    return plain(simplest(Fraction(mark)))


def shown_total(category: Category, total: Number) -> str:
    """A total with the decimals that the rules show."""
    return shown(total, category.rounding.places)


def leaf_points(category: Category, marks: Mapping[str, Decimal]) -> dict[str, Number]:
    """Points of each leaf from one member's marks, by path; leaves that are still blank are not there."""
    return Sheet(category).leaf_points(exact_marks(marks))


@dataclass(frozen=True, slots=True)
class Recalculation:
    """A run calculated again from what it froze. `same`: every byte of the result is as it was stored."""

    rules: RuleSet
    facts: Facts
    evaluation: Evaluation
    same: bool
    earlier: EarlierResults | None = None  # what the stage before left, where there is one


def public_edition(run: Run, again: Recalculation, alias: Callable[[str], str]) -> tuple[Facts, Evaluation]:
    """A run's facts and result as the public may see them: members under their aliases."""
    facts = aliased(again.facts, alias)
    return facts, evaluate(again.rules, facts, stage=run.stage, earlier=again.earlier)


def recalculate(db: Session, *, run: Run, award_cycle: AwardCycle) -> Recalculation:
    """Evaluates a run's frozen facts by its rules once more, with the explanation that the stored result leaves out.

    Raises Invalid where the facts are not those that were sealed, or where other rules have been adopted since.
    """
    rules = rules_of(award_cycle.rules_text)
    facts_text = get_facts_text(db, run.id)
    if sha256_of(facts_text) != run.facts_sha256:
        raise Invalid(
            N_("The stored facts of run %(run)s are not those it was calculated from: they were altered."), run=run.id
        )
    if rules.sha256 != run.rules_sha256:
        raise Invalid(
            N_("Other rules have been adopted since run %(run)s: it cannot be explained by them."), run=run.id
        )
    facts = Facts.from_json(facts_text)
    earlier_result = None
    before = earlier_stage(rules, run.stage)
    if before is not None:
        earlier = find_official_run_before(db, adoption_id=run.adoption_id, stage=before, before=run.id)
        earlier_result = get_result_text(db, earlier) if earlier else None
    evaluation = evaluate_stage(rules, facts, stage=run.stage, earlier_result=earlier_result)
    same = sha256_of(evaluation.to_json()) == run.result_sha256
    return Recalculation(rules, facts, evaluation, same, _earlier(rules, earlier_result))
