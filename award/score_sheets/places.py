"""Whether rows and columns still stand where they were written."""

from collections.abc import Iterator, Sequence

from exports.workbook import letter_of
from scoring_rules.fact_tables import brief
from scoring_rules.words import Words


def misplaced(
    found: Sequence[tuple[int, str]], wanted: dict[str, int], what: Words, first: int
) -> Iterator[tuple[int, str, Words]]:
    """(place, problem, words) of codes that do not stand where they were written.

    Rows behind one that was inserted are not told again: only where the distance changes.
    """
    places: dict[str, list[int]] = {}
    for place, code in found:
        if code:
            places.setdefault(code, []).append(place)
    english = what.in_language("en")
    if not any(code in places for code in wanted):
        says = Words(f"รหัสของ{what.th}ไม่อยู่ที่เดิม มีการแทรกหรือย้าย", f"The codes of the {english}s are not where they were.")
        yield first, "moved", says
        return
    for code, at in places.items():
        if code not in wanted:
            yield (
                at[0],
                "moved",
                Words(f"ไม่รู้จักรหัส{what.th} “{brief(code)}”", f'The {english} code "{brief(code)}" is not known.'),
            )
        elif len(at) > 1:
            yield at[1], "moved", Words(f"{what.th} “{code}” ซ้ำ", f'The {english} "{code}" is there twice.')
    shift = 0
    for code, place in wanted.items():
        if code not in places:
            yield place, "moved", Words(f"{what.th} “{code}” หายไป", f'The {english} "{code}" is missing.')
            continue
        moved = places[code][0] - place
        if moved != shift:
            shift = moved
            if moved:
                yield places[code][0], "moved", _is_elsewhere(code, what, place, places[code][0])


def _is_elsewhere(code: str, what: Words, wanted: int, found: int) -> Words:
    lettered = what.in_language("en") == "column"
    there, here = (letter_of(each) if lettered else str(each) for each in (wanted, found))
    place = f"{what.in_language('en')} {there}"
    return Words(
        f"“{code}” ควรอยู่{what.th} {there} แต่อยู่{what.th} {here}: มีการแทรก ลบ หรือย้าย",
        f'"{code}" belongs in {place} but is in {here}: something was inserted, deleted or moved.',
    )
