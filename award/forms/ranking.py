"""What an organizer sends: which calculation, and the committee's decision on a tie."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from award.forms.plain_text import many_lines
from scoring_rules.exact import NotANumber, parse_number

MOST_LETTERS = 4000


@dataclass(frozen=True, slots=True)
class ResolutionForm:
    """A decision as it was typed. `places` holds what was typed for each tied entry; `errors` (field id, sentence)."""

    category: str
    group: str
    places: Mapping[str, str]
    reason: str
    key: str | None
    order: tuple[str, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()


def read_resolution(sent: Mapping[str, str], *, tied: Mapping[str, int]) -> ResolutionForm:
    """The decision in a posted form; `tied` gives each tied entry's rank. `order` is set where nothing is wrong.

    Each entry of a rank gets its own place, counted from that rank on: three entries tied at rank 2 get 2, 3 and 4.
    """
    places = {entry: sent.get(f"place-{entry}", "").strip() for entry in tied}
    reason = many_lines(sent.get("reason"))
    category, group = sent.get("category", ""), sent.get("group", "")
    errors = list(_wrong_places(places, tied))
    if not reason:
        errors.append(("reason", gettext("Write the committee's reason.")))
    elif len(reason) > MOST_LETTERS:
        errors.append(("reason", gettext("The reason may have at most %(most)s letters.", most=MOST_LETTERS)))
    order = () if errors else tuple(sorted(tied, key=lambda entry: parse_number(places[entry])))
    return ResolutionForm(category, group, places, reason, sent.get("key") or None, order, tuple(errors))


def _wrong_places(places: Mapping[str, str], tied: Mapping[str, int]) -> list[tuple[str, str]]:
    errors = []
    given: dict[str, object] = {}
    for entry, rank in tied.items():
        last = rank + sum(other == rank for other in tied.values()) - 1
        try:
            given[entry] = parse_number(places[entry])
        except NotANumber:
            given[entry] = None
        if given[entry] not in range(rank, last + 1):
            says = gettext("%(entry)s: choose a place from %(first)s to %(last)s.", entry=entry, first=rank, last=last)
            errors.append((f"place-{entry}", says))
    for entry, place in given.items():
        if place is not None and list(given.values()).count(place) > 1 and not errors:
            errors.append((f"place-{entry}", gettext("Two entries have the same place. Give each its own.")))
    return errors
