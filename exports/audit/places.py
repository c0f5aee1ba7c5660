"""From totals to places: who takes a rank, and ties rule by rule."""

from collections.abc import Callable, Mapping, Sequence

from exports.audit.columns import ROWS, YES_NO, Columns, Counted, Find, Units, block_of
from exports.audit.facts import Facts
from exports.audit.leaves import Leaves
from exports.audit.lines import NOT_KNOWN, Known, Line
from exports.audit.totals import Totals
from exports.formulas import COMPARE, LARGEST, every, first_places, next_places, pairwise_wins, sharing, when
from scoring_rules.exact import Number
from scoring_rules.facts import Resolution
from scoring_rules.operations import median
from scoring_rules.results import Standing, Status
from scoring_rules.rules import Category, Eligibility, TieBreak
from scoring_rules.ties import label_of
from scoring_rules.words import Words

STATUSES: tuple[Status, ...] = (
    "ranked", "not_placed", "tied_unresolved", "incomplete", "not_eligible", "not_presented", "withdrawn",
)  # fmt: skip
LAST = -LARGEST  # a missing value comes last
SPREAD = Words("ส่วนต่างคะแนนสูงสุด–ต่ำสุดของกรรมการ", "Spread")
MEDIAN = Words("มัธยฐานคะแนนรวมของกรรมการ", "Median of members' totals")
FIRST_STATUS = Words("สถานะก่อนตัดสินคะแนนเท่ากัน", "Status before ties")
TAKES_RANK = Words("ได้รับการจัดอันดับ (1/0)", "Takes a rank (1/0)")
MAY_TAKE_TIER = Words("รับระดับรางวัลได้ (1/0)", "May take a tier (1/0)")
RANKED_ON = Words("คะแนนที่ใช้จัดอันดับ", "Ranked on")
FIRST_PLACE = Words("ลำดับจากคะแนนรวม", "Place by the total")
ON_PLACE = Words("จำนวนผลงานที่ได้ลำดับนี้", "On this place")
DECIDED = Words("เกณฑ์ที่ตัดสินคะแนนเท่ากัน (ข้อที่)", "Decided by rule no.")
BEATS = Words("จำนวนผลงานที่ชนะในกลุ่มคะแนนเท่ากัน", "How many of the tied it beats")
AS_MANY_WINS = Words("จำนวนผลงานที่ชนะเท่ากัน", "How many have as many wins")


