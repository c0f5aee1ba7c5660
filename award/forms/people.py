"""The sign-in form."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    """Name and password; which of them is wrong is never said."""

    login = StringField(
        _l("Sign-in name"),
        [InputRequired(_l("Type your sign-in name.")), Length(max=80, message=_l("At most 80 characters."))],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Type your password.")), Length(max=200, message=_l("At most 200 characters."))],
        render_kw={"autocomplete": "current-password"},
    )
