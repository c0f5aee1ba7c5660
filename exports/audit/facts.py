"""Numbers of the entries that rules read: fields in whole units, indicators made from them."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

from exports.audit.columns import Columns, Counted, Find, Units
from exports.audit.lines import Known, Line
from exports.formulas import MODES, NONE, SAFE, TooFine, when
from scoring_rules.exact import Number
from scoring_rules.indicators import label_of_field, measure
from scoring_rules.rules import Adjustment, Category, Indicator, IndicatorSource

FactsAt = Mapping[tuple[str, str], str]  # (entry, field) -> the cell that holds it


class Facts:
    """The columns of fields and indicators; `read` finds the one that a condition looks at."""

    def __init__(self, columns: Columns, category: Category, lines: Sequence[Line], facts_at: FactsAt):
        self.columns, self.category, self.lines, self.facts_at = columns, category, lines, facts_at
        indicators = [category.indicator(code) for code in dict.fromkeys(indicators_read(category))]
        self.fields = {code: self._field(code) for code in fields_read(category)}
        self.indicators = {each.code: self._indicator(each) for each in indicators}

    def indicator(self, code: str) -> Counted:
        """The column of an indicator."""
        return self.indicators[code]

    def read(self, what: str, code: str) -> Counted:
        """The column of a field or an indicator."""
        return self.fields[code] if what == "field" else self.indicators[code]

    def _field(self, code: str) -> Counted:
        found = [line.entry.fields[code] for line in self.lines if code in line.entry.fields]
        declared = next((field for field in self.category.fields if field.code == code), None)
        places = declared.places if declared and declared.places else 0
        per = lcm(10**places, *(value.denominator for value in found))

        def formula(line: Line) -> str:
            cell = self.facts_at[line.entry.code, code]
            return f"IF(ISNUMBER({cell}),ROUND({cell}*{per},0),{NONE})"

        label, units = label_of_field(self.category, code), Units(per, *sizes_of(found))
        return self.columns.add(f"field:{code}", label, lambda line: line.entry.fields.get(code), formula, units)

    def _indicator(self, indicator: Indicator) -> Counted:
        category = self.category

        def value(line: Line) -> Known:
            return measure(category, indicator, line.entry.fields).value

        if indicator.ratio is not None:
            return self._ratio(indicator, value)
        field = self.fields[indicator.field or ""]
        if indicator.round is None:
            self.columns.by[f"indicator:{indicator.code}"] = field
            return field
        return self.columns.add_rounded(f"indicator:{indicator.code}", indicator.label, value, field, indicator.round)

    def _ratio(self, indicator: Indicator, value: Find) -> Counted:
        assert indicator.ratio is not None
        above, below = (self.fields[code] for code in indicator.ratio)
        if indicator.round is None:
            raise TooFine(
                f"ตัวชี้วัด “{indicator.label.th}” เป็นอัตราส่วนที่ไม่ปัดเศษ",
                f"indicator “{indicator.label.in_language('en')}” is a ratio without rounding",
            )
        factor = Fraction(indicator.times) * below.per / above.per
        share = gcd(factor.numerator, factor.denominator)
        up, under, scale = factor.numerator // share, factor.denominator // share, 10**indicator.round.places
        if 2 * above.high * abs(up) * scale + 3 * below.high * under >= SAFE:
            raise TooFine(
                f"ตัวเลขของตัวชี้วัด “{indicator.label.th}” มีค่ามากเกินไป",
                f"the numbers of indicator “{indicator.label.in_language('en')}” are too large",
            )
        negative = above.negative or below.negative or up < 0
        number, per = f"({above.cell}*{up})", f"({below.cell}*{under})"
        if negative:
            text = MODES[indicator.round.mode](f"ABS{number}", f"ABS{per}", scale)
            text = f"SIGN{number}*SIGN{per}*{text}"
        else:
            text = MODES[indicator.round.mode](number, per, scale)
        found: list[Number] = [each for each in map(value, self.lines) if isinstance(each, int | Fraction)]
        there = f"ISNUMBER({above.cell})*ISNUMBER({below.cell})*(N({below.cell})<>0)=1"
        units = Units(scale, sizes_of(found)[0], negative)
        return self.columns.add(f"indicator:{indicator.code}", indicator.label, value, when(there, text), units)


def sizes_of(numbers: Sequence[Number]) -> tuple[Number, bool]:
    """(the largest size, whether one lies below nothing)."""
    sizes: list[Number] = [abs(Fraction(number)) for number in numbers]
    return max(sizes, default=1), any(number < 0 for number in numbers)


def looks_at(rule: Adjustment) -> tuple[str, str]:
    """("field" or "indicator", its code) of the number that an adjustment reads."""
    if rule.when is not None:
        return rule.when.what, rule.when.code
    assert rule.per is not None
    return rule.per


def indicators_read(category: Category) -> Iterator[str]:
    """Codes of the indicators that the result depends on."""
    for leaf in category.leaves:
        if isinstance(leaf.source, IndicatorSource):
            yield leaf.source.indicator
    for what, code in _conditions(category):
        if what == "indicator":
            yield code
    yield from (rule.code for rule in category.tie_breaks if rule.by == "indicator")


def fields_read(category: Category) -> tuple[str, ...]:
    """Codes of the fields that the result depends on, in the order in which they are met."""
    found = [code for what, code in _conditions(category) if what == "field"]
    for code in indicators_read(category):
        indicator = category.indicator(code)
        found += indicator.ratio or (indicator.field or "",)
    return tuple(dict.fromkeys(found))


def _conditions(category: Category) -> Iterator[tuple[str, str]]:
    for rule in category.total.adjustments:
        yield looks_at(rule)
    for each in category.eligibility:
        yield each.require.what, each.require.code
