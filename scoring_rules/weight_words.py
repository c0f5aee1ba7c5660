"""What is known of a weight in words: on which points nothing changes, and what does at each end."""

from collections.abc import Callable, Sequence

from scoring_rules.exact import Number, exact_text, plain, shown
from scoring_rules.weights import Change, Stability
from scoring_rules.words import Words


def points_text(points: Number) -> str:
    """`27.5`; where that takes more than four decimals, rounded with the exact fraction: `59.2511 (13450/227)`."""
    text = plain(points)
    if "/" not in text and len(text.partition(".")[2]) <= 4:
        return text
    return f"{shown(points, 4)} ({exact_text(points)})"


def interval_said(stability: Stability) -> Words:
    """On which points the same entries win or go on; where it is not the whole of it, says what is certain."""
    it = stability.interval
    if it.low == 0 and it.high == stability.whole and it.low_included and it.high_included:
        return Words("ไม่เปลี่ยนไม่ว่ามีคะแนนเท่าใด", "the same at any number of points")
    low, high = points_text(it.low), points_text(it.high)
    if it.low == it.high:
        if not stability.proven:
            return Words(f"แน่นอนเฉพาะที่ {low} คะแนน", f"certain at {low} points only")
        return Words(f"เฉพาะที่ {low} คะแนน", f"only at {low} points")
    first = Words("ตั้งแต่", "from") if it.low_included else Words("มากกว่า", "more than")
    if it.high_included:
        last = Words("ถึง", "to" if it.low_included else "up to")
    else:
        last = Words("แต่น้อยกว่า", "to less than" if it.low_included else "but less than")
    said = Words(f"{first.th} {low} {last.th} {high} คะแนน", f"{first.en} {low} {last.en} {high} points")
    if stability.proven:
        return said
    return Words(f"อย่างน้อย{said.th}", f"at least {said.en}")


def change_said(stability: Stability, change: Change, name: Callable[[str], str] = str) -> Words:
    """`at 27.5 points instead of 25: e3 passes e1`. `name` is what an entry is called."""
    points, now = points_text(change.points), points_text(stability.points)
    up = change.points >= stability.points
    if change.beyond:
        where = Words(
            f"{'มากกว่า' if up else 'น้อยกว่า'} {points} คะแนน (ขณะนี้ {now})",
            f"at {'more' if up else 'less'} than {points} points instead of {now}",
        )
    else:
        where = Words(f"ที่ {points} คะแนน (ขณะนี้ {now})", f"at {points} points instead of {now}")
    comes, goes = _listed(change.comes, name), _listed(change.goes, name)
    many, more = len(change.comes) > 1, len(change.goes) > 1
    if stability.what == "winner":
        if comes and goes:
            what = Words(f"{comes} ขึ้นลำดับที่ 1 แทน {goes}", f"{comes} pass{'' if many else 'es'} {goes}")
        elif comes:
            what = Words(f"{comes} ขึ้นลำดับที่ 1 ร่วมด้วย", f"{comes} share{'' if many else 's'} first place")
        else:
            what = Words(f"{goes} ไม่ได้ลำดับที่ 1", f"{goes} {'are' if more else 'is'} no longer first")
    elif comes and goes:
        what = Words(f"{comes} เข้ารอบแทน {goes}", f"{comes} go{'' if many else 'es'} on instead of {goes}")
    elif comes:
        what = Words(f"{comes} เข้ารอบด้วย", f"{comes} go{'' if many else 'es'} on as well")
    else:
        what = Words(f"{goes} ไม่เข้ารอบ", f"{goes} no longer go{'' if more else 'es'} on")
    return Words(f"{where.th}: {what.th}", f"{where.en}: {what.en}")


def _listed(codes: Sequence[str], name: Callable[[str], str]) -> str:
    return ", ".join(name(code) for code in codes)
