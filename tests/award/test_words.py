"""The words that searches look through: they say what entries and files say, whatever happens to either."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from award.actions.words import Spoiled, find_spoiled, keep_words, mend_words
from award.cli import main
from award.db.entries import Entry, Evidence
from award.db.schema import upgrade_schema
from award.db.words import TRIGGERS, EntryWords, FileWords, Folding, find_lost_triggers
from award.queries.likeness import allowed, fold, parts_of
from award.queries.words import pack, unpack
from tests.award.build import CHANTHABURI, PHRAE, TRAT, BuiltSite, build_site
from tests.award.hostile import signed_in, without_tokens

TEXTS = st.text(st.sampled_from("กขจอตฝั่งเแโ่้็์ิีําะ๐๑09aZ_- .ßéﬁ漢ლ🙂Ａ"), max_size=12)
NOTHING_WRONG = Spoiled((), (), ())
ASKED = (
    "ตราด", "จันทรบุรี", "to-22", "สำนักงาน", "ก", "๑๒", "ประกาศเจตจำนงค์", "อ่าวไทย", "ตราค", "กลุ่มแปรูปมะพาว", "ฑฒณ",
)  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path, provinces=(TRAT, CHANTHABURI, PHRAE), live=(TRAT,))


def fill(site: BuiltSite) -> int:
    return keep_words(site.database, site.clock)


def waiting(site: BuiltSite) -> int:
    with site.database.reading() as db:
        tables: Any = EntryWords, FileWords
        return sum(len(db.execute(select(table).where(table.words.is_(None))).all()) for table in tables)


def look(site: BuiltSite) -> Spoiled:
    with site.database.reading() as db:
        return find_spoiled(db)


def entry_id(site: BuiltSite, code: str) -> int:
    with site.database.reading() as db:
        return db.execute(select(Entry.id).where(Entry.code == code)).scalar_one()


def add_link(site: BuiltSite, title: str, *, code: str = "to-22") -> int:
    with site.database.writing() as db:
        values = {
            "entry_id": entry_id(site, code), "field": "declaration", "kind": "link", "title": title,
            "url": "https://example.invalid/", "added_at": site.clock.now(), "added_by_id": 1,
        }  # fmt: skip
        number = db.execute(insert(Evidence).values(**values).returning(Evidence.id)).scalar_one()
        db.commit()
    return number


def change(site: BuiltSite, statement: Any) -> None:
    with site.database.writing() as db:
        db.execute(statement)
        db.commit()


def ask(site: BuiltSite, typed: str, *, who: str = "organizer") -> str:
    return without_tokens(signed_in(site, who).get("/search", query_string={"q": typed}).text)


# --- one byte for a letter ------------------------------------------------------------------------------------------


@given(TEXTS, TEXTS)
def test_a_packed_word_stands_in_a_packed_text_exactly_where_the_word_stands_in_the_text(typed: str, known: str):
    word, held = fold(typed), f"{fold(known)}\n{fold(typed + known)}"
    assert unpack(pack(held)) == held
    assert (pack(word) in pack(held)) == (word in held)
    assert (pack(word) in pack(fold(known))) == (word in fold(known))


def test_thai_and_latin_letters_and_digits_take_a_byte_each():
    thai = fold("สำนักงานพัฒนาชุมชนจังหวัดตราด 2564 Trat")
    assert len(pack(thai)) == len(thai)


@pytest.mark.parametrize("word", ["ตราด", "จันทรบุรี", "กลุมแปรรูปมะพราว", "abcdefghijklm"])
def test_the_parts_of_a_word_are_the_whole_of_it_and_one_more_than_letters_may_be_wrong(word: str):
    assert "".join(parts_of(word)) == word
    assert len(parts_of(word)) == allowed(word) + 1


# --- what is found --------------------------------------------------------------------------------------------------


def test_the_same_is_found_before_the_words_are_filled_in_and_after(site: BuiltSite):
    people = ("organizer", f"p{CHANTHABURI}", "z9-chair")
    clients = {who: signed_in(site, who) for who in people}

    def pages() -> dict[tuple[str, str], str]:
        asked = [(who, typed) for who in people for typed in ASKED]
        return {
            (who, typed): without_tokens(clients[who].get("/search", query_string={"q": typed}).text)
            for who, typed in asked
        }

    assert waiting(site) > 60
    before, lists = pages(), clients["organizer"].get("/e/?text=ตราด").text
    assert fill(site) > 60
    assert waiting(site) == 0
    after = pages()
    assert [key for key in before if before[key] != after[key]] == []
    assert without_tokens(clients["organizer"].get("/e/?text=ตราด").text) == without_tokens(lists)
    found = [key for key, page in after.items() if 'class="hits"' in page]
    assert len(found) > len(after) / 2


def test_what_changes_is_found_at_once_by_what_it_says_now(site: BuiltSite):
    fill(site)
    number = add_link(site, "บันทึกกขคง")
    change(site, update(Entry).where(Entry.code == "to-22").values(label="กลุ่มจฉชซ"))
    for _ in ("waiting", "filled in"):
        assert f"/e/{entry_id(site, 'to-22')}" in ask(site, "บันทึกกขคง")
        assert "กลุ่มจฉชซ" in ask(site, "จฉชซ")
        assert "กลุ่มจฉชซ" in ask(site, "กลุ่มจฉชฌ", who=f"p{CHANTHABURI}"), "a letter wrong"
        fill(site)
    change(site, update(Evidence).where(Evidence.id == number).values(title="อย่างอื่นทั้งหมด"))
    change(site, update(Entry).where(Entry.code == "to-22").values(label="ชื่อเดิม"))
    for _ in ("waiting", "filled in"):
        assert "อย่างอื่นทั้งหมด" in ask(site, "อย่างอื่นทั้งหมด")
        assert "Nothing of this is found" in ask(site, "บันทึกกขคง")
        assert "Nothing of this is found" in ask(site, "จฉชซ")
        fill(site)
    assert look(site) == NOTHING_WRONG


def test_what_was_removed_is_found_no_more_and_what_goes_takes_its_words_along(site: BuiltSite):
    number, other = add_link(site, "บันทึกกขคง"), add_link(site, "บันทึกจฉชซ")
    fill(site)
    change(site, update(Evidence).where(Evidence.id == number).values(removed_at=site.clock.now()))
    change(site, delete(Evidence).where(Evidence.id == other))
    for _ in ("waiting", "filled in"):
        assert "Nothing of this is found" in ask(site, "บันทึกกขคง")
        assert "Nothing of this is found" in ask(site, "บันทึกจฉชซ")
        fill(site)
    with site.database.reading() as db:
        kept = db.execute(select(FileWords).where(FileWords.evidence_id.in_((number, other)))).scalars().all()
    assert [each.words for each in kept] == [b""], "nothing of what was removed is kept, nothing at all of what is gone"
    assert look(site) == NOTHING_WRONG


def test_a_save_that_leaves_the_name_as_it_is_leaves_the_words_alone(site: BuiltSite):
    fill(site)
    change(site, update(Entry).where(Entry.code == "to-22").values(label=Entry.label, answers="{}"))
    assert waiting(site) == 0


# --- kept true ------------------------------------------------------------------------------------------------------


def test_words_folded_by_another_program_are_made_anew(site: BuiltSite):
    fill(site)
    change(site, update(Folding).values(made_by="another"))
    change(site, update(EntryWords).values(words=b"otherwise"))
    assert fill(site) > 60
    assert look(site) == NOTHING_WRONG
    assert fill(site) == 0


def test_triggers_that_a_migration_lost_are_back_after_the_upgrade(site: BuiltSite):
    with site.database.engine.begin() as connection:
        for name in TRIGGERS:
            connection.execute(text(f"drop trigger {name}"))
        assert find_lost_triggers(connection) == list(TRIGGERS)
    upgrade_schema(site.database)
    with site.database.engine.connect() as connection:
        assert find_lost_triggers(connection) == []


@pytest.fixture
def award(site: BuiltSite, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("AWARD_DATA", str(site.settings.data))
    monkeypatch.setenv("AWARD_SECRET_KEY", "6d1f0b7a93e24c58a1b7d3f4e5c60918")
    site.settings.data.chmod(0o700)
    site.settings.database.chmod(0o600)
    return lambda *words: CliRunner().invoke(main, ["check", *words, "--language", "en"])


def test_the_check_names_what_was_spoiled_and_mends_it_on_demand(site: BuiltSite, award: Callable[..., Result]):
    fill(site)
    assert "searches look through" not in award().output
    entry, file = entry_id(site, "to-22"), add_link(site, "บันทึกกขคง")
    fill(site)
    with closing(sqlite3.connect(site.settings.database)) as raw:  # somebody with the file
        raw.execute("insert into file_words (evidence_id, words) values (999999, 'left over')")
        raw.execute("update entry_words set words = ? where entry_id = ?", (b"otherwise", entry))
        raw.execute("delete from file_words where evidence_id = ?", (file,))
        raw.execute("drop trigger file_words_change")
        raw.commit()
    assert look(site) == Spoiled((entry,), (file, 999999), ("file_words_change",))
    told = award()
    assert (told.exit_code, "entries: 1, files: 2, triggers that are gone: 1" in told.output) == (0, True)
    assert "Nothing of this is found" in ask(site, "บันทึกกขคง"), "the check only looks"
    assert "made anew (entries: 1, files: 2, triggers: 1)" in award("--mend").output
    assert look(site) == NOTHING_WRONG
    assert "บันทึกกขคง" in ask(site, "บันทึกกขคง").partition("<main")[2]
    assert mend_words(site.database, site.clock) == NOTHING_WRONG
