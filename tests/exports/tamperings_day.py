"""What somebody with the log's key may do to the acts of a scoring day: each verb, and the words that name it."""

import json
from collections.abc import Callable

from tests.exports.forging import all_acts, at, leaving_out, telling
from tests.exports.lived_day import CHAIR, LATER, lived_files, living
from tests.exports.package_by_hand import Files, Line, alias, zipped
from tests.exports.small_round import seat

REPLAYED, OPENED = 8, 14  # the steps that name them
Change = Callable[[list[Line]], list[Line]]


def rewritten_day(change: Change) -> Callable[[Files], bytes]:
    """The lived day in place of the small round, changed and signed anew."""
    return all_acts(living(change))


def opened_day(change: Change, *, names: Callable[[dict[str, str]], dict[str, str]] = dict) -> Callable[[Files], bytes]:
    """The same in the auditor's edition, with another names.json."""

    def made(_: Files) -> bytes:
        files = lived_files(auditor=True, lines=living(change)([]))
        files["names.json"] = json.dumps(names(json.loads(files["names.json"]))).encode()
        return zipped(files, edition="auditor")

    return made


def by(act: str, number: int, person: str) -> Change:
    """An act under somebody else's alias."""

    def change(lines: list[Line]) -> list[Line]:
        lines[at(lines, act, number)]["actor"] = alias(f"{act} {person}")
        return lines

    return change


def seated_through(duty: int) -> Change:
    """The nation's panel says through which duties its seats are held."""

    def change(lines: list[Line]) -> list[Line]:
        holders = [[seat(code), alias(f"seat {code} duty {duty}")] for code in ("n-chair", "n-one")]
        return telling("seat_panel", 2, holders=holders)(lines)

    return change


def named_holders(*codes: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """names.json with the holders of these seats."""
    return lambda names: names | {f"seat {code} duty 7": alias(f"seat {code} duty 7") for code in codes}


# name, what is done, the step that names it, with these words, whether in the auditor's edition
OF_THE_DAY: tuple[tuple[str, Callable[[Files], bytes], int, str, bool], ...] = (
    (
        "a slot moved from a time it never had",
        rewritten_day(telling("move_slot", 1, was=LATER.replace("08-01", "08-03"))),
        REPLAYED,
        "slot 13 was to start at",
        False,
    ),
    ("a slot dropped once it was open", rewritten_day(telling("drop_slot", 0, slot=11)), REPLAYED, "slot 11 is", False),
    (
        "a phase that does not exist",
        rewritten_day(telling("begin_phase", 0, phase="voting")),
        REPLAYED,
        "unknown phase voting",
        False,
    ),
    (
        "an absent member ticked as present under another seat",
        rewritten_day(telling("record_attendance", 2, member=seat("z2-chair"))),
        REPLAYED,
        "does not sit in panel 3",
        False,
    ),
    (
        "the chair's leave for an absent member taken out",
        rewritten_day(leaving_out("allow_member")),
        REPLAYED,
        "its member missed the presentation",
        False,
    ),
    (
        "a leave for somebody who was there",
        rewritten_day(telling("allow_member", 0, member=seat("n-chair"))),
        REPLAYED,
        "is not recorded as late or absent",
        False,
    ),
    (
        "the chair passed to somebody of another panel",
        rewritten_day(telling("pass_chair", 0, member=seat("z2-chair"))),
        REPLAYED,
        "does not sit in panel 3",
        False,
    ),
    (
        "a note put into another slot",
        rewritten_day(telling("note_minutes", 0, slot=14)),
        REPLAYED,
        "there is no slot 14",
        False,
    ),
    (
        "an interest turned into none",
        rewritten_day(telling("declare_interest", 2, kind="none")),
        REPLAYED,
        "no interest, yet cards are recused",
        False,
    ),
    (
        "an interest left out",
        rewritten_day(leaving_out("declare_interest", 2)),
        REPLAYED,
        "card 10 was not recused",
        False,
    ),
    (
        "a chair's correction of a declaration left out",
        rewritten_day(leaving_out("record_interest")),
        REPLAYED,
        "its member is recused",
        False,
    ),
    (
        "a declaration in somebody else's voice",
        rewritten_day(by("declare_interest", 2, CHAIR)),
        REPLAYED,
        "declares for two members",
        False,
    ),
    (
        "a paper sheet with another total",
        rewritten_day(telling("enter_paper", 0, total="95")),
        REPLAYED,
        "was sent with a total of 95, its marks make 90",
        False,
    ),
    (
        "a paper sheet that nobody entered, confirmed",
        rewritten_day(telling("confirm_paper", 0, card=9)),
        REPLAYED,
        "card 9 waits for nobody to confirm a paper",
        False,
    ),
    (
        "a request put on a card that can be changed",
        rewritten_day(telling("ask_reopening", 0, card=11)),
        REPLAYED,
        "card 11 can still be changed",
        False,
    ),
    (
        "a request left out, its answer kept",
        rewritten_day(leaving_out("ask_reopening")),
        REPLAYED,
        "nobody asked for card 9",
        False,
    ),
    (
        "somebody entered the paper sheet of their own card",
        opened_day(by("enter_paper", 0, "u32")),
        OPENED,
        "u32 entered the paper of card 10, which is their own",
        True,
    ),
    (
        "somebody else confirmed the paper sheet",
        opened_day(by("confirm_paper", 0, "u1")),
        OPENED,
        "u1 acts on card 10, which is u32's",
        True,
    ),
    (
        "somebody else declared for a member",
        opened_day(by("declare_interest", 1, "u40")),
        OPENED,
        "u31 acts on card 9, which is u40's",
        True,
    ),
    (
        "who entered a paper sheet left out of the names",
        opened_day(
            lambda lines: lines,
            names=lambda names: {what: who for what, who in names.items() if not what.startswith("enter_paper ")},
        ),
        OPENED,
        "enter_paper (",
        True,
    ),
    (
        "the holder of one seat left out of the names",
        opened_day(seated_through(7), names=named_holders("n-chair")),
        OPENED,
        "it does not say which duty holds",
        True,
    ),
)
