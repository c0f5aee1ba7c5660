"""Many people from one file: everything is said before it is done, and all of it is done or nothing."""

import json
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from award.actions.duties import confirm_duties
from award.actions.people_import import DIFFERENT, ImportedPeople, PlannedPerson, import_people, plan_people
from award.cli import main
from award.db.ledger import LedgerLine
from award.db.people import Duty, User
from award.errors import Forbidden, Invalid, Stale
from award.ledger_check import check_ledger
from award.people_sheets.columns import COLUMNS
from award.people_sheets.reading import PersonRow, Place, read_people
from award.people_sheets.template import people_csv, people_template
from award.queries.people_import import list_known_places, read_known
from scoring_rules.problems import FactsRefused
from tests.award.build import BuiltSite, actor, build_site

HEADS = "login,title_th,title_en,email,role,province,zone,acting,from,to"
TODAY = date(2021, 7, 19)


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def rows_of(site: BuiltSite, *lines: str, heads: str = HEADS, name: str = "people.csv") -> tuple[PersonRow, ...]:
    return read(site, "\n".join([heads, *lines]).encode(), name=name)


def read(site: BuiltSite, data: bytes, *, name: str) -> tuple[PersonRow, ...]:
    with site.database.reading() as db:
        places, zones = list_known_places(db)
    return read_people(
        data, name=name, today=site.clock.today(),
        provinces=[Place(each.code, each.name_th, each.name_en) for each in places],
        zones=[Place(each.code, each.name_th, each.name_en) for each in zones],
    ).rows  # fmt: skip


def plan(
    site: BuiltSite, *lines: str, by: str = "organizer", answers: dict[int, str] | None = None
) -> tuple[PlannedPerson, ...]:
    with site.database.reading() as db:
        known = read_known(db)
    return plan_people(known, actor(site, by), rows_of(site, *lines), answers=answers or {}, today=TODAY)


def bring(
    site: BuiltSite, *lines: str, by: str = "organizer", answers: dict[int, str] | None = None, key: str = "import-1"
) -> ImportedPeople:
    planned = plan(site, *lines, by=by, answers=answers)
    return import_people(
        site.database, site.clock, actor=actor(site, by), rows=rows_of(site, *lines), answers=answers or {},
        seen={each.row.line: each.does for each in planned}, key=key,
    )  # fmt: skip


def counted(site: BuiltSite) -> tuple[int, ...]:
    with site.database.reading() as db:
        return tuple(
            db.execute(select(func.count()).select_from(each)).scalar_one() for each in (User, Duty, LedgerLine)
        )


def duties_of(site: BuiltSite, login: str) -> list[tuple]:
    with site.database.reading() as db:
        return [
            tuple(row)
            for row in db.execute(
                select(
                    Duty.role, Duty.province_code, Duty.zone_number, Duty.acting, Duty.from_day, Duty.to_day, Duty.state
                )
                .join(User, User.id == Duty.user_id)
                .where(User.login == login)
                .order_by(Duty.id)
            )
        ]


def refusals(planned: tuple[PlannedPerson, ...]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for each in planned for problem in each.row.problems]


# reading


@pytest.mark.parametrize(
    "line, role, province, zone",
    [
        ("new-1,นักวิชาการ,,,officer,23,,,,", "officer", "23", None),
        ("new-1,นักวิชาการ,,,เจ้าหน้าที่จังหวัด,ตราด,,,,", "officer", "23", None),
        ("new-1,นักวิชาการ,,,Provincial officer,จังหวัดตราด,,,,", "officer", "23", None),
        ("new-1,ผู้อำนวยการ,,,Director of a work group of the provincial office,จ.ตราด,,,,", "director", "23", None),
        ("new-1,กรรมการ,,,กรรมการ,,๙,,,", "member", None, 9),
        ("new-1,ประธาน,,,Chair of a panel,,เขต 9,,,", "chair", None, 9),
        ("new-1,กรรมการ,,,member,,เขตตรวจราชการที่ 9,,,", "member", None, 9),
    ],
)
def test_roles_and_places_are_known_by_code_and_by_name(
    untouched: BuiltSite, line: str, role: str, province: str | None, zone: int | None
) -> None:
    [row] = rows_of(untouched, line)
    assert (row.problems, row.role, row.province_code, row.zone_number) == ((), role, province, zone)


