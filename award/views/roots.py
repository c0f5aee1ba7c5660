"""Writing down an award's root after what must not be taken back, and showing it so that people can compare it."""

import logging
from dataclasses import dataclass

import segno
from markupsafe import Markup

from award.actions.checkpoints import NO_PANEL, NotAnchored, Witness, read_witness, take_checkpoint
from award.db.anchors import compare_log, read_anchors
from award.queries.checkpoints import KeptRoot, find_grown_site_log, list_told
from award.views.context import current_actor, reading, site

_log = logging.getLogger("award.anchors")


@dataclass(frozen=True, slots=True)
class ShownRoot:
    """A root with its QR code: origin and log, size and root, as text."""

    kept: KeptRoot
    code: Markup


def witness() -> Witness:
    """What signs and keeps roots on this site."""
    settings = site().settings
    return read_witness(origin=settings.origin, anchors=settings.anchors, log_key=settings.log_key)


def anchor_log(log: str, *, panel_id: int | None = None) -> None:
    """Takes a checkpoint of a log after an act that was already acknowledged, and mails it to the panel (of a zone's
    slot) or to the organizers, and to the auditors always; then of the site's log, for the auditors.

    What cannot be anchored never undoes the act. A file that cannot be written is told in the program's log, and the
    next checkpoint says all that this one would have said; a log that is not what was anchored before is told there
    too, and on the result's way to the public until it agrees again.
    """
    _anchor(log, told=list_told(reading(), today=site().clock.today(), panel_id=panel_id))
    site_log = find_grown_site_log(reading())
    if site_log is not None:
        _anchor(site_log, told=list_told(reading(), today=site().clock.today(), panel_id=NO_PANEL))


def _anchor(log: str, *, told: list[int]) -> None:
    try:
        take_checkpoint(site().database, site().clock, witness(), actor=current_actor(), log=log, told=told)
    except NotAnchored:  # logged as an error where it was found
        return
    except OSError as error:
        _log.error("the root of %s was not anchored: %s", log, error.strerror)


def agrees(log: str) -> bool:
    """Whether a log is what every anchor of it says."""
    try:
        anchors = read_anchors(site().settings.anchors)
    except (ValueError, OSError) as error:
        _log.error("%s cannot be compared with its anchors: %s", log, error)
        return False
    with site().database.reading(consistent=True) as db:
        return not compare_log(db, log, anchors)[2]


def show_root(kept: KeptRoot | None) -> ShownRoot | None:
    """A kept root to put on a page."""
    if kept is None:
        return None
    text = f"{site().settings.origin}/{kept.log}\n{kept.size}\n{kept.root}"
    picture = segno.make(text, error="m").svg_inline(scale=3, border=2, light="#fff", dark="#000", svgclass="qr")
    return ShownRoot(kept, Markup(picture))  # noqa: S704 (made here from digits and the site's own name)
