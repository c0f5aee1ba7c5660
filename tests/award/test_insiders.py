"""What one person alone tried with the acts that bring many in, open rounds and seat panels."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select, text

from award.actions.checkpoints import Witness
from award.actions.packages import make_package
from award.db.mail import MailOut
from award.db.notes import make_key
from award.errors import Locked
from exports.verifier.main import check_package
from exports.verifier.steps import FAIL
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site
from tests.award.test_links_of_two import post
from tests.award.test_mail import Post, with_server
from tests.award.test_people_import import bring
from tests.award.test_people_pages import PASSWORD, invited, proposed, user_id
from tests.award.test_returns import actor, fill_and_send
from tests.award.test_seating import duty, remove
from tests.award.test_withdrawals import certified, day_of, result_of, withdraw

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


def test_who_confirms_a_duty_sees_where_links_of_the_account_are_mailed(site: BuiltSite) -> None:
    """A list of hundreds may hold one address of whoever wrote it: it is looked at by two, like the duty."""
    bring(site, f"new.chair,ประธาน,,{OWN},chair,,9,,,")
    for page in ("/people/waiting", "/people/waiting/many"):
        assert OWN in site.client_as("organizer2").get(page).text, page


def test_a_seat_that_was_taken_away_is_still_named_to_the_auditor(tmp_path: Path) -> None:
    """Else one organizer makes every auditor's package of the round fail, for ever, by a seat given and taken away."""
    site = build_site(tmp_path, provinces=(TRAT, CHANTHABURI), live=(TRAT,))
    fill_and_send(site)
    given = {"key": "seat-given-1", "duty": duty(site, "deputy", 10), "kind": "member"}
    assert site.client_as("organizer").post("/agenda/10/seating/add", data=given).status_code == 303
    assert remove(site, 10, "z10-member2").status_code == 303
    day = day_of(site)
    day.open()
    day.send_all(dict.fromkeys(("z9-chair", "z9-member", "z9-secretary"), "4"))
    day.close()
    result_of(site)
    certified(site)
    key, anchors = make_key(tmp_path / "log.key", name="awards.example"), tmp_path / "anchors.log"
    made = make_package(
        site.database, site.clock, Witness("awards.example", anchors, key), actor=actor(site, "auditor"), run_id=1,
        edition="auditor",
    )  # fmt: skip
    (tmp_path / "package.zip").write_bytes(made.content)
    outcomes = check_package(str(tmp_path / "package.zip"), keys=[key.vkey], anchors=[str(anchors)])
    assert [each.said.en for each in outcomes if each.state == FAIL] == []


def test_two_organizers_publish_no_result_that_nobody_can_check(tmp_path: Path) -> None:
    """Where every entry was withdrawn nothing is ranked: there is no package, so nothing is certified either."""
    site = build_site(tmp_path, provinces=(TRAT,), live=(TRAT,))
    withdraw(site)
    day = day_of(site)
    day.open()
    day.close()
    assert result_of(site)["rankings"] == []
    with pytest.raises(Locked, match="Nobody was ranked"):
        certified(site)
