"""What comes after a slot is reached from where people are: nobody has to know an address."""

from pathlib import Path

import pytest

from tests.award.held_day import hold_day
from tests.award.scoring_day import ScoringDay, build_day


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> ScoringDay:
    folder: Path = tmp_path_factory.mktemp("links")
    return hold_day(build_day(folder))


@pytest.mark.parametrize(
    ("login", "place", "leads_to"),
    [
        ("z9-chair", "/s/{day}/chair", ["/s/{day}/minutes", "/s/slot/{slot}/compare"]),
        ("z9-member", "/s/{day}", ["/s/{day}/minutes", "/s/slot/{slot}/compare"]),
        ("organizer", "/s/{day}", ["/s/{day}/minutes"]),
        ("organizer", "/s/{day}/minutes", ["/s/{day}/minutes.pdf", "/s/{day}/minutes.txt", "/s/{day}/news"]),
        ("z9-member", "/s/slot/{slot}/compare", ["/s/slot/{slot}/remarks"]),
        ("p23", "/s/{day}/province", ["/s/{day}/news", "/s/slot/{slot}/remarks"]),
    ],
)
def test_it_is_one_link_away(held: ScoringDay, login: str, place: str, leads_to: list[str]) -> None:
    about = {"day": held.session, "slot": held.first_slot}
    page = held.site.client_as(login).get(place.format(**about)).text
    for address in leads_to:
        assert f'href="{address.format(**about)}"' in page, address
