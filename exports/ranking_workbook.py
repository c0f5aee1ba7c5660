"""The workbook of one award and stage, made from the engine's values."""

from collections.abc import Mapping, Sequence
from datetime import date

from exports.audit.facts import FactsAt
from exports.audit.marks import CardAt, CardsAt
from exports.audit.sheet import Audit
from exports.cell_text import CannotWrite
from exports.formulas import TooFine
from exports.material import EvidenceLine, HistoryLine, Material, Member, Provenance
from exports.sheets.cards import add_cards
from exports.sheets.lists import add_evidence, add_history, add_indicators
from exports.sheets.matrix import add_matrix
from exports.sheets.provenance import add_provenance
from exports.sheets.ranking import add_ranking
from exports.sheets.rules import add_rules
from exports.workbook import Book
from scoring_rules.facts import Facts
from scoring_rules.results import Evaluation
from scoring_rules.rules import RuleSet
from scoring_rules.words import Words

__all__ = ["CannotWrite", "EvidenceLine", "HistoryLine", "Member", "Provenance", "ranking_workbook"]

NO_FORMULAS = Words(
    "แสดงผลที่ระบบคำนวณ ไม่มีสูตร เพราะโปรแกรมตารางคำนวณให้ตรงทุกหลักไม่ได้: ",
    "The system's results, without formulas, because a spreadsheet could not compute them exactly: ",
)


def ranking_workbook(
    *,
    rules: RuleSet,
    facts: Facts,
    evaluation: Evaluation,
    stage: str,
    provenance: Provenance,
    members: Mapping[str, Member] | None = None,
    evidence: Sequence[EvidenceLine] = (),
    history: Sequence[HistoryLine] = (),
    notes: Mapping[tuple[str, str, str], str] | None = None,
    dates: Mapping[tuple[str, str], date] | None = None,
    language: str = "th",
    group: str | None = None,
) -> bytes:
    """An .xlsx file: ranking by category and group, member matrix, a sheet for each member, indicators, evidence,
    change history, the rules, provenance. Each rank and total is the number that the engine shows.

    `members` gives positions by code (else codes are shown), `notes` what members wrote by (entry, member, path),
    `dates` date fields by (entry, field), `group` only one group (a zone's own workbook, with its panel's signature
    lines). The same arguments give the same bytes. Raises KeyError for a stage that the rules do not have,
    ValueError where nothing was ranked in it, CannotWrite for a text that no cell can hold.
    """
    material = Material(
        rules=rules,
        facts=facts,
        evaluation=evaluation,
        stage=rules.stage(stage),
        provenance=provenance,
        members=members or {},
        evidence=evidence,
        history=history,
        notes=notes or {},
        dates=dates or {},
        language=language,
        group=group,
    )
    if not material.rankings:
        raise ValueError(f"nothing was ranked in stage {stage!r}" + (f", group {group!r}" if group is not None else ""))
    title = f"{material.say(rules.award)} {rules.cycle} · {material.say(material.stage.label)}"
    subject = f"{rules.id} {rules.sha256}"
    made_by = material.say(provenance.made_by)
    with Book(title=title, made_by=made_by, made_at=provenance.made_at, subject=subject) as book:
        cards_at: dict[tuple[str, str], CardAt] = {}
        facts_at: dict[tuple[str, str], str] = {}
        audits, reasons = _audits(book, material, cards_at, facts_at)
        add_cards(book, material, audits, cards_at)
        cards = book.names[len(audits) :]
        add_indicators(book, material, audits, facts_at)
        for audit in audits.values():
            audit.write()
        rankings = [
            add_ranking(book, material, category, audits.get(category.code), reasons.get(category.code))
            for category in material.categories
        ]
        add_matrix(book, material, audits)
        first = [*rankings, book.names[-1], *cards]
        add_evidence(book, material)
        add_history(book, material)
        add_rules(book, material)
        add_provenance(book, material)
        last = {*first, *(audit.sheet.name for audit in audits.values())}
        book.arrange([*first, *(name for name in book.names if name not in last)])
        return book.finish()


def _audits(
    book: Book, material: Material, cards_at: CardsAt, facts_at: FactsAt
) -> tuple[dict[str, Audit], dict[str, str]]:
    """The audit sheets by category, and why a category has none: its numbers are too fine for a spreadsheet."""
    audits: dict[str, Audit] = {}
    notes: dict[str, str] = {}
    for category in material.categories:
        try:
            audits[category.code] = Audit(book, material, category, cards_at, facts_at)
        except TooFine as why:
            notes[category.code] = material.say(Words(NO_FORMULAS.th + why.th, f"{NO_FORMULAS.en}{why.en}"))
    return audits, notes
