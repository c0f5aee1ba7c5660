"""Invented answers for any rule set: made from the fields' types, so that a new award needs no new demo code."""

from decimal import Decimal
from random import Random
from typing import Any

from award.demo.texts import INVENTED, STORIES
from scoring_rules.exact import plain, shown
from scoring_rules.rules import Bands, Category, Field, Indicator, MarksSource


def invent_answers(category: Category, *, quality: float, rng: Random, title: str) -> dict[str, Any]:
    """Answers to every field of `category`; numbers follow `quality` (0..1), which is only ever used to invent."""
    answers: dict[str, Any] = {}
    for field in category.fields:
        if field.type != "files":
            answers[field.code] = _invent(field, title=title, rng=rng)
    chosen: set[str] = set()
    for indicator in category.indicators:
        _invent_indicator(category, indicator, answers, chosen, quality=quality, rng=rng)
    for rule in category.eligibility:
        if rule.require.what == "field":
            value = rule.require.value
            yes_no = category.field(rule.require.code).type == "yes_no"
            answers[rule.require.code] = ("yes" if value else "no") if yes_no else plain(value)
    return answers


def _invent(field: Field, *, title: str, rng: Random) -> Any:
    if field.type == "text":
        what = title if field.code in ("title", "owner") else field.label.th
        return f"{what} ({INVENTED})"[: field.max_chars or 200]
    if field.type == "long_text":
        return f"{INVENTED}: {rng.choice(STORIES)}"
    if field.type == "integer":
        return plain(max(field.min or 0, rng.randint(1, 20)))
    if field.type == "decimal":
        return shown(max(field.min or 0, rng.randint(1, 20)), field.places or 0)
    if field.type == "date":
        return f"2021-06-{rng.randint(1, 30):02d}"
    if field.type == "choice":
        return rng.choice(field.options).code
    if field.type == "yes_no":
        return "yes"
    if field.type == "link":
        return f"https://example.invalid/{field.code}"
    if field.type == "table":
        return [{column.code: _invent(column, title=title, rng=rng) for column in field.columns}]
    raise ValueError(f"no demo answer for a field of type {field.type}")


def _invent_indicator(
    category: Category, indicator: Indicator, answers: dict[str, Any], chosen: set[str], *, quality: float, rng: Random
) -> None:
    """A numerator and denominator (or the number itself) whose value lies where `quality` would put it."""
    bands = _bands_of(category, indicator)
    value = _value_within(bands, quality=quality, rng=rng)
    if indicator.ratio is None:
        assert indicator.field is not None
        answers[indicator.field] = _number(category.field(indicator.field), Decimal(round(value)))
        return
    top, bottom = (category.field(code) for code in indicator.ratio)
    if bottom.code not in chosen:  # two indicators may share a denominator
        answers[bottom.code] = _number(bottom, Decimal(_denominator(bottom, rng)))
        chosen.add(bottom.code)
    denominator = Decimal(answers[bottom.code])
    numerator = (denominator * Decimal(round(value * 100)) / 100 / int(indicator.times)).quantize(Decimal("0.01"))
    answers[top.code] = _number(top, numerator)


def _denominator(field: Field, rng: Random) -> int:
    number = rng.randint(8, 40) * (25_000 if "บาท" in field.label.th else 20)
    low, high = field.min, field.max
    return int(min(max(number, low or 0), high if high is not None else number))


def _number(field: Field, value: Decimal) -> str:
    if field.max is not None:
        value = min(value, Decimal(plain(field.max)))
    if field.min is not None:
        value = max(value, Decimal(plain(field.min)))
    return f"{value:.{field.places or 0}f}" if field.type == "decimal" else f"{value:.0f}"


def _bands_of(category: Category, indicator: Indicator) -> Bands | None:
    for leaf in category.leaves:
        suggest = leaf.source.suggest if isinstance(leaf.source, MarksSource) else None
        if suggest is not None and suggest.indicator == indicator.code:
            return suggest.bands
    return None


def _value_within(bands: Bands | None, *, quality: float, rng: Random) -> float:
    """A value about the bands' edges, so that suggested marks spread over the scale."""
    if bands is None:
        return 60 + 38 * quality
    low, high = float(bands.edges[0][0]), float(bands.edges[-1][0])
    place = min(1.0, max(0.0, quality + rng.uniform(-0.15, 0.15)))
    if bands.better == "lower":
        return max(0.1, high * 1.1 - (high * 1.1 - low * 0.4) * place)
    value = low * 0.9 + (high * 1.09 - low * 0.9) * place
    return min(value, 100.0) if high <= 100 else value
