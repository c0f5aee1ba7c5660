"""What is held about a person: shown, taken along, erased; who opened a file; the notice; no mark leaks by it."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from award.actions import privacy
from award.actions.duties import revoke_duty
from award.actions.invitations import open_account
from award.actions.publications import certify_run, publish_run
from award.actions.ranking import calculate_run
from award.db.base import Base
from award.db.engine import Database
from award.db.evidence_files import EvidenceFiles
from award.db.ledger import leaf_of, list_heads, walk_lines
from award.db.log_files import lines_of
from award.db.people import Duty, User
from award.db.rewriting import rewrite
from award.db.schema import downgrade_schema, upgrade_schema
from award.errors import Forbidden, Locked, NotFound
from award.ledger_check import check_ledger
from award.policy import Actor
from award.queries import personal
from award.queries.people import find_actor_by_login
from award.queries.personal import HOLDINGS, PersonalData, collect_person
from award.queries.privacy import is_erased
from award.views.context import new_key
from tests.award.build import BuiltSite, build_site
from tests.award.test_publications import verified

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    built = build_site(tmp_path_factory.mktemp("privacy"))
    put_file(built)
    return built


@pytest.fixture
def own_site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def change(site: BuiltSite, sql: str, **values: Any) -> None:
    with site.database.writing() as db:
        db.execute(text(sql), values)
        db.commit()


def number_of(site: BuiltSite, login: str) -> int:
    with site.database.reading() as db:
        return db.execute(select(User.id).where(User.login == login)).scalar_one()


def actor(site: BuiltSite, login: str) -> Actor:
    with site.database.reading() as db:
        found = find_actor_by_login(db, login, today=site.clock.today())
    assert found is not None
    return found


def put_file(site: BuiltSite) -> int:
    """A stored file beside a question of Trat's entry, as an officer would have sent it."""
    from hashlib import sha256

    digest = sha256(PDF).hexdigest()
    place = site.settings.evidence / digest[:2] / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(PDF)
    change(
        site,
        "insert into evidence (id, entry_id, field, kind, title, sha256, size, media_type, added_at, added_by_id) "
        "select 7777, id, 'declaration', 'file', 'คำรับรอง', :sha, :size, 'application/pdf', "
        "'2021-07-01T02:00:00.000000Z', 1 from entry where code = 'to-23'",
        sha=digest, size=len(PDF),
    )  # fmt: skip
    return 7777


def open_file(site: BuiltSite, login: str) -> int:
    with site.client_as(login).get("/files/7777") as answer:
        return answer.status_code


# --- who opened a file ---


def test_the_owner_and_the_watchers_see_who_opened_a_file_and_nobody_else(site: BuiltSite) -> None:
    assert "Nobody has opened this file yet." in site.client_as("auditor").get("/files/7777/readers").text
    assert open_file(site, "z9-member") == 200
    for login in ("p23", "organizer", "auditor"):
        page = site.client_as(login).get("/files/7777/readers").text
        assert f"u{number_of(site, 'z9-member')}" in page and "Opened 1 times" in page
    assert site.client_as("p22").get("/files/7777/readers").status_code == 404
    assert site.client_as("z9-member").get("/files/7777/readers").status_code == 403
    assert site.client_as("auditor").get("/files/7778/readers").status_code == 404


def test_opening_a_file_changes_no_byte_of_the_database(site: BuiltSite) -> None:
    client = site.client_as("z9-chair")
    before, reads = site.settings.database.read_bytes(), len(list(lines_of(site.settings.logs, "reads")))
    client.get("/files/7777").close()
    client.get("/my-data")
    assert site.settings.database.read_bytes() == before
    assert len(list(lines_of(site.settings.logs, "reads"))) == reads + 1


def test_a_refused_download_is_no_reading(site: BuiltSite) -> None:
    before = list(lines_of(site.settings.logs, "reads"))
    assert open_file(site, "p22") == 404
    assert list(lines_of(site.settings.logs, "reads")) == before


