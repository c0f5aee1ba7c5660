"""The day of Trat on a small real site: its entries are sent, nothing is marked, 08:15 in the morning."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from award.evaluation import adopted_rules
from scoring_rules.cards import marked_leaves
from scoring_rules.marks import mark_places
from scoring_rules.rules import Category
from tests.award.build import CHANTHABURI, TRAT, BuiltSite, build_site

MEMBERS = ("z9-chair", "z9-member", "z9-secretary")
REASON = "ตามหลักฐานที่นำเสนอ"
_keys = count(1)


def new_key() -> str:
    """A client's key that was not used before."""
    return f"test-key-{next(_keys):06d}"


@dataclass
class ScoringDay:
    """`card("z9-chair")` is a card's id, `save(...)` posts as the page's code does."""

    site: BuiltSite
    session: int
    slots: tuple[int, int, int]

    @property
    def first_slot(self) -> int:
        return self.slots[0]

    def value(self, sql: str, **values: Any) -> Any:
        """One value straight from the database."""
        with self.site.database.reading() as db:
            return db.execute(text(sql), values).scalar_one()

    def row(self, sql: str, **values: Any) -> Any:
        """One row straight from the database."""
        with self.site.database.reading() as db:
            return db.execute(text(sql), values).one()

    def change(self, sql: str, **values: Any) -> None:
        """A change past the program, to bring about what a test needs."""
        with self.site.database.writing() as db:
            db.execute(text(sql), values)
            db.commit()

    def card(self, login: str, entry: str = "to-23") -> int:
        return int(
            self.value(
                "select a.id from assignment a join seat s on s.id = a.seat_id join entry e on e.id = a.entry_id "
                "where s.code = :seat and e.code = :entry",
                seat=login, entry=entry,
            )
        )  # fmt: skip

    def seat(self, login: str) -> int:
        return int(self.value("select id from seat where code = :code", code=login))

    def revision(self, card: int) -> int:
        return int(self.value("select revision from assignment where id = :id", id=card))

    def category(self, entry: str = "to-23") -> Category:
        with self.site.database.reading() as db:
            row = db.execute(
                text("select a.id, a.rules_sha256, e.category from entry e join adoption a on a.id = e.adoption_id "
                     "where e.code = :entry"), {"entry": entry},
            ).one()  # fmt: skip
            return adopted_rules(db, adoption_id=row[0], sha256=row[1]).category(row[2])

    def whole(self, mark: str = "4", entry: str = "to-23") -> dict[str, str]:
        """Changes that make a card complete: one mark everywhere, with a reason everywhere."""
        category = self.category(entry)
        notes = {f"note:{leaf.path}": REASON for leaf in marked_leaves(category)}
        return dict.fromkeys(mark_places(category), mark) | notes

    def save(
        self, client: FlaskClient, card: int, changes: dict[str, str], *, base: int | None = None, key: str = ""
    ) -> TestResponse:
        revision = self.revision(card) if base is None else base
        return client.post(
            f"/s/card/{card}/marks",
            json={"key": key or new_key(), "base_revision": revision, "changes": changes},
        )

    def declare(self, client: FlaskClient, session: int | None = None, *, interest: str = "none", **data: Any) -> Any:
        """The member says that there is no interest in the province, or another kind."""
        return self.post(client, f"/s/{session or self.session}/interest", interest=interest, **data)

    def send(self, client: FlaskClient, card: int) -> TestResponse:
        """Sends the card, after declaring that there is no interest where that was not said yet."""
        session, said = self.row(
            "select l.session_id, (select count(*) from declaration d where d.session_id = l.session_id"
            " and d.seat_id = a.seat_id) from assignment a join slot l on l.id = a.slot_id where a.id = :id", id=card,
        )  # fmt: skip
        if not said:
            self.declare(client, session)
        return client.post(f"/s/card/{card}/send", data={"key": new_key(), "base_revision": self.revision(card)})

    def post(self, client: FlaskClient, address: str, **data: Any) -> TestResponse:
        return client.post(address, data={"key": new_key(), **data})

    def open(self, slot: int | None = None) -> None:
        chair = self.site.client_as("z9-chair")
        assert self.post(chair, f"/s/slot/{slot or self.first_slot}/open").status_code == 303

    def send_all(self, marks: dict[str, str], entry: str = "to-23") -> None:
        """Every member gives the one mark named for them everywhere, and sends."""
        for login, mark in marks.items():
            client, card = self.site.client_as(login), self.card(login, entry)
            assert self.save(client, card, self.whole(mark, entry)).status_code == 200
            assert self.send(client, card).status_code == 303

    def close(self, slot: int | None = None) -> None:
        chair = self.site.client_as("z9-chair")
        assert self.post(chair, f"/s/slot/{slot or self.first_slot}/close").status_code == 303


def build_day(folder: Path, *, csrf: bool = False) -> ScoringDay:
    """Trat and its neighbour, Trat's day still to come, its five entries sent with the neighbour's answers."""
    site = build_site(folder, provinces=(TRAT, CHANTHABURI), live=(TRAT,), csrf=csrf)
    with site.database.writing() as db:
        db.execute(
            text(
                "update entry set state = 'submitted', submitted_at = '2021-07-09T02:00:00.000000Z', answers = "
                "(select o.answers from entry o where o.adoption_id = entry.adoption_id and o.category = entry.category"
                " and o.province_code = :other) where province_code = :trat"
            ),
            {"trat": TRAT, "other": CHANTHABURI},
        )
        session = db.execute(text("select id from scoring_session where province_code = :p"), {"p": TRAT}).scalar_one()
        slots = db.execute(text("select id from slot where session_id = :s order by starts_at"), {"s": session})
        found = tuple(row[0] for row in slots)
        db.commit()
    return ScoringDay(site, session, (found[0], found[1], found[2]))
