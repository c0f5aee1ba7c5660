"""The record of a round: its roots and notes are those of the published formats, and nothing in it or beside it is
changed, cut, put back or forged without `award ledger check` naming the place."""

import hashlib
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from award.actions.checkpoints import NotAnchored, Witness, anchor_new_lines, take_checkpoint
from award.actions.restores import continue_logs
from award.cli import main
from award.clock import Clock
from award.db.anchors import Anchor, append_anchor, find_broken, read_anchors, root_at
from award.db.engine import Database
from award.db.ledger import FIRST, alias, canonical, leaf_of
from award.db.notes import Key, NotANote, SignedRoot, is_signed_by, make_key, read_key, read_note
from award.db.tree import EMPTY, Tree, inclusion_proof, root_by_proof, root_of
from award.errors import Invalid
from award.ledger_check import Found, check_ledger
from award.policy import Actor
from tests.award.build import TRAT, BuiltSite, build_site

LOG = "2564/transparent-office"
# The eight leaves and their roots that implementations of RFC 6962 agree on.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def hashed(count: int) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + number.to_bytes(3)).digest() for number in range(count)]


def test_roots_are_those_of_the_published_examples() -> None:
    leaves = [hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest() for leaf in LEAVES]
    assert [root_of(leaves[: size + 1]).hex() for size in range(8)] == ROOTS
    assert root_of([]) == EMPTY


def test_a_growing_tree_has_each_size_s_root_and_keeps_no_more_than_its_height() -> None:
    tree, leaves = Tree(), hashed(200)
    assert tree.root() == EMPTY
    for size, leaf in enumerate(leaves, start=1):
        tree.add(leaf)
        assert (tree.size, tree.root()) == (size, root_of(leaves[:size]))
        assert len(tree.peaks) == size.bit_count()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 64, 65])
def test_each_line_is_proved_by_its_path_and_no_other_line_is(size: int) -> None:
    leaves = hashed(size)
    root = root_of(leaves)
    for index, leaf in enumerate(leaves):
        path = inclusion_proof(leaves, index)
        assert root_by_proof(leaf, index, size, path) == root
        assert root_by_proof(hashed(size + 1)[-1], index, size, path) != root
    with pytest.raises(ValueError, match="too long"):
        root_by_proof(leaves[0], 0, size, [*inclusion_proof(leaves, 0), root])
    with pytest.raises(IndexError):
        inclusion_proof(leaves, size)


KEY = Key("awards.example", bytes(range(32)))
ROOT = SignedRoot("awards.example/2564/x", 8003, bytes.fromhex(ROOTS[7]))


def test_a_note_reads_back_and_only_its_key_s_signature_counts() -> None:
    note = KEY.sign(ROOT)
    assert read_note(note.text) == note
    assert read_note(ROOT.text) == ROOT
    assert is_signed_by(note, KEY.vkey)
    other = Key("awards.example", bytes(32))
    assert not is_signed_by(note, other.vkey)
    both = other.sign(Key("chair", bytes([7] * 32)).sign(note))
    assert [name for name, _ in both.signatures] == ["chair", "awards.example"]
    changed = SignedRoot(ROOT.origin, 8002, ROOT.root, note.signatures)
    assert not is_signed_by(changed, KEY.vkey)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "a\n1\n\n",
        "a\n01\nAAAA\n\n",
        "a\n1\nAAAA\n\n",
        ROOT.text.replace("8003", "-3"),
        ROOT.text + "- x AAAA\n",
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(NotANote):
        read_note(text)


def test_a_key_lies_in_a_file_for_its_owner_and_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "log.key"
    made = make_key(file, name="awards.example")
    assert read_key(file) == made
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        make_key(file, name="another")
    file.write_text("awards.example\nshort\n", encoding="utf-8")
    with pytest.raises(NotANote):
        read_key(file)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abz.-_/", max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text("abz", max_size=4), json_values, max_size=4))
