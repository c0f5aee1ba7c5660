"""From an official run to the public: one organizer certifies it, another publishes it; withdrawn with a reason."""

import json

from sqlalchemy import insert, update

from award.actions.unit import Unit, unit
from award.answers.plain import clean_text
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Private, Receipt
from award.db.ranking import Publication
from award.errors import N_, Forbidden, Invalid, Locked, NotFound, Stale
from award.evaluation import collect_facts, earlier_stage, rules_of, sha256_of
from award.policy import Actor, is_organizer, may_publish
from award.queries.cycles import find_award_cycle
from award.queries.publications import Published, find_publication, get_run_line, is_any_slot_open, list_begun_stages
from award.queries.ranking import Run, find_official_run_before, find_run, get_result_text

LEAST_REASON, MOST_REASON = 10, 2000


def certify_run(database: Database, clock: Clock, *, actor: Actor, run_id: int, key: str) -> Receipt:
    """An organizer vouches for the newest official run of an award and stage.

    Raises Forbidden, NotFound, Locked (not official, certified already, a slot is open, nobody was ranked) and Stale (a
    newer run exists, or the record is no longer what the run was calculated from).
    """
    with unit(database, clock, actor=actor, key=key, about=("certify_run", run_id)) as u:
        if u.repeated:
            return u.repeated
        run = _official(u, run_id)
        if find_publication(u.db, run_id) is not None:
            raise Locked(N_("This result is certified already. Reload the page to see how it stands."))
        u.db.execute(
            insert(Publication).values(run_id=run.id, certified_at=u.now, certified_by_id=u.actor.user_id)
        )
        return u.record("certify_run", _named(u, run), log=u.log_of(run.adoption_id))


def publish_run(database: Database, clock: Clock, *, actor: Actor, run_id: int, key: str) -> Receipt:
    """A second organizer shows a certified run to everybody.

    From then on everybody may have the award's log up to this act, so no slot may be open and no later stage begun.
    Raises Forbidden, NotFound, Locked (that; not certified, published already, withdrawn, or the same person certified
    it) and Stale (as `certify_run`).
    """
    with unit(database, clock, actor=actor, key=key, about=("publish_run", run_id)) as u:
        if u.repeated:
            return u.repeated
        run = _official(u, run_id)
        found = _certified(u, run)
        if found.published_at is not None:
            raise Locked(N_("This result was published already. Reload the page to see how it stands."))
        if not may_publish(u.actor, certified_by_id=found.certified_by_id):
            raise Locked(N_("You certified this result, so another organizer has to publish it."))
        _refuse_later_stage(u, run)
        receipt = u.record("publish_run", _named(u, run), log=u.log_of(run.adoption_id))
        u.db.execute(
            update(Publication)
            .where(Publication.run_id == run.id)
            .values(published_at=u.now, published_by_id=u.actor.user_id, seq=receipt.seq)
        )
        return receipt


def withdraw_publication(
    database: Database, clock: Clock, *, actor: Actor, run_id: int, reason: str, key: str
) -> Receipt:
    """Takes a published result back from the public, with the reason that is kept and shown to whoever asks.

    Raises Forbidden, NotFound, Locked (not public) and Invalid (reason).
    """
    why, _ = clean_text(reason, lines=True)
    if not is_organizer(actor):
        raise Forbidden
    with unit(database, clock, actor=actor, key=key, about=("withdraw_publication", run_id, why)) as u:
        if u.repeated:
            return u.repeated
        run = find_run(u.db, run_id)
        if run is None:
            raise NotFound
        if not _certified(u, run).is_public:
            raise Locked(N_("This result is not public. Reload the page to see how it stands."))
        if not LEAST_REASON <= len(why) <= MOST_REASON:
            raise Invalid(
                N_("Give a reason of %(least)s to %(most)s letters: it stands in the record."),
                least=LEAST_REASON, most=MOST_REASON, details={"field": "reason"},
            )  # fmt: skip
        u.db.execute(
            update(Publication)
            .where(Publication.run_id == run.id)
            .values(withdrawn_at=u.now, withdrawn_by_id=u.actor.user_id, withdrawn_reason=why)
        )
        body = {"run": run.id, "reason": Private(why)}
        return u.record("withdraw_publication", body, log=u.log_of(run.adoption_id))


def _official(u: Unit, run_id: int) -> Run:
    if not is_organizer(u.actor):
        raise Forbidden
    run = find_run(u.db, run_id)
    if run is None:
        raise NotFound
    if run.kind != "official":
        raise Locked(N_("Only an official result can be certified and published."))
    if run.seq is None:
        raise Locked(N_("This run is older than the log of its award, so nobody could check it: calculate it again."))
    if not run.is_newest:
        raise Stale(N_("A newer calculation exists. Certify and publish that one."))
    if is_any_slot_open(u.db, run.adoption_id):
        raise Locked(N_("A slot of this award is open. Close it first: its marks may change the result, or be seen."))
    if not _still_stands(u, run):
        raise Stale(N_("Marks, entries or decisions changed since this result was calculated: calculate it again."))
    if not json.loads(get_result_text(u.db, run.id))["rankings"]:
        raise Locked(N_("Nobody was ranked in this calculation, so there is no result that anybody could check."))
    return run


def _still_stands(u: Unit, run: Run) -> bool:
    """Whether the same facts are there as when the run was made, and the same run of the stage before."""
    award_cycle = find_award_cycle(u.db, run.adoption_id)
    if award_cycle is None:
        return False
    facts = collect_facts(u.db, award_cycle=award_cycle, stage=run.stage)
    before = earlier_stage(rules_of(award_cycle.rules_text), run.stage)
    earlier = find_official_run_before(u.db, adoption_id=run.adoption_id, stage=before) if before else None
    told = get_run_line(u.db, run)["earlier"]
    return sha256_of(facts.to_json()) == run.facts_sha256 and (told or {}).get("run") == earlier


def _refuse_later_stage(u: Unit, run: Run) -> None:
    award_cycle = find_award_cycle(u.db, run.adoption_id)
    codes = [stage.code for stage in rules_of(award_cycle.rules_text).stages] if award_cycle else []
    later = set(codes[codes.index(run.stage) + 1 :])
    if later & set(list_begun_stages(u.db, run.adoption_id)):
        raise Locked(N_("The next stage has begun, and its marks stand in the same record: publish both together."))


def _certified(u: Unit, run: Run) -> Published:
    found = find_publication(u.db, run.id)
    if found is None:
        raise Locked(N_("This result is not certified yet."))
    if found.withdrawn_at is not None:
        raise Locked(N_("This result was withdrawn. Calculate and certify a new one."))
    return found


def _named(u: Unit, run: Run) -> dict[str, object]:
    """The run and its result as the public may check it."""
    return {"run": run.id, "result_sha256": get_run_line(u.db, run)["public"]["result_sha256"]}
