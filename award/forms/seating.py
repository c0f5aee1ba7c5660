"""Who is to sit on which panel, as it was chosen."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

_NAME = re.compile(r"seat-([0-9]{1,9})-([0-9]{1,9})")


def read_seats(form: Mapping[str, str], *, panels: Iterable[str]) -> dict[int, list[tuple[int, str]]]:
    """By panel that was ticked, the duties that were given a seat, with its kind."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for ticked in panels:
        if ticked.isascii() and ticked.isdigit() and len(ticked) < 10:
            found[int(ticked)] = []
    for name, kind in form.items():
        place = _NAME.fullmatch(name)
        if place is not None and kind and int(place[1]) in found:
            found[int(place[1])].append((int(place[2]), kind))
    return dict(found)
