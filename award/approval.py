"""Who decides on an entry on its way up its office: the same small predicates for buttons and posts."""

from award.policy import Actor, HeldDuty, may_write_for


def duty_for_step(actor: Actor, province_code: str, step: str) -> HeldDuty | None:
    """The duty (acting ones too) through which the person decides on a step of the office's chain: "director" or
    "chief"; None where there is none."""
    held = (duty for duty in actor.duties if duty.role == step and duty.province_code == province_code)
    return next(held, None)


def deciding_duty(actor: Actor, province_code: str, step: str) -> HeldDuty | None:
    """The duty through which the person decides on an entry that waits at a step: the head of the office decides at
    any step, so that nobody's absence stops an entry. None where they do not, and for what waits for nobody."""
    if not step:
        return None
    return duty_for_step(actor, province_code, "chief") or duty_for_step(actor, province_code, step)


def next_step(actor: Actor, province_code: str, *, approval: str, has_director: bool, questions: bool = False) -> str:
    """Where an entry goes when the person sends it on: "director", "chief", or "sent" where nobody else is asked.

    `has_director`: whether somebody directs a work group of the office today; without one the head is asked at once.
    `questions`: only single questions were open that the organizer had returned; the head alone is asked then."""
    if approval != "chain" or duty_for_step(actor, province_code, "chief"):
        return "sent"
    by_director = has_director and not questions
    return "director" if by_director and not duty_for_step(actor, province_code, "director") else "chief"


def may_take_back(actor: Actor, province_code: str, step: str) -> bool:
    """Anybody of the office takes an entry back that waits for others; who decides on it returns it with a note."""
    waits_for_others = bool(step) and deciding_duty(actor, province_code, step) is None
    return waits_for_others and may_write_for(actor, province_code)


def may_withdraw(actor: Actor, province_code: str, *, approval: str) -> bool:
    """A province withdraws its entry: through the head of the office where the round asks for its approval."""
    if approval == "chain":
        return duty_for_step(actor, province_code, "chief") is not None
    return may_write_for(actor, province_code)
