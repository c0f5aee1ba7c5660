"""What keeps an entry from being sent: every field that is missing or wrong, each with where it is and what to do."""

from collections.abc import Iterator, Mapping
from typing import Any

from award.answers.codes import list_fields
from award.answers.district_rows import list_row_problems
from award.answers.percentages import Unusual, guess, list_impossible, list_unusual
from award.answers.plain import count_words, is_web_address, plain_date, plain_number
from award.answers.problem import Problem, place_of
from award.errors import N_
from scoring_rules.exact import Number, parse_number, plain
from scoring_rules.rules import Category, Field, Indicator
from scoring_rules.words import Words

__all__ = ["Problem", "Unusual", "list_problems", "list_unusual", "place_of"]


def list_problems(
    category: Category, answers: Mapping[str, Any], *, numbers: Mapping[str, Number], evidence: Mapping[str, int],
    districts: int | None = None,
) -> list[Problem]:  # fmt: skip
    """Everything missing or wrong, in the order of the form. `numbers` are the answers that rules read as numbers,
    `evidence` how many files and links stand beside each field, `districts` how many the province has."""
    problems: list[Problem] = []
    brought = [field for field in list_fields(category) if field.code[:1] == "@"]
    for field in (*category.fields, *brought):
        if field.type == "files":
            if field.required and not evidence.get(field.code):
                says = N_("“%(label)s” has no file and no link yet.")
                problems.append(Problem(place_of(field.code), field.code, "missing", says, {"label": field.label}))
        elif field.type == "table":
            problems += _table_problems(field, answers.get(field.code) or [])
        else:
            problems += _problems_at(place_of(field.code), field, answers.get(field.code) or "", code=field.code)
    wrong = {problem.field for problem in problems if problem.field[:1] != "@"}
    problems += [each for one in category.indicators for each in _ratio_problems(category, one, numbers, wrong)]
    problems += list_impossible(category, numbers, wrong)
    whole = districts if category.entrant == "province_office" else None  # a group's rows are those it works in
    for indicator in category.indicators:
        problems += list_row_problems(category, indicator, answers, numbers, districts=whole)
    return problems


def _problems_at(place: str, field: Field, text: str, *, code: str) -> Iterator[Problem]:
    about = {"label": field.label}
    if not text:
        if field.required:
            yield Problem(place, code, "missing", N_("“%(label)s” is not filled in."), about)
        return
    check = {"integer": _number_wrong, "decimal": _number_wrong, "date": _date_wrong, "link": _link_wrong}.get(
        field.type, _text_wrong
    )
    for says, values in check(field, text):
        yield Problem(place, code, "wrong", says, about | {"typed": _brief(text)} | values)


def _table_problems(field: Field, rows: list[Mapping[str, str]]) -> Iterator[Problem]:
    about = {"label": field.label}
    if field.required and not rows:
        yield Problem(place_of(field.code), field.code, "missing", N_("“%(label)s” has no row yet."), about)
    if field.max_rows is not None and len(rows) > field.max_rows:
        says = N_("“%(label)s” has %(count)s rows; at most %(most)s are possible. Remove some.")
        counts = {"count": len(rows), "most": field.max_rows}
        yield Problem(place_of(field.code), field.code, "wrong", says, about | counts)
    for number, row in enumerate(rows):
        for column in field.columns:
            place = place_of(field.code, number, column.code)
            for problem in _problems_at(place, column, row.get(column.code, ""), code=field.code):
                label = Words(
                    f"{field.label.th} แถวที่ {number + 1}: {column.label.th}",
                    f"{field.label.in_language('en')}, row {number + 1}: {column.label.in_language('en')}",
                )
                yield Problem(place, field.code, problem.kind, problem.says, {**problem.values, "label": label})


Found = Iterator[tuple[str, dict[str, Any]]]


def _number_wrong(field: Field, text: str) -> Found:
    number = plain_number(text)
    if number is None:
        yield N_("“%(label)s”: “%(typed)s” is not a number. Write digits only, such as 97.27 or 1,250."), {}
        return
    value = parse_number(number)
    if field.type == "integer" and value.denominator != 1:
        yield N_("“%(label)s”: %(typed)s is not a whole number. Write it without decimals."), {}
    elif field.type == "decimal" and field.places is not None and len(number.partition(".")[2]) > field.places:
        yield N_("“%(label)s”: %(typed)s has more than %(places)s decimals."), {"places": field.places}
    if field.min is not None and value < field.min:
        yield N_("“%(label)s”: %(typed)s is too small; the least possible is %(min)s."), {"min": plain(field.min)}
    if field.max is not None and value > field.max:
        says, about = N_("“%(label)s”: %(typed)s is too large; the most possible is %(max)s."), {}
        if field.max == 100 and field.type == "decimal" and (meant := guess(number, field.max)):
            says = N_("“%(label)s”: %(typed)s is too large; the most possible is %(max)s. Did you mean %(meant)s?")
            about["meant"] = meant
        yield says, about | {"max": plain(field.max)}


def _date_wrong(field: Field, text: str) -> Found:
    if plain_date(text) is None:
        yield N_("“%(label)s”: “%(typed)s” is not a date. Write day/month/year, such as 19/7/2564."), {}


def _link_wrong(field: Field, text: str) -> Found:
    if not is_web_address(text):
        yield N_("“%(label)s”: only addresses of web pages are possible. They begin with https:// or http://."), {}


def _text_wrong(field: Field, text: str) -> Found:
    if field.max_chars is not None and len(text) > field.max_chars:
        counts = {"count": f"{len(text):,}", "most": f"{field.max_chars:,}"}
        yield N_("“%(label)s” has %(count)s characters; at most %(most)s are possible. Shorten it."), counts
    if field.max_words is not None and (words := count_words(text)) > field.max_words:
        counts = {"count": f"{words:,}", "most": f"{field.max_words:,}"}
        yield N_("“%(label)s” has about %(count)s words; at most %(most)s are possible. Shorten it."), counts


def _ratio_problems(
    category: Category, indicator: Indicator, numbers: Mapping[str, Number], wrong: set[str]
) -> Iterator[Problem]:
    """Half a ratio, or one that cannot be divided. A part that is wrong by itself was already named."""
    if indicator.ratio is None or wrong & set(indicator.ratio):
        return
    above, below = (category.field(code) for code in indicator.ratio)
    given = [each.code in numbers for each in (above, below)]
    about = {"indicator": indicator.label}
    if given == [True, False] or given == [False, True]:
        blank = below if given[0] else above
        # A denominator may be shared: blank numerators of a second indicator are no fault of the first.
        if given[1] and _is_shared(category, below.code):
            return
        says = N_("“%(label)s” is needed to work out “%(indicator)s”. Fill it in, or clear the other number.")
        yield Problem(place_of(blank.code), blank.code, "missing", says, about | {"label": blank.label})
    elif given[0] and numbers[below.code] == 0:
        says = N_("“%(label)s” is 0, so “%(indicator)s” cannot be worked out. Mend the number, or clear both.")
        yield Problem(place_of(below.code), below.code, "wrong", says, about | {"label": below.label})


def _is_shared(category: Category, code: str) -> bool:
    return sum(code in (indicator.ratio or ()) for indicator in category.indicators) > 1


def _brief(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
