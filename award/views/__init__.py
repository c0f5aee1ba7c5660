"""Pages: guard, form, action, answer."""

from flask import Blueprint


def blueprints() -> list[Blueprint]:
    """All pages of the site, one blueprint per noun."""
    from award.views import assets, cycles, entries, evidence, panel, people, ranking, score_sheets, scoring, whatif
    from award.views import duties, invitations, mails
    from award.views import account_pages
    from award.views import personal, privacy

    return [
        assets.pages,
        people.pages,
        duties.pages,
        invitations.pages,
        mails.pages,
        account_pages.pages,
        cycles.pages,
        entries.pages,
        evidence.pages,
        scoring.pages,
        score_sheets.pages,
        panel.pages,
        ranking.pages,
        whatif.pages,
        privacy.pages,
        personal.pages,
    ]
