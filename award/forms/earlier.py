"""What an earlier year's entry has to offer to this one: answers whose questions are still the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from award.answers.codes import find_field, list_fields
from award.forms.versions import read_answer
from scoring_rules.rules import Category, Field


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer of an earlier year that this year's question can take over. `now`: what stands there today."""

    field: Field
    value: Any  # as it is stored
    reading: str
    now: str

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands there yet."""
        return not self.now


def list_offers(
    category: Category, answers: Mapping[str, Any], earlier: Category, earlier_answers: Mapping[str, Any], *,
    language: str,
) -> tuple[Offer, ...]:  # fmt: skip
    """Answers that may be taken over, in the order of the form: the code and the type of the field are the same then
    and now, and the answer is another one than today's. Of tables only the columns that both have."""
    return tuple(_offers(category, answers, earlier, earlier_answers, language))


def _offers(
    category: Category, answers: Mapping[str, Any], earlier: Category, earlier_answers: Mapping[str, Any], language: str
) -> Iterator[Offer]:
    for field in list_fields(category):
        old, value = find_field(earlier, field.code), earlier_answers.get(field.code)
        if old is None or old.type != field.type or not value:
            continue
        taken = _taken(field, old, value)
        if taken and taken != answers.get(field.code):
            now = answers.get(field.code) or ""
            yield Offer(field, taken, read_answer(field, taken, language), read_answer(field, now, language))


def _taken(field: Field, old: Field, value: Any) -> Any:
    if field.type == "choice":
        return value if any(option.code == value for option in field.options) else ""
    if field.type != "table":
        return value
    then = {column.code: column.type for column in old.columns}
    both = {column.code for column in field.columns if then.get(column.code) == column.type}
    rows = [{code: text for code, text in row.items() if code in both and text} for row in value]
    return [row for row in rows if row]
