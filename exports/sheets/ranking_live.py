"""Formulas of the ranking sheet: each line looks up the audit sheet's entry for its place, and computes its total."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import lcm

from exports.audit.sheet import Audit
from exports.cell_xml import Plain
from exports.formulas import readable, when
from exports.material import Material
from exports.sheets.card_points import near
from exports.workbook import Formula, Sheet, Value, letter_of
from scoring_rules.exact import Number, plain
from scoring_rules.results import Ranking, Standing
from scoring_rules.rules import Category
from scoring_rules.words import Words

Text = Callable[[Ranking, int], str]  # of a ranking and a row of the ranking sheet
SAME, DIFFERS = Words("ตรง", "same"), Words("ต่าง", "differs")
ALL_SAME = Words(
    "ผลการตรวจสอบ: สูตรในไฟล์นี้คำนวณได้ตรงกับระบบทุกแถว", "Check: on every line the formulas find what the system found"
)
SOME_DIFFER = (
    Words("ผลการตรวจสอบ: ต่างจากผลของระบบ ", "Check: lines that differ from the system's result: "),
    Words(" แถว", " in all"),
)
CHECK = Words("เทียบกับระบบ", "Against the system")
LINE = Words("บรรทัดในตารางตรวจสอบ", "Line on the audit sheet")
CHANGES = Words("ปรับเพิ่ม/ลด", "Adjustments")
THIS, EARLIER = Words("คะแนนรอบนี้", "This stage"), Words("คะแนนรอบก่อน", "Earlier stage")


class Live:
    """What the ranking's columns compute. `line` is set once it is known how many columns there are."""

    def __init__(self, material: Material, category: Category, audit: Audit):
        self.material, self.category, self.audit = material, category, audit
        self.line = self.check = ""
        self._blocks: dict[tuple[str, str], str] = {}

    def look_up(self, key: str, ranking: Ranking, row: int) -> str:
        """The audit sheet's cell of the entry on this row."""
        found = self._blocks.get((key, ranking.group))
        if found is None:
            found = self._blocks[key, ranking.group] = self.audit.block(key, ranking.group)
        return f"INDEX({found},${self.line}{row})"

    def text(self, key: str) -> Text:
        """A text; an empty one stays empty."""
        return lambda ranking, row: f'{self.look_up(key, ranking, row)}&""'

    def number(self, key: str) -> Text:
        """A number in real units; nothing where it is missing."""
        column = self.audit.columns[key]
        per = "" if column.per == 1 else f"/{column.per}"

        def text(ranking: Ranking, row: int) -> str:
            found = self.look_up(key, ranking, row)
            return when(f"ISNUMBER({found})", f"{found}{per}")

        return text

    def rank(self, ranking: Ranking, row: int) -> str:
        """The rank; nothing for an entry without one."""
        found = self.look_up("rank", ranking, row)
        return f'IF({found}=0,"",{found})'

    def tier(self, ranking: Ranking, row: int) -> str:
        """The tier's name."""
        found = self.look_up("tier", ranking, row)
        return f'IF({found}=0,"",{self.audit.words(1, found)})'

    def goes_on(self, yes: str) -> Text:
        """`yes` for an entry that goes on."""
        return lambda ranking, row: f'IF({self.look_up("advances", ranking, row)}=1,"{yes}","")'

    def decided(self, ranking: Ranking, row: int) -> str:
        """What settled a tie: in the system's words while all agrees, else the rule's name."""
        number = self.look_up("decided", ranking, row)
        named = f'IF({number}=0,"",{self.audit.words(2, number)}&"")'
        return self._said("decided_said", named, ranking, row)

    def remark(self, ranking: Ranking, row: int) -> str:
        """Why an entry stands as it stands: in the system's words while all agrees, else its status."""
        return self._said("remark", self.audit.words(0, self.look_up("status", ranking, row)) + '&""', ranking, row)

    def _said(self, key: str, otherwise: str, ranking: Ranking, row: int) -> str:
        agrees = f"{self.look_up('check', ranking, row)}=1"
        return f'IF({agrees},{self.look_up(key, ranking, row)}&"",{otherwise})'

    def changes(self) -> Iterator[tuple[Words, Callable[[Standing], Plain], Text]]:
        """Columns between the criteria and the total: adjustments, this stage's and the earlier stage's share."""
        rules = self.category.total.adjustments
        if rules:
            parts = [self.audit.columns[f"adjustment:{rule.code}"] for rule in rules]
            per = lcm(*(part.per for part in parts))
            scales = [(f"adjustment:{rule.code}", per // part.per) for rule, part in zip(rules, parts, strict=True)]

            def changed(ranking: Ranking, row: int) -> str:
                there = f"{self.look_up('ok', ranking, row)}=1"
                cells = ((self.look_up(key, ranking, row), scale) for key, scale in scales)
                text = "+".join(cell if scale == 1 else f"{cell}*{scale}" for cell, scale in cells)
                return when(there, text if per == 1 else f"({text})/{per}")

            yield CHANGES, self._changed, changed
        carries = self.material.stage.carries
        if carries is not None:
            yield _with_share(THIS, 1 - Fraction(carries.share)), self._this, self.number("this")
            yield _with_share(EARLIER, carries.share), self._earlier, self.number("earlier")

    def _changed(self, standing: Standing) -> Plain:
        changes = self.audit.at[standing.entry].changes
        return None if changes is None else near(changes)

    def _this(self, standing: Standing) -> Plain:
        value = self.audit.at[standing.entry].this
        return None if value is None else near(value)

    def _earlier(self, standing: Standing) -> Plain:
        value = self.audit.at[standing.entry].earlier
        return None if value is None else near(value)

    def total(self, first: int) -> Text:
        """ROUND of the sum of the criteria from column `first` on, as people would write it; else from the audit."""
        category = self.category
        rounding, panel = category.rounding.total, category.panel
        if panel.applied_to == "totals" or readable("", rounding) is None or rounding is None:
            return self.number("total")
        last = first + len(category.criteria) - 1
        start, end = letter_of(first), letter_of(last)
        after, changed = last + 1, category.total.adjustments

        def text(ranking: Ranking, row: int) -> str:
            carries = self.material.stage.carries
            if carries is not None:
                this, earlier = (f"{letter_of(at)}{row}" for at in (after + bool(changed), after + bool(changed) + 1))
                number = f"{plain(carries.share)}*{earlier}+{plain(1 - Fraction(carries.share))}*{this}"
            else:
                number = f"SUM({start}{row}:{end}{row})" + (f"+{letter_of(after)}{row}" if changed else "")
                if self._bounded():
                    number = f"MIN({plain(category.total.ceiling)},MAX({plain(category.total.floor)},{number}))"
            return when(f"{self.look_up('ok', ranking, row)}=1", readable(number, rounding) or number)

        return text

    def _bounded(self) -> bool:
        """Whether floor or ceiling can be met at all."""
        rules, roots = (
            self.category.total,
            [self.audit.columns[f"points:{root.path}"] for root in self.category.criteria],
        )
        low: Number = 0 if not any(root.negative for root in roots) else rules.floor - 1
        high = sum(Fraction(root.high, root.per) for root in roots)
        return bool(rules.adjustments) or low < rules.floor or high > rules.ceiling

    def checks(self, total: int, columns: int) -> Iterator[tuple[Words, Callable[[Standing], Plain], Text]]:
        """The last two columns, after `columns` others: whether the line agrees with the system, and its audit line."""
        self.check, self.line = letter_of(columns + 1), letter_of(columns + 2)
        column, say = self.audit.columns["total"], self.material.say
        same, differs = say(SAME), say(DIFFERS)

        def agrees(ranking: Ranking, row: int) -> str:
            shown = f"ROUND(N({letter_of(total)}{row})*{column.per},0)=N({self.look_up('total', ranking, row)})"
            return f'IF(({self.look_up("check", ranking, row)}=1)*({shown})=1,"{same}","{differs}")'

        yield CHECK, lambda standing: same, agrees
        yield LINE, lambda standing: 0, lambda ranking, row: ""

    def which_line(self, ranking: Ranking, place: int, standing: Standing) -> Value:
        """Which line of the group's rows on the audit sheet stands on this place."""
        line = self.audit.at[standing.entry]
        number = line.row - line.first + 1
        if not self.audit.has_formulas(ranking.group):
            return number
        return Formula(f"MATCH({place},{self.audit.block('position', ranking.group)},0)", number)

    def verdict(self, rows: int) -> Formula:
        """A line above the ranking: whether sheet and system agree, in at most `rows` rows, and what is no formula."""
        say, count = self.material.say, f'COUNTIF({self.check}1:{self.check}{rows},"{self.material.say(DIFFERS)}")'
        note = f" · {self.audit.note}" if self.audit.note else ""
        good, (bad, lines) = say(ALL_SAME) + note, map(say, SOME_DIFFER)
        return Formula(f'IF({count}=0,"{good}","{bad}"&{count}&"{lines}{note}")', good)

    def alert(self, sheet: Sheet, *, first: int, last: int, columns: int) -> None:
        """Let the line above and every line that differs from the system stand out."""
        differs = self.material.say(DIFFERS)
        sheet.alert(f"A{first - 3}", f'COUNTIF(${self.check}${first}:${self.check}${last},"{differs}")>0')
        sheet.alert(f"A{first}:{letter_of(columns)}{last}", f'${self.check}{first}="{differs}"')

    def blocked(self, ranking: Ranking, said: str) -> Formula:
        """The warning that a tie waits, for as long as one does."""
        return Formula(f'IF(SUM({self.audit.block("unresolved", ranking.group)})>0,"{said}","")', said)


def _with_share(title: Words, share: Number) -> Words:
    """`คะแนนรอบก่อน (ร้อยละ 40)`."""
    percent = plain(Fraction(share) * 100)
    return Words(f"{title.th} (ร้อยละ {percent})", f"{title.en} ({percent} %)")
