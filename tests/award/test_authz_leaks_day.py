"""The same through the morning of a scoring day, moment after moment, and between the members of one panel.

Three rounds: `low` and `high` differ in everybody's marks; `other` has the member's of the one, and those of the rest
of the panel of the other. So to each member there are two rounds that differ in nothing but their colleagues' marks.
"""

import pytest
from sqlalchemy import bindparam

from award import policy
from award.db.scoring import Assignment
from award.queries import cards
from tests.award.access_leaks import BEFORE, HIGH, LOW, apart, parted, stored, told_apart
from tests.award.access_moments import MOMENTS, add_moments
from tests.award.access_mutants import YES, broken
from tests.award.access_world import JSON, World, build_world

UNTIL_CLOSED = ("scoring", *MOMENTS)
# Who marks → two rounds with the same marks of theirs and others of their colleagues.
COLLEAGUES = {"member": ("low", "other"), "chair": ("high", "other")}
PAIRS = (("low", "high"), *COLLEAGUES.values())


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    made: dict[str, World] = {}
    for name, given, by_others in (("low", LOW, LOW), ("high", HIGH, HIGH), ("other", LOW, HIGH)):
        made[name] = build_world(tmp_path_factory.mktemp(name), given=given, by_others=by_others)
        add_moments(made[name], given=given)
    return made


def test_before_anybody_marks_the_rounds_are_one_and_the_same(rounds: dict[str, World]) -> None:
    """Then there is nothing to tell apart, and afterwards nothing but what the marks have made different."""
    differ: dict[tuple[str, str], set[str]] = {pair: set() for pair in PAIRS}
    for moment in ("closed", *UNTIL_CLOSED):
        for world in rounds.values():
            world.enter(moment)
        for one, other in PAIRS:
            differ[one, other] |= {moment} if parted(rounds[one], rounds[other]) else set()
    everybody, members, chairs = differ.values()
    assert everybody == chairs == set(UNTIL_CLOSED) - {"planned", "presenting"}
    assert members == everybody - {"paper", "drafts"}, "until the others fill in, the member's marks are all there are"


@pytest.mark.parametrize("moment", MOMENTS)
def test_until_the_slot_is_closed_everybody_gets_the_same_answers_whatever_the_marks(
    rounds: dict[str, World], moment: str
) -> None:
    count, differing = told_apart((rounds["low"], rounds["high"]), moment, BEFORE)
    assert count > 300
    assert not differing, "\n".join(differing)


@pytest.mark.parametrize("moment", UNTIL_CLOSED)
@pytest.mark.parametrize("who, pair", COLLEAGUES.items())
def test_members_of_one_panel_learn_nothing_of_each_other_until_the_slot_is_closed(
    rounds: dict[str, World], who: str, pair: tuple[str, str], moment: str
) -> None:
    """Their own marks are the same in both rounds; those of their colleagues are not."""
    count, differing = told_apart((rounds[pair[0]], rounds[pair[1]]), moment, [who])
    assert count > 50
    assert not differing, "\n".join(differing)


@pytest.mark.parametrize("moment", ("closed", *UNTIL_CLOSED))
def test_no_mail_and_no_file_tells_the_marks_before_the_slot_is_closed(rounds: dict[str, World], moment: str) -> None:
    for world in rounds.values():
        world.enter(moment)
    low, high, other = (stored(world) for world in rounds.values())
    assert low == high == other


def test_the_photo_of_a_sheet_is_its_members_alone_until_the_slot_is_closed(rounds: dict[str, World]) -> None:
    world = rounds["low"]
    world.enter("paper")
    address = f"/s/paper/{world.value('select max(id) from paper_sheet')}/photo"
    got = {who: client.get(address, headers=JSON, buffered=True).status_code for who, client in world.clients.items()}
    # (The file itself goes when another moment is entered.)
    assert [who for who, status in got.items() if status not in (401, 403, 404)] == ["member"]


def test_the_comparison_notices_what_is_there(rounds: dict[str, World], monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: one's own marks, what is closed, and what a broken lock shows, do differ."""
    all_of_them, colleagues = (rounds["low"], rounds["high"]), (rounds["low"], rounds["other"])
    for moment in ("paper", "drafts", "scoring", "sent", "reopened"):
        assert apart(all_of_them, "GET /s/card/<int:card>", "member", moment), moment
    assert apart(colleagues, "GET /s/slot/<int:slot>/compare", "member", "locked")
    assert apart(all_of_them, "GET /s/<int:day>/minutes.txt", "organizer", "locked")
    monkeypatch.setattr(cards, "_CLOSED_CARDS", cards._CARDS.where(Assignment.slot_id == bindparam("slot")))
    with broken(policy.may_compare, YES):
        assert apart(colleagues, "GET /s/slot/<int:slot>/compare", "member", "sent")
        assert apart(all_of_them, "GET /s/slot/<int:slot>/compare", "auditor", "reopened")
