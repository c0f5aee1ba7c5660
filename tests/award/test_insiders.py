"""What one person alone tried with the acts that bring many in, open rounds and seat panels."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select, text

from award.db.mail import MailOut
from tests.award.build import BuiltSite, build_site
from tests.award.test_links_of_two import post
from tests.award.test_mail import Post, with_server
from tests.award.test_people_import import bring
from tests.award.test_people_pages import PASSWORD, invited, proposed, user_id

OWN = "mine@example.invalid"


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    site = build_site(tmp_path)
    with_server(site, Post())
    return site


def mailed_link(site: BuiltSite) -> str:
    """The link that came to the address of the one who made the account."""
    with site.database.reading() as db:
        letter = db.execute(select(MailOut.text).order_by(MailOut.id.desc()).limit(1)).scalar_one()
    found = re.search(r"/invitation\?link=[\w-]+", letter)
    assert found is not None, letter
    return found[0]


def test_who_brought_an_account_in_with_an_address_of_their_own_confirms_no_duty_of_it(site: BuiltSite) -> None:
    """Mailed links are shown to nobody; but the importer chose where they go."""
    bring(site, f"ghost,กรรมการ,,{OWN},,,,,,", by="admin")
    admin = site.client_as("admin")
    ghost = user_id(site, "ghost")
    assert admin.post("/people/slips", data={"key": "slips-1", "person": [ghost]}).status_code == 200
    site.client().post(mailed_link(site), data={"password": PASSWORD})
    duty = proposed(site, site.client_as("organizer"), "ghost", role="chair", zone="9", title_th="ประธาน")
    assert post(admin, f"/people/duty/{duty}/confirm").status_code == 403
    many = admin.post("/people/waiting/many", data={"key": "many-1", "duty": [duty]})
    assert many.status_code == 422
    for page in ("/people/waiting", f"/people/{ghost}"):
        assert f"/people/duty/{duty}/confirm" not in admin.get(page).text, page
    assert f'name="duty" value="{duty}"' not in admin.get("/people/waiting/many").text
    assert post(site.client_as("organizer2"), f"/people/duty/{duty}/confirm").status_code == 303


def test_nor_who_invited_it_once_the_link_that_was_shown_gave_way_to_one_by_mail(site: BuiltSite) -> None:
    second = site.client_as("organizer2")
    invited(site, second, login="ghost", email=OWN)
    assert post(second, f"/people/{user_id(site, 'ghost')}/link/mail").status_code == 303
    site.client().post(mailed_link(site), data={"password": PASSWORD})
    duty = proposed(site, site.client_as("organizer"), "ghost", role="chair", zone="9", title_th="ประธาน")
    assert post(second, f"/people/duty/{duty}/confirm").status_code == 403
    with site.database.reading() as db:
        assert db.execute(text("select state from duty where id = :d"), {"d": duty}).scalar_one() == "proposed"
