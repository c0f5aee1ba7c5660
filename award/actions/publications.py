"""From an official run to the public: one organizer certifies it, another publishes it; withdrawn with a reason."""

from sqlalchemy import insert, update

from award.actions.unit import Unit, unit
from award.answers.plain import clean_text
from award.clock import Clock
from award.db.engine import Database
from award.db.ledger import Private, Receipt
from award.db.ranking import Publication
from award.errors import N_, Forbidden, Invalid, Locked, NotFound, Stale
from award.policy import Actor, is_organizer, may_publish
from award.queries.publications import Published, find_publication, get_public_result_sha256
from award.queries.ranking import Run, find_run

LEAST_REASON, MOST_REASON = 10, 2000


def certify_run(database: Database, clock: Clock, *, actor: Actor, run_id: int, key: str) -> Receipt:
    """An organizer vouches for the newest official run of an award and stage.

    Raises Forbidden, NotFound, Locked (not official, certified already) and Stale (a newer run exists).
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

    Raises Forbidden, NotFound, Locked (not certified, published already, withdrawn, or the same person certified it)
    and Stale (a newer run exists: certify that one).
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
        u.db.execute(
            update(Publication)
            .where(Publication.run_id == run.id)
            .values(published_at=u.now, published_by_id=u.actor.user_id)
        )
        return u.record("publish_run", _named(u, run), log=u.log_of(run.adoption_id))


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
    return run


def _certified(u: Unit, run: Run) -> Published:
    found = find_publication(u.db, run.id)
    if found is None:
        raise Locked(N_("This result is not certified yet."))
    if found.withdrawn_at is not None:
        raise Locked(N_("This result was withdrawn. Calculate and certify a new one."))
    return found


def _named(u: Unit, run: Run) -> dict[str, object]:
    """The run and its result as the public may check it."""
    return {"run": run.id, "result_sha256": get_public_result_sha256(u.db, run)}