def test_days_are_read_as_people_write_them_and_today_is_the_first_where_none_is_given(untouched: BuiltSite) -> None:
    thai, none, english = rows_of(
        untouched,
        "new-1,กรรมการ,,,กรรมการ,,9,ใช่,1 ต.ค. 2564,30/9/2565",
        "new-2,กรรมการ,,,กรรมการ,,9,,,",
        "new-3,กรรมการ,,,กรรมการ,,9,no,2021-10-01,2022-09-30",
    )
    assert (thai.acting, thai.from_day, thai.to_day) == (True, date(2021, 10, 1), date(2022, 9, 30))
    assert (none.acting, none.from_day, none.to_day) == (False, TODAY, None)
    assert (english.acting, english.from_day, english.to_day) == (False, date(2021, 10, 1), date(2022, 9, 30))


@pytest.mark.parametrize(
    "line, cell, code",
    [
        ("new-1,นักวิชาการ,,,เจ้าหน้าที,ตราด,,,,", None, ""),  # a tone mark is left out at will
        ("new-1,นักวิชาการ,,,เสมียน,ตราด,,,,", "E2", "role_unknown"),
        ("new-1,นักวิชาการ,,,officer,ตราต,,,,", "F2", "province_unknown"),
        ("new-1,กรรมการ,,,member,,99,,,", "G2", "zone_unknown"),
        ("new-1,กรรมการ,,,member,,9,บางครั้ง,,", "H2", "not_yes_or_no"),
        ("new-1,กรรมการ,,,member,,9,,เมื่อวาน,", "I2", "not_a_day"),
        ("new-1,กรรมการ,,,member,,9,,,31/2/2565", "J2", "not_a_day"),
        (f"new-1,{'ก' * 201},,,member,,9,,,", "B2", "too_long"),
    ],
)
def test_what_a_cell_does_not_say_is_refused_there(
    untouched: BuiltSite, line: str, cell: str | None, code: str
) -> None:
    found = refusals(plan(untouched, line))
    assert found == ([] if cell is None else [(cell, code)])


@pytest.mark.parametrize(
    "heads, code",
    [
        ("login,title_th", "column_missing"),
        ("title_th,role", "column_missing"),
        ("login,title_th,role,ชื่อ-สกุล", "column_unknown"),
        ("login,title_th,role,ชื่อผู้ใช้", "column_twice"),
    ],
)
def test_a_file_with_other_columns_is_refused_whole(untouched: BuiltSite, heads: str, code: str) -> None:
    with pytest.raises(FactsRefused) as refused:
        rows_of(untouched, "new-1,กรรมการ,member,x", heads=heads)
    assert code in [problem.code for problem in refused.value.problems]


def test_the_template_has_a_row_for_every_post_and_comes_back_filled(untouched: BuiltSite) -> None:
    with untouched.database.reading() as db:
        places, zones = (
            [Place(each.code, each.name_th, each.name_en) for each in found] for found in list_known_places(db)
        )
    for language in ("th", "en"):
        data = people_template(places, zones, made_at=untouched.clock.now(), language=language)
        with pytest.raises(FactsRefused) as refused:
            read(untouched, data, name="people.xlsx")
        assert [problem.code for problem in refused.value.problems] == ["nobody"], "prefilled rows say nothing yet"
        book = load_workbook(BytesIO(data))
        page = book.worksheets[0]
        heads = [str(cell.value) for cell in page[1]]
        assert heads == [words.in_language(language) for words in COLUMNS.values()]
        filled = [[cell.value for cell in row] for row in page.iter_rows(min_row=2) if row[4].value]
        assert len(filled) == 3 * len(places) + 4 * len(zones)
        page["A2"], page["B2"] = "office-1-chief", "พัฒนาการจังหวัด"
        page.cell(len(filled) + 1, 1).value, page.cell(len(filled) + 1, 2).value = "zone-member", "กรรมการ"
        file = BytesIO()
        book.save(file)
        first, last = read(untouched, file.getvalue(), name="people.xlsx")
        assert (first.login, first.role, first.province_code) == ("office-1-chief", "chief", places[0].code)
        assert (last.login, last.role, last.zone_number) == ("zone-member", "member", int(zones[-1].code))
        assert people_csv(places, zones, language=language).decode("utf-8-sig").splitlines()[0] == ",".join(heads)


