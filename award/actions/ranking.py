"""Calculating a run, and recording the committee's written decision on a tie."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from award.actions.unit import unit
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Receipt
from award.db.ranking import RankingRun, Resolution
from award.errors import N_, Forbidden, Incomplete, Invalid, NotFound, Stale
from award.evaluation import aliased, collect_facts, earlier_stage, evaluate_stage, rules_of, sha256_of
from award.policy import Actor, is_organizer
from award.queries.cycles import AwardCycle, find_award_cycle
from award.queries.ranking import Run, find_official_run_before, find_run, get_result_text
from award.queries.ranking_facts import OpenSlot, WaitingEntry, list_open_slots, list_resolutions, list_waiting_entries
from award.queries.run_results import Line, get_run_result
from scoring_rules.problems import FactsRefused
from scoring_rules.results import Evaluation
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words

KINDS = ("provisional", "official")
MOST_LETTERS = 4000


@dataclass(frozen=True, slots=True)
class Tie:
    """Entries that share a place until the committee decides."""

    category: str
    group: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unranked:
    """An entry that has no rank although its slot is closed, with why."""

    entry: str
    label: str
    reasons: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Blockers:
    """What keeps a stage from an official run. Drafts never sent (`not_sent`) are told, and keep nothing."""

    open_slots: tuple[OpenSlot, ...] = ()
    waiting: tuple[WaitingEntry, ...] = ()
    not_sent: tuple[WaitingEntry, ...] = ()
    ties: tuple[Tie, ...] = ()
    incomplete: tuple[Unranked, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.open_slots or self.waiting or self.ties or self.incomplete)


def calculate_run(
    database: Database, clock: Clock, *, actor: Actor, adoption_id: int, stage: str, kind: str, key: str | None = None
) -> Receipt:
    """Freezes a calculation: rules, facts, engine, result, each with its hash. The receipt's body names the run.

    A provisional run takes what is closed; an official one is refused while a slot is not closed, a card is not sent,
    an entry lacks its quorum or a tie waits. All is read inside the transaction, so that nothing changes meanwhile.
    Raises Forbidden, NotFound, Invalid (`details["problems"]`) or Incomplete (`details["blockers"]`).
    """
    if not is_organizer(actor):
        raise Forbidden
    if kind not in KINDS:
        raise Invalid(N_("Choose a provisional or an official calculation."))
    with unit(database, clock, actor=actor, key=key, about=("calculate_run", adoption_id, stage, kind)) as u:
        if u.repeated:
            return u.repeated
        award_cycle, rules = _award(u.db, adoption_id, stage)
        earlier, earlier_result = _earlier_result(u.db, rules, adoption_id=adoption_id, stage=stage)
        facts = collect_facts(u.db, award_cycle=award_cycle, stage=stage)
        try:
            evaluation = evaluate_stage(rules, facts, stage=stage, earlier_result=earlier_result)
        except FactsRefused as refused:
            details = {"problems": refused.problems}
            raise Invalid(N_("What was sent in does not fit the rules."), details=details) from refused
        if kind == "official":
            blockers = find_blockers(u.db, adoption_id=adoption_id, stage=stage, evaluation=evaluation)
            if blockers:
                raise Incomplete(N_("An official run is not possible yet."), details={"blockers": blockers})
        result, log = evaluation.to_json(), u.log_of(adoption_id)
        public = evaluate_stage(rules, aliased(facts, log.member), stage=stage, earlier_result=earlier_result)
        about = {"stage": stage, "kind": kind, "engine": evaluation.engine, "rules_sha256": rules.sha256}
        hashes = {"facts_sha256": evaluation.facts_sha256, "result_sha256": sha256_of(result)}
        run = RankingRun(
            adoption_id=adoption_id, rule_set=rules.id, facts=facts.to_json(), result=result,
            made_at=u.now, made_by_id=actor.user_id, **about, **hashes,
        )  # fmt: skip
        u.db.add(run)
        u.db.flush()
        body = {
            "run": run.id, "earlier": earlier, **about,
            "public": {"facts_sha256": public.facts_sha256, "result_sha256": sha256_of(public.to_json())},
            "sealed": {
                "facts": log.sealed("facts", evaluation.facts_sha256), "result": log.sealed("result", sha256_of(result))
            },
        }  # fmt: skip
        receipt = u.record("calculate_run", body, log=log)
        run.seq = receipt.seq
        return receipt


def find_blockers(db: Session, *, adoption_id: int, stage: str, evaluation: Evaluation) -> Blockers:
    """What keeps the stage that was evaluated from an official run."""
    listed = {standing.entry for ranking in evaluation.rankings for standing in ranking.standings}
    open_slots = list_open_slots(db, adoption_id=adoption_id, stage=stage)
    waiting = [
        entry
        for entry in list_waiting_entries(db, adoption_id=adoption_id, stage=stage)
        if entry.why == "not_sent" or entry.code in listed
    ]
    named = {entry.code for entry in waiting}
    ties: list[Tie] = []
    incomplete: list[Unranked] = []
    for ranking in evaluation.rankings:
        tied = tuple(each.entry for each in ranking.standings if each.status == "tied_unresolved")
        if tied:
            ties.append(Tie(ranking.category, ranking.group, tied))
        if not open_slots:  # else they wait for their slot, which is said already
            incomplete += [
                Unranked(each.entry, each.label, each.reasons)
                for each in ranking.standings
                if each.status == "incomplete" and each.entry not in named
            ]
    return Blockers(
        open_slots=tuple(open_slots),
        waiting=tuple(entry for entry in waiting if entry.why != "not_sent"),
        not_sent=tuple(entry for entry in waiting if entry.why == "not_sent"),
        ties=tuple(ties),
        incomplete=tuple(incomplete),
    )


def record_resolution(
    database: Database,
    clock: Clock,
    *,
    actor: Actor,
    run_id: int,
    category: str,
    group: str,
    order: Sequence[str],
    reason: str,
    key: str | None = None,
) -> Receipt:
    """Records the committee's written decision on the ties of a category and group, entries best first.

    The ties are those of `run_id`, which must be the newest run of its award and stage; `order` names each tied entry
    once and keeps the blocks of equal rank in their order. An earlier decision for other entries of the group stays in
    force. A new run takes it up. Raises Forbidden, NotFound, Invalid, Stale.
    """
    if not is_organizer(actor):
        raise Forbidden
    reason = reason.strip()
    if not reason:
        raise Invalid(N_("Write the committee's reason."))
    if len(reason) > MOST_LETTERS:
        raise Invalid(N_("The reason may have at most %(most)s letters."), most=MOST_LETTERS)
    asked = ("record_resolution", run_id, category, group, tuple(order), reason)
    with unit(database, clock, actor=actor, key=key, about=asked) as u:
        if u.repeated:
            return u.repeated
        run = find_run(u.db, run_id)
        if run is None:
            raise NotFound
        if not run.is_newest:
            raise Stale(N_("A newer run exists. Look at its ties before you record the decision."))
        ranking = get_run_result(u.db, run).find(category=category, group=group)
        _check_order(order, ranking.unresolved if ranking else ())
        whole = [*order, *_still_in_force(u.db, run, category=category, group=group, order=order)]
        about = {"stage": run.stage, "category": category, "group": group, "reason": reason}
        decided = Resolution(
            adoption_id=run.adoption_id, order="|".join(whole), at=u.now, by_id=actor.user_id, **about
        )  # fmt: skip
        u.db.add(decided)
        u.db.flush()
        body = {"resolution": decided.id, "run": run_id, "order": whole, **about}
        return u.record("record_resolution", body, log=u.log_of(run.adoption_id))


def _check_order(order: Sequence[str], tied: Sequence[Line]) -> None:
    """Raises Invalid unless each tied entry is named once and those of a better rank stay before the others."""
    if sorted(order) != sorted(line.entry for line in tied) or not tied:
        raise Invalid(N_("Give each of the tied entries its own place, without leaving one out."))
    ranks = {line.entry: line.rank or 0 for line in tied}
    if [ranks[code] for code in order] != sorted(ranks.values()):
        raise Invalid(N_("The decision may only put entries of the same rank in order."))


def _still_in_force(db: Session, run: Run, *, category: str, group: str, order: Sequence[str]) -> list[str]:
    """Entries of the last decision for this category and group that the new one does not name."""
    earlier = [
        each.order
        for each in list_resolutions(db, adoption_id=run.adoption_id, stage=run.stage)
        if (each.category, each.group) == (category, group)
    ]
    return [code for code in earlier[-1].split("|") if code not in order] if earlier else []


def _award(db: Session, adoption_id: int, stage: str) -> tuple[AwardCycle, RuleSet]:
    award_cycle = find_award_cycle(db, adoption_id)
    if award_cycle is None:
        raise NotFound
    rules = rules_of(award_cycle.rules_text)
    if stage not in {each.code for each in rules.stages}:
        raise NotFound
    return award_cycle, rules


def _earlier_result(
    db: Session, rules: RuleSet, *, adoption_id: int, stage: str
) -> tuple[dict[str, Any] | None, str | None]:
    """The official run of the stage before, which decides who comes to this one: which it is, and its result."""
    before = earlier_stage(rules, stage)
    if before is None:
        return None, None
    run_id = find_official_run_before(db, adoption_id=adoption_id, stage=before)
    if run_id is None:
        raise Incomplete(N_("Calculate the official run of the stage before first: it decides who comes to this one."))
    return {"stage": before, "run": run_id}, get_result_text(db, run_id)
