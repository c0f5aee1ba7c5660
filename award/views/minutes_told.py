"""The minutes of a scoring day in words: from what was recorded to a document in the page's language."""

from collections.abc import Iterator

from flask_babel import gettext

from award.errors import N_
from award.minutes.day import DayHeld, SlotHeld
from award.minutes.document import Document, Fact, Part, Root, Signature, Table, made_printable
from award.queries.scoring import CardLine, SeatHeld
from award.views.context import site
from award.views.language import clock_time, current_language, moment, named, words
from award.views.language import day as day_text

KINDS = {"chair": N_("Chair"), "member": N_("Member"), "secretary": N_("Member and secretary")}
PHASES = {
    "presenting": N_("Presentation"),
    "questions": N_("Questions"),
    "scoring": N_("Scoring"),
    "discussion": N_("Discussion"),
    "done": N_("End of the slot"),
}
INTERESTS = {
    "none": N_("no interest in the province"),
    "former_post": N_("held a post in the province: recused"),
    "relative": N_("related to somebody concerned: recused"),
    "other": N_("another interest: recused"),
}
STATES = {"planned": N_("not opened yet"), "open": N_("open for marking"), "closed": N_("closed for marking")}
EXCUSED = {"recused": N_("recused"), "absent": N_("absent")}
LATER = N_("shown once every slot of the day is closed")
REASON_LATER = N_("the reason is shown once every slot of the day is closed")
NOT_RECORDED = N_("not recorded")


def tell_day(held: DayHeld, *, invented: bool) -> Document:
    """The minutes of a day in the language that is spoken now; what was not recorded is said to be so."""
    day = held.day
    document = Document(
        language=current_language(),
        title=gettext("Minutes of the panel that monitors and evaluates the selection"),
        subtitle=gettext("Panel of zone %(number)s, %(name)s", number=day.zone_number, name=named(day, "zone")),
        marks=tuple(_marks(held, invented=invented)),
        facts=(
            Fact(gettext("Province heard"), named(day)),
            Fact(gettext("Date"), day_text(day.day)),
            Fact(gettext("Channel"), day.channel or gettext(NOT_RECORDED)),
            *_handed_over(held),
        ),
        tables=(_panel(held), _declarations(held)),
        parts=tuple(_part(held, slot) for slot in held.slots),
        closing=tuple(_closing(held)),
        sign=gettext("Signed"),
        signatures=() if held.is_draft else tuple(Signature(seat_kind(seat), _position(seat)) for seat in day.seats),
    )
    return made_printable(document)


def seat_kind(seat: SeatHeld) -> str:
    """Chair, member, or member and secretary."""
    return gettext(KINDS[seat.kind])


def _position(seat: SeatHeld) -> str:
    return gettext("%(position)s (acting)", position=named(seat, "title")) if seat.acting else named(seat, "title")


def _whose(seat: SeatHeld) -> str:
    return f"{seat_kind(seat)} – {_position(seat)}"


def _marks(held: DayHeld, *, invented: bool) -> Iterator[str]:
    if invented:
        yield gettext("Invented data of a demo round")
    if held.is_draft:
        yield gettext("Draft: not every slot of the day is closed. It tells nothing of marks.")
    if held.day.rehearsed_from is not None:
        yield gettext("A rehearsal is going on; nothing of it counts.")
    if held.is_extract:
        yield gettext("An extract: marks of an entry that its reader stepped back from are left out.")


def _closing(held: DayHeld) -> Iterator[str]:
    yield gettext("Proposed rules: points, levels and tie-breaks are a draft and not the department's form.")
    if held.is_draft:
        return
    yield gettext(
        "These are the marks as the closed slots have them. Points combined for the panel, ranks and ties are "
        "calculated over all provinces and stand in the ranking."
    )


def _handed_over(held: DayHeld) -> Iterator[Fact]:
    for each in held.handed:
        told = gettext(
            "%(at)s %(seat)s: from %(before)s to %(after)s",
            at=moment(each.at), seat=seat_kind(each.after), before=_position(each.before), after=_position(each.after),
        )  # fmt: skip
        yield Fact(gettext("Seat handed over"), told)


def _panel(held: DayHeld) -> Table:
    return Table(
        gettext("The panel"), (gettext("Seat"), gettext("Position")),
        tuple((seat_kind(seat), _position(seat)) for seat in held.day.seats), (1, 3),
    )  # fmt: skip


def _declarations(held: DayHeld) -> Table:
    said = {each.seat_id: each for each in held.declared}
    rows = []
    for seat in held.day.seats:
        each = said.get(seat.id)
        told = gettext(NOT_RECORDED) if each is None else f"{gettext(INTERESTS[each.kind])} ({moment(each.at)})"
        if each is not None and each.proposed:
            told += " · " + gettext("the program had pointed at: %(duty)s", duty=each.proposed)
        rows.append((seat_kind(seat), told))
    return Table(
        gettext("Declarations of interest"), (gettext("Seat"), gettext("Declared")), tuple(rows), (1, 3)
    )  # fmt: skip