# what a row would do


def test_each_row_says_what_it_would_do_and_nothing_is_done(untouched: BuiltSite) -> None:
    before = counted(untouched)
    planned = plan(
        untouched,
        "new-officer,นักวิชาการพัฒนาชุมชน,,,officer,ตราด,,,1/10/2564,",
        "p23,ผู้ตรวจสอบภายใน,,,auditor,,,,1/10/2564,",
        "new-nothing,เจ้าหน้าที่,,,,,,,,",
        "organizer,ฝ่ายเลขานุการ,,,,,,,,",
    )
    assert [each.does for each in planned] == ["account_duty", "duty", "account", "unchanged"]
    assert counted(untouched) == before


def test_a_duty_that_is_there_already_changes_nothing_and_one_with_other_days_is_refused(site: BuiltSite) -> None:
    line = "new-1,ผู้ตรวจสอบ,,,auditor,,,,1/10/2564,30/9/2565"
    bring(site, line)
    assert [each.does for each in plan(site, line)] == ["unchanged"]
    assert refusals(plan(site, "new-1,ผู้ตรวจสอบ,,,auditor,,,,1/12/2564,30/9/2565")) == [("I2", "held_otherwise")]
    assert [each.does for each in plan(site, "new-1,ผู้ตรวจสอบ,,,auditor,,,,1/10/2565,")] == ["duty"], "the year after"


@pytest.mark.parametrize(
    "line, cell, code",
    [
        ("ab,กรรมการ,,,member,,9,,,", "A2", "invalid"),
        (",กรรมการ,,,member,,9,,,", "A2", "name_missing"),
        (",กรรมการ,,who@office,member,,9,,,", "D2", "mail_address"),
        ("new-1,,,,member,,9,,,", "B2", "invalid"),
        ("new-1,กรรมการ,,,member,,,,,", "G2", "invalid"),
        ("new-1,กรรมการ,,,officer,,,,,", "F2", "invalid"),
        ("new-1,กรรมการ,,,auditor,ตราด,,,,", "F2", "invalid"),
        ("new-1,กรรมการ,,,member,,9,,1/10/2564,1/9/2564", "J2", "invalid"),
        ("new-1,กรรมการ,,,member,,9,,1/10/2594,", "I2", "invalid"),
        ("new-1,กรรมการ,,,,ตราด,,,,", "E2", "role_missing"),
        ("z9-chair,ฝ่ายเลขานุการ,,,organizer,,,,,", "E2", "invalid"),
    ],
)
def test_what_one_proposal_may_not_do_a_row_may_not_either(
    untouched: BuiltSite, line: str, cell: str, code: str
) -> None:
    assert refusals(plan(untouched, line)) == [(cell, code)]


def test_an_administrator_imports_accounts_and_administrators_only(site: BuiltSite) -> None:
    lines = ("new-1,นักวิชาการ,,,,,,,,", "new-2,ผู้ดูแลระบบ,,,administrator,,,,,", "new-3,กรรมการ,,,member,,9,,,")
    planned = plan(site, *lines, by="admin")
    assert [each.does for each in planned] == ["account", "account_duty", "refused"]
    assert refusals(planned) == [("E4", "forbidden")]
    with pytest.raises(Forbidden):
        bring(site, lines[0], by="p23")


def test_rows_of_one_file_are_judged_together(untouched: BuiltSite) -> None:
    planned = plan(
        untouched,
        "new-1,กรรมการ,,,member,,9,,1/10/2564,",
        "new-1,ฝ่ายเลขานุการ,,,organizer,,,,1/1/2565,",
        "new-1,กรรมการ,,,member,,9,,1/12/2564,",
        "new-1,ผู้ตรวจสอบ,,,member,,10,,1/12/2564,",
    )
    assert [each.does for each in planned] == ["account_duty", "refused", "refused", "duty"]
    assert refusals(planned) == [("E3", "invalid"), ("E4", "row_twice")]


