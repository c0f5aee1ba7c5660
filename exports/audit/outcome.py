"""What follows from the places: status, tier, who goes on, order of listing, and the check against the system."""

from collections.abc import Sequence

from exports.audit.columns import ROWS, YES_NO, Columns, Counted, Find, Units, joined
from exports.audit.lines import Known, Line
from exports.audit.places import STATUSES, Places, decided_in, unknown
from exports.formulas import COMPARE, MOST_NESTED, TooFine, every
from scoring_rules.rules import Category, Stage, Tier
from scoring_rules.words import Words

WAITS = Words("รอมติคณะกรรมการ (1/0)", "Waits for a decision (1/0)")
STATUS = Words("สถานะ", "Status")
WORST_TIER = Words("ระดับรางวัลหากได้ลำดับท้ายสุดที่เป็นไปได้", "Tier at the last rank it may get")
TIER = Words("ระดับรางวัล (ข้อที่)", "Tier no.")
GOES_ON = Words("เข้ารอบต่อไป (1/0)", "Goes on (1/0)")
ORDER = Words("ลำดับในรายการ", "Order of listing")
POSITION = Words("บรรทัดที่", "Line")
CHECK = Words("ตรงกับระบบ (1/0)", "Agrees with the system (1/0)")
SYSTEM = Words("ระบบ: ", "System: ")
COMPARED = {
    "exact": Words("คะแนนรวมก่อนปัดเศษ", "exact total"),
    "status": Words("สถานะ", "status"),
    "rank": Words("ลำดับที่", "rank"),
    "tier": Words("ระดับรางวัล", "tier"),
    "advances": Words("เข้ารอบ", "goes on"),
    "decided": Words("เกณฑ์ที่ตัดสินคะแนนเท่ากัน", "decided by"),
}
UNRANKED = 10**9  # those without a rank are listed after all others


class Outcome:
    """The columns from `unresolved` to `check`."""

    def __init__(self, columns: Columns, category: Category, stage: Stage, places: Places):
        self.columns, self.category, self.stage, self.places = columns, category, stage, places
        place, size, first = places.place, places.size, places.status
        ends_open = bool(places.levels) and category.tie_breaks[-1].by == "resolution"
        text = f"IF({size.cell}>1,1,0)" if ends_open else "0"
        self.unresolved = columns.add("unresolved", WAITS, _unresolved, text, YES_NO)
        text = f"IF({self.unresolved.cell}=1,3,{first.cell})"
        columns.add("status", STATUS, _status, text, Units(most=len(STATUSES)))
        self._tier()
        columns.add("advances", GOES_ON, _goes_on, self._advances(), YES_NO)
        text = f"IF({places.counted.cell}=1,{place.cell},{UNRANKED}+{first.cell})"
        order = columns.add("order", ORDER, _order, text, Units(most=UNRANKED + 10))
        before = f"COUNTIF(${order.letter}${{a}}:{order.cell},{order.cell})"
        text = f"SUMPRODUCT(--({order.block}<{order.cell}))+{before}"
        columns.add("position", POSITION, lambda line: line.position, text, ROWS)
        self._check()

    def _advances(self) -> str:
        """Ranked ahead of the last place that goes on; an open tie only where all of it fits."""
        take, place, placed = self.stage.advance, self.places.place, self.places.placed
        if take is None:
            return "0"
        ahead = f"SUMPRODUCT({placed.block}*({place.block}<{place.cell}))"
        beside = f"SUMPRODUCT({placed.block}*({place.block}={place.cell}))"
        open_tie = f"IF({ahead}+{beside}<={take},1,0)"
        return f"IF({placed.cell}=0,0,IF({self.unresolved.cell}=1,{open_tie},IF({ahead}<{take},1,0)))"

    def _tier(self) -> None:
        """The number of the first tier that holds, 0 for none; a tie still open takes one only if all its ranks do."""
        place, size, most = self.places.place, self.places.size, Units(most=len(self.category.tiers) + 1)
        text = best = self._tier_at(place.cell)
        if any(tier.rank_at_most is not None for tier in self.category.tiers):
            worst = self._tier_at(f"({place.cell}+IF({self.unresolved.cell}=1,{size.cell}-1,0))")
            last = self.columns.add("tier0", WORST_TIER, unknown, worst, most)
            text = f"IF({best}={last.cell},{last.cell},0)"
        self.columns.add("tier", TIER, _tier_in(self.category), f"IF({self.places.placed.cell}=1,{text},0)", most)

    def _tier_at(self, rank: str) -> str:
        tiers = self.category.tiers
        if len(tiers) > MOST_NESTED:
            raise TooFine(
                f"มีระดับรางวัล {len(tiers)} ระดับ แต่สูตรซ้อนกันได้ {MOST_NESTED} ชั้น",
                f"there are {len(tiers)} tiers, and formulas nest {MOST_NESTED} deep",
            )
        text = "0"
        for number in range(len(tiers), 0, -1):
            tests = _tests(tiers[number - 1], self.places.on, rank)
            text = f"IF({every(tests)},{number},{text})" if tests else str(number)
        return text

    def _check(self) -> None:
        """The system's own results as values beside, and whether the sheet finds the same."""
        found: dict[str, Find] = {
            "exact": lambda line: line.standing.total_exact,
            "status": _status,
            "rank": lambda line: line.standing.rank or 0,
            "tier": _tier_in(self.category),
            "advances": _goes_on,
            "decided": decided_in(self.places.levels),
        }
        tests = []
        for key, value in found.items():
            column = self.columns[key]
            beside = self.columns.add(f"system:{key}", joined(SYSTEM, COMPARED[key]), value, units=column.units)
            tests.append(f"N({column.cell})=N({beside.cell})")
        self.columns.add("check", CHECK, lambda line: 1, f"IF({every(tests)},1,0)", YES_NO)


def _tests(tier: Tier, on: Counted, rank: str) -> Sequence[str]:
    tests = [] if tier.at_least is None else [COMPARE["at_least"](on.cell, tier.at_least, on.per)]
    return tests if tier.rank_at_most is None else [*tests, f"{rank}<={tier.rank_at_most}"]


def _tier_in(category: Category) -> Find:
    codes = ["", *(tier.code for tier in category.tiers)]
    return lambda line: codes.index(line.standing.tier or "")


def _unresolved(line: Line) -> Known:
    return int(line.standing.status == "tied_unresolved")


def _status(line: Line) -> Known:
    return STATUSES.index(line.standing.status) + 1


def _goes_on(line: Line) -> Known:
    return int(line.standing.advances)


def _order(line: Line) -> Known:
    return line.standing.rank or UNRANKED + STATUSES.index(line.standing.status) + 1