class Places:
    """The columns from `spread` to `decided`. `place` and `size` are those after the last rule: the rank, and how many
    share it; `placed` says who may take a tier. `resolutions` maps a group to the committee's orders for it."""

    def __init__(
        self,
        columns: Columns,
        category: Category,
        facts: Facts,
        leaves: Leaves,
        totals: Totals,
        resolutions: Mapping[str, Sequence[Resolution]],
    ):
        self.columns, self.category, self.facts, self.leaves = columns, category, facts, leaves
        self.resolutions = resolutions
        self.members = totals.members.totals
        self.levels = [rule for rule in category.tie_breaks if rule.by != "share"]
        block, one = block_of(self.members), self.members[0]
        text = self._if_totals(f"MAX({block})-MIN({block})")
        units = Units(one.per, one.most * 2)
        self.spread = columns.add("spread", SPREAD, lambda line: line.standing.spread, text, units)
        self.on = columns["total" if category.rounding.rank_on == "rounded" else "exact"]
        self.status, self.counted, self.placed = self._status()
        self.place, self.size = self._ties()

    def _if_totals(self, text: str) -> str:
        """The formula, for entries with a total and at least one member's own total."""
        return when(f"({self.leaves.ok.cell}=1)*(COUNT({block_of(self.members)})>0)=1", text)

    # Who takes a rank -----------------------------------------------------------------------------------------------

    def _status(self) -> tuple[Counted, Counted, Counted]:
        """(the status as long as no tie is open, whether it takes a rank, whether it may take a tier)."""
        columns = self.columns
        out: list[str] = []
        unplaced: list[str] = []
        for rule in self.category.eligibility:
            column = columns.add(f"eligible:{rule.code}", rule.label, _holds(rule), self._eligible(rule))
            (out if rule.otherwise == "not_eligible" else unplaced).append(f"{column.cell}=1")
        state = columns["state"].cell
        text = f"IF({self.leaves.ok.cell}=0,4,{f'IF({every(unplaced)},1,2)' if unplaced else '1'})"
        if out:
            text = f"IF({every(out)},{text},5)"
        text = f"IF({state}=0,{text},5+{state})"
        status = columns.add("status0", FIRST_STATUS, first_status, text, Units(most=len(STATUSES)))
        counted = columns.add("counted", TAKES_RANK, _takes_rank, f"IF({status.cell}<=2,1,0)", YES_NO)
        return status, counted, columns.add("placed", MAY_TAKE_TIER, _placed, f"IF({status.cell}=1,1,0)", YES_NO)

    def _eligible(self, rule: Eligibility) -> str:
        """1 where it holds or cannot be asked yet, 0 where it fails or its number is missing."""
        require = rule.require
        if require.what in ("field", "indicator"):
            found = self.facts.read(require.what, require.code)
            test = COMPARE[require.compare](found.cell, require.value, found.per)
            return f"IF({self.columns['state'].cell}>0,1,IF(ISNUMBER({found.cell}),IF({test},1,0),0))"
        found = self.on if require.what == "total" else self.leaves.points[require.code]
        test = COMPARE[require.compare](found.cell, require.value, found.per)
        return f"IF({self.leaves.ok.cell}=0,1,IF({test},1,0))"

    # Ties -----------------------------------------------------------------------------------------------------------

    def _ties(self) -> tuple[Counted, Counted]:
        """(the place after all rules, how many share it)."""
        columns, counted = self.columns, self.counted
        key = columns.add("key", RANKED_ON, self._rank_key, f"IF({counted.cell}=1,{self.on.cell},0)", self.on.units)
        text = first_places(key.cell, key.block, counted.cell, counted.block)
        place = columns.add("place0", FIRST_PLACE, place_after(0), text, ROWS)
        sizes = [self._size(0, place)]
        for number, rule in enumerate(self.levels, 1):
            tie = self._tie_key(number, rule, place, sizes[-1])
            name = label_of(self.category, rule)
            title = Words(f"ลำดับหลัง “{name.th}”", f"Place after “{name.in_language('en')}”")
            text = next_places(place.cell, place.block, tie.cell, tie.block)
            place = columns.add(f"place{number}", title, place_after(number), text, ROWS)
            sizes.append(self._size(number, place))
        columns.by["rank"] = place
        text = "0"
        for number in range(1, len(sizes)):
            text = f"IF({sizes[number].cell}<{sizes[number - 1].cell},{number},{text})"
        columns.add("decided", DECIDED, decided_in(self.levels), text, Units(most=len(sizes)))
        return place, sizes[-1]

    def _rank_key(self, line: Line) -> Known:
        if line.standing.rank is None:
            return 0
        rounded = self.category.rounding.rank_on == "rounded"
        return line.standing.total if rounded else line.standing.total_exact

    def _size(self, number: int, place: Counted) -> Counted:
        text = sharing(place.cell, place.block)
        return self.columns.add(f"size{number}", ON_PLACE, lambda line: line.sizes[number], text, ROWS)

    def _tie_key(self, number: int, rule: TieBreak, place: Counted, size: Counted) -> Counted:
        """What the rule compares, so that more is better; 0 for an entry without a place."""
        if rule.by == "pairwise":
            return self._pairwise(number, place, size)
        if rule.by == "resolution":
            return self._resolution(number, place, size)
        sign, of = self._compared(rule)

        def value(line: Line) -> Known:
            found = _asked(rule, line.standing) if line.standing.rank is not None else 0
            return LAST // of.per if found is None else sign * found

        there = f"IF(ISNUMBER({of.cell}),{'-' if sign < 0 else ''}{of.cell},{LAST // of.per * of.per})"
        units = Units(of.per, of.most, negative=True)
        return self.columns.add(f"tie{number}", self._named(number), value, f"IF({place.cell}=0,0,{there})", units)

    def _named(self, number: int) -> Words:
        name = label_of(self.category, self.levels[number - 1])
        return Words(f"ข้อ {number}: {name.th}", f"Rule {number}: {name.in_language('en')}")

    def _compared(self, rule: TieBreak) -> tuple[int, Counted]:
        """(−1 where less is better, else 1; the column that the rule looks at)."""
        if rule.by == "criterion":
            return 1, self.leaves.points[rule.code]
        if rule.by == "indicator":
            better = self.category.indicator(rule.code).better
            return 1 if better == "higher" else -1, self.facts.indicator(rule.code)
        return (-1, self.spread) if rule.by == "spread" else (1, self._median())

    def _median(self) -> Counted:
        if "median" not in self.columns.by:
            one, text = self.members[0], self._if_totals(f"MEDIAN({block_of(self.members)})*2")
            units = Units(2 * one.per, one.most, one.negative)
            self.columns.add("median", MEDIAN, lambda line: _median_of(line.standing), text, units)
        return self.columns["median"]

    def _pairwise(self, number: int, place: Counted, size: Counted) -> Counted:
        """The wins of an entry that beats all whom those before it leave; −1 for those whom no rule sets apart.

        In a block of m, the first must have m − 1 wins, the next m − 2, … each alone with its number of wins.
        """
        columns = self.columns
        text = pairwise_wins(
            place.cell, place.block, [self._comparable(number, slot) for slot in range(len(self.members))]
        )
        wins = columns.add(f"wins{number}", BEATS, unknown, text, ROWS)
        same = f"({place.block}={place.cell})"
        text = f"IF({place.cell}=0,0,SUMPRODUCT({same}*({wins.block}={wins.cell})))"
        alone = columns.add(f"alone{number}", AS_MANY_WINS, unknown, text, ROWS)
        above = f"SUMPRODUCT({same}*({wins.block}>{wins.cell}))"
        shared = f"SUMPRODUCT({same}*({wins.block}>{wins.cell})*({alone.block}>1))"
        settled = f"({above}={size.cell}-1-{wins.cell})*({shared}=0)=1"
        text = f"IF({place.cell}=0,0,IF({settled},{wins.cell},-1))"
        return columns.add(f"tie{number}", self._named(number), unknown, text, ROWS)

    def _comparable(self, number: int, slot: int) -> tuple[str, str, str, str]:
        """(this entry's total by one member, everybody's, whether this entry has one, whether each has)."""
        total, seat = self.members[slot], slot + 1
        title = Words(f"มีคะแนนรวมของกรรมการ {seat}", f"Has a total of member {seat}")
        text = f"IF(({self.leaves.ok.cell}=1)*ISNUMBER({total.cell})=1,1,0)"
        has = self.columns.add(f"has{number}:{slot}", title, unknown, text, YES_NO)
        title = Words(f"คะแนนรวมของกรรมการ {seat} (ไม่มี = 0)", f"Total of member {seat}, 0 for none")
        text, units = f"IF({has.cell}=1,{total.cell},0)", Units(total.per, total.most, negative=True)
        own = self.columns.add(f"own{number}:{slot}", title, unknown, text, units)
        return own.cell, own.block, has.cell, has.block

    def _resolution(self, number: int, place: Counted, size: Counted) -> Counted:
        """The place in the committee's order, where one order names everybody who is still equal; else all equal."""
        most = max((len(orders) for orders in self.resolutions.values()), default=0)
        text = "0"
        for order in reversed(range(most)):
            title = Words(f"ลำดับตามมติที่ {order + 1}", f"Place in decision {order + 1}")
            given = self.columns.add(f"order{number}:{order}", title, self._in_order(order), units=ROWS)
            covered = f"SUMPRODUCT(({place.block}={place.cell})*({given.block}>0))={size.cell}"
            text = f"IF({covered},-N({given.cell}),{text})"
        return self.columns.add(f"tie{number}", self._named(number), unknown, f"IF({place.cell}=0,0,{text})", ROWS)

    def _in_order(self, order: int) -> Find:
        def value(line: Line) -> Known:
            orders = self.resolutions.get(line.group, ())
            if order >= len(orders) or line.entry.code not in orders[order].order:
                return None
            return orders[order].order.index(line.entry.code) + 1

        return value