def test_one_address_for_two_positions_names_no_account(untouched: BuiltSite) -> None:
    lines = (
        ",พัฒนาการจังหวัดตราด,,trat-office@example.go.th,chief,ตราด,,,1/1/2567,",
        ",นักวิชาการพัฒนาชุมชน,,trat-office@example.go.th,officer,ตราด,,,1/1/2567,",
    )
    assert refusals(plan(untouched, *lines)) == [("D3", "shared_address")]


def test_an_account_is_not_changed_and_that_is_said(untouched: BuiltSite) -> None:
    [planned] = plan(untouched, "p23,ตำแหน่งใหม่,,new@example.go.th,,,,,,")
    assert (planned.does, len(planned.notes)) == ("unchanged", 2)


# the same person under another spelling


@pytest.mark.parametrize(
    "line, likely",
    [
        ("z9chair,ประธาน,,,auditor,,,,1/10/2564,", "z9-chair"),
        ("organiser,ฝ่ายเลขานุการ,,,auditor,,,,,", "organizer"),
        ("organizer@example.go.th,ฝ่ายเลขานุการ,,,auditor,,,,,", "organizer"),
        ("p-24,เจ้าหน้าที่,,,officer,24,,,,", None),  # another number is another office
        ("somebody,นักวิชาการ,,,auditor,,,,,", None),
    ],
)
def test_a_name_almost_like_another_is_asked_about(untouched: BuiltSite, line: str, likely: str | None) -> None:
    [planned] = plan(untouched, line)
    assert (planned.likely.login if planned.likely else None, planned.is_asked) == (likely, likely is not None)


def test_a_post_that_one_person_holds_is_asked_about_and_two_officers_of_one_title_are_not(site: BuiltSite) -> None:
    bring(
        site,
        "trat-chief,พัฒนาการจังหวัดตราด,,,chief,ตราด,,,1/10/2570,",
        "trat-clerk,นักวิชาการพัฒนาชุมชน,,,officer,ตราด,,,1/10/2570,",
    )
    chief, officer = plan(
        site,
        "head.of.office,พัฒนาการ จังหวัดตราด,,,chief,ตราด,,,1/10/2570,",
        "another,นักวิชาการพัฒนาชุมชน,,,officer,ตราด,,,1/10/2570,",
    )
    assert chief.likely is not None and chief.likely.login == "trat-chief"
    assert officer.likely is None


def test_nothing_is_stored_until_each_question_is_answered_either_way(site: BuiltSite) -> None:
    lines = ("organiser,เลขานุการ,,,auditor,,,,1/10/2564,", "new-1,ผู้ตรวจสอบ,,,auditor,,,,1/10/2564,")
    before = counted(site)
    with pytest.raises(Invalid, match="same person"):
        bring(site, *lines)
    with pytest.raises(Invalid, match="same person"):
        bring(site, *lines, answers={2: "p23"})  # nobody asked about that one
    assert counted(site) == before
    done = bring(site, *lines, answers={2: "organizer"}, key="same")
    assert (done.accounts, done.duties) == (1, 2)
    assert ("auditor", None, None, False, date(2021, 10, 1), None, "proposed") in duties_of(site, "organizer")
    done = bring(site, lines[0], answers={2: DIFFERENT}, key="different")
    assert (done.accounts, done.duties) == (1, 1)
    assert [row[0] for row in duties_of(site, "organiser")] == ["auditor"]


def test_two_rows_of_one_file_may_be_one_person_and_then_make_one_account(site: BuiltSite) -> None:
    lines = ("somebody.new,นักวิชาการ,,,officer,ตราด,,,1/10/2564,", "sombody.new,นักวิชาการ,,,chief,ตราด,,ใช่,1/10/2564,")
    _, second = plan(site, *lines)
    assert second.likely is not None and (second.likely.login, second.likely.line) == ("somebody.new", 2)
    done = bring(site, *lines, answers={3: "somebody.new"})
    assert (done.accounts, done.duties) == (1, 2)
    assert [row[0] for row in duties_of(site, "somebody.new")] == ["officer", "chief"]


# all or nothing


