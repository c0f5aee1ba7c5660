"""Mails made from templates, whose first line is the subject."""

from typing import Any

from flask import render_template


def render_letter(template: str, **values: Any) -> tuple[str, str]:
    """Subject and text of a mail."""
    subject, _, rest = render_template(template, **values).partition("\n")
    return subject.strip(), rest.lstrip("\n")
