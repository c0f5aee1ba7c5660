"""A scoring morning made for trouble: four panels of different zones with their first slot open, twelve blank cards."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from award.evaluation import adopted_rules
from scoring_rules.cards import marked_leaves
from scoring_rules.exact import plain
from scoring_rules.rules import MarksSource
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site

LIVE = (TRAT, PHRAE, "12", "83")
NOW = "2021-07-19T08:15:00+07:00"


@dataclass(frozen=True, slots=True)
class Card:
    """A card of a member's own: places that take a mark, each with the lowest and the highest."""

    id: int
    login: str
    places: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Morning:
    """The built site and the cards that its members may mark."""

    site: BuiltSite
    cards: tuple[Card, ...]

    @property
    def data(self) -> Path:
        return self.site.settings.data


def build_morning(folder: Path, *, csrf: bool = True) -> Morning:
    """A site of its own in `folder`."""
    site = build_site(folder, provinces=(*LIVE, CHANTHABURI), live=LIVE, csrf=csrf)
    with site.database.writing() as db:
        db.execute(
            text(
                "update entry set state = 'submitted', submitted_at = '2021-07-09T02:00:00.000000Z', answers = "
                "(select o.answers from entry o where o.adoption_id = entry.adoption_id and o.category = entry.category"
                " and o.province_code = :other) where state = 'draft'"
            ),
            {"other": CHANTHABURI},
        )
        db.execute(
            text(
                "update slot set state = 'open', opened_at = '2021-07-19T01:00:00.000000Z' where state = 'planned' "
                "and not exists (select 1 from slot o where o.session_id = slot.session_id "
                "and o.starts_at < slot.starts_at)"
            )
        )
        rows = db.execute(
            text(
                "select a.id, s.code, e.category, e.adoption_id, d.rules_sha256 from assignment a "
                "join seat s on s.id = a.seat_id join entry e on e.id = a.entry_id "
                "join adoption d on d.id = e.adoption_id join slot t on t.id = a.slot_id "
                "where t.state = 'open' order by a.id"
            )
        ).all()
        cards = []
        for card, login, category, adoption, sha256 in rows:
            rules = adopted_rules(db, adoption_id=adoption, sha256=sha256).category(category)
            places = tuple(
                (leaf.path, plain(leaf.source.scale.from_), plain(leaf.source.scale.to))
                for leaf in marked_leaves(rules)
                if isinstance(leaf.source, MarksSource)
            )
            cards.append(Card(card, login, places))
        db.commit()
    return Morning(site, tuple(cards))
