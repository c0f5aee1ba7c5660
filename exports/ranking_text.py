"""A ranking as plain text for a terminal: one table per category and group, aligned under Thai letters too."""

from collections.abc import Iterator, Sequence

from exports.material import Material
from exports.text_width import text_width
from exports.wording import group_name, remark, tie_settled_by, warnings
from scoring_rules.exact import shown
from scoring_rules.results import Ranking, Standing
from scoring_rules.rules import Category, Stage
from scoring_rules.words import Words

_HEADINGS = (
    Words("ลำดับ", "Rank"),
    Words("รหัส", "Entry"),
    Words("ผลงาน", "Name"),
    Words("คะแนน", "Total"),
    Words("ระดับ", "Tier"),
    Words("หมายเหตุ", "Remark"),
)
_NUMBERS = (0, 3)  # columns set flush right


def ranking_text(material: Material) -> str:
    """The rankings of one stage as text, with what must be known beside them; ends in a line break."""
    return "\n".join(_lines(material)) + "\n"


def unmarked_text(stage: Stage, *, language: str) -> str:
    """One line for a later stage that has no marks yet; ends in a line break."""
    says = Words(f"รอบ “{stage.label.th}”: ยังไม่มีคะแนน", f"Stage “{stage.label.in_language('en')}”: no marks yet")
    return says.in_language(language) + "\n"


def nobody_text(stage: Stage, *, language: str) -> str:
    """One line for a stage that has no entry to rank; ends in a line break."""
    return nobody_in(stage).in_language(language) + "\n"


def nobody_in(stage: Stage) -> Words:
    """That a stage has no entry to rank, as words without a full stop."""
    name = stage.label
    return Words(f"รอบ “{name.th}” ไม่มีผลงานให้จัดอันดับ", f"Stage “{name.in_language('en')}” has no entry to rank")


def _lines(material: Material) -> Iterator[str]:
    rules, say = material.rules, material.say
    yield f"{say(rules.award)} · {say(material.stage.label)} ({rules.id})"
    yield from warnings(material)
    for category in material.categories:
        for ranking in material.of_category(category):
            yield ""
            yield " · ".join(part for part in (say(category.label), group_name(material, ranking)) if part)
            rows = [[say(heading) for heading in _HEADINGS]]
            rows += [_row(material, category, ranking, standing) for standing in ranking.standings]
            yield from _aligned(rows)
            yield from _waiting(material, ranking)


def _row(material: Material, category: Category, ranking: Ranking, standing: Standing) -> list[str]:
    tier = next((material.say(each.label) for each in category.tiers if each.code == standing.tier), "")
    said = remark(material, standing).splitlines()
    if standing.decided_by:
        said.append(tie_settled_by(material, category, standing))
    if standing.advances:
        said.append(material.say(Words("ผ่านเข้ารอบต่อไป", "Advances")))
    return [
        "-" if standing.rank is None else str(standing.rank),
        standing.entry,
        " ".join(standing.label.split()),
        "-" if standing.total is None else shown(standing.total, ranking.places),
        tier,
        "; ".join(said),
    ]


def _waiting(material: Material, ranking: Ranking) -> Iterator[str]:
    """One line for each tie that waits for a written decision."""
    blocks: dict[int | None, list[str]] = {}
    for standing in ranking.standings:
        if standing.status == "tied_unresolved":
            blocks.setdefault(standing.rank, []).append(standing.entry)
    for rank, entries in blocks.items():
        names = ", ".join(entries)
        yield material.say(
            Words(
                f"ยังประกาศไม่ได้: ลำดับ {rank} คะแนนเท่ากัน ({names}) ต้องมีมติคณะกรรมการเป็นลายลักษณ์อักษร",
                f"Not to be published: tied at rank {rank} ({names}); the committee's written decision is needed.",
            )
        )


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows in columns; a column that is blank in every row but the heading is left out."""
    used = [number for number in range(len(rows[0])) if any(row[number] for row in rows[1:])]
    widths = {number: max(text_width(row[number]) for row in rows) for number in used}
    for row in rows:
        cells = []
        for number in used:
            room = " " * (widths[number] - text_width(row[number]))
            cells.append(room + row[number] if number in _NUMBERS else row[number] + room)
        yield "  ".join(cells).rstrip()
