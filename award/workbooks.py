"""The workbook of a run: its frozen facts and recalculated result, with what stood beside them when it was made."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy.orm import Session

from award.answers.plain import plain_date
from award.db.anchors import root_at
from award.db.ledger import Log
from award.errors import N_, Invalid, NotFound
from award.evaluation import Recalculation, public_edition, recalculate, sha256_of
from award.queries.cycles import find_award_cycle
from award.queries.entries import is_late
from award.queries.excuses import list_excuses_at
from award.queries.papers import list_papers_at
from award.queries.ranking import Run, find_run, list_seat_titles, run_code
from award.queries.ranking_material import (
    list_answers_at,
    list_decisions_at,
    list_evidence_at,
    list_notes_at,
    list_reopened_marks,
    list_reopenings_at,
)
from exports.ranking_workbook import CannotWrite, EvidenceLine, HistoryLine, Member, Provenance, ranking_workbook
from scoring_rules.indicators import label_of_field
from scoring_rules.rules import Category, RuleSet
from scoring_rules.words import Words

SEATS = {
    "chair": Words("ประธานกรรมการ", "Chair"),
    "member": Words("กรรมการ", "Member"),
    "secretary": Words("กรรมการและเลขานุการ", "Member and secretary"),
}
KINDS = {"file": Words("แฟ้ม", "File"), "link": Words("ลิงก์", "Link")}
CARD_AGAIN = Words("เปิดใบคะแนนใหม่", "Card opened again")
SLOT_AGAIN = Words("เปิดช่วงเวลาใหม่", "Slot opened again")
FROM_PAPER = Words("บันทึกจากใบคะแนนบนกระดาษ", "Entered from a signed paper sheet")
CONFIRMED, NOT_CONFIRMED = Words("กรรมการยืนยันแล้ว", "confirmed"), Words("กรรมการยังไม่ยืนยัน", "not confirmed yet")
EXCUSES = {
    "recused": Words("ถอนตัวจากการให้คะแนน", "Recused"),
    "absent": Words("ไม่เข้าประชุม", "Absent"),
    "": Words("ให้คะแนนตามเดิม", "Marks after all"),
}
DECISION = Words("มติกรณีคะแนนเท่ากัน", "Decision on a tie")


def run_workbook(
    db: Session, run_id: int, *, language: str = "th", group: str | None = None, log: Log | None = None
) -> tuple[str, bytes]:
    """(ASCII file name, .xlsx) of a run, of one group where asked. With `log`, its public edition: members under the
    aliases of the award's log, no notes, no reasons, no evidence by name.

    Raises NotFound for a run or group that is not there, Invalid where the run cannot be calculated again as stored (a
    workbook never shows other numbers than the run) and where a text fits into no cell.
    """
    run = find_run(db, run_id)
    award_cycle = find_award_cycle(db, run.adoption_id) if run else None
    if run is None or award_cycle is None:
        raise NotFound
    again = recalculate(db, run=run, award_cycle=award_cycle)
    if not again.same:
        raise Invalid(
            N_("Run %(run)s gives another result when it is calculated again: no workbook is made."), run=run_id
        )
    if not any(group in (None, ranking.group) for ranking in again.evaluation.rankings):
        raise NotFound
    # Only of an official run, whose slots are all closed: a root stands for marks of open slots too.
    told = run.seq is not None and run.kind == "official"
    size, root = root_at(db, award_cycle.log, most=run.seq) if told else (None, None)
    facts, evaluation = (again.facts, again.evaluation) if log is None else public_edition(run, again, log.member)
    decisions = list(_decisions(db, run, again.rules))
    try:
        content = ranking_workbook(
            rules=again.rules,
            facts=facts,
            evaluation=evaluation,
            stage=run.stage,
            provenance=Provenance(
                run=run.code if log is None else run_code(run.id, sha256_of(evaluation.to_json())),
                kind=run.kind,
                made_at=run.made_at,
                made_by=Words(run.by_th, run.by_en),
                invented=award_cycle.invented,
                ledger_size=size,
                ledger_root=root,
            ),
            members={} if log else _members(db, run, cycle_id=award_cycle.cycle_id),
            evidence=[] if log else list(_evidence(db, run, again.rules)),
            history=sorted([*([] if log else _inside(db, run, again)), *decisions], key=lambda line: line.at),
            notes={} if log else _notes(db, run, again),
            dates=_dates(db, run, again.rules),
            language=language,
            group=group,
        )
    except CannotWrite as reason:
        raise Invalid(
            N_("This does not fit into an Excel workbook, so none is made: %(what)s. Shorten it and calculate again."),
            id="cell_too_long", what=reason,
        ) from None  # fmt: skip
    parts = [again.rules.id.replace("/", "-"), run.stage, *([group] if group else []), run.kind, f"run{run.id}"]
    name = "-".join(part if part.isascii() else "group" for part in parts)
    return f"{name}.xlsx", content


def _members(db: Session, run: Run, *, cycle_id: int) -> dict[str, Member]:
    return {
        seat.code: Member(
            code=seat.code, name=Words(seat.title_th, seat.title_en), seat=SEATS[seat.kind], short=seat.code
        )
        for seat in list_seat_titles(db, cycle_id=cycle_id, stage=run.stage)
    }


def _evidence(db: Session, run: Run, rules: RuleSet) -> Iterator[EvidenceLine]:
    for row in list_evidence_at(db, adoption_id=run.adoption_id, at=run.made_at):
        yield EvidenceLine(
            entry=row.entry,
            field=label_of_field(rules.category(row.category), row.field),
            name=row.url if row.kind == "link" and row.url else row.title,
            kind=KINDS[row.kind],
            size=row.size,
            received_at=row.added_at,
            late=is_late(row.submitted_at, row.first_submitted_at, row.deadline_at),  # the entry it belongs to
            sha256=row.sha256 or "",
        )


def _counted(again: Recalculation) -> set[tuple[str, str]]:
    """(entry, seat) of every card that the run counts: only these may be shown."""
    return {(entry, card.member) for entry, cards in again.facts.cards.items() for card in cards}


def _notes(db: Session, run: Run, again: Recalculation) -> dict[tuple[str, str, str], str]:
    counted = _counted(again)
    notes: dict[tuple[str, str, str], str] = {}
    for row in list_notes_at(db, adoption_id=run.adoption_id, stage=run.stage, at=run.made_at):
        if (row.entry, row.seat) in counted:
            notes[row.entry, row.seat, row.criterion] = row.note
    return {place: note for place, note in notes.items() if note}


def _dates(db: Session, run: Run, rules: RuleSet) -> dict[tuple[str, str], date]:
    fields = {
        category.code: [field.code for field in category.fields if field.type == "date"]
        for category in rules.categories
    }
    dates = {}
    for row in list_answers_at(db, adoption_id=run.adoption_id, at=run.made_at):
        answers = json.loads(row.answers)
        for code in fields[row.category]:
            typed = answers.get(code)
            found = plain_date(typed) if isinstance(typed, str) else None
            if found is not None:
                dates[row.entry, code] = found
    return dates


def _inside(db: Session, run: Run, again: Recalculation) -> Iterator[HistoryLine]:
    """What a public edition does not hold: who opened what again, who was excused, and which cards came from paper."""
    yield from _reopenings(db, run, again)
    counted = _counted(again)
    for each in list_excuses_at(db, adoption_id=run.adoption_id, stage=run.stage, at=run.made_at):
        if (each.entry, each.seat) in counted:
            what = EXCUSES[each.kind]
            yield HistoryLine(
                at=each.at, who=Words(each.title_th, each.title_en), entry=each.entry, reason=each.reason or "",
                what=Words(f"{what.th} {each.seat}", f"{what.en}, {each.seat}"),
            )  # fmt: skip
    for row in list_papers_at(db, adoption_id=run.adoption_id, stage=run.stage, at=run.made_at):
        if (row.entry, row.seat) in counted:
            is_confirmed = row.confirmed_at is not None and row.confirmed_at <= run.made_at
            what, how = FROM_PAPER, CONFIRMED if is_confirmed else NOT_CONFIRMED
            yield HistoryLine(
                at=row.at, who=Words(row.title_th, row.title_en), entry=row.entry, reason=row.reason,
                what=Words(f"{what.th} {row.seat} ({how.th})", f"{what.en}, {row.seat} ({how.en})"),
            )  # fmt: skip


def _reopenings(db: Session, run: Run, again: Recalculation) -> Iterator[HistoryLine]:
    """One line for each mark that a reopening changed; one without marks where it changed none."""
    counted = _counted(again)
    marks = defaultdict(list)
    for row in list_reopened_marks(db, adoption_id=run.adoption_id, stage=run.stage, at=run.made_at):
        marks[row.assignment_id].append(row)
    rows = list_reopenings_at(db, adoption_id=run.adoption_id, stage=run.stage, at=run.made_at)
    until = _next_revisions(rows)
    for place, row in enumerate(rows):
        who = Words(row.title_th, row.title_en)
        if row.assignment_id is None or row.revision is None:
            yield HistoryLine(at=row.at, who=who, what=SLOT_AGAIN, entry="", reason=row.reason)
            continue
        own = marks[row.assignment_id] if (row.entry, row.seat) in counted else []
        changes = _changes(own, after=row.revision, until=until[place])
        category = again.rules.category(row.category)
        for path, (before, after) in changes.items() or [("", ("", ""))]:
            what = _and_label(Words(f"{CARD_AGAIN.th} {row.seat}", f"{CARD_AGAIN.en}, {row.seat}"), category, path)
            yield HistoryLine(
                at=row.at, who=who, what=what, entry=row.entry, before=before, after=after, reason=row.reason
            )


def _next_revisions(rows) -> list[int | None]:  # type: ignore[no-untyped-def]
    """For each reopening, the card's revision when it was opened the next time; None for the last time."""
    return [
        next((later.revision for later in rows[place + 1 :] if later.assignment_id == row.assignment_id), None)
        for place, row in enumerate(rows)
    ]