def test_an_import_makes_accounts_without_password_and_proposals_that_give_no_right(site: BuiltSite) -> None:
    users, duties, lines = counted(site)
    done = bring(
        site,
        "New-Officer,นักวิชาการ,Officer,officer@example.go.th,officer,ตราด,,,1/7/2564,",
        "new-officer,นักวิชาการ (รักษาราชการแทน),,,chief,ตราด,,ใช่,1/7/2564,31/7/2564",
        "new-member,กรรมการ,,,member,,9,,1/7/2564,",
    )
    assert (done.accounts, done.duties) == (2, 3)
    assert counted(site) == (users + 2, duties + 3, lines + 1)
    assert duties_of(site, "new-officer") == [
        ("officer", "23", None, False, date(2021, 7, 1), None, "proposed"),
        ("chief", "23", None, True, date(2021, 7, 1), date(2021, 7, 31), "proposed"),
    ]
    assert actor(site, "new-officer").duties == ()
    with site.database.reading() as db:
        user = db.execute(select(User).where(User.login == "new-officer")).scalar_one()
    assert (user.password_hash, user.email, user.title_en) == ("", "officer@example.go.th", "Officer")


def test_one_row_that_is_refused_keeps_all_of_them_out(site: BuiltSite) -> None:
    before = counted(site)
    with pytest.raises(Invalid, match="refused"):
        bring(site, "new-1,ผู้ตรวจสอบ,,,auditor,,,,,", "new-2,กรรมการ,,,member,,,,,")
    assert counted(site) == before


def test_what_changed_since_the_dry_run_stores_nothing(site: BuiltSite) -> None:
    line = "new-1,ผู้ตรวจสอบ,,,auditor,,,,1/10/2564,"
    bring(site, line)
    before = counted(site)
    with pytest.raises(Stale):
        import_people(
            site.database, site.clock, actor=actor(site, "organizer2"), rows=rows_of(site, line), answers={},
            seen={2: "account_duty"}, key="later",
        )  # fmt: skip
    with pytest.raises(Invalid, match="there already"):
        bring(site, line, by="organizer2", key="again")
    assert counted(site) == before


def test_sent_twice_it_happens_once(site: BuiltSite) -> None:
    lines = ["new-1,ผู้ตรวจสอบ,,,auditor,,,,1/10/2564,"]
    rows, seen = rows_of(site, *lines), {2: "account_duty"}
    first, second = (
        import_people(
            site.database, site.clock, actor=actor(site, "organizer"), rows=rows, answers={}, seen=seen, key="twice"
        )
        for _ in range(2)
    )
    assert first.accounts == second.accounts == 1 and first.receipt.seq == second.receipt.seq


def test_the_log_names_nobody_and_agrees_with_the_tables(site: BuiltSite) -> None:
    bring(site, "new-1,ผู้ตรวจสอบลับ,,secret@example.go.th,auditor,,,,1/10/2564,")
    with site.database.reading() as db:
        ids = list(db.execute(select(Duty.id).where(Duty.state == "proposed")).scalars())
    confirm_duties(site.database, site.clock, actor=actor(site, "organizer2"), duty_ids=ids, key="confirm")
    with site.database.reading(consistent=True) as db:
        told = list(db.execute(select(LedgerLine.line).order_by(LedgerLine.at)).scalars())
        assert check_ledger(db, anchors=site.settings.anchors)[1] == []
    acts = [line for line in told if json.loads(line)["act"] in ("import_people", "confirm_duties")]
    assert len(acts) == 2
    assert not any(word in line for line in acts for word in ("ลับ", "secret@example", "new-1"))


def test_a_duty_changed_behind_the_log_is_found(site: BuiltSite) -> None:
    bring(site, "new-1,ผู้ตรวจสอบ,,,auditor,,,,1/10/2564,")
    with site.database.writing() as db:
        db.execute(update(Duty).where(Duty.state == "proposed").values(role="executive"))
        db.commit()
    with site.database.reading(consistent=True) as db:
        assert [each.says for each in check_ledger(db, anchors=site.settings.anchors)[1]] != []


# confirming many


