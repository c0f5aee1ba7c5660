"""Forms of signing in and of the own account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from award.forms.plain_text import one_line

_ONE_TIME = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}


class CodeForm(FlaskForm):
    """A code of the app, or a recovery code."""

    code = StringField(
        _l("Code"),
        [InputRequired(_l("Type the code.")), Length(max=40, message=_l("At most 40 characters."))],
        render_kw=_ONE_TIME,
    )


class NewPasswordForm(FlaskForm):
    """A new password, typed once: a box beside it shows it."""

    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Type a new password.")), Length(max=200, message=_l("At most 200 characters."))],
        render_kw={"autocomplete": "new-password"},
    )


class LoginForm(FlaskForm):
    """Whose password was forgotten."""

    login = StringField(
        _l("Sign-in name"),
        [InputRequired(_l("Type your sign-in name.")), Length(max=80, message=_l("At most 80 characters."))],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


_NAME = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
_POSITION = [InputRequired(_l("Write the position.")), Length(max=200, message=_l("At most 200 characters."))]
_LOGIN = [InputRequired(_l("Type a sign-in name.")), Length(max=80, message=_l("At most 80 characters."))]


class FirstStartForm(FlaskForm):
    """The set-up code, the administrator, and the first organizer."""

    code = StringField(
        _l("Set-up code"),
        [InputRequired(_l("Type the set-up code.")), Length(max=40, message=_l("At most 40 characters."))],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    login = StringField(_l("Your sign-in name"), _LOGIN, render_kw=_NAME | {"autocomplete": "username"})
    title_th = StringField(_l("Your position"), _POSITION, filters=[one_line])
    password = PasswordField(
        _l("Your password"),
        [InputRequired(_l("Type a new password.")), Length(max=200, message=_l("At most 200 characters."))],
        render_kw={"autocomplete": "new-password"},
    )
    organizer_login = StringField(_l("The organizer's sign-in name"), _LOGIN, render_kw=_NAME)
    organizer_title_th = StringField(_l("The organizer's position"), _POSITION, filters=[one_line])