def test_the_page_of_readers_asks_the_same_of_the_database_for_one_and_for_many(site: BuiltSite) -> None:
    client = site.client_as("auditor")
    with site.statements() as few:
        client.get("/files/7777/readers")
    for login in ("p23", "z9-chair", "organizer"):
        open_file(site, login)
    with site.statements() as many:
        client.get("/files/7777/readers")
    assert len(few) == len(many)


# --- what is held ---


def test_every_table_that_names_a_person_is_in_the_list_of_holdings() -> None:
    named = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "user"
    }
    listed = {(each.table.name, column.name) for each in HOLDINGS for column in each.columns}
    assert named - listed == set(), "say in award/queries/personal.py what it is and what erasing does to it"


def test_nothing_that_opens_a_door_is_handed_out() -> None:
    suspect = re.compile(r"secret|token|hash|^sha256|challenge|key$|credential|salt|seal")
    shown = {
        f"{each.table.name}.{column.name}"
        for each in HOLDINGS
        for column in each.table.columns
        if column.name not in personal.SECRET | personal.NOT_PERSONAL and suspect.search(column.name)
    }
    assert shown == set()


def test_a_person_takes_along_what_is_held_about_them(site: BuiltSite) -> None:
    assert open_file(site, "z9-member") == 200
    client = site.client_as("z9-member")
    answer = client.post("/my-data/export")
    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        held = json.loads(archive.read("personal-data.json"))["held"]
        page = archive.read("personal-data.html").decode()
    assert held["account"]["rows"][0]["login"] == "z9-member"
    assert len(held["marks"]["rows"]) > 50 and len(held["texts"]["rows"]) > 0
    assert {row["act"] for row in held["acts"]["rows"]} >= {"sign_in", "record_marks", "send_card"}
    assert any(row["file"] == 7777 for row in held["files_read"]["rows"])
    assert "ข้อมูลส่วนบุคคลที่ระบบเก็บไว้" in page and "Marks and notes given" in page
    assert site.round.password not in page and "password_hash" not in json.dumps(held)


def test_the_file_holds_what_is_theirs_and_nobody_elses(site: BuiltSite) -> None:
    with site.database.reading() as db:
        chair = collect_person(db, site.settings.logs, number_of(site, "z9-chair"))
        member = collect_person(db, site.settings.logs, number_of(site, "z9-member"))
        heads = db.execute(text("select log, max(seq) as size from ledger_line group by log"))
        lines: dict[str, int] = {row.log: row.size for row in heads}
    for what in ("marks", "cards", "seats", "texts"):
        one = {json.dumps(row) for row in chair.section(what).rows}
        assert one and not one & {json.dumps(row) for row in member.section(what).rows}
    for row in (*chair.section("acts").rows, *member.section("acts").rows):
        assert row["line"] <= lines[row["log"]]


def test_the_text_of_a_page_in_the_file_is_text(site: BuiltSite) -> None:
    from award.person_files import as_page
    from award.queries.personal import KEPT, Section

    data = PersonalData(1, (Section("x", "ก", "x", KEPT, ({"a": "<script>alert(1)</script>"},)),))
    assert "<script>" not in as_page(data, site.clock.now())


# --- a request that somebody else answers ---


def test_who_answers_a_request_learns_no_mark_from_it(site: BuiltSite) -> None:
    number = number_of(site, "z9-member")
    for login in ("admin", "organizer"):
        answer = site.client_as(login).post(f"/people/{number}/data/export")
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            held = json.loads(archive.read("personal-data.json"))["held"]
        assert held["account"]["rows"][0]["login"] == "z9-member"
        assert set(held) & personal.ONLY_OWN == set()
        assert {row["log"] for row in held["acts"]["rows"]} == {"site"}
        page = site.client_as(login).get(f"/people/{number}/data").text
        assert "Marks and notes given" not in page
    told = [line for line in lines_of(site.settings.logs, "security") if line["event"] == "personal_data.exported"]
    assert told[-1]["person"] == f"u{number}" and told[-1]["user"] == f"u{number_of(site, 'organizer')}"


