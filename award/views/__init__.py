"""Pages: guard, form, action, answer."""

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """All pages of the site, one blueprint per noun."""
    from award.views import (
        assets,
        comparison,
        cycles,
        declarations,
        duties,
        entries,
        evidence,
        first_start,
        invitations,
        mails,
        oidc,
        panel,
        people,
        personal,
        privacy,
        publications,
        ranking,
        remarks,
        requests,
        score_sheets,
        scoring,
        verify,
        whatif,
        zones,
    )

    return [
        assets.pages,
        people.pages,
        duties.pages,
        invitations.pages,
        mails.pages,
        oidc.pages,
        first_start.pages,
        cycles.pages,
        entries.pages,
        evidence.pages,
        scoring.pages,
        score_sheets.pages,
        requests.pages,
        panel.pages,
        declarations.pages,
        comparison.pages,
        remarks.pages,
        ranking.pages,
        publications.pages,
        verify.pages,
        whatif.pages,
        privacy.pages,
        personal.pages,
        zones.pages,
    ]
