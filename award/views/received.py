"""What a request may hold, decided before any of it is used: size, kind, and the fields of each form.

FORMS is the one table: an address that takes a form has its line here, and what the line does not name is refused.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from award.db.plans import PAPERS
from award.errors import Foreign
from award.views.context import site

KB, MB = 1024, 1024 * 1024
MOST_PARTS = 1000
JSON, RAW = "application/json", "application/octet-stream"
PLAIN, WITH_FILES = "application/x-www-form-urlencoded", "multipart/form-data"
EVERYWHERE = ("csrf_token", "key")
HIDDEN = (
    "base_revision", "then", "check", "form", "run", "category", "group", "entry", "seat", "kind", "field", "after",
    "phase", "state", "seen", "criterion", "until", "was",
)  # fmt: skip
MANY_IN_ADDRESSES = ("without", "part")  # members left out of a trial, parts of a form


@dataclass(frozen=True, slots=True)
class Form:
    """One form: names that come once, names that may come again, names made from data (`begins`), files.

    `by_rules`: its fields come from a rule set, and whoever knows the rules refuses the others. `keeps`: what people
    typed is worth showing again where the form is turned away at the door.
    """

    fields: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    begins: str = ""
    files: tuple[str, ...] = ()
    by_rules: bool = False
    keeps: bool = False
    most: int = 256 * KB  # bytes of the body, where it is no file
    most_json: int = 0  # bytes; 0: no JSON is taken
    most_raw: int = 0  # bytes of a piece of a file; 0: none is taken


_ACT, _WHY = ("key", "form"), ("key", "form", "reason")
_PRESS = (*_ACT, "until")  # a press of the chair's page, which is not done any more after that moment
FORMS: dict[str, Form] = {
    "people.sign_in": Form(("login", "password"), most=16 * KB),
    "people.sign_out": Form(most=16 * KB),
    "accounts.first_start": Form(
        ("code", "login", "title_th", "password", "organizer_login", "organizer_title_th"), most=64 * KB
    ),
    "accounts.second": Form(("code",), most=16 * KB),
    "accounts.sign_in_by_passkey": Form(("next", "passkey"), most=64 * KB),
    "accounts.passkey_options": Form(("purpose",), most=16 * KB),
    "accounts.confirm": Form(("next", "kept", "login", "password", "code", "passkey"), most=6 * MB),
    "accounts.forgot": Form(("login",), most=16 * KB),
    "accounts.reset": Form(("password",), most=16 * KB),
    "accounts.password": Form(("password",), most=16 * KB),
    "accounts.begin_app": Form(most=16 * KB),
    "accounts.confirm_app": Form(("code",), most=16 * KB),
    "accounts.remove_app": Form(most=16 * KB),
    "accounts.remake_codes": Form(most=16 * KB),
    "accounts.add_passkey": Form(("passkey", "name"), most=64 * KB),
    "accounts.rename_passkey": Form(("name",), most=16 * KB),
    "accounts.remove_passkey": Form(most=16 * KB),
    "accounts.end_sign_in": Form(most=16 * KB),
    "accounts.end_others": Form(most=16 * KB),
    "people.language": Form(("next",), most=16 * KB),
    "duties.propose": Form(
        ("key", "role", "province", "zone", "title_th", "title_en", "acting", "from_day", "to_day"), keeps=True
    ),
    "duties.confirm": Form(("key",)),
    "duties.withdraw": Form(("key",)),
    "duties.revoke": Form(("key",)),
    "duties.confirm_many": Form(("key",), many=("duty",)),
    "people_import.dry_run": Form(files=("file",)),
    "people_import.store": Form(("key", "changes"), begins="same-", most=5 * MB),
    "invitation_slips.hand_out": Form(("key",), many=("person",)),
    "invitation_slips.release": Form(("key",), many=("asked",)),
    "invitations.invite": Form(("key", "title_th", "title_en", "email", "login", "language"), keeps=True),
    "invitations.link": Form(("key",)),
    "invitations.ask": Form(("key",)),
    "invitations.mail": Form(("key",)),
    "invitations.release": Form(("key",)),
    "invitations.withdraw": Form(("key",)),
    "invitations.close": Form(("key",)),
    "invitations.reopen": Form(("key",)),
    "invitations.accept": Form(("password",), most=16 * KB),
    "mails.resend": Form(("key",)),
    "oidc.unlink": Form(),
    "personal.export_own": Form(),
    "personal.export_person": Form(),
    "personal.propose": Form(),
    "personal.confirm": Form(),
    "personal.withdraw": Form(),
    "coverage.assign": Form(
        ("key", "zone", "by", "page", "person", "day", "note", "language"), many=("province", "to"), keeps=True
    ),
    "reminders.draft": Form(
        ("key", "zone", "by", "page", "person", "day", "note", "language"), many=("province", "to"), keeps=True
    ),
    "reminders.save": Form(("key", "subject", "then"), begins="letter-", keeps=True, most=6 * MB),
    "reminders.resend": Form(("key",)),
    "reminders.copied": Form(("key",)),
    "plans.begin": Form(("key", "year"), keeps=True, most=16 * KB),
    "plans.save": Form(
        (
            "key", "base_revision", "opens_day", "opens_time", "deadline_day", "deadline_time", "approval",
            *(f"paper_{kind}_{part}" for kind in PAPERS for part in ("number", "day")),
        ),
        begins="award-", keeps=True,
    ),
    "plans.rules": Form(("key", "base_revision"), files=("file",)),
    "plans.papers": Form(
        ("key", *(f"paper_{kind}_{part}" for kind in PAPERS for part in ("number", "day"))), keeps=True
    ),
    "plans.discard": Form(("key", "base_revision"), most=16 * KB),
    "plans.open_round": Form(("key", "base_revision", "without"), most=16 * KB),
    "seating.seat": Form(("key",), many=("panel",), begins="seat-"),
    "seating.add": Form(("key", "duty", "kind"), keeps=True, most=16 * KB),
    "seating.remove": Form(("key", "seat", "was"), most=16 * KB),
    "entries.begin": Form(("key", "adoption", "category", "province", "label"), keeps=True),
    # Thai letters take nine bytes each in a plain form.
    "entries.answers": Form(("base_revision", "check"), by_rules=True, keeps=True, most=6 * MB, most_json=2 * MB),
    "office.share": Form(("key",), begins="own:"),
    "office.write": Form(("key", "section", "text"), keeps=True),
    "office.settle": Form(),
    "office.take_over": Form(("key", "base_revision", "year", "blank"), many=("take",)),
    "history.restore": Form(("key", "base_revision", "code", "version")),
    "sending.send": Form(("key", "seen"), many=("confirmed",)),
    "chain.approve": Form(("key", "seen")),
    "chain.hand_back": Form(("key", "seen", "note"), keeps=True),
    "chain.take_back": Form(("key",)),
    "chain.withdraw": Form(("key", "reason"), keeps=True),
    "late.ask": Form(("key", "adoption", "category", "province", "label", "reason"), keeps=True),
    "late.ask_for": Form(("key", "reason"), keeps=True),
    "late.decide": Form(("key", "allowed", "day", "time", "answer"), keeps=True),
    "entries.reopen": Form(("key", "reason", "day", "time"), keeps=True),
    "checks.accept": Form(("key", "seen", "note"), keeps=True),
    "checks.give_back": Form(("key", "day", "time"), begins="reason-", keeps=True, most=2 * MB),
    "checks.stand": Form(("key", "stand-reason"), keeps=True),
    "follow_ups.begin": Form(
        ("key", "kind", "entry", "criterion", "text", "due"), many=("pick",), begins="text-", keeps=True, most=2 * MB
    ),
    "follow_ups.own": Form(("key", "work_group", "person"), most=16 * KB),
    "follow_ups.answer": Form(("key", "text"), keeps=True),
    "follow_ups.accept": Form(("key", "text"), keeps=True),
    "follow_ups.again": Form(("key", "text", "due"), keeps=True),
    "follow_ups.drop": Form(("key", "text"), keeps=True),
    "evidence.attach": Form(("field", "title", "url", "given_by", "sent"), files=("file", "photo"), keeps=True),
    "evidence.remove": Form(("field",)),
    "uploads.begin": Form(("field", "name", "size", "mark", "title", "given_by"), most=64 * KB),
    "uploads.piece": Form(most_raw=MB),
    "uploads.finish": Form(("mark",), most=16 * KB),
    "uploads.drop": Form(most=16 * KB),
    "scoring.save_card": Form(
        ("key", "base_revision", "then"), by_rules=True, keeps=True, most=2 * MB, most_json=500 * KB
    ),
    "scoring.send": Form(("key", "base_revision")),
    "scoring.recuse": Form(("key", "reason"), keeps=True),
    "requests.ask": Form(("key", "changes", "reason"), keeps=True),
    "requests.decline": Form((*_PRESS, "reason"), keeps=True),
    "declarations.own": Form(("key", "interest", "reason"), keeps=True),
    "declarations.of_seat": Form(("key", "interest", "reason"), keeps=True),
    "papers.enter": Form(("key", "base_revision", "then"), by_rules=True, keeps=True, most=2 * MB),
    "papers.store": Form(("key", "base_revision"), files=("photo",), by_rules=True, keeps=True, most=2 * MB),
    "papers.mine": Form(("key", "base_revision")),
    "seats.hand_over": Form(("key", "seat", "was", "duty", "reason"), keeps=True),
    "entry_imports.dry_run": Form(files=("file",)),
    "entry_imports.store": Form(("key", "changes", "first", "most"), many=("take",), most=8 * MB),
    "entry_sheets.preview": Form(files=("file",)),
    "entry_sheets.store": Form(("key", "changes"), many=("take",), most=2 * MB),
    "score_sheets.preview": Form(files=("file",)),
    "score_sheets.store": Form(("key", "changes", "overwrite"), most=2 * MB),
    "panel.open_slot": Form(_PRESS),
    "panel.close_slot": Form(_PRESS),
    "panel.excuse": Form((*_PRESS, "reason", "seat", "kind"), many=("entry",), keeps=True),
    "panel.presence": Form((*_PRESS, "reason", "presented"), keeps=True),
    "live.phase": Form((*_PRESS, "phase", "minutes", "after"), keeps=True, most=16 * KB),
    "live.attendance": Form((*_ACT, "seat", "state", "arrived", "was"), keeps=True, most=16 * KB),
    "live.all_present": Form(_ACT, most=16 * KB),
    "live.allow": Form((*_PRESS, "reason", "seat"), keeps=True),
    "live.pass_chair": Form((*_PRESS, "reason", "seat"), keeps=True),
    "live.note": Form((*_ACT, "text"), keeps=True),
    "live.ready": Form(("key", "ready", "who", "back"), most=16 * KB),
    "panel.reopen_slot": Form((*_PRESS, "reason"), keeps=True),
    "panel.reopen_card": Form((*_PRESS, "reason"), keeps=True),
    "agenda.plan": Form(
        ("key", "province", "day", "channel", "call_url", "call_id", "call_passcode", "seen"),
        begins="slot-",
        keeps=True,
    ),
    "agenda.call": Form(("key", "form", "channel", "call_url", "call_id", "call_passcode"), keeps=True),
    "agenda.room": Form(("key", "form", "place", "presenting", "questions", "scoring"), keeps=True),
    "moves.slot": Form(("key", "time", "reason", "seen"), keeps=True),
    "moves.whole_day": Form(("key", "form", "day", "reason", "seen"), keeps=True),
    "moves.drop_day": Form(_WHY, keeps=True),
    "moves.drop_slot": Form(_WHY, keeps=True),
    "province_day.presentation": Form(("key", "presenters", "exhibition_url"), keeps=True),
    "rehearsals.begin": Form(_ACT, most=16 * KB),
    "rehearsals.end": Form(_ACT, most=16 * KB),
    "rehearsals.open_for_real": Form(_ACT, most=16 * KB),
    "rehearsals.save_practice": Form(
        ("key", "base_revision", "then"), by_rules=True, keeps=True, most=2 * MB, most_json=500 * KB
    ),
    "rehearsals.send_practice": Form(("key", "base_revision")),
    "ranking.calculate": Form(("key", "kind")),
    "publications.certify": Form(("key",), most=16 * KB),
    "publications.publish": Form(("key",), most=16 * KB),
    "publications.withdraw": Form(("key", "reason"), keeps=True),
    "publications.package": Form(("edition",), most=16 * KB),
    "verify.check": Form(("root", "vkey"), files=("file",), keeps=True),
    "ranking.resolve": Form(("key", "run", "category", "group", "reason"), begins="place-", keeps=True),
}
_UNKNOWN = Form(by_rules=True)


def form_here() -> Form:
    """The form that the address takes."""
    return FORMS.get(request.endpoint or "", _UNKNOWN)


def bound_request() -> None:
    """Says how much of a request may be read at all, first of everything: later steps already read it."""
    form = form_here()
    most = site().settings.max_body_mb * MB if form.files else form.most
    if request.mimetype == JSON:
        most = form.most_json or 16 * KB
    elif request.mimetype == RAW:
        most = form.most_raw or 16 * KB
    request.max_content_length = most
    request.max_form_memory_size = form.most
    request.max_form_parts = MOST_PARTS
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge


def check_received() -> None:
    """Refuses a kind of body that the address does not take (415), a field that the form does not have, and a field
    that is there twice (400). Part of the guard: it comes after whether the person may be here at all."""
    _refuse_doubled(request.args.lists(), many=MANY_IN_ADDRESSES)
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    form = form_here()
    if (request.mimetype == JSON and form.most_json) or (request.mimetype == RAW and form.most_raw):
        return
    if request.mimetype not in (PLAIN, WITH_FILES) and (request.content_length or request.mimetype):
        raise UnsupportedMediaType
    _refuse_doubled(request.form.lists(), many=form.many)
    _refuse_doubled(request.files.lists(), many=())
    if form is not _UNKNOWN:
        known = {*form.fields, *form.many, *EVERYWHERE}
        extra = [] if form.by_rules else [name for name in request.form if name not in known]
        if any(not form.begins or not name.startswith(form.begins) for name in extra):
            raise Foreign
        if set(request.files) - set(form.files):
            raise Foreign


def kept_names() -> Iterator[str]:
    """The names of what a person typed here."""
    if request.method == "POST" and form_here().keeps and request.mimetype in (PLAIN, WITH_FILES):
        for name in request.form:
            if name not in (*HIDDEN, *EVERYWHERE) and not name.startswith("shown:"):
                yield name


def _refuse_doubled(given: Iterable[tuple[str, list[Any]]], *, many: tuple[str, ...]) -> None:
    if any(len(values) > 1 and name not in many for name, values in given):
        raise Foreign


class StrictJson(DefaultJSONProvider):
    """JSON as the standard has it: no key twice, no NaN, no depth that exhausts the reader. Raises ValueError."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """One value of JSON text."""
        try:
            return json.loads(s, object_pairs_hook=_no_key_twice, parse_constant=_no_constant, **kwargs)
        except RecursionError:
            raise ValueError("too deep") from None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(text)