@pytest.mark.parametrize("login", ["p23", "z9-chair", "auditor"])
def test_only_who_manages_people_answers_requests(site: BuiltSite, login: str) -> None:
    client = site.client_as(login)
    assert client.get("/people/1/data").status_code == 403
    for act in ("export", "erase", "erase/confirm", "erase/withdraw"):
        assert client.post(f"/people/1/data/{act}").status_code == 403
    assert site.client().get("/my-data").status_code == 302


# --- erasing ---


def end_duties(site: BuiltSite, login: str) -> int:
    number = number_of(site, login)
    with site.database.reading() as db:
        duty = db.execute(select(Duty.id).where(Duty.user_id == number)).scalar_one()
    revoke_duty(site.database, site.clock, actor=actor(site, "organizer"), duty_id=duty, key=new_key())
    return number


def settle(site: BuiltSite) -> None:
    """Every award is published."""
    organizer, second = actor(site, "organizer"), actor(site, "organizer2")
    for adoption in (1, 2, 3):
        about: dict[str, Any] = {"adoption_id": adoption, "stage": "zone", "kind": "official"}
        run = calculate_run(site.database, site.clock, actor=organizer, **about).body["run"]
        certify_run(site.database, site.clock, actor=organizer, run_id=run, key=new_key())
        publish_run(site.database, site.clock, actor=second, run_id=run, key=new_key())


def last_line(db: Session) -> dict[str, Any]:
    """The newest line of the site's log."""
    line = db.execute(text("select line from ledger_line where log = 'site' order by seq desc limit 1")).scalar_one()
    told: dict[str, Any] = json.loads(line)
    return told


def chain_of(site: BuiltSite) -> dict[str, str]:
    """Each log's last leaf, after every line was checked against the one before."""
    heads = {}
    with site.database.reading() as db:
        for log, _size in list_heads(db):
            prev = "0" * 64
            for row in walk_lines(db, log):
                assert (row.prev, row.leaf) == (prev, leaf_of(row.line))
                prev = row.leaf
            heads[log] = prev
    return heads