def _changes(marks, *, after: int, until: int | None) -> Mapping[str, tuple[str, str]]:  # type: ignore[no-untyped-def]
    """Criterion → (mark before, mark after) for marks given after one revision and until another."""
    before: dict[str, str] = {}
    changed: dict[str, str] = {}
    for row in marks:
        text = "" if row.value is None else f"{row.value.normalize():f}"
        if row.revision <= after:
            before[row.criterion] = text
        elif until is None or row.revision <= until:
            changed[row.criterion] = text
    return {path: (before.get(path, ""), text) for path, text in changed.items() if before.get(path, "") != text}


def _and_label(what: Words, category: Category, path: str) -> Words:
    """`what: label of the criterion`; only `what` where no mark was changed."""
    if not path:
        return what
    leaf = next((node for node in category.leaves if path == node.path or path.startswith(f"{node.path}/")), None)
    label = leaf.label if leaf else Words(path, path)
    return Words(f"{what.th}: {label.th}", f"{what.en}: {label.in_language('en')}")


def _decisions(db: Session, run: Run, rules: RuleSet) -> Iterator[HistoryLine]:
    for row in list_decisions_at(db, adoption_id=run.adoption_id, stage=run.stage, at=run.made_at):
        label = rules.category(row.category).label
        what = Words(f"{DECISION.th}: {label.th} {row.group}", f"{DECISION.en}: {label.in_language('en')} {row.group}")
        order = " > ".join(row.order.split("|"))
        yield HistoryLine(
            at=row.at, who=Words(row.title_th, row.title_en), what=what, entry="", after=order, reason=row.reason
        )
