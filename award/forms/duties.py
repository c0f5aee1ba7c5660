"""Forms of inviting a person and of proposing a duty. What fits together is for the actions to say."""

from collections.abc import Collection, Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # its types are a version behind
from wtforms.validators import InputRequired, Length, Optional

from award.answers.plain import plain_date
from award.forms.plain_text import one_line

ROLES = (
    ("officer", _l("Provincial officer")),
    ("director", _l("Director of a work group of the provincial office")),
    ("chief", _l("Provincial CD chief")),
    ("member", _l("Committee member")),
    ("chair", _l("Chair of a panel")),
    ("organizer", _l("Organizer (secretariat)")),
    ("auditor", _l("Auditor")),
    ("administrator", _l("Administrator of the system")),
    ("executive", _l("Executive (sees progress only)")),
)
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
_POSITION = Length(max=200, message=_l("At most 200 characters."))


def _is_day(_form: FlaskForm, field: StringField) -> None:
    if plain_date(field.data or "") is None:
        raise ValidationError(_l("Write a day such as 1/10/2564."))


class InviteForm(FlaskForm):
    """Whom to invite: a position, never a personal name."""

    title_th = StringField(
        _l("Position, in Thai"), [InputRequired(_l("Write the position.")), _POSITION], filters=[one_line]
    )
    title_en = StringField(_l("Position, in English (if there is one)"), [_POSITION], filters=[one_line])
    email = StringField(
        _l("E-mail (if there is one)"),
        [Length(max=254, message=_l("An e-mail address has at most 254 characters."))],
        render_kw=_PLAIN | {"inputmode": "email"},
    )
    login = StringField(
        _l("Sign-in name (empty: the e-mail address)"),
        [Length(max=80, message=_l("At most 80 characters."))],
        render_kw=_PLAIN,
    )
    language = SelectField(
        _l("Language of mails and pages"), choices=[SelectChoice("th", "ไทย"), SelectChoice("en", "English")]
    )

    def validate_login(self, field: StringField) -> None:
        """One of the two names the account."""
        if not (field.data or "").strip() and not (self.email.data or "").strip():
            raise ValidationError(_l("Write a sign-in name or an e-mail address."))


class DutyForm(FlaskForm):
    """A duty to propose for somebody."""

    role = SelectField(_l("Role"), validators=[InputRequired(_l("Choose a role."))], validate_choice=False)
    province = SelectField(_l("Province (officers, directors, chiefs)"), validate_choice=False)
    zone = SelectField(_l("Inspection zone (chairs and members)"), validate_choice=False)
    title_th = StringField(
        _l("Position, in Thai"), [InputRequired(_l("Write the position.")), _POSITION], filters=[one_line]
    )
    title_en = StringField(_l("Position, in English (if there is one)"), [_POSITION], filters=[one_line])
    acting = BooleanField(_l("Acting (printed with the position)"))
    from_day = StringField(_l("First day"), [_is_day], render_kw=_PLAIN)
    to_day = StringField(_l("Last day (empty: until further notice)"), [Optional(), _is_day], render_kw=_PLAIN)

    def offer(self, *, provinces: Iterable[Any], zones: Iterable[Any], name: Any, roles: Collection[str]) -> None:
        """Fills the lists to choose from; `name` gives a place's name in the page's language."""
        self.province.choices = [SelectChoice("", "–"), *(SelectChoice(each.code, name(each)) for each in provinces)]
        self.zone.choices = [
            SelectChoice("", "–"),
            *(SelectChoice(str(each.number), f"{each.number} {name(each)}") for each in zones),
        ]
        self.role.choices = [
            SelectChoice("", _l("Choose")),
            *(SelectChoice(*each) for each in ROLES if each[0] in roles),
        ]