def test_erasing_takes_two_people_and_leaves_chain_marks_and_results_whole(own_site: BuiltSite) -> None:
    site = own_site
    number = end_duties(site, "z9-member")
    settle(site)
    with site.database.reading() as db:
        before = collect_person(db, site.settings.logs, number)
        runs = db.execute(text("select id, result_sha256 from ranking_run order by id")).all()
        marks = db.execute(text("select id, value from mark order by id")).all()
        frozen = [row[0] for row in db.execute(text("select facts from ranking_run"))]
    heads = chain_of(site)
    written = {row["text"] for what in ("texts", "texts_about") for row in before.section(what).rows}
    written |= {row["note"] for row in before.section("marks").rows if row["note"]}
    free = {each for each in written if not any(json.dumps(each, ensure_ascii=False) in facts for facts in frozen)}
    others = texts_of_others(site, before)
    assert free - others, "the demo round holds notes of this member"

    administrator, organizer = site.client_as("admin"), site.client_as("organizer")
    assert administrator.post(f"/people/{number}/data/erase", data={"key": new_key()}).status_code == 303
    assert administrator.post(f"/people/{number}/data/erase/confirm", data={"key": new_key()}).status_code == 403
    assert number_of(site, "z9-member") == number, "nothing happened yet"
    assert "Erase now" in organizer.get(f"/people/{number}/data").text
    key = new_key()
    for _ in range(2):  # the second click is the same act
        assert organizer.post(f"/people/{number}/data/erase/confirm", data={"key": key}).status_code == 303

    content = site.settings.database.read_bytes()
    for gone in (free - others) | {"z9-member\x00"}:
        assert gone.encode() not in content, gone
    with site.database.reading() as db:
        after = collect_person(db, site.settings.logs, number)
        assert db.execute(text("select id, result_sha256 from ranking_run order by id")).all() == runs
        assert db.execute(text("select id, value from mark order by id")).all() == marks
        told = last_line(db)
    with site.database.reading(consistent=True) as db:
        assert check_ledger(db, anchors=site.settings.data / "none.log")[1] == []
    assert after.section("account").rows[0]["login"] == f"erased-{number}"
    assert after.section("account").rows[0]["disabled_at"] is not None
    assert {row["title_th"] for row in after.section("duties").rows} == {"ผู้เคยดำรงหน้าที่"}
    assert after.section("sign_ins").rows == () and after.section("texts").rows == ()
    assert before.section("texts_about").rows and after.section("texts_about").rows == (), "whoever wrote it"
    assert {row["excused_reason"] for row in after.section("cards").rows} == {"", privacy.ERASED}
    assert {row["note"] for row in after.section("marks").rows} <= {"", privacy.ERASED}
    assert (told["act"], told["body"]["person"]) == ("erase_person", f"u{number}")
    assert told["body"]["texts"] >= len(before.section("texts").rows) > 0
    assert told["body"]["frozen"] == 1, "the reason of an absence stands in the facts of calculated results"
    now = chain_of(site)
    assert {log: leaf for log, leaf in now.items() if log != "site"} == {
        log: leaf for log, leaf in heads.items() if log != "site"
    }
    assert (
        site.client().post("/sign-in", data={"login": f"erased-{number}", "password": site.round.password}).status_code
        == 422
    )
    assert site.client_as("auditor").get(f"/r/run/{runs[0][0]}").status_code == 200
    assert organizer.post(f"/people/{number}/data/erase", data={"key": new_key()}).status_code == 423


def texts_of_others(site: BuiltSite, held: PersonalData) -> set[str]:
    """Texts that somebody else wrote too, word for word: the demo round has a few sentences only."""
    own = {(row["log"], row["line"]) for what in ("texts", "texts_about") for row in held.section(what).rows}
    with site.database.reading() as db:
        rows = db.execute(text("select log, seq, text from ledger_text")).all()
    return {each for log, seq, each in rows if (log, seq) not in own}


def test_nobody_is_erased_whose_grounds_are_still_needed(own_site: BuiltSite) -> None:
    site = own_site
    administrator = actor(site, "admin")

    def propose(login: str) -> None:
        privacy.propose_erasure(
            site.database, site.clock, actor=administrator, user_id=number_of(site, login), key=new_key()
        )

    with pytest.raises(Locked, match="holds a duty"):
        propose("z9-member")
    end_duties(site, "z9-member")
    with pytest.raises(Locked, match=r"B\.E\. 2564"):
        propose("z9-member")
    settle(site)
    propose("z9-member")
    with pytest.raises(Locked, match="waits for a second person"):
        propose("z9-member")


def test_an_own_proposal_own_data_and_a_proposal_withdrawn_are_not_confirmed(own_site: BuiltSite) -> None:
    site = own_site
    number = end_duties(site, "z9-chair")
    settle(site)
    administrator, organizer = actor(site, "admin"), actor(site, "organizer")
    about: dict[str, Any] = {"user_id": number}
    done = about | {"evidence": EvidenceFiles(site.settings.evidence)}
    with pytest.raises(NotFound):
        privacy.confirm_erasure(site.database, site.clock, actor=organizer, key=new_key(), **done)
    privacy.propose_erasure(site.database, site.clock, actor=administrator, key=new_key(), **about)
    with pytest.raises(Forbidden, match="second person"):
        privacy.confirm_erasure(site.database, site.clock, actor=administrator, key=new_key(), **done)
    privacy.withdraw_erasure(site.database, site.clock, actor=organizer, key=new_key(), **about)
    with pytest.raises(NotFound):
        privacy.confirm_erasure(site.database, site.clock, actor=organizer, key=new_key(), **done)
    with pytest.raises(Forbidden):
        privacy.propose_erasure(site.database, site.clock, actor=actor(site, "auditor"), key=new_key(), **about)
    assert number_of(site, "z9-chair") == number