def _part(held: DayHeld, slot: SlotHeld) -> Part:
    line = slot.line
    results = (_totals(held, slot),) if slot.comparison.entries else ()
    return Part(
        f"{clock_time(line.starts_at)} {named(line)}",
        tuple(_before(slot)), (_attendance(held, slot), *results), tuple(_after(held, slot)), _root(slot),
    )  # fmt: skip


def _before(slot: SlotHeld) -> Iterator[Fact]:
    line = slot.line
    yield Fact(gettext("State"), gettext(STATES[line.state]))
    yield Fact(gettext("Planned time"), moment(line.starts_at))
    for each in slot.moves:
        yield Fact(
            gettext("Moved"),
            gettext(
                "from %(was)s to %(now)s, on %(at)s: %(reason)s",
                was=moment(each.was_at), now=moment(each.starts_at), at=moment(each.at), reason=each.reason,
            ),
        )  # fmt: skip
    yield Fact(gettext("Place"), line.place_th or gettext(NOT_RECORDED))
    yield Fact(gettext("Presented by"), line.presenters or gettext(NOT_RECORDED))
    yield Fact(gettext("Chaired by"), _whose(slot.chair) if slot.chair else gettext(NOT_RECORDED))
    yield Fact(gettext("Went like this"), "; ".join(_times(slot)) or gettext(NOT_RECORDED))
    basis = gettext("proposed") if slot.rules.basis == "proposed" else gettext("confirmed by the department")
    yield Fact(gettext("Rules"), f"{slot.rules.id} ({basis}), SHA-256 {slot.rules.sha256[:16]}…")


def _times(slot: SlotHeld) -> Iterator[str]:
    told = [(each.at, gettext(PHASES[each.phase])) for each in slot.phases]
    if slot.line.opened_at:
        told.append((slot.line.opened_at, gettext("opened for marking")))
    if slot.line.closed_at:
        told.append((slot.line.closed_at, gettext("closed for marking")))
    told += [(each.at, gettext("opened again")) for each in slot.opened if each.assignment_id is None]
    for at, what in sorted(told, key=lambda each: each[0]):
        yield f"{clock_time(at)} {what}"


def _attendance(held: DayHeld, slot: SlotHeld) -> Table:
    there = {each.seat_id: each for each in slot.attended}
    state = {"present": gettext("took part"), "absent": gettext("did not take part")}
    rows = []
    for seat in held.day.seats:
        each = there.get(seat.id)
        if each is None:
            told = gettext(NOT_RECORDED)
        elif each.arrived_at is not None:
            told = gettext("late, came at %(at)s", at=clock_time(each.arrived_at))
        else:
            told = state[each.state]
        if each is not None and each.allowed_reason:
            why = each.allowed_reason if slot.is_final else gettext(LATER)
            told += " · " + gettext("may send all the same: %(reason)s", reason=why)
        excused = [
            f"{card.code}: {gettext(EXCUSED[card.excused])}{_why(slot, card.excused_reason)}"
            for card in slot.line.cards_of(seat.id)
            if card.excused
        ]
        rows.append((seat_kind(seat), told, "; ".join(excused) or "–"))
    return Table(
        gettext("Attendance"), (gettext("Seat"), gettext("In this slot"), gettext("Recused or absent for entries")),
        tuple(rows), (3, 4, 5),
    )  # fmt: skip


def _why(slot: SlotHeld, reason: str) -> str:
    """Free text may tell of marks: it is kept back until the day is over."""
    if not reason:
        return ""
    return f" ({reason})" if slot.is_final else f" ({gettext(REASON_LATER)})"


def _totals(held: DayHeld, slot: SlotHeld) -> Table:
    """Each member's total per entry, as the closed slot has it."""
    seats = [seat for seat in held.day.seats if slot.line.cards_of(seat.id)]
    rows = []
    for entry in slot.comparison.entries:
        by_seat = {column.seat.id: column for column in entry.columns}
        cells = []
        for seat in seats:
            column = by_seat.get(seat.id)
            if column is None or column.total is None:
                cells.append("–")
            else:
                cells.append(gettext("%(total)s (paper)", total=column.total) if column.paper else column.total)
        rows.append((f"{entry.label} ({entry.code})", entry.full_mark, *cells, entry.spread or "–"))
    return Table(
        gettext("Totals by member"),
        (gettext("Entry"), gettext("Full marks"), *(seat_kind(seat) for seat in seats), gettext("Apart")), tuple(rows),
        (5, 2, *(4 for _ in seats), 3),
    )  # fmt: skip


