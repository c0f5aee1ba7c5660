"""Further moments of the morning, between the phases of the table of access: what may tell marks apart in each of them.

Each branches off a phase, by real acts of the people whose turn it is, and leaves the phases as they were.
"""

import io
from datetime import datetime
from typing import Any

from PIL import Image

from scoring_rules.cards import marked_leaves
from scoring_rules.marks import mark_places
from tests.award.access_world import REASON, World, at, drawn_alike, new_key
from tests.award.hostile import freeze, signed_in
from tests.award.scoring_day import ScoringDay

# Moment → the phase of the table whose answers hold in it.
MOMENTS = {
    "planned": "closed", "presenting": "scoring", "paper": "scoring", "drafts": "scoring", "sent": "scoring",
    "reopened": "scoring",
}  # fmt: skip


@drawn_alike(2)
def add_moments(world: World, *, given: tuple[str, str]) -> None:
    """planned: the entry is sent, the slot not open. presenting: the slot is open, its presentation goes on. paper: a
    sheet of the member was entered from paper and is not confirmed. drafts: the member has filled in, nobody has sent.
    sent: everybody has sent, the slot is open. reopened: the chair opened the member's card again, and it is changed.

    `given`: the member's mark and note, as in `build_world`."""
    mark, note = given
    day = ScoringDay(world.site, world.value(world.table.places["day"]), (0, 0, 0))
    slot = world.value("select id from slot where session_id = :day and adoption_id = 1", day=day.session)
    member, chair = world.clients["member"], world.clients["chair"]
    card = day.card("z9-member")

    def begin(phase: str, now: datetime) -> None:
        world.enter(phase)
        freeze(world.site, now)

    def post(who: str, address: str, **sent: Any) -> None:
        answer = world.clients[who].post(address, data={"key": new_key(), **sent})
        assert answer.status_code == 303, f"{who} {address}: {answer.status_code} {answer.text[-2000:]}"

    def last_phase() -> str:
        return str(world.value("select coalesce(max(id), 0) from phase where slot_id = :s", s=slot))

    whole = dict.fromkeys(mark_places(day.category()), mark)
    whole |= {f"note:{leaf.path}": note for leaf in marked_leaves(day.category())}

    begin("closed", at("9:00"))
    world.keep("planned", at("9:00"))
    freeze(world.site, at("9:02"))
    post("chair", f"/s/slot/{slot}/open")
    post("chair", f"/s/slot/{slot}/attendance/all")
    post("chair", f"/s/slot/{slot}/phase", phase="presenting", minutes="15", after=last_phase())
    for login in ("member", "chair"):
        post(login, f"/s/{day.session}/interest", interest="none")
    other = signed_in(world.site, "z9-member4")
    assert day.declare(other).status_code == 303
    world.keep("presenting", at("9:04"))

    sheet: dict[str, Any] = {"key": new_key(), "base_revision": "0", "paper:reason": "ไฟฟ้าดับที่ศูนย์ศึกษา", **whole}
    sheet["photo"] = (photo(), "paper.jpg")
    entered = world.clients["organizer"].post(f"/s/card/{card}/paper/enter", data=sheet)
    assert entered.status_code == 303, entered.text[-2000:]
    world.keep("paper", at("9:08"))

    begin("presenting", at("9:06"))
    post("chair", f"/s/slot/{slot}/phase", phase="scoring", minutes="10", after=last_phase())
    assert day.save(member, card, whole).status_code == 200
    world.keep("drafts", at("9:10"))

    begin("scoring", at("9:31"))
    assert day.send(member, card).status_code == 303
    post("both", f"/s/card/{day.card('both')}/recuse", reason="เป็นเจ้าหน้าที่ของจังหวัด")
    world.keep("sent", at("9:35"))
    post("member", f"/s/card/{card}/ask", reason="ขอแก้คะแนนข้อแผนงาน", changes="0")
    post("chair", f"/s/slot/{slot}/cards/{card}/reopen", reason=REASON)
    changed = {next(iter(mark_places(day.category()))): "2"}
    assert day.save(member, card, changed).status_code == 200
    assert chair.get(f"/s/{day.session}/chair").status_code == 200
    world.keep("reopened", at("9:40"))


def photo() -> io.BytesIO:
    """The same picture in every world."""
    file = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(file, "JPEG")
    file.seek(0)
    return file
