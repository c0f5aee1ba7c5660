"""Invented rows by district, where the rules want them: they add up to the province's number, to the last unit."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

from award.answers.codes import DISTRICT, ROWS, SOURCE, columns_of, has_rows
from award.demo.texts import INVENTED
from scoring_rules.rules import Category


def invent_rows(category: Category, answers: dict[str, Any], *, districts: int) -> None:
    """Adds to `answers` the rows of every indicator that has them, split evenly, and a source; changes nothing else."""
    for indicator in category.indicators:
        if not has_rows(category, indicator) or districts < 1:
            continue
        rows = [{DISTRICT: f"อำเภอที่ {number + 1} ({INVENTED})"} for number in range(districts)]
        for column, code in columns_of(indicator).items():
            for row, part in zip(rows, _parts(str(answers[code]), districts), strict=True):
                row[column] = part
        answers[ROWS + indicator.code] = rows
        answers[SOURCE + indicator.code] = f"ทะเบียนของจังหวัด ({INVENTED})"


def _parts(number: str, count: int) -> list[str]:
    """A number in so many parts, in units of its last decimal."""
    value = Decimal(number)
    exponent = int(value.as_tuple().exponent)
    units = int(value.scaleb(-exponent))
    edges = [units * place // count for place in range(count + 1)]
    return [str(Decimal(after - before).scaleb(exponent)) for before, after in pairwise(edges)]