def _after(held: DayHeld, slot: SlotHeld) -> Iterator[Fact]:
    line, entries = slot.line, slot.line.entries()
    yield Fact(
        gettext("Entries heard") if line.state == "closed" else gettext("Entries to be heard"),
        "; ".join(f"{entry.label} ({entry.code})" for entry in entries if entry.entry_state == "submitted") or "–",
    )
    for entry in entries:
        if entry.entry_state == "not_presented":
            yield Fact(gettext("Did not present"), f"{entry.label} ({entry.code})")
        elif entry.entry_state != "submitted":
            yield Fact(gettext("Not heard"), f"{entry.label} ({entry.code})")
    for entry in slot.comparison.withheld:
        yield Fact(gettext("Left out of this extract"), f"{entry.label} ({entry.code})")
    yield from _asked(held, slot)
    yield from _opened(held, slot)
    yield from _papers(held, slot)
    hidden = "" if slot.is_final else gettext(LATER)
    if slot.comparison.withheld:
        hidden = gettext("left out of this extract")
    notes = [f"{clock_time(each.at)} {hidden or each.text}" for each in slot.notes]
    for note in notes or [gettext(NOT_RECORDED)]:
        yield Fact(gettext("Note for the minutes"), note)


def _asked(held: DayHeld, slot: SlotHeld) -> Iterator[Fact]:
    """Members who asked the chair to open a card again, and what came of it."""
    cards, withheld = _cards(slot), {entry.entry_id for entry in slot.comparison.withheld}
    for each in slot.asked:
        card = cards[each.assignment_id]
        hidden = gettext("left out of this extract") if card.entry_id in withheld else ""
        hidden = hidden if slot.is_final else gettext(LATER)
        told = f"{moment(each.at)} {_whose(_seat(held, card.seat_id))} – {card.code}: {hidden or each.reason}"
        if each.answered_at is None:
            told += " · " + gettext("not answered")
        elif not each.answer:
            told += " · " + gettext("the chair opened it")
        else:
            told += " · " + gettext("the chair declined: %(reason)s", reason=hidden or each.answer)
        yield Fact(gettext("Asked to open again"), told)


def _opened(held: DayHeld, slot: SlotHeld) -> Iterator[Fact]:
    """Cards opened again: with the reason and the totals before and after; in a draft, that it happened."""
    if not slot.is_final:
        cards = _cards(slot)
        for each in slot.opened:
            if each.assignment_id is not None:
                seat = _seat(held, cards[each.assignment_id].seat_id)
                told = f"{moment(each.at)} {_whose(seat)} – {cards[each.assignment_id].code}"
                yield Fact(gettext("Opened again"), f"{told} ({gettext(REASON_LATER)})")
        return
    for entry in slot.comparison.entries:
        for card in entry.opened:
            changed = "; ".join(
                f"{words(each.node.label)} {each.before or '–'} → {each.after or '–'}" for each in card.changes
            )
            told = gettext(
                "%(at)s %(who)s – %(entry)s: %(reason)s · total %(before)s → %(after)s",
                at=moment(card.at), who=_whose(card.seat), entry=entry.code, reason=card.reason, before=card.before,
                after=card.after or gettext("not sent again"),
            )  # fmt: skip
            yield Fact(gettext("Opened again"), f"{told} · {changed}" if changed else told)


def _papers(held: DayHeld, slot: SlotHeld) -> Iterator[Fact]:
    cards = _cards(slot)
    for each in slot.papers:
        card = cards[each.assignment_id]
        confirmed = (
            gettext("confirmed by the member on %(at)s", at=moment(each.confirmed_at))
            if each.confirmed_at
            else gettext("not confirmed by the member yet")
        )
        why = each.reason if slot.is_final else gettext(LATER)
        yield Fact(
            gettext("Paper sheet"),
            f"{_whose(_seat(held, card.seat_id))} – {card.code}: "
            + gettext("entered on %(at)s (%(reason)s)", at=moment(each.at), reason=why) + f", {confirmed}",
        )  # fmt: skip


def _cards(slot: SlotHeld) -> dict[int, CardLine]:
    return {card.id: card for card in slot.line.cards}


def _seat(held: DayHeld, seat_id: int) -> SeatHeld:
    return next(seat for seat in held.day.seats if seat.id == seat_id)


def _root(slot: SlotHeld) -> Root | None:
    kept = slot.root
    if kept is None:
        return None
    return Root(
        gettext("Root of the record of the award: %(log)s", log=kept.log), gettext("%(count)s lines", count=kept.size),
        " ".join(kept.groups), moment(kept.at), f"{site().settings.origin}/{kept.log}\n{kept.size}\n{kept.root}",
    )  # fmt: skip
