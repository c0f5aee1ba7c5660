"""The invented round of the year before: last year's answers are offered, requests to send late are there, and pages of
this year's round show nothing of it."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from award.demo.earlier import tell_earlier
from award.ledger_check import check_ledger
from award.start import write_workbooks
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, provinces=(TRAT, CHANTHABURI, PHRAE), live=(TRAT,))


def rows(site: BuiltSite, statement: str) -> list[tuple[object, ...]]:
    with site.database.reading() as db:
        return [tuple(row) for row in db.execute(text(statement))]


def shown(site: BuiltSite, login: str, page: str) -> str:
    answer = site.client_as(login).get(page)
    assert answer.status_code == 200, page
    return re.sub('(value|content|data-now)="[^"]*"', "", answer.text)  # keys, tokens and the time


def test_a_few_entries_were_sent_one_late_one_was_not_allowed_to(site: BuiltSite) -> None:
    assert tell_earlier(site.database) == 6
    of_year = (
        "from entry e join adoption a on a.id = e.adoption_id join cycle c on c.id = a.cycle_id where c.year = 2563"
    )
    assert rows(site, f"select e.state, count(*) {of_year} group by e.state") == [("draft", 1), ("submitted", 5)]
    assert rows(site, "select allowed from late_request order by id") == [(1,), (0,)]
    assert rows(site, f"select count(*) {of_year} and e.invented") == [(6,)]
    assert rows(site, f"select count(*) from mark m join assignment s on s.id = m.assignment_id join entry e "
                      f"on e.id = s.entry_id {of_year.partition('entry e ')[2]}") == [(0,)]  # fmt: skip
    late = shown(site, "organizer", "/late/")
    assert "allowed until" in late and "not allowed" in late
    with site.database.reading(consistent=True) as db:
        assert check_ledger(db, anchors=site.settings.anchors)[1] == []


def test_the_form_offers_the_answers_of_the_year_before(site: BuiltSite) -> None:
    entry = rows(site, "select id from entry where code = 'to-23'")[0][0]
    assert f"/e/{entry}/earlier" not in shown(site, "p23", f"/e/{entry}")
    tell_earlier(site.database)
    assert f"/e/{entry}/earlier" in shown(site, "p23", f"/e/{entry}")
    assert "2020" in shown(site, "p23", f"/e/{entry}/earlier")


@pytest.mark.parametrize(
    ("login", "pages"),
    [
        ("organizer", ["/o/", "/e/", "/e/missing", "/e/check", "/z/", "/agenda/", "/follow-ups", "/reminders/"]),
        ("p23", ["/e/"]),
        ("z9-chair", ["/s/"]),
    ],
)
def test_pages_of_this_years_round_show_nothing_of_it(site: BuiltSite, login: str, pages: list[str]) -> None:
    before = {page: shown(site, login, page) for page in pages}
    tell_earlier(site.database)
    assert [page for page in pages if shown(site, login, page) != before[page]] == []


def test_no_ranking_of_the_year_before_is_calculated(site: BuiltSite, tmp_path: Path) -> None:
    tell_earlier(site.database)
    write_workbooks(site.database, site.clock, tmp_path)
    adopted = "adoption a on a.id = r.adoption_id join cycle c on c.id = a.cycle_id"
    asked = f"select distinct c.year from ranking_run r join {adopted}"
    assert rows(site, asked) == [(2564,)]
