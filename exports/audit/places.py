"""From totals to places: eligibility, status, ties rule by rule, rank, who goes on, tier, and the check."""

from collections.abc import Callable, Sequence

from exports.audit.columns import NOT_KNOWN, Columns, Counted, Known, Line, block_of
from exports.audit.facts import Facts
from exports.audit.totals import Totals
from exports.formulas import (
    COMPARE,
    LARGEST,
    MOST_NESTED,
    TooFine,
    every,
    first_places,
    next_places,
    pairwise_wins,
    sharing,
    when,
)
from scoring_rules.exact import Number
from scoring_rules.facts import Resolution
from scoring_rules.operations import median
from scoring_rules.results import Status
from scoring_rules.rules import Category, Eligibility, Stage, TieBreak, Tier
from scoring_rules.ties import label_of
from scoring_rules.words import Words

STATUSES: tuple[Status, ...] = (
    "ranked", "not_placed", "tied_unresolved", "incomplete", "not_eligible", "not_presented", "withdrawn",
)  # fmt: skip
LAST = -LARGEST  # a missing value comes last
SPREAD = Words("ส่วนต่างสูงสุด–ต่ำสุด", "Spread")


class Places:
    """The columns from `spread` to `check`. `resolutions` maps a group to the committee's orders for it."""

    def __init__(self, columns: Columns, category: Category, stage: Stage, facts: Facts, totals: Totals,
                 resolutions: dict[str, list[Resolution]]):  # fmt: skip
        self.columns, self.category, self.stage, self.facts = columns, category, stage, facts
        self.totals, self.resolutions = totals, resolutions
        self.levels = [rule for rule in category.tie_breaks if rule.by != "share"]
        members = block_of(totals.members)
        one = totals.members[0]
        self.spread = columns.add(
            "spread", SPREAD, lambda line: line.standing.spread,
            when(f"({totals.ok.cell}=1)*(COUNT({members})>0)=1", f"MAX({members})-MIN({members})"),
            per=one.per, most=_most(one) * 2,
        )  # fmt: skip
        self._status()
        self._ties()
        self._outcome()

    # Who takes a rank -----------------------------------------------------------------------------------------------

    def _status(self) -> None:
        columns = self.columns
        out: list[str] = []
        unplaced: list[str] = []
        for rule in self.category.eligibility:
            column = columns.add(f"eligible:{rule.code}", rule.label, _holds(rule), self._eligible(rule))
            (out if rule.otherwise == "not_eligible" else unplaced).append(f"{column.cell}=1")
        state, ok = columns["state"].cell, self.totals.ok.cell
        placed = f"IF({every(unplaced)},1,2)" if unplaced else "1"
        text = f"IF({ok}=0,4,{placed})"
        if out:
            text = f"IF({every(out)},{text},5)"
        title = Words("สถานะก่อนตัดสินคะแนนเท่ากัน", "Status before ties")
        status = columns.add("status0", title, _first_status, f"IF({state}=0,{text},5+{state})", most=7)
        self.counted = columns.add(
            "counted", Words("ได้รับการจัดอันดับ (1/0)", "Takes a rank (1/0)"),
            lambda line: int(line.standing.rank is not None), f"IF({status.cell}<=2,1,0)",
        )  # fmt: skip
        self.placed = columns.add(
            "placed", Words("รับระดับรางวัลได้ (1/0)", "May take a tier (1/0)"), _placed, f"IF({status.cell}=1,1,0)"
        )

    def _eligible(self, rule: Eligibility) -> str:
        """1 where it holds or cannot be asked yet, 0 where it fails or its number is missing."""
        require = rule.require
        if require.what in ("field", "indicator"):
            found = self.facts.read(require.what, require.code)
            test = COMPARE[require.compare](found.cell, require.value, found.per)
            return f"IF({self.columns['state'].cell}>0,1,IF(ISNUMBER({found.cell}),IF({test},1,0),0))"
        found = self._ranked_on() if require.what == "total" else self.totals.points[require.code]
        test = COMPARE[require.compare](found.cell, require.value, found.per)
        return f"IF({self.totals.ok.cell}=0,1,IF({test},1,0))"

    def _ranked_on(self) -> Counted:
        return self.columns["total" if self.category.rounding.rank_on == "rounded" else "exact"]

    # Ties -----------------------------------------------------------------------------------------------------------

    def _ties(self) -> None:
        columns, on = self.columns, self._ranked_on()

        def rank_key(line: Line) -> Known:
            found = line.standing.total if self.category.rounding.rank_on == "rounded" else line.standing.total_exact
            return found if line.standing.rank is not None else 0

        key = columns.add(
            "key", Words("คะแนนที่ใช้จัดอันดับ", "Ranked on"), rank_key, f"IF({self.counted.cell}=1,{on.cell},0)",
            per=on.per, most=_most(on), negative=on.negative,
        )  # fmt: skip
        place = columns.add(
            "place0", Words("ลำดับจากคะแนนรวม", "Place by the total"), _known("place0"),
            first_places(key.cell, key.block, self.counted.cell, self.counted.block), most=LARGEST // 10,
        )  # fmt: skip
        sizes = [self._size(0, place)]
        for number, rule in enumerate(self.levels, 1):
            tie = self._tie_key(number, rule, place, sizes[-1])
            name = label_of(self.category, rule)
            title = Words(f"ลำดับหลัง “{name.th}”", f"Place after “{name.in_language('en')}”")
            text = next_places(place.cell, place.block, tie.cell, tie.block)
            place = columns.add(f"place{number}", title, _known(f"place{number}"), text, most=LARGEST // 10)
            sizes.append(self._size(number, place))
        self.place, self.size = place, sizes[-1]
        columns.by["rank"] = place
        text = "0"
        for number in range(1, len(sizes)):
            text = f"IF({sizes[number].cell}<{sizes[number - 1].cell},{number},{text})"
        names = ["", *(rule.name for rule in self.levels)]
        self._decided = lambda line: names.index(line.standing.decided_by or "")
        columns.add("decided", Words("กติกาที่ตัดสิน (ข้อที่)", "Decided by rule no."), self._decided, text, most=len(names))

    def _size(self, number: int, place: Counted) -> Counted:
        title = Words("จำนวนที่ครองลำดับนี้", "On this place")
        last = number == len(self.levels)
        value = _size_of if last else _known(f"size{number}")
        return self.columns.add(f"size{number}", title, value, sharing(place.cell, place.block), most=LARGEST // 10)

    def _tie_key(self, number: int, rule: TieBreak, place: Counted, size: Counted) -> Counted:
        """What the rule compares, so that more is better; 0 for an entry without a place."""
        if rule.by == "pairwise":
            return self._pairwise(number, place, size)
        if rule.by == "resolution":
            return self._resolution(number, place, size)
        sign, of, text = self._compared(rule)

        def value(line: Line) -> Known:
            found = self._value(rule, line) if line.standing.rank is not None else 0
            return LAST // of.per if found is None else sign * found

        there = f"IF(ISNUMBER({text}),{'-' if sign < 0 else ''}{text},{LAST // of.per * of.per})"
        name = label_of(self.category, rule)
        title = Words(f"ข้อ {number}: {name.th}", f"Rule {number}: {name.in_language('en')}")
        return self.columns.add(
            f"tie{number}", title, value, f"IF({place.cell}=0,0,{there})", per=of.per, most=_most(of), negative=True
        )

    def _compared(self, rule: TieBreak) -> tuple[int, Counted, str]:
        if rule.by == "criterion":
            found = self.totals.points[rule.code]
        elif rule.by == "indicator":
            found = self.facts.indicator(rule.code)
            return (1 if self.category.indicator(rule.code).better == "higher" else -1), found, found.cell
        elif rule.by == "spread":
            return -1, self.spread, self.spread.cell
        else:
            return 1, self._median(), self.columns["median"].cell
        return 1, found, found.cell

    def _median(self) -> Counted:
        if "median" not in self.columns.by:
            members, one = block_of(self.totals.members), self.totals.members[0]
            text = when(f"({self.totals.ok.cell}=1)*(COUNT({members})>0)=1", f"MEDIAN({members})*2")
            title = Words("มัธยฐานคะแนนรวมของกรรมการ", "Median of members' totals")
            self.columns.add("median", title, _median_of, text, per=2 * one.per, most=_most(one), negative=one.negative)
        return self.columns["median"]

    def _value(self, rule: TieBreak, line: Line) -> Number | None:
        standing = line.standing
        if rule.by == "criterion":
            return standing.points.get(rule.code)
        if rule.by == "indicator":
            return standing.indicators.get(rule.code)
        if rule.by == "spread":
            return standing.spread
        found = _median_of(line)
        return found if not isinstance(found, str) else None  # type: ignore[return-value]

    def _pairwise(self, number: int, place: Counted, size: Counted) -> Counted:
        """The wins of an entry that beats all whom those before it leave; −1 for those whom no rule sets apart.

        In a block of m, the first must have m − 1 wins, the next m − 2, … each alone with its number of wins.
        """
        columns, members = self.columns, []
        for slot, total in enumerate(self.totals.members):
            has = columns.add(f"has{number}:{slot}", Words(f"มีคะแนนรวมของกรรมการ {slot + 1}", f"Has a total of member {slot + 1}"),
                              _unknown, f"IF(({self.totals.ok.cell}=1)*ISNUMBER({total.cell})=1,1,0)")  # fmt: skip
            own = columns.add(f"own{number}:{slot}", Words(f"คะแนนรวมของกรรมการ {slot + 1} (ไม่มี = 0)", f"Total of member {slot + 1}, 0 for none"),
                              _unknown, f"IF({has.cell}=1,{total.cell},0)", per=total.per, most=_most(total), negative=True)  # fmt: skip
            members.append((own.cell, own.block, has.cell, has.block))
        wins = columns.add(
            f"wins{number}", Words("ชนะกี่รายในกลุ่มที่เท่ากัน", "How many of the tied it beats"), _unknown,
            pairwise_wins(place.cell, place.block, members), most=LARGEST // 10,
        )  # fmt: skip
        same = f"({place.block}={place.cell})"
        alone = columns.add(
            f"alone{number}", Words("จำนวนที่ชนะเท่ากัน", "How many have as many wins"), _unknown,
            f"IF({place.cell}=0,0,SUMPRODUCT({same}*({wins.block}={wins.cell})))", most=LARGEST // 10,
        )  # fmt: skip
        above = f"SUMPRODUCT({same}*({wins.block}>{wins.cell}))"
        shared = f"SUMPRODUCT({same}*({wins.block}>{wins.cell})*({alone.block}>1))"
        text = f"IF({place.cell}=0,0,IF(({above}={size.cell}-1-{wins.cell})*({shared}=0)=1,{wins.cell},-1))"
        name = label_of(self.category, self.levels[number - 1])
        title = Words(f"ข้อ {number}: {name.th}", f"Rule {number}: {name.in_language('en')}")
        return columns.add(f"tie{number}", title, _unknown, text, most=LARGEST // 10, negative=True)

    def _resolution(self, number: int, place: Counted, size: Counted) -> Counted:
        """The place in the committee's order, where one order names everybody who is still equal; else all equal."""
        most = max((len(orders) for orders in self.resolutions.values()), default=0)
        text = "0"
        for order in reversed(range(most)):
            given = self.columns.add(
                f"order{number}:{order}",
                Words(f"ลำดับตามมติที่ {order + 1}", f"Place in decision {order + 1}"), self._in_order(order), most=LARGEST // 10,
            )  # fmt: skip
            covered = f"SUMPRODUCT(({place.block}={place.cell})*({given.block}>0))={size.cell}"
            text = f"IF({covered},-N({given.cell}),{text})"
        name = label_of(self.category, self.levels[number - 1])
        title = Words(f"ข้อ {number}: {name.th}", f"Rule {number}: {name.in_language('en')}")
        return self.columns.add(
            f"tie{number}", title, _unknown, f"IF({place.cell}=0,0,{text})", most=LARGEST // 10, negative=True
        )

    def _in_order(self, order: int) -> Callable[[Line], Known]:
        def value(line: Line) -> Known:
            orders = self.resolutions.get(line.known["group"], [])  # type: ignore[arg-type]
            if order >= len(orders) or line.entry.code not in orders[order].order:
                return None
            return orders[order].order.index(line.entry.code) + 1

        return value

    # What follows from the place --------------------------------------------------------------------------------------

    def _outcome(self) -> None:
        columns, place, size = self.columns, self.place, self.size
        ends_open = bool(self.levels) and self.category.tie_breaks[-1].by == "resolution"
        self.unresolved = columns.add(
            "unresolved", Words("รอมติคณะกรรมการ (1/0)", "Waits for a decision (1/0)"),
            lambda line: int(line.standing.status == "tied_unresolved"), f"IF({size.cell}>1,1,0)" if ends_open else "0",
        )  # fmt: skip
        status = f"IF({self.unresolved.cell}=1,3,{columns['status0'].cell})"
        columns.add("status", Words("สถานะ", "Status"), _status, status, most=len(STATUSES))
        tier = self._tier()
        goes_on = self._goes_on()
        order = f"IF({self.counted.cell}=1,{place.cell},{10**9}+{columns['status0'].cell})"
        order_column = columns.add("order", Words("ลำดับการเรียง", "Order of listing"), _order, order, most=10**9 + 10)
        before = f"COUNTIF(${order_column.letter}${{a}}:{order_column.cell},{order_column.cell})"
        columns.add(
            "position", Words("บรรทัดที่", "Line"), _known("position"),
            f"SUMPRODUCT(--({order_column.block}<{order_column.cell}))+{before}", most=LARGEST // 10,
        )  # fmt: skip
        self._check([("exact", _exact), ("status", _status), ("rank", _rank), ("tier", tier), ("advances", goes_on),
                     ("decided", self._decided)])  # fmt: skip

    def _goes_on(self) -> Callable[[Line], Known]:
        take = self.stage.advance

        def value(line: Line) -> Known:
            return int(line.standing.advances)

        place, placed = self.place, self.placed
        if take is None:
            text = "0"
        else:
            ahead = f"SUMPRODUCT({placed.block}*({place.block}<{place.cell}))"
            beside = f"SUMPRODUCT({placed.block}*({place.block}={place.cell}))"
            open_tie = f"IF({ahead}+{beside}<={take},1,0)"
            text = f"IF({placed.cell}=0,0,IF({self.unresolved.cell}=1,{open_tie},IF({ahead}<{take},1,0)))"
        self.columns.add("advances", Words("เข้ารอบต่อไป (1/0)", "Goes on (1/0)"), value, text)
        return value

    def _tier(self) -> Callable[[Line], Known]:
        """The number of the first tier that holds, 0 for none; a tie still open takes one only if all its ranks do."""
        codes = ["", *(tier.code for tier in self.category.tiers)]

        def value(line: Line) -> Known:
            return codes.index(line.standing.tier or "")

        best = self._tier_at(self.place.cell)
        text = best
        if any(tier.rank_at_most is not None for tier in self.category.tiers):
            worst = self._tier_at(f"({self.place.cell}+IF({self.unresolved.cell}=1,{self.size.cell}-1,0))")
            title = Words("ระดับรางวัล หากได้ลำดับหลังสุด", "Tier at the last rank it may get")
            column = self.columns.add("tier0", title, _unknown, worst, most=len(codes))
            text = f"IF({best}={column.cell},{column.cell},0)"
        self.columns.add(
            "tier", Words("ระดับรางวัล (ข้อที่)", "Tier no."), value, f"IF({self.placed.cell}=1,{text},0)", most=len(codes)
        )
        return value

    def _tier_at(self, rank: str) -> str:
        if len(self.category.tiers) > MOST_NESTED:
            raise TooFine(f"มีระดับรางวัล {len(codes)} ระดับ" if (codes := self.category.tiers) else "", "too many tiers")
        text, on = "0", self._ranked_on()
        for number in range(len(self.category.tiers), 0, -1):
            tests = _tests(self.category.tiers[number - 1], on, rank)
            text = f"IF({every(tests)},{number},{text})" if tests else str(number)
        return text

    def _check(self, compared: Sequence[tuple[str, Callable[[Line], Known]]]) -> None:
        """The system's own results as values beside, and whether the sheet finds the same."""
        tests = []
        for key, value in compared:
            column = self.columns[key]
            title = Words("ระบบ: ", "System: ")
            beside = self.columns.add(
                f"system:{key}", Words(title.th + SYSTEM[key].th, title.in_language("en") + SYSTEM[key].in_language("en")), value,
                per=column.per, most=_most(column), negative=True,
            )  # fmt: skip
            tests.append(f"N({column.cell})=N({beside.cell})")
        title = Words("ตรงกับระบบ (1/0)", "Agrees with the system (1/0)")
        self.columns.add("check", title, lambda line: 1, f"IF({every(tests)},1,0)")


SYSTEM = {
    "exact": Words("คะแนนรวมที่แท้จริง", "exact total"),
    "status": Words("สถานะ", "status"),
    "rank": Words("ลำดับที่", "rank"),
    "tier": Words("ระดับรางวัล", "tier"),
    "advances": Words("เข้ารอบ", "goes on"),
    "decided": Words("กติกาที่ตัดสิน", "decided by"),
}


def _tests(tier: Tier, on: Counted, rank: str) -> list[str]:
    tests = [] if tier.at_least is None else [COMPARE["at_least"](on.cell, tier.at_least, on.per)]
    return tests if tier.rank_at_most is None else [*tests, f"{rank}<={tier.rank_at_most}"]


def _most(column: Counted) -> Number:
    return -(-column.high // column.per)


def _unknown(line: Line) -> Known:
    return NOT_KNOWN


def _known(key: str) -> Callable[[Line], Known]:
    return lambda line: line.known.get(key, NOT_KNOWN)


def _holds(rule: Eligibility) -> Callable[[Line], Known]:
    def value(line: Line) -> Known:
        step = line.steps.get(("eligibility", rule.code))
        return int(step.about["holds"]) if step else 1

    return value


def _first_status(line: Line) -> Known:
    status = line.standing.status
    if status == "tied_unresolved":
        return 1 if _placed(line) else 2
    return STATUSES.index(status) + 1


def _placed(line: Line) -> Known:
    standing = line.standing
    if standing.rank is None or standing.status == "not_placed":
        return 0
    rules = [step.about for (operation, _), step in line.steps.items() if operation == "eligibility"]
    return int(all(about["holds"] or about["rule"].otherwise != "not_placed" for about in rules))


def _status(line: Line) -> Known:
    return STATUSES.index(line.standing.status) + 1


def _exact(line: Line) -> Known:
    return line.standing.total_exact


def _rank(line: Line) -> Known:
    return line.standing.rank or 0


def _size_of(line: Line) -> Known:
    return line.known["sharing"]


def _order(line: Line) -> Known:
    return line.standing.rank or 10**9 + STATUSES.index(line.standing.status) + 1


def _median_of(line: Line) -> Known:
    totals = list(line.standing.member_totals.values())
    return median(totals, len(totals), None) if totals else None
