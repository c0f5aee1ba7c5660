"""What is typed from a signed paper sheet: its marks and notes, apart from what belongs to the form itself."""

from collections.abc import Mapping

from award.forms.scoring import Save, read_reason, read_save_form

REASON = "paper:reason"  # no criterion's code has a colon


def read_sheet(form: Mapping[str, str]) -> Save:
    """Marks and notes by name as typed, with revision and key. Raises Malformed, and Invalid where it is too much."""
    return read_save_form({name: text for name, text in form.items() if name != REASON})


def read_why(form: Mapping[str, str]) -> str:
    """Why the member marked on paper; blank is for the action to refuse. Raises Invalid where it is endless."""
    return read_reason({"reason": form.get(REASON, "")})