def test_a_value_has_one_text_and_the_text_reads_back_as_the_value(value: dict[str, object]) -> None:
    line = canonical(value)
    assert json.loads(line) == value
    assert canonical(json.loads(line)) == line


@pytest.fixture
def site(tmp_path: Path) -> Iterator[BuiltSite]:
    built = build_site(tmp_path, provinces=(TRAT,))
    yield built
    built.database.close()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness("awards.example", tmp_path / "elsewhere" / "anchors.log", KEY)


def checked(site: BuiltSite, witness: Witness) -> list[Found]:
    with site.database.reading(consistent=True) as db:
        return check_ledger(db, anchors=witness.anchors)[1]


def anchored(site: BuiltSite, witness: Witness) -> Anchor:
    return take_checkpoint(site.database, site.clock, witness, actor=Actor.nobody(), log=LOG)


def change(database: Database, *statements: str) -> None:
    """What somebody with the file can do: no trigger holds them up."""
    with sqlite3.connect(database.file) as raw:
        raw.execute("DROP TRIGGER IF EXISTS ledger_line_UPDATE")
        raw.execute("DROP TRIGGER IF EXISTS ledger_line_DELETE")
        for statement in statements:
            raw.execute(statement)


def test_a_round_as_it_was_made_is_whole(site: BuiltSite, witness: Witness) -> None:
    anchor = anchored(site, witness)
    assert read_anchors(witness.anchors)[0].line == anchor.line
    assert checked(site, witness) == []
    with site.database.reading(consistent=True) as db:
        sizes = {each.log: each.size for each in check_ledger(db, anchors=witness.anchors)[0]}
    assert sizes[LOG] == anchor.size


def test_a_checkpoint_of_the_same_size_is_taken_once(site: BuiltSite, witness: Witness) -> None:
    first, second = anchored(site, witness), anchored(site, witness)
    assert (first.size, first.root) == (second.size, second.root)
    with site.database.reading() as db:
        lines = db.connection().exec_driver_sql("select count(*) from ledger_line where line like '%checkpoint%'")
        assert lines.scalar_one() == 1


