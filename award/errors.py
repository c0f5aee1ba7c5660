"""Refusals: what an action says when it will not do a thing. Views turn them into a page or a JSON answer."""

from collections.abc import Mapping
from typing import Any


def N_(text: str) -> str:
    """Marks `text` for the message catalogue; it is translated where it is shown."""
    return text


class Refusal(Exception):
    """Nothing was changed. `says` is a catalogue text with %(name)s places filled from `values`.

    `id` names the refusal in every language and stays when its sentence is reworded; its class's where it has none.
    """

    status = 400
    class_id = "not_done"

    def __init__(self, says: str, *, id: str = "", details: Mapping[str, Any] | None = None, **values: Any):
        self.id = id or self.class_id
        self.says = says
        self.values = values
        self.details = dict(details or {})  # for JSON answers, e.g. both versions of a conflict
        super().__init__(says % values if values else says)


class Invalid(Refusal):
    """What was sent does not fit; `details` names each place and what was expected."""

    status = 422
    class_id = "invalid"


class NotFound(Refusal):
    """No such thing, or not within the person's scope: the answer is the same."""

    status = 404
    class_id = "not_found"

    def __init__(self, says: str = N_("This page does not exist, or it is not within your duties."), **values: Any):
        super().__init__(says, **values)


class Forbidden(Refusal):
    """The person never has this function."""

    status = 403
    class_id = "forbidden"

    def __init__(self, says: str = N_("Your duties do not include this."), **values: Any):
        super().__init__(says, **values)


class SignedOut(Refusal):
    """The sign-in ended between the request and its turn to write: a duty was taken, the account closed."""

    status = 401

    def __init__(
        self, says: str = N_("You were signed out in between, so nothing was changed. Sign in again."), **values: Any
    ):
        super().__init__(says, id="signed_out", **values)


class Locked(Refusal):
    """The right person at the wrong time."""

    status = 423
    class_id = "locked"


class TooLate(Locked):
    """What was pressed arrived when whoever pressed it was told that it would not be done any more."""

    class_id = "too_late"

    def __init__(
        self,
        says: str = N_("This press arrived too late, so nothing was done. Look how it stands, then press again."),
        **values: Any,
    ):
        super().__init__(says, **values)


class Foreign(Refusal):
    """A field that the form does not have, or the same field twice: no page of ours sends that."""

    class_id = "foreign_field"

    def __init__(self) -> None:
        super().__init__(N_("The form has a field that does not belong to it. Reload the page and type it again."))


class Malformed(Refusal):
    """An envelope that no page of ours sends: a key, a revision or a number of another shape."""

    class_id = "not_understood"


class Stale(Refusal):
    """Somebody saved in between; `details` holds what is stored now."""

    status = 409
    class_id = "stale"


class Incomplete(Refusal):
    """Something is missing; `details["missing"]` lists it."""

    status = 422
    class_id = "incomplete"


class NotSaved(Refusal):
    """The disk or another program stood in the way. The same may be sent again after `retry_after` seconds."""

    status = 503
    class_id = "not_saved"

    def __init__(self, says: str, *, retry_after: int, **values: Any):
        self.retry_after = retry_after
        super().__init__(says, **values)


class TooMany(Refusal):
    """Tried too often: the sentence says from when on it can be tried again."""

    status = 429
    class_id = "too_many"


class NotStarted(Exception):
    """The program refuses to start, in one sentence (exit code 78), in English and, where given, in Thai."""

    def __init__(self, says: str, *, thai: str = ""):
        self.thai = thai
        super().__init__(says)

    def in_language(self, language: str) -> str:
        """The sentence."""
        return self.thai if self.thai and language == "th" else str(self)
