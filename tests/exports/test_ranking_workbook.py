"""The ranking workbook opened again: each number equals the engine's, and each sheet says what it is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

import ironcalc
import openpyxl
import pytest

from exports.ranking_workbook import CannotWrite, EvidenceLine, HistoryLine, ranking_workbook
from exports.rules_in_words import chapters
from scoring_rules.engine import evaluate
from scoring_rules.exact import shown
from scoring_rules.facts import Facts
from tests.exports.example import HOSTILE, MEMBERS, card, entry, facts, provenance, resolution, rule_set

PROPOSED = "คะแนนและเกณฑ์เป็นข้อเสนอ ยังไม่ใช่แบบของกรม"


def made(*, rules=None, given=None, stage="zone", **changes):
    """(evaluation, bytes) of the example's workbook."""
    rules, given = rules or rule_set(), given or facts()
    evaluation = evaluate(rules, given, stage=stage)
    given_to_it: dict[str, Any] = {"provenance": provenance(), "members": MEMBERS} | changes
    return evaluation, ranking_workbook(rules=rules, facts=given, evaluation=evaluation, stage=stage, **given_to_it)


def opened(data):
    return openpyxl.load_workbook(BytesIO(data), data_only=True)


def lines(sheet):
    """The rows of a sheet below its header as dictionaries by column heading."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(number for number, row in enumerate(rows) if "รหัสผลงาน" in row or "Entry" in row)
    return [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :]]


def lines_of(sheet, entry):
    return [line for line in lines(sheet) if line.get("รหัสผลงาน") == entry]


def line_of(sheet, entry):
    (found,) = lines_of(sheet, entry)
    return found


def texts(sheet):
    return [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def same(cell, text):
    """The cell holds the very number that the text shows."""
    return cell is None if text is None else Decimal(repr(cell)) == Decimal(text)


def shows(cell, text):
    """The cell, shown with as many decimals as the text has, is the text."""
    return cell is None if text is None else shown(Fraction(repr(cell)), len(text.partition(".")[2])) == text


def test_each_rank_total_and_dimension_equals_the_engines():
    evaluation, data = made()
    sheet = opened(data)["ผลการจัดอันดับ"]
    compared = 0
    for ranking in evaluation.rankings:
        for standing in ranking.standings:
            line = line_of(sheet, standing.entry)
            assert line["ลำดับที่"] == standing.rank
            assert same(line["คะแนนรวม"], None if standing.total is None else shown(standing.total, 2))
            for root, title in (("d1", "มิติที่ 1 ผลสัมฤทธิ์"), ("d4", "มิติที่ 4 ความยั่งยืน")):
                points = standing.points.get(root)
                assert shows(line[title], None if points is None else shown(points, 6))
            compared += 1
    assert compared == 7
    assert [line["ลำดับที่"] for line in lines(sheet)].count(1) == 1  # zone 10 ranks nobody


def test_entries_stand_in_blocks_of_their_zone_in_order_of_number():
    given = facts()
    more = [entry(f"z{zone}", str(zone), "ก") for zone in (2, 18, 1)]
    cards = {each.code: (card("m8", (3, 3, 1, 1, 3)), card("m9", (3, 3, 1, 1, 3))) for each in more}
    given = replace(given, entries=(*given.entries, *more), cards={**given.cards, **cards})
    _, data = made(given=given)
    headings = [line["ลำดับที่"] for line in lines(opened(data)["ผลการจัดอันดับ"]) if isinstance(line["ลำดับที่"], str)]
    assert headings == [f"เขตตรวจราชการที่ {zone}" for zone in (1, 2, 9, 10, 18)]


def test_what_decided_a_tie_stands_beside_both_entries_with_its_values():
    _, data = made()
    sheet = opened(data)["ผลการจัดอันดับ"]
    tie = "เกณฑ์ที่ใช้ตัดสินเมื่อคะแนนเท่ากัน"
    assert line_of(sheet, "trat")[tie] == "ตัดสินด้วย “มิติที่ 1 ผลสัมฤทธิ์”: 38.00"
    assert line_of(sheet, "rayong")[tie] == "ตัดสินด้วย “มิติที่ 1 ผลสัมฤทธิ์”: 30.00"
    assert line_of(sheet, "chon")[tie] is None


def test_who_is_not_ranked_is_listed_with_the_reason_and_without_a_rank():
    _, data = made()
    sheet = opened(data)["ผลการจัดอันดับ"]
    for code, why in (("loei", "ข้อมูลไม่ครบ"), ("nan", "ขาดคุณสมบัติ"), ("tak", "ไม่ได้นำเสนอ")):
        line = line_of(sheet, code)
        assert line["ลำดับที่"] is None
        assert line["หมายเหตุ"].startswith(why)
    assert "ไม่มีเรื่องร้องเรียน" in line_of(sheet, "nan")["หมายเหตุ"]


def tied_facts():
    """Two entries with the same marks and indicator: only the committee can decide."""
    marks = (4, 4, 1, 1, 4)
    entries = (entry("a", "9", "ตราด"), entry("b", "9", "ระยอง"))
    return Facts(entries, {code: (card("m1", marks), card("m2", marks)) for code in ("a", "b")})


def test_an_unresolved_tie_says_so_until_the_decision_is_recorded():
    evaluation, data = made(given=tied_facts())
    assert evaluation.rankings[0].blocked
    sheet = opened(data)["ผลการจัดอันดับ"]
    assert any(text.startswith("ยังประกาศผลไม่ได้") for text in texts(sheet))
    assert "รอมติคณะกรรมการ" in line_of(sheet, "a")["หมายเหตุ"]

    evaluation, data = made(given=replace(tied_facts(), resolutions=(resolution(("b", "a")),)))
    sheet = opened(data)["ผลการจัดอันดับ"]
    assert not any(text.startswith("ยังประกาศผลไม่ได้") for text in texts(sheet))
    assert [line_of(sheet, code)["ลำดับที่"] for code in ("b", "a")] == [1, 2]
    assert "มติคณะกรรมการ" in line_of(sheet, "a")["เกณฑ์ที่ใช้ตัดสินเมื่อคะแนนเท่ากัน"]


def test_the_matrix_holds_every_members_total_the_mean_and_the_spread():
    evaluation, data = made()
    sheet = opened(data)["คะแนนรายกรรมการ"]
    for ranking in evaluation.rankings:
        for standing in ranking.standings:
            line = line_of(sheet, standing.entry)
            columns = {"m1": "กรรมการ 1", "m2": "กรรมการ 2", "m3": "กรรมการ 3", "m4": "กรรมการ 1", "m5": "กรรมการ 2"}
            for member, total in standing.member_totals.items():
                assert same(line[columns[member]], shown(total, 2))
            assert same(line["ส่วนต่างสูงสุด–ต่ำสุด"], None if standing.spread is None else shown(standing.spread, 2))
    assert line_of(sheet, "chon")["ค่าเฉลี่ยของกรรมการ"] == 79.5
    assert line_of(sheet, "chon")["ข้อสังเกต"] == "ควรหารือ: ต่างกันตั้งแต่ 15 คะแนน"
    assert line_of(sheet, "trat")["ข้อสังเกต"] is None
    assert line_of(sheet, "chan")["กรรมการ 3"] == "ถอนตัวจากการพิจารณา"
    assert line_of(sheet, "loei")["กรรมการ 2"] == "ไม่อยู่"
    assert line_of(sheet, "loei")["กรรมการ 1"] == 64  # a whole card, though the entry is below quorum
    assert line_of(sheet, "tak")["กรรมการ 1"] == "–"


def test_every_member_has_a_sheet_with_their_marks_points_and_a_line_to_sign():
    evaluation, data = made(notes={("trat", "m1", "d4"): "=มีภาคี"})
    book = opened(data)
    assert [name for name in book.sheetnames if name.startswith("ใบคะแนน")] == [
        "ใบคะแนน เขต 9 ประธาน",
        "ใบคะแนน เขต 9 กรรมการ",
        "ใบคะแนน เขต 9 เลขานุการ",
        "ใบคะแนน m4",
        "ใบคะแนน m5",
    ]
    rows = [[cell.value for cell in row] for row in book["ใบคะแนน เขต 9 ประธาน"].iter_rows()]
    names = next(row for row in rows if row[0] == "เกณฑ์")
    column = next(number for number, name in enumerate(names) if name and name.endswith("trat"))
    by_label = {row[0]: row for row in rows}
    assert by_label["ผลการดำเนินงาน"][1:2] + by_label["ผลการดำเนินงาน"][column : column + 2] == [17.5, 4, 14]
    assert by_label["มิติที่ 1 ผลสัมฤทธิ์"][column : column + 2] == [None, 38]
    assert by_label["เผยแพร่บนเว็บไซต์"][column] == 1
    assert by_label["มิติที่ 2 ความโปร่งใส"][column + 1] == 6
    total = evaluation.standing("trat", stage="zone").member_totals["m1"]
    assert same(by_label["คะแนนรวม"][column + 1], shown(total, 2))
    assert any("=มีภาคี" in text for text in texts(book["ใบคะแนน เขต 9 ประธาน"]))
    signed = texts(book["ใบคะแนน เขต 9 ประธาน"])[-4:]
    assert signed[0].startswith("ลงชื่อ …") and signed[0].endswith("ประธานกรรมการ")
    assert signed[2] == "ตำแหน่ง ผู้ตรวจราชการกรม"
    assert signed[3].startswith("วันที่ …")


def test_points_on_a_members_sheet_add_up_to_the_engines_member_total():
    evaluation, data = made()
    book = opened(data)
    checked = 0
    for member, name in (("m1", "เขต 9 ประธาน"), ("m2", "เขต 9 กรรมการ"), ("m3", "เขต 9 เลขานุการ"), ("m5", "m5")):
        rows = [[cell.value for cell in row] for row in book[f"ใบคะแนน {name}"].iter_rows()]
        names = next(row for row in rows if row[0] == "เกณฑ์")
        for column, heading in enumerate(names):
            if column < 2 or heading is None:
                continue
            standing = evaluation.standing(heading.rpartition("\n")[2], stage="zone")
            total = standing.member_totals.get(member)
            shown_total = next(row for row in rows if row[0] == "คะแนนรวม")[column + 1]
            if total is None:
                assert shown_total == "–"
                continue
            roots = [row[column + 1] for row in rows if isinstance(row[0], str) and row[0].startswith("มิติที่")]
            assert sum(Decimal(repr(points)) for points in roots) == Decimal(shown(total, 6))
            assert same(shown_total, shown(total, 2))
            checked += 1
    assert checked == 12


def test_a_line_that_differs_from_the_system_stands_out():
    sheet = opened(made()[1])["ผลการจัดอันดับ"]
    rules = {str(cells.sqref): rule.formula[0] for cells, (rule,) in sheet.conditional_formatting._cf_rules.items()}
    (line,) = [formula for cells, formula in rules.items() if ":" in cells]
    letter = next(cell.column_letter for cell in sheet[5] if cell.value == "เทียบกับระบบ")
    assert line == f'${letter}7="ต่าง"'
    assert sheet["A4"].value.startswith("ผลการตรวจสอบ") and "A4" in rules


def test_a_members_sheet_takes_no_mark_off_its_scale():
    sheet = opened(made()[1])["ใบคะแนน เขต 9 ประธาน"]
    rules = {rule.formula2: rule for rule in sheet.data_validations.dataValidation}
    assert (rules["5"].type, rules["5"].formula1, rules["5"].error) == ("whole", "0", "คะแนนต้องเป็น 0 ถึง 5 ทีละ 1")
    marks = [cell for row in sheet.iter_rows(min_row=6) for cell in row[2::2] if isinstance(cell.value, int)]
    assert marks and all(any(cell.coordinate in rule for rule in rules.values()) for cell in marks)


def test_many_entries_become_a_list_with_every_mark():
    some = [entry(f"e{number:02d}", "9", "ตราด") for number in range(25)]
    given = Facts(tuple(some), {each.code: (card("m1", (5, 4, 1, 0, 3)), card("m2", (1, 2, 0, 1, 0))) for each in some})
    given = replace(given, cards={**given.cards, "e07": (card("m1", (5, 4, 1, 0, 3)), card("m2", (0, 2, 0, 1, 5)))})
    evaluation, data = made(given=given)
    sheet = opened(data)["ใบคะแนน เขต 9 กรรมการ"]
    line = line_of(sheet, "e07")
    assert (line["ผลการดำเนินงาน"], line["มิติที่ 4 ความยั่งยืน"]) == (2, 5)
    assert same(line["คะแนนรวม"], shown(evaluation.standing("e07").member_totals["m2"], 2))
    ticks = [line[f"มิติที่ 2 ความโปร่งใส: {item}"] for item in ("เผยแพร่บนเว็บไซต์", "ติดประกาศ")]
    assert ticks == [0, 1]
    assert len([each for each in lines(sheet) if str(each["รหัสผลงาน"]).startswith("e")]) == 25


def test_indicators_show_numerator_denominator_value_and_date():
    given = facts()
    missing = replace(given.entries[0], fields={"done": 3, "all": 0, "findings": 0})
    given = replace(given, entries=(missing, *given.entries[1:]))
    _, data = made(given=given, dates={("chon", "done_date"): date(2021, 6, 30)})
    sheet = opened(data)["ตัวชี้วัด"]
    line, complaints = lines_of(sheet, "chon")
    assert complaints["ค่า"] == 0  # a number that rules read without an indicator
    assert (line["ตัวตั้ง"], line["ตัวหาร"], line["ค่า"], line["หน่วย"]) == (95, 100, 95, "ร้อยละ")
    assert line["ข้อมูล ณ วันที่"] == datetime(2021, 6, 30)  # noqa: DTZ001
    nothing, _ = lines_of(sheet, "trat")
    assert (nothing["ตัวหาร"], nothing["ค่า"]) == (0, None)
    assert "หารไม่ได้" in nothing["หมายเหตุ"]


def test_evidence_and_history_are_listed_with_real_moments():
    at = datetime(2021, 7, 1, 3, 5, tzinfo=UTC)
    evidence = [
        EvidenceLine("trat", "แผนงาน", "=แผน.pdf", "pdf", 1234567, at, True, "ab" * 32),
        EvidenceLine("elsewhere", "แผนงาน", "อื่น.pdf", "pdf", 1, at),
    ]
    history = [HistoryLine(at, "ประธาน", "เปิดใบคะแนน", "trat", "3", "4", "@กรอกผิดช่อง")]
    _, data = made(evidence=evidence, history=history)
    book = opened(data)
    line = line_of(book["หลักฐาน"], "trat")
    assert line["ชื่อแฟ้มหรือลิงก์"] == "=แผน.pdf"
    assert (line["ขนาด (ไบต์)"], line["ส่งล่าช้า"]) == (1234567, "ส่งล่าช้า")
    assert line["ได้รับเมื่อ"] == datetime(2021, 7, 1, 10, 5)  # noqa: DTZ001
    assert "อื่น.pdf" not in texts(book["หลักฐาน"])  # an entry that is not ranked here
    change = line_of(book["ประวัติการแก้ไข"], "trat")
    assert (change["ก่อน"], change["หลัง"], change["เหตุผล"]) == ("3", "4", "@กรอกผิดช่อง")


def test_nothing_to_list_is_said():
    book = opened(made()[1])
    for name in ("หลักฐาน", "ประวัติการแก้ไข"):
        assert "ไม่มีรายการ" in texts(book[name])


def test_the_rules_are_all_there():
    said = texts(opened(made()[1])["เกณฑ์"])
    for part in ("d1/plan", "เผยแพร่บนเว็บไซต์ (6)\nติดประกาศ (4)", "เอกสารตัวอย่าง", PROPOSED):
        assert part in said
    whole = "\n".join(said)
    for category in rule_set().categories:
        for chapter in chapters(category):
            assert {chapter.heading.th, *(each.what.th for each in chapter.decisions)} <= set(said)
            assert all(each.how.th in said for each in chapter.decisions)
    for part in ("5 = ระดับที่ 5", "ตั้งแต่ 90 ได้ 5", "องค์ประชุมอย่างน้อย 2 คน", "ทศนิยม 2 ตำแหน่ง", "ไม่น้อยกว่า 90"):
        assert part in whole


def test_provenance_names_rules_facts_engine_run_who_and_when():
    evaluation, data = made()
    given = {row[0].value: row[1].value for row in opened(data)["ที่มาของผล"].iter_rows(min_row=4)}
    assert given["ชุดเกณฑ์"] == "example/2564-r1"
    assert given["SHA-256 ของชุดเกณฑ์"] == evaluation.rules_sha256
    assert given["SHA-256 ของข้อเท็จจริง"] == evaluation.facts_sha256
    assert given["รุ่นของตัวคำนวณ"] == evaluation.engine
    assert given["เลขที่การคำนวณ"] == "7"
    assert given["จัดทำโดย"] == "ฝ่ายเลขานุการคณะกรรมการ"
    assert given["จัดทำเมื่อ"] == datetime(2021, 7, 19, 17, 30)  # noqa: DTZ001
    assert given["ประเภทของผล"] == "ผลเบื้องต้น"


def test_every_sheet_says_that_it_is_invented_provisional_and_proposed_on_paper_too():
    for sheet in opened(made()[1]):
        title = "\n".join(texts(sheet)[:3])
        for warning in ("ข้อมูลสมมติ", "ผลเบื้องต้น", PROPOSED):
            assert warning in title, sheet.title
            assert warning in sheet.oddHeader.center.text, sheet.title


def test_an_official_result_of_real_data_by_confirmed_rules_bears_no_warning():
    confirmed = rule_set(basis="confirmed")
    _, data = made(rules=confirmed, provenance=provenance(kind="official", invented=False))
    for sheet in opened(data):
        said = "\n".join(texts(sheet))
        for warning in ("ข้อมูลสมมติ", "ผลเบื้องต้น", PROPOSED):
            assert warning not in said, sheet.title
        assert not sheet.oddHeader.center.text


def test_every_sheet_prints_on_a4_landscape_one_page_wide_with_page_numbers():
    book = opened(made()[1])
    for sheet in book:
        setup, audit = sheet.page_setup, sheet.title == "ตารางตรวจสอบ"
        # the audit sheet has too many columns for one page: it prints at full size on as many as it needs
        wide = 0 if audit else 1
        assert (setup.orientation, setup.paperSize, setup.fitToWidth) == ("landscape", 9, wide), sheet.title
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is not audit
        assert sheet.oddFooter.center.text == "หน้า &P จาก &N"
        assert sheet.oddFooter.right.text == "พิมพ์เมื่อ &D &T"
        assert sheet.oddFooter.left.text.startswith("เกณฑ์ example/2564-r1 · a1a1a1a1a1a1 · การคำนวณ 7")
        assert sheet.freeze_panes
        assert sheet.print_title_rows
    assert book["ผลการจัดอันดับ"].freeze_panes == "D7"
    assert book["ผลการจัดอันดับ"].print_title_rows == "$5:$6"
    assert book["ผลการจัดอันดับ"].page_setup.fitToHeight == 0


def test_each_category_has_a_ranking_of_its_own():
    rules = rule_set(codes=("office", "tambon"))
    office, tambon = facts(), facts("tambon")
    renamed = tuple(replace(each, code=f"t-{each.code}") for each in tambon.entries)
    both = Facts(
        office.entries + renamed, {**office.cards, **{f"t-{code}": cards for code, cards in tambon.cards.items()}}
    )
    _, data = made(rules=rules, given=both)
    book = opened(data)
    ranked = [name for name in book.sheetnames if name.startswith("อันดับ")]
    assert len(ranked) == 2 and all(len(name) <= 31 for name in ranked)
    assert line_of(book[ranked[0]], "trat")["ลำดับที่"] == line_of(book[ranked[1]], "t-trat")["ลำดับที่"] == 2
    assert not any(str(line["รหัสผลงาน"]).startswith("t-") for line in lines(book[ranked[0]]))


def test_hostile_texts_come_out_as_they_went_in_and_are_in_no_formula():
    given = facts()
    entries = tuple(replace(each, label=text) for each, text in zip(given.entries, HOSTILE, strict=False))
    given = replace(given, entries=entries)
    members = {code: replace(member, name=text) for (code, member), text in zip(MEMBERS.items(), HOSTILE, strict=False)}
    _, data = made(given=given, members=members, notes={("trat", "m1", "d4"): "=1+1"})
    book = opened(data)
    cells = [cell for sheet in openpyxl.load_workbook(BytesIO(data)) for row in sheet.iter_rows() for cell in row]
    live = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert live and not any(text in formula for formula in live for text in ("HYPERLINK", "1+1", "REF!", "@", "<b>"))
    column = [line["หน่วยงาน/ผลงาน"] for line in lines(book["ผลการจัดอันดับ"])]
    for text in HOSTILE[:5]:
        assert text in column


def test_a_text_too_long_for_a_cell_is_refused_and_says_where():
    given = facts()
    given = replace(given, entries=(replace(given.entries[0], label="ก" * 40_000), *given.entries[1:]))
    with pytest.raises(CannotWrite, match=r"\w+!\w+\d+: a text of 40,\d+ letters"):
        made(given=given)


def test_rules_facts_and_evaluation_alone_are_enough():
    rules, given = rule_set(), facts()
    evaluation = evaluate(rules, given, stage="zone")
    made_by = provenance(run=None, kind="file", invented=False)
    data = ranking_workbook(rules=rules, facts=given, evaluation=evaluation, stage="zone", provenance=made_by)
    book = opened(data)
    assert "ใบคะแนน m1" in book.sheetnames
    assert "จัดอันดับจากแฟ้ม" in "\n".join(texts(book["ผลการจัดอันดับ"])[:3])


def test_the_workbook_of_one_zone_holds_that_zone_and_its_panels_signature_lines():
    _, data = made(group="9")
    book = opened(data)
    said = texts(book["ผลการจัดอันดับ"])
    assert "loei" not in said and "trat" in said
    assert len([text for text in said if text.startswith("ลงชื่อ")]) == 3
    assert "ใบคะแนน m4" not in book.sheetnames
    assert len([text for text in texts(opened(made()[1])["ผลการจัดอันดับ"]) if text.startswith("ลงชื่อ")]) == 0


def test_a_stage_or_group_without_a_ranking_is_refused():
    rules, given = rule_set(), facts()
    evaluation = evaluate(rules, given, stage="zone")
    with pytest.raises(KeyError):
        ranking_workbook(rules=rules, facts=given, evaluation=evaluation, stage="moon", provenance=provenance())
    wrongs: list[dict[str, Any]] = [{"stage": "national"}, {"stage": "zone", "group": "11"}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="nothing was ranked"):
            ranking_workbook(rules=rules, facts=given, evaluation=evaluation, provenance=provenance(), **wrong)


def test_english_is_complete():
    notes = {("trat", "m1", "d4"): "note"}
    _, data = made(language="en", members={}, notes=notes, provenance=provenance(made_by="secretary"))
    book = opened(data)
    # What the example gives in Thai only: provinces, offices, reasons that members wrote.
    thai_only = {each.label for each in facts().entries} | {each.attributes["province"] for each in facts().entries}
    thai_only |= {each.reason for cards in facts().cards.values() for each in cards if each.reason}
    left = {text for sheet in book for text in texts(sheet)}
    for known in sorted(thai_only, key=len, reverse=True):
        left = {text.replace(known, "") for text in left}
    assert {text for text in left if has_thai(text)} == set()
    assert not any(has_thai(name) for name in book.sheetnames)
    assert book["Ranking"].oddFooter.center.text == "Page &P of &N"


def has_thai(value):
    return isinstance(value, str) and any("\u0e00" <= letter <= "\u0e7f" for letter in value)


def test_a_recalculating_program_opens_it_and_shows_the_same_totals(tmp_path):
    evaluation, data = made()
    path = tmp_path / "ranking.xlsx"
    path.write_bytes(data)
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    sheet = opened(data)["ผลการจัดอันดับ"]
    total = next(cell for cell in sheet[5] if cell.value == "คะแนนรวม").column
    compared = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        if row[0].value in (1, 2, 3, 4):
            standing = evaluation.standing(row[1].value, stage="zone")
            assert model.get_formatted_cell_value(0, number, total) == shown(standing.total, 2)
            compared += 1
    assert compared == 4


def test_the_same_input_gives_the_same_bytes():
    assert made()[1] == made()[1]
