"""Making the package of a run, so that anybody outside can check it."""

import hashlib

from award.actions.checkpoints import Witness, keep_checkpoint, still_anchored
from award.actions.unit import unit
from award.clock import Clock
from award.db.anchors import Anchor, append_anchor
from award.db.engine import Database
from award.errors import N_, Forbidden, Locked, NotFound
from award.package.build import Edition, Package, build_package
from award.policy import Actor, may_have_package
from award.queries.cycles import find_award_cycle
from award.queries.publications import is_any_slot_open
from award.queries.ranking import find_run


def make_package(
    database: Database, clock: Clock, witness: Witness, *, actor: Actor, run_id: int, edition: Edition
) -> Package:
    """The package of a run with the whole log of its award as it is now; the log then tells its SHA-256.

    It is built from one moment without holding up writers; its root is kept and anchored. Raises Forbidden, NotFound,
    Locked while members mark entries of the award, NotAnchored where the log is not what was anchored before, and
    Invalid where the run cannot be calculated again as stored.
    """
    if not may_have_package(actor, edition=edition):
        raise Forbidden
    with database.reading(consistent=True) as db:
        run = find_run(db, run_id)
        award_cycle = find_award_cycle(db, run.adoption_id) if run else None
        if run is None or award_cycle is None:
            raise NotFound
        if is_any_slot_open(db, run.adoption_id):
            raise Locked(
                N_("A slot of this award is open, and its marks are in the record: make the package when it is closed.")
            )
        size, root = still_anchored(db, witness, award_cycle.log)
        note = witness.sign(award_cycle.log, size, root)
        package = build_package(db, run_id, edition=edition, size=size, note=note)
    sha256 = hashlib.sha256(package.content).hexdigest()
    with unit(database, clock, actor=actor) as u:
        anchor = Anchor(u.now, award_cycle.log, size, root)
        keep_checkpoint(u.db, witness, anchor)
        body = {"run": run_id, "edition": edition, "sha256": sha256, "size": size, "root": root}
        u.record("make_package", body, log=u.log_of(run.adoption_id))
    append_anchor(witness.anchors, anchor)
    return package