def unknown(line: Line) -> Known:
    """The system has no such number."""
    return NOT_KNOWN


def place_after(number: int) -> Find:
    """The place once so many tie-breaks have been asked."""
    return lambda line: line.places[number]


def decided_in(levels: Sequence[TieBreak]) -> Callable[[Line], int]:
    """The number of the rule that settled a tie, 0 for none."""
    names = ["", *(rule.name for rule in levels)]
    return lambda line: names.index(line.standing.decided_by or "")


def _asked(rule: TieBreak, standing: Standing) -> Number | None:
    if rule.by == "criterion":
        return standing.points.get(rule.code)
    if rule.by == "indicator":
        return standing.indicators.get(rule.code)
    return standing.spread if rule.by == "spread" else _median_of(standing)


def _median_of(standing: Standing) -> Number | None:
    totals = list(standing.member_totals.values())
    return median(totals, len(totals), None) if totals else None


def _holds(rule: Eligibility) -> Find:
    def value(line: Line) -> Known:
        step = line.steps.get(("eligibility", rule.code))
        return int(step.about["holds"]) if step else 1

    return value


def _takes_rank(line: Line) -> Known:
    return int(line.standing.rank is not None)


def first_status(line: Line) -> int:
    """The number of the status that the entry would have without ties."""
    status = line.standing.status
    if status == "tied_unresolved":
        return 1 if _placed(line) else 2
    return STATUSES.index(status) + 1


def _placed(line: Line) -> int:
    standing = line.standing
    if standing.rank is None or standing.status == "not_placed":
        return 0
    rules = [step.about for (operation, _), step in line.steps.items() if operation == "eligibility"]
    return int(all(about["holds"] or about["rule"].otherwise != "not_placed" for about in rules))