@pytest.fixture
def waiting(site: BuiltSite) -> Iterator[tuple[BuiltSite, list[int]]]:
    bring(site, *(f"new-{number},ผู้ตรวจสอบ {number},,,auditor,,,,1/10/2564," for number in range(3)))
    with site.database.reading() as db:
        yield site, list(db.execute(select(Duty.id).where(Duty.state == "proposed")).scalars())


def states(site: BuiltSite) -> set[str]:
    return {row[6] for number in range(3) for row in duties_of(site, f"new-{number}")}


def test_another_person_confirms_all_of_them_in_one_act(waiting: tuple[BuiltSite, list[int]]) -> None:
    site, ids = waiting
    before = counted(site)[2]
    with pytest.raises(Invalid) as refused:
        confirm_duties(site.database, site.clock, actor=actor(site, "organizer"), duty_ids=ids, key="own")
    assert set(refused.value.details["refused"]) == {str(each) for each in ids}, "a proposal of one's own"
    assert states(site) == {"proposed"}
    receipt = confirm_duties(site.database, site.clock, actor=actor(site, "organizer2"), duty_ids=ids, key="all")
    assert states(site) == {"confirmed"} and counted(site)[2] == before + 1
    again = confirm_duties(site.database, site.clock, actor=actor(site, "organizer2"), duty_ids=ids, key="all")
    assert again.seq == receipt.seq


def test_one_that_cannot_be_confirmed_leaves_all_waiting(waiting: tuple[BuiltSite, list[int]]) -> None:
    site, ids = waiting
    confirm_duties(site.database, site.clock, actor=actor(site, "organizer2"), duty_ids=ids[:1], key="first")
    with pytest.raises(Invalid) as refused:
        confirm_duties(site.database, site.clock, actor=actor(site, "organizer2"), duty_ids=ids, key="all")
    assert set(refused.value.details["refused"]) == {str(ids[0])}
    assert states(site) == {"confirmed", "proposed"}


def test_the_known_are_read_in_the_same_number_of_statements_however_many(site: BuiltSite) -> None:
    def count() -> int:
        with site.statements() as seen, site.database.reading() as db:
            read_known(db)
        return len(seen)

    before = count()
    bring(site, *(f"new-{number},ผู้ตรวจสอบ {number},,,auditor,,,,1/10/2564," for number in range(3)))
    assert count() == before == 4


# on the machine


def award(site: BuiltSite, *words: str | Path) -> Result:
    told = {"AWARD_DATA": str(site.settings.data), "AWARD_NOW": site.clock.now().isoformat()}
    return CliRunner().invoke(main, ["people", *map(str, words), "--language", "en"], env=told)


def test_the_command_line_says_every_row_first_and_stores_all_or_nothing(site: BuiltSite, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    assert award(site, "template", file).exit_code == 0 and file.read_bytes().startswith("\ufeffSign-in".encode())
    assert award(site, "template", tmp_path / "people.xlsx").exit_code == 0
    alike = "organiser,เลขานุการ,,,auditor,,,,1/10/2564,"
    before = counted(site)
    file.write_text("\n".join([HEADS, alike, "x,กรรมการ,,,member,,9,,,"]), encoding="utf-8")
    refused = award(site, "import", file, "--dry-run")
    assert refused.exit_code == 2 and "! A3:" in refused.output and "--different 2" in refused.output
    file.write_text("\n".join([HEADS, alike, "new-1,กรรมการ,,,member,,9,,,"]), encoding="utf-8")
    assert award(site, "import", file, "--as", "organizer").exit_code == 2, "the question is open"
    assert award(site, "import", file, "--different", "2").exit_code == 1, "nobody answers for it"
    assert award(site, "import", file, "--as", "p23", "--different", "2").exit_code == 1
    dry = award(site, "import", file, "--different", "2", "--dry-run")
    assert dry.exit_code == 0 and "dry run: 2 accounts, 2 duties" in dry.output
    assert counted(site) == before
    stored = award(site, "import", file, "--as", "organizer", "--same", "2")
    assert stored.exit_code == 0 and "1 accounts, 2 duties" in stored.output, stored.output
    assert [row[0] for row in duties_of(site, "organizer")][-1] == "auditor"
    assert duties_of(site, "new-1") == [("member", None, 9, False, TODAY, None, "proposed")]