CARD = "select min(id) from assignment where state = 'sent' and slot_id = (select id from slot where adoption_id = 1)"
TAMPERED = {
    "a mark in the table": (
        f"update mark set value = value - 10000 where assignment_id = ({CARD}) and criterion like 'd1%'",
        "mark of card",
    ),
    "a mark that was added": (
        "insert into mark (assignment_id, revision, criterion, value, note, at) "
        f"select ({CARD}), 1, 'd9/none', 50000, '', at from mark limit 1",
        "mark of card",
    ),
    "a mark that is gone": (
        f"delete from mark where id = (select min(id) from mark where assignment_id = ({CARD}))",
        "mark of",
    ),
    "a card said to be unsent": (f"update assignment set state = 'draft' where id = ({CARD})", "card "),
    "an excuse nobody recorded": (f"update assignment set excused = 'absent' where id = ({CARD})", "card "),
    "a slot opened quietly": ("update slot set state = 'open' where adoption_id = 1", "slot "),
    "an entry that vanished": ("update entry set state = 'withdrawn' where adoption_id = 1", "entry "),
    "other rules": ("update adoption set rules_text = replace(rules_text, '20', '21') where id = 1", "the rules"),
    "a text beside the log": (
        "update ledger_text set text = text || '.' where log = '2564/transparent-office'",
        "text at",
    ),
    "a line": (
        "update ledger_line set line = replace(line, '\"revision\":1', '\"revision\":2') "
        "where log = '2564/transparent-office' and line like '%record_marks%'",
        "the line was changed",
    ),
    "a line deleted": (
        "delete from ledger_line where log = '2564/transparent-office' and seq = 7",
        "line 7 is missing",
    ),
    "the last lines deleted": (
        "delete from ledger_line where log = '2564/transparent-office' and seq > 9",
        "are missing",
    ),
    "a space more": (
        "update ledger_line set line = line || ' ' where log = '2564/transparent-office' and seq = 3",
        "canonical",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_with_the_file_is_named(site: BuiltSite, witness: Witness, what: str) -> None:
    anchored(site, witness)
    statement, says = TAMPERED[what]
    change(site.database, statement)
    found = checked(site, witness)
    assert any(says in each.says for each in found), found


def rewrite(database: Database, log: str) -> None:
    """Somebody with the file changes a mark in the table and in its line, and chains everything after it anew."""
    with sqlite3.connect(database.file) as raw:
        rows = raw.execute("select seq, line from ledger_line where log = ? order by seq", (log,)).fetchall()
        [(seal,)] = raw.execute("select seal from adoption where log = ?", (log,)).fetchall()
        cards = {alias(seal, f"card {number}"): number for (number,) in raw.execute("select id from assignment")}
        prev = FIRST
        for seq, line in rows:
            told = json.loads(line) | {"prev": prev}
            if told["act"] == "record_marks":
                place = sorted(told["body"]["marks"])[0]
                told["body"]["marks"][place] = 0
                raw.execute(
                    "update mark set value = 0 where assignment_id = ? and criterion = ?",
                    (cards[told["body"]["card"]], place),
                )
            line = canonical(told)
            raw.execute(
                "update ledger_line set line = ?, prev = ?, leaf = ? where log = ? and seq = ?",
                (line, prev, leaf_of(line), log, seq),
            )
            prev = leaf_of(line)


def test_a_history_written_anew_passes_without_an_anchor_and_fails_with_one(site: BuiltSite, witness: Witness) -> None:
    change(site.database)
    rewrite(site.database, LOG)
    assert checked(site, witness) == [], "nothing outside the database knows better: that is what anchors are for"


def test_a_history_written_anew_after_an_anchor_is_named(site: BuiltSite, witness: Witness) -> None:
    anchor = anchored(site, witness)
    change(site.database, "delete from checkpoint")
    rewrite(site.database, LOG)
    with site.database.reading() as db:
        [broken] = find_broken(db, read_anchors(witness.anchors))
    assert f"The first {anchor.size} lines of the log {LOG} are not those that were anchored" in broken.says


def test_a_file_of_anchors_that_is_none_is_said_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "anchors.log"
    append_anchor(file, Anchor(Clock().now(), "site", 3, "ab" * 32))
    with file.open("a", encoding="utf-8") as handle:
        handle.write("2026-08-22T03:14:07Z site 4 cafe\n")
    with pytest.raises(ValueError, match=r"anchors\.log, line 2: not an anchor"):
        read_anchors(file)


def restore(site: BuiltSite, backup: Path) -> None:
    """Puts yesterday's file back."""
    site.database.close()
    for left in site.settings.data.glob("award.sqlite3*"):
        left.unlink()
    backup.rename(site.settings.database)


def test_a_restored_round_goes_on_in_a_log_that_owns_up_to_what_is_lost(
    site: BuiltSite, witness: Witness, tmp_path: Path
) -> None:
    backup = tmp_path / "yesterday.sqlite3"
    with sqlite3.connect(site.settings.database) as raw, sqlite3.connect(backup) as copy:
        raw.backup(copy)
    site.client_as("organizer").post("/r/1/zone/calculate", data={"kind": "provisional", "key": "k" * 20})
    lost = anchored(site, witness)
    restore(site, backup)
    with site.database.reading() as db:
        [broken] = find_broken(db, read_anchors(witness.anchors))
    assert (broken.size, broken.anchor.size) == (lost.size - 1, lost.size)
    assert "1 are missing" in broken.says

    with pytest.raises(Invalid, match="ten letters"):
        continue_logs(site.database, site.clock, [broken], actor=Actor.nobody(), reason="disk")
    [done] = continue_logs(
        site.database, site.clock, [broken], actor=Actor.nobody(), reason="the disk failed on 19 July"
    )
    assert (done.log, done.survived) == (f"{LOG}#2", lost.size - 1)
    assert checked(site, witness) == []
    client = site.client_as("organizer")
    assert client.post("/r/1/zone/calculate", data={"kind": "official", "key": "n" * 20}).status_code == 303
    package = site.client_as("auditor").post("/r/run/1/package", data={"edition": "auditor"}).data
    page = site.client().post("/verify", data={"file": (io.BytesIO(package), "p.zip"), "root": "", "vkey": ""}).text
    assert "verdict-ok" in page
    assert lost.root in page, "who checks is told which log it continues"
    assert checked(site, witness) == []


def test_a_history_written_anew_is_not_clean_after_the_next_checkpoint(
    site: BuiltSite, witness: Witness, caplog: pytest.LogCaptureFixture
) -> None:
    before = anchored(site, witness)
    change(site.database, "delete from checkpoint")
    rewrite(site.database, LOG)
    site.client_as("organizer").post("/r/1/zone/calculate", data={"kind": "provisional", "key": "k" * 20})
    kept = witness.anchors.read_bytes()
    with pytest.raises(NotAnchored, match=rf"{LOG} .* {before.size} lines"):
        anchored(site, witness)
    assert witness.anchors.read_bytes() == kept
    assert [each.levelname for each in caplog.records if each.name == "award.anchors"] == ["ERROR"]
    assert LOG not in {each.log for each in anchor_new_lines(site.database, site.clock, witness)}, "others go on"
    with site.database.reading() as db:
        assert db.connection().exec_driver_sql(f"select count(*) from checkpoint where log = '{LOG}'").scalar_one() == 0

    whole = root_now(site, LOG)
    append_anchor(witness.anchors, whole)  # somebody with the file of anchors too can add, and hide nothing by it
    with site.database.reading() as db:
        [broken] = find_broken(db, read_anchors(witness.anchors))
    assert (broken.anchor.size, broken.anchor.root) == (before.size, before.root)


def root_now(site: BuiltSite, log: str) -> Anchor:
    with site.database.reading() as db:
        return Anchor(site.clock.now(), log, *root_at(db, log))


def test_thousands_of_anchors_are_compared_in_one_walk(site: BuiltSite, witness: Witness) -> None:
    with site.database.reading() as db:
        sizes = range(1, root_now(site, LOG).size + 1)
        anchors = [Anchor(site.clock.now(), LOG, *root_at(db, LOG, most=size)) for size in sizes] * 500
    with site.statements() as counted, site.database.reading() as db:
        assert find_broken(db, anchors) == []
        wrong = Anchor(site.clock.now(), LOG, 5, "ab" * 32)
        assert [each.anchor for each in find_broken(db, [*anchors, wrong])] == [wrong]
    assert len(anchors) > 5000
    assert len(counted) <= 4, counted


@pytest.mark.parametrize("also_shorter", [False, True])
def test_a_log_that_was_changed_is_not_continued(site: BuiltSite, witness: Witness, also_shorter: bool) -> None:
    small = anchored(site, witness)
    if also_shorter:
        site.client_as("organizer").post("/r/1/zone/calculate", data={"kind": "provisional", "key": "k" * 20})
        anchored(site, witness)
        change(site.database, f"delete from ledger_line where log = '{LOG}' and seq > {small.size}")
    change(site.database, "delete from checkpoint")
    rewrite(site.database, LOG)
    with site.database.reading() as db:
        broken = find_broken(db, read_anchors(witness.anchors))
    assert len(broken) == 1 + also_shorter
    with pytest.raises(Invalid, match=rf"{LOG} .* {small.size} lines"):
        continue_logs(site.database, site.clock, broken, actor=Actor.nobody(), reason="the disk failed on 19 July")
    with site.database.reading() as db:
        assert db.connection().exec_driver_sql("select count(*) from adoption where log like '%#%'").scalar_one() == 0


def copied(site: BuiltSite, to: Path) -> Path:
    with sqlite3.connect(site.settings.database) as raw, sqlite3.connect(to) as copy:
        raw.backup(copy)
    return to


def continued(site: BuiltSite, witness: Witness) -> list[str]:
    """Which logs go on, by their new names."""
    with site.database.reading() as db:
        broken = find_broken(db, read_anchors(witness.anchors))
    done = continue_logs(site.database, site.clock, broken, actor=Actor.nobody(), reason="the disk failed on 19 July")
    return [each.log for each in done]


def calculate(site: BuiltSite, key: str) -> None:
    answer = site.client_as("organizer").post("/r/1/zone/calculate", data={"kind": "provisional", "key": key * 20})
    assert answer.status_code == 303


def test_what_a_restore_lost_is_silent_and_what_survived_is_still_held_to_its_anchors(
    site: BuiltSite, witness: Witness, tmp_path: Path
) -> None:
    small = anchored(site, witness)
    calculate(site, "z")
    backup = copied(site, tmp_path / "yesterday.sqlite3")
    for key in "abc":
        calculate(site, key)
        anchored(site, witness)
    restore(site, backup)
    assert continued(site, witness) == [f"{LOG}#2"]
    assert checked(site, witness) == [], "two anchors between the last surviving line and the last anchor are lost too"
    last = copied(site, tmp_path / "as-it-goes-on.sqlite3")
    change(site.database, f"delete from ledger_line where log = '{LOG}' and seq > {small.size}")
    with site.database.reading() as db:
        [broken] = find_broken(db, read_anchors(witness.anchors))
    assert (broken.anchor.log, broken.size) == (LOG, small.size), "no more is lost than was owned up to"
    restore(site, last)
    change(site.database, "delete from checkpoint")
    rewrite_first(site.database, LOG)
    with site.database.reading() as db:
        assert small.size in {each.anchor.size for each in find_broken(db, read_anchors(witness.anchors))}


def rewrite_first(database: Database, log: str) -> None:
    """The time of the first line, and the chain after it, made anew."""
    with sqlite3.connect(database.file) as raw:
        prev = FIRST
        for seq, line in raw.execute("select seq, line from ledger_line where log = ? order by seq", (log,)).fetchall():
            told = json.loads(line) | {"prev": prev}
            if seq == 1:
                told["at"] = "2021-05-03T01:29:59.000000Z"
            line, before = canonical(told), prev
            prev = leaf_of(line)
            about = line, before, prev, log, seq
            raw.execute("update ledger_line set line = ?, prev = ?, leaf = ? where log = ? and seq = ?", about)


def test_a_third_log_still_says_what_the_second_continued(site: BuiltSite, witness: Witness, tmp_path: Path) -> None:
    first = copied(site, tmp_path / "first.sqlite3")
    calculate(site, "a")
    lost = anchored(site, witness)
    restore(site, first)
    assert continued(site, witness) == [f"{LOG}#2"]
    second = copied(site, tmp_path / "second.sqlite3")
    calculate(site, "b")
    again = take_checkpoint(site.database, site.clock, witness, actor=Actor.nobody(), log=f"{LOG}#2")
    restore(site, second)
    assert continued(site, witness) == [f"{LOG}#3"]
    with site.database.reading() as db:
        row = db.connection().exec_driver_sql(f"select line from ledger_line where log = '{LOG}#3' and seq = 1")
        continues = json.loads(row.scalar_one())["body"]["continues"]
    assert (continues["log"], continues["root"]) == (f"{LOG}#2", again.root)
    assert (continues["before"]["log"], continues["before"]["root"]) == (LOG, lost.root)
    assert checked(site, witness) == []


def test_the_command_that_continues_anchors_what_goes_on_at_once(
    site: BuiltSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = copied(site, tmp_path / "yesterday.sqlite3")
    site.client_as("organizer").post("/r/1/zone/calculate", data={"kind": "official", "key": "k" * 20})
    restore(site, backup)
    monkeypatch.setenv("AWARD_DATA", str(site.settings.data))
    done = CliRunner().invoke(main, ["ledger", "continue", "--because", "the disk failed on 19 July", "--yes"])
    assert done.exit_code == 0, done.output
    assert {f"{LOG}#2", "site#2"} <= {each.log for each in read_anchors(site.settings.anchors)}
    assert CliRunner().invoke(main, ["ledger", "check"]).exit_code == 0


def test_a_backup_of_before_the_first_restore_opens_a_log_of_a_name_never_used(
    site: BuiltSite, witness: Witness, tmp_path: Path
) -> None:
    """The first backup put back was no good, so an older one is: what "#2" had anchored is lost whole, and owned up."""
    older, newer = copied(site, tmp_path / "older.sqlite3"), copied(site, tmp_path / "newer.sqlite3")
    calculate(site, "a")
    anchored(site, witness)
    anchor_new_lines(site.database, site.clock, witness)
    restore(site, newer)
    continued(site, witness)
    anchor_new_lines(site.database, site.clock, witness)
    restore(site, older)
    assert {f"{LOG}#3", "site#3"} <= set(continued(site, witness))
    assert checked(site, witness) == []
    calculate(site, "c")
    assert {each.log for each in anchor_new_lines(site.database, site.clock, witness)} >= {f"{LOG}#3", "site#3"}
    assert checked(site, witness) == []


def test_the_server_writes_down_by_itself_what_grew(site: BuiltSite, witness: Witness) -> None:
    about = site.database, site.clock, witness
    assert [each.log for each in anchor_new_lines(*about)] == [
        "2564/cdd-policy-award", "2564/transparent-office", "2564/womens-fund", "site"
    ]  # fmt: skip
    assert anchor_new_lines(*about) == [], "nothing grew: the line that tells of the site's own root does not count"
    site.client_as("organizer").post("/r/1/zone/calculate", data={"kind": "provisional", "key": "k" * 20})
    assert [each.log for each in anchor_new_lines(*about)] == [LOG, "site"]
    assert len(read_anchors(witness.anchors)) == 6
    assert checked(site, witness) == []


def test_an_act_that_is_erased_from_the_site_s_log_is_missed(site: BuiltSite, witness: Witness) -> None:
    anchor_new_lines(site.database, site.clock, witness)
    change(site.database, "delete from ledger_line where log = 'site' and seq > 1")
    with site.database.reading() as db:
        [broken] = find_broken(db, read_anchors(witness.anchors))
    assert (broken.anchor.log, broken.size) == ("site", 1)


def test_a_close_and_a_result_write_down_the_site_s_root_too(site: BuiltSite) -> None:
    official = {"kind": "official", "key": "k" * 20}
    change(site.database, "update user set email = login || '@example.org'")
    assert site.client_as("organizer").post("/r/1/zone/calculate", data=official).status_code == 303
    assert [each.log for each in read_anchors(site.settings.anchors)] == [LOG, "site"]
    with site.database.reading() as db:
        told = db.connection().exec_driver_sql("select address, subject from mail_out").fetchall()
    mailed = {address for address, subject in told if "Root of the log site" in subject}
    assert mailed == {"auditor@example.org"}
    assert mailed < {address for address, subject in told if f"Root of the log {LOG}" in subject}


def test_an_act_stands_where_its_root_is_refused_and_the_page_warns(
    site: BuiltSite, caplog: pytest.LogCaptureFixture
) -> None:
    client = site.client_as("organizer")
    client.set_cookie("language", "en")
    client.post("/r/1/zone/calculate", data={"kind": "official", "key": "k" * 20})
    warning = "does not agree with a root that was written down"
    assert warning not in client.get("/r/run/1/public").text
    kept = site.settings.anchors.read_text(encoding="utf-8")
    change(site.database, "delete from checkpoint")
    rewrite_first(site.database, LOG)
    assert client.post("/r/run/1/certify", data={"key": "c" * 20}).status_code == 303
    page = client.get("/r/run/1/public").text
    assert "Certified" in page and warning in page
    assert LOG not in site.settings.anchors.read_text(encoding="utf-8").removeprefix(kept)
    assert any(each.name == "award.anchors" and each.levelname == "ERROR" for each in caplog.records)
