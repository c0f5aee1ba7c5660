"""Indicators: a measured number of an entry, and the mark that it suggests. Missing is never zero."""

from collections.abc import Mapping
from dataclasses import dataclass

from scoring_rules.exact import Number, rounded
from scoring_rules.operations import on_bands, over, times
from scoring_rules.results import Step
from scoring_rules.rules import Category, Condition, Criterion, Indicator, MarksSource
from scoring_rules.words import Words


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator's value for one entry, rounded as the rules say; None with the reason why it is missing."""

    value: Number | None
    step: Step
    missing: Words | None = None


def measure(category: Category, indicator: Indicator, fields: Mapping[str, Number]) -> Measured:
    """The indicator's value from an entry's number fields, rounded before anything is compared with it.

    A field that was not filled in, or a zero denominator, makes the value missing, with the reason.
    """
    if indicator.ratio is None:
        code = indicator.field or ""
        raw = fields.get(code)
        about: dict[str, object] = {"code": indicator.code, "unit": indicator.unit, "raw": raw}
        missing = None if raw is not None else not_filled_in(category, code)
    else:
        above, below = (fields.get(code) for code in indicator.ratio)
        about = {"code": indicator.code, "unit": indicator.unit, "numerator": above, "denominator": below}
        about["times"] = indicator.times
        if above is None or below is None:
            raw, missing = None, not_filled_in(category, indicator.ratio[0 if above is None else 1])
        elif below == 0:
            raw, missing = None, zero_denominator(category, indicator.ratio[1])
        else:
            raw, missing = over(times(indicator.times, above), below), None
        about["raw"] = raw
    about["round"] = indicator.round
    value = None if raw is None else rounded(raw, indicator.round)
    places = indicator.round.places if indicator.round else None
    step = Step("indicator", indicator.label, value, places, about=about, clause=indicator.clause)
    return Measured(value, step, missing)


def measure_all(category: Category, fields: Mapping[str, Number]) -> dict[str, Measured]:
    """Every indicator of the category for one entry, by code."""
    return {indicator.code: measure(category, indicator, fields) for indicator in category.indicators}


def suggested_mark(category: Category, leaf: Criterion, fields: Mapping[str, Number]) -> Number | None:
    """The mark that the entry's indicator suggests for a leaf; None where none is suggested or the value is missing."""
    if not isinstance(leaf.source, MarksSource) or leaf.source.suggest is None:
        return None
    suggest = leaf.source.suggest
    value = measure(category, category.indicator(suggest.indicator), fields).value
    return None if value is None else on_bands(value, suggest.bands)


def read_number(
    category: Category, condition: Condition, fields: Mapping[str, Number], measured: Mapping[str, Measured]
) -> tuple[Number | None, Words | None]:
    """What a condition on a field or an indicator looks at: (value, None), or (None, why it is missing)."""
    if condition.what == "indicator":
        found = measured[condition.code]
        return found.value, found.missing
    value = fields.get(condition.code)
    return value, None if value is not None else not_filled_in(category, condition.code)


def label_of_field(category: Category, code: str) -> Words:
    """The field's label; its code where the rules do not define it."""
    return next((field.label for field in category.fields if field.code == code), Words(code, code))


def not_filled_in(category: Category, code: str) -> Words:
    """Why a value is missing: the field is blank."""
    label = label_of_field(category, code)
    return Words(f"ไม่ได้กรอก “{label.th}”", f"“{label.in_language('en')}” is not filled in")


def zero_denominator(category: Category, code: str) -> Words:
    """Why a ratio is missing: nothing to divide by."""
    label = label_of_field(category, code)
    return Words(f"“{label.th}” เป็น 0 จึงหารไม่ได้", f"“{label.in_language('en')}” is 0, so there is nothing to divide by")