def test_the_machines_own_command_line_erases_alone_and_says_so(own_site: BuiltSite) -> None:
    site = own_site
    number = end_duties(site, "z9-secretary")
    settle(site)
    files = EvidenceFiles(site.settings.evidence)
    erased = privacy.erase_person(site.database, site.clock, user_id=number, evidence=files)
    with site.database.reading() as db:
        line = last_line(db)
    assert (line["act"], line["actor"], line["seq"]) == ("erase_person", "u0", erased.receipt.seq)
    with pytest.raises(Locked, match="erased already"):
        open_account(site.database, site.clock, actor=actor(site, "organizer"), user_id=number, key=new_key())


def test_a_package_made_after_an_erasing_still_passes_the_check(own_site: BuiltSite) -> None:
    site = own_site
    number = end_duties(site, "z9-member")
    organizer = site.client_as("organizer")
    for adoption in (1, 2, 3):
        organizer.post(f"/r/{adoption}/zone/calculate", data={"kind": "official", "key": new_key()})
    for run in (1, 2, 3):
        about: dict[str, Any] = {"run_id": run}
        certify_run(site.database, site.clock, actor=actor(site, "organizer"), key=new_key(), **about)
        publish_run(site.database, site.clock, actor=actor(site, "organizer2"), key=new_key(), **about)
    privacy.erase_person(site.database, site.clock, user_id=number, evidence=EvidenceFiles(site.settings.evidence))
    for edition in ("public", "auditor"):
        package = site.client_as("auditor").post("/r/run/1/package", data={"edition": edition}).data
        kind, says = verified(site, package)
        assert kind == "ok", says


# --- the notice ---


def test_the_notice_is_open_to_everybody_in_both_languages(site: BuiltSite) -> None:
    for language, said in (("en", "Draft for the department"), ("th", "ร่างสำหรับให้นิติกร")):
        client = site.client()
        client.set_cookie("language", language)
        page = client.get("/privacy").text
        assert said in page and str(site.settings.keeping.log_days) in page
    assert 'href="/privacy"' in site.client().get("/sign-in").text


def test_what_was_deleted_is_in_the_file_until_it_is_written_anew(tmp_path: Path) -> None:
    """Some builds of SQLite overwrite at once, others never: this one is told not to."""
    database = Database(tmp_path / "award.sqlite3")
    event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA secure_delete=OFF"))
    with database.writing() as db:
        db.execute(text("create table said (what text)"))
        db.execute(text("insert into said values ('a sentence to be gone')"))
        db.commit()
        db.execute(text("delete from said"))
        db.commit()
    assert b"a sentence to be gone" in database.file.read_bytes()
    rewrite(database)
    assert b"a sentence to be gone" not in database.file.read_bytes()
    database.close()


def test_who_was_erased_is_still_known_after_an_older_program(tmp_path: Path) -> None:
    database = Database(tmp_path / "award.sqlite3")
    upgrade_schema(database)
    with database.writing() as db:
        db.execute(text("insert into user (id, login, title_th, title_en, password_hash, language) "
                        "values (7, 'erased-7', 'ก', 'A', '', 'th')"))  # fmt: skip
        db.execute(text("insert into erasure (user_id, proposed_at, done_at) values (7, '2026-11-21', '2026-11-21')"))
        db.commit()
    downgrade_schema(database, "0006")
    upgrade_schema(database)
    with database.reading() as db:
        assert is_erased(db, 7)
    database.close()
