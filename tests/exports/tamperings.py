"""What somebody may do to a package: each way with the step of the verifier that must name it, and its words."""

from collections.abc import Callable
from typing import NamedTuple

from tests.exports.forging import (
    adding,
    all_acts,
    all_lines,
    as_a_file,
    as_another,
    backwards,
    by_another,
    changed_mark,
    doctype,
    doubled,
    extra_sheet,
    glued,
    leaving_out,
    line_of,
    link,
    manifest_of_another,
    mark_after_close,
    older_of_another,
    one_cell,
    one_file,
    one_line,
    planted,
    public_files,
    raw_zip,
    replaced,
    rewritten,
    styled,
    successor_of_nothing,
    telling,
    unnamed,
    without_file,
    wrong_result,
    zip_with,
)
from tests.exports.package_by_hand import FILE, KEY, OTHER_KEY, Files, Line, checkpoint, sha256, zipped
from tests.exports.small_round import seat, ticks
from tests.exports.tamperings_day import OF_THE_DAY

REFUSED = 0  # the package is no package: exit 2
NOTHING = -1  # no step can know


class Tampering(NamedTuple):
    """A way to tamper: what it is called, what it makes of the files, which step names it, with which words."""

    name: str
    made: Callable[[Files], bytes]
    step: int
    words: str
    with_key: bool = False  # whoever does it has the log's key
    auditor: bool = False
    anchored: bool = False  # the true root is at hand outside
    older: Callable[[], bytes] | None = None
    evidence: bytes = FILE  # what lies in the folder of evidence


MARK = line_of("record_marks")
EXCUSED = {"card": 3, "revision": 1, "marks": ticks(8, 1, 1), "notes": {}}
GIVEN_BACK = {
    "entry": "b", "fields": ["sales"], "reason": {"salted": "0" * 64}, "until": "2026-08-20T00:00:00+00:00",
}  # fmt: skip
REMOVED = {"entry": "b", "evidence": 9, "field": "papers", "sha256": sha256(FILE)}


def given_back_then_removed(lines: list[Line]) -> list[Line]:
    """One question of b is returned after it was sent, and evidence beside another one goes."""
    returned = adding("return_questions", GIVEN_BACK, after="submit_entry", number=1, person="u1")(lines)
    gone: list[Line] = adding("remove_evidence", REMOVED, after="return_questions", person="u20")(returned)
    return gone


WITHDRAWN = {"entry": "b", "reason": {"salted": "0" * 64}}
ANEW = {"stage": "nation", "category": "shop", "group": "1", "order": ["c", "b"], "reason": "x"}

TAMPERINGS: tuple[Tampering, ...] = (
    Tampering("one mark changed", one_line(MARK, changed_mark), 3, f"line {MARK + 1}: the chain is broken"),
    Tampering("an event deleted", all_lines(lambda x: [*x[:30], *x[31:]]), 3, "line 31: sequence 32, expected 31"),
    Tampering(
        "two events swapped",
        all_lines(lambda x: [*x[:30], x[31], x[30], *x[32:]]),
        3,
        "line 31: sequence 32, expected 31",
    ),
    Tampering(
        "an event inserted", all_lines(lambda x: [*x[:30], x[30], *x[30:]]), 3, "line 32: sequence 31, expected 32"
    ),
    Tampering("the tail cut off", all_lines(lambda x: x[:-2]), 4, "69 lines are in the file, 71 in the checkpoint"),
    Tampering("a whole other ledger of one line", all_lines(lambda x: x[:1]), 4, "1 lines are in the file"),
    Tampering(
        "one space added", one_line(31, lambda x: x.replace(":", ": ", 1)), 3, "line 31: it is not written canonically"
    ),
    Tampering(
        "a blank at the end of a line",
        one_line(31, lambda x: x + " "),
        3,
        "line 31: there is a blank before or after it",
    ),
    Tampering(
        "CR LF for LF", one_file("ledger.jsonl", lambda x: x.replace(b"\n", b"\r\n")), 3, "line 1: it ends in CR LF"
    ),
    Tampering(
        "a byte order mark",
        one_file("ledger.jsonl", lambda x: b"\xef\xbb\xbf" + x),
        3,
        "line 1: it begins with a byte order mark",
    ),
    Tampering(
        "a key there twice",
        one_line(31, lambda x: x.replace('"v":2', '"v":2,"v":2')),
        3,
        'line 31: the key "v" is there twice',
    ),
    Tampering(
        "a floating-point number",
        one_line(31, lambda x: x.replace('"v":2', '"v":2.0')),
        3,
        "line 31: there is a floating-point number",
    ),
    Tampering(
        "another version", all_acts(lambda x: [{**line, "v": 3} for line in x]), 3, "line 1: version 3", with_key=True
    ),
    Tampering(
        "lines of another log",
        all_acts(lambda x: [{**line, "log": "2564/other"} for line in x]),
        3,
        "it belongs to the log 2564/other",
        with_key=True,
    ),
    Tampering("time runs backwards", all_acts(backwards), 3, "line 21: time runs backwards", with_key=True),
    Tampering(
        "another key signs",
        lambda files: zipped({**files, "checkpoint.txt": checkpoint(files["ledger.jsonl"], OTHER_KEY)}),
        2,
        "nothing is signed with the key that was given",
    ),
    Tampering(
        "the signature of another text",
        one_file("checkpoint.txt", replaced("\n71\n", "\n72\n")),
        2,
        "does not fit the text of the checkpoint",
    ),
    Tampering(
        "the signature taken away",
        lambda files: zipped({**files, "checkpoint.txt": checkpoint(files["ledger.jsonl"])}),
        2,
        "a key was given, but the checkpoint is not signed",
    ),
    Tampering("two checkpoints", one_file("checkpoint.txt", lambda x: x + x), 2, "two checkpoints in one file?"),
    Tampering(
        "the checkpoint of another log",
        lambda files: zipped(
            {**files, "checkpoint.txt": checkpoint(files["ledger.jsonl"], KEY, origin="awards.example/2564/other")}
        ),
        4,
        "the checkpoint is of awards.example/2564/other",
        with_key=True,
    ),
    Tampering(
        "the manifest edited",
        lambda files: zipped(files, manifest=manifest_of_another(files)),
        1,
        "MANIFEST.json says",
    ),
    Tampering("history rewritten with the key, nothing outside", rewritten, NOTHING, "", with_key=True),
    Tampering(
        "history rewritten with the key, a root outside",
        rewritten,
        5,
        "history was rewritten",
        with_key=True,
        anchored=True,
    ),
    Tampering(
        "the older package is of another history", zipped, 6, "line 31: the older package has", older=older_of_another
    ),
    Tampering(
        "the tail cut off with the key, an older package at hand",
        all_acts(lambda x: x[:-2]),
        6,
        "the older package has 71 lines, more than the 69 here",
        with_key=True,
        older=lambda: zipped(public_files()),
    ),
    Tampering(
        "the tail cut off with the key, a root outside",
        all_acts(lambda x: x[:-2]),
        5,
        "is the root of no state of this log",
        with_key=True,
        anchored=True,
    ),
    Tampering(
        "the true root written into another history",
        all_acts(planted),
        5,
        "is the root of no state of this log",
        with_key=True,
        anchored=True,
    ),
    Tampering(
        "a file whose hash is the true root",
        as_a_file,
        5,
        "is the root of no state of this log",
        with_key=True,
        anchored=True,
    ),
    Tampering(
        "a log that does not say what it takes over from",
        successor_of_nothing,
        3,
        "a log named 2564/small-award#2 cannot take over from None",
        with_key=True,
    ),
    Tampering(
        "a rule's points edited",
        one_file("rules.yaml", replaced("points: 50", "points: 55")),
        7,
        "when the round opened it was",
    ),
    Tampering(
        "a mark after the slot closed", all_acts(mark_after_close), 8, "slot 12 is not open (closed)", with_key=True
    ),
    Tampering(
        "a mark before the slot opened",
        all_acts(leaving_out("open_slot")),
        8,
        "slot 11 is not open (planned)",
        with_key=True,
    ),
    Tampering(
        "a card for somebody who does not sit there",
        all_acts(telling("plan_slot", 1, cards=[[7, "c", seat("z1-one")]])),
        8,
        "does not sit in panel 2",
        with_key=True,
    ),
    Tampering(
        "a mark on a card nobody planned",
        all_acts(telling("record_marks", 0, card=99)),
        8,
        "card 99 was never planned",
        with_key=True,
    ),
    Tampering(
        "a mark by a recused member",
        all_acts(adding("record_marks", EXCUSED, after="recuse", person="u3")),
        8,
        "its member is recused",
        with_key=True,
    ),
    Tampering(
        "a revision left out",
        all_acts(telling("record_marks", 1, revision=3)),
        8,
        "revision 3, expected 2",
        with_key=True,
    ),
    Tampering(
        "a mark off its scale",
        all_acts(telling("record_marks", 0, marks={"work": 52_500})),
        8,
        "card 2: work is 5.2500, which is not on the scale 0–5",
        with_key=True,
    ),
    Tampering(
        "a criterion that is not there",
        all_acts(telling("record_marks", 0, marks={"style": 0})),
        8,
        'there is no criterion "style"',
        with_key=True,
    ),
    Tampering("somebody else marks on the card", all_acts(as_another), 8, "before it was", with_key=True),
    Tampering(
        "a card sent with another total",
        all_acts(telling("send_card", 0, total="91")),
        8,
        "was sent with a total of 91, its marks make 90",
        with_key=True,
    ),
    Tampering(
        "a slot closed before all was sent",
        all_acts(leaving_out("send_card", 1)),
        8,
        "close_slot: card 2 should be at revision 2, draft",
        with_key=True,
    ),
    Tampering(
        "an act that nobody knows",
        all_acts(adding("raise_rank", {}, after="open_slot")),
        8,
        'unknown act "raise_rank"',
        with_key=True,
    ),
    Tampering(
        "an official run while a slot is open",
        all_acts(leaving_out("close_slot", 4)),
        8,
        "an official run while slot [13] is not closed",
        with_key=True,
    ),
    Tampering(
        "another run certified",
        all_acts(telling("certify_run", 1, result_sha256="0" * 64)),
        8,
        "it names the result 0000",
        with_key=True,
    ),
    Tampering(
        "a run that is not the newest published",
        all_acts(telling("publish_run", 0, run=1)),
        8,
        "run 1 is not the newest of its stage",
        with_key=True,
    ),
    Tampering(
        "a decision left out", all_acts(leaving_out("record_resolution")), 8, "the lines up to here give", with_key=True
    ),
    Tampering(
        "a card opened again between calculating and certifying",
        all_acts(adding("reopen_card", {"slot": 13, "card": 9, "reason": None}, after="calculate_run", number=2)),
        8,
        "certify_run: slot [13] is open",
        with_key=True,
    ),
    Tampering(
        "a result published that the record has left behind",
        all_acts(adding("record_resolution", ANEW, after="certify_run", number=1)),
        8,
        "publish_run: the facts changed after run 3",
        with_key=True,
    ),
    Tampering(
        "a fact edited",
        one_file("facts.json", replaced('"sales":"25/2"', '"sales":"35/2"')),
        9,
        "facts.json has the hash",
    ),
    Tampering(
        "a rank edited in the result",
        one_file("results.json", replaced('"rank": 1', '"rank": 2')),
        10,
        "rank: it says 2, computed 1",
    ),
    Tampering(
        "a total edited in the result",
        one_file("results.json", replaced('"total": "', '"total": "1')),
        10,
        "total: it says 189.10, computed 89.10",
    ),
    Tampering(
        "a reason edited in the result",
        one_file("results.json", replaced('"reasons": []', '"reasons": [] ')),
        10,
        "results.json has the hash",
    ),
    Tampering(
        "another result with its hash in the ledger", wrong_result, 10, "rank: it says 2, computed 1", with_key=True
    ),
    Tampering(
        "the earlier stage's result edited",
        one_file("earlier-results.json", replaced('"advances": true', '"advances": false')),
        10,
        "earlier-results.json has the hash",
    ),
    Tampering(
        "a total edited in the workbook",
        one_file("ranking.xlsx", one_cell("ผลการจัดอันดับ", "K7", "99.9")),
        11,
        "cell K7: it says 99.9, it must be 89.1",
    ),
    Tampering(
        "a mark edited in the workbook",
        one_file("ranking.xlsx", one_cell(f"ใบให้คะแนน · {seat('n-chair')}", "C6", "5")),
        11,
        "cell C6: it says 5, it must be 4.5",
    ),
    Tampering(
        "a member's total edited in the workbook",
        one_file("ranking.xlsx", one_cell("คะแนนรายกรรมการ", "E6", "12")),
        11,
        "cell E6: it says 12, it must be 90",
    ),
    Tampering(
        "an indicator edited in the workbook",
        one_file("ranking.xlsx", one_cell("ตัวชี้วัด", "D6", "12")),
        11,
        "cell D6: it says 12, it must be 12.5",
    ),
    Tampering(
        "a criterion's points edited in the workbook's rules",
        one_file("ranking.xlsx", one_cell("เกณฑ์ ·", "B7", "60")),
        11,
        "cell B7: it says 60, it must be 50",
    ),
    Tampering(
        "a number format that shows another number",
        one_file("ranking.xlsx", styled('formatCode="#,##0.######"', 'formatCode="&quot;9.9&quot;"')),
        11,
        "its format could show another value",
    ),
    Tampering(
        "a sheet more in the workbook",
        one_file("ranking.xlsx", extra_sheet),
        11,
        'unexpected sheet "ผลล่าสุด"',
    ),
    Tampering(
        "the warning of invented data taken off the workbook",
        one_file("ranking.xlsx", one_cell("ผลการจัดอันดับ", "A3", "ผลอย่างเป็นทางการ")),
        11,
        "cell A3: it says “ผลอย่างเป็นทางการ”",
    ),
    Tampering(
        "another root in the workbook",
        one_file("ranking.xlsx", one_cell("ที่มาของผล", "B20", "0" * 64)),
        11,
        "cell B20: it says “0000",
    ),
    Tampering(
        "entities in the workbook", one_file("ranking.xlsx", lambda x: doctype(x)), 11, "a forbidden XML declaration"
    ),
    Tampering(
        "a result that was withdrawn",
        all_acts(adding("withdraw_publication", {"run": 3, "reason": None}, after="publish_run")),
        12,
        "run 3 was published in line 71 and withdrawn in line 72",
        with_key=True,
    ),
    Tampering("an evidence file changed", zipped, 13, "is not in the folder", evidence=FILE + b"!"),
    Tampering(
        "the list of evidence edited",
        one_file("evidence.csv", replaced(sha256(FILE), sha256(b"!"))),
        13,
        "sent with entry a",
    ),
    Tampering(
        "one person certified and published",
        by_another("publish_run", 0, "u1"),
        14,
        "u1 both certified and published, which takes two people",
        with_key=True,
        auditor=True,
    ),
    Tampering(
        "somebody else sent the card",
        by_another("send_card", 12, "u20"),
        14,
        "u20 acts on card 9, which is u31's",
        with_key=True,
        auditor=True,
    ),
    Tampering(
        "who certified left out of the names",
        one_file("names.json", unnamed("certify_run")),
        14,
        "it does not say who acted in line 58, certify_run",
        auditor=True,
    ),
    Tampering(
        "who opened a slot left out of the names",
        one_file("names.json", unnamed("open_slot")),
        14,
        "names.json: it does not say who acted in line 25, open_slot",
        auditor=True,
    ),
    Tampering("another seal", one_file("seal.txt", lambda x: b"5f" * 32), 14, "seal.txt: its hash is", auditor=True),
    Tampering(
        "two names swapped", one_file("names.json", replaced("z1-one", "z1-two!")), 14, "names.json:", auditor=True
    ),
    Tampering(
        "what a member wrote changed",
        one_file("texts.jsonl", replaced("ดีมาก", "ดี")),
        14,
        "texts.jsonl: the text of line",
        auditor=True,
    ),
    Tampering("a file too many", zip_with(("notes.txt", b"")), REFUSED, 'unexpected file "notes.txt"'),
    Tampering(
        "a name that leads out of the folder",
        zip_with(("../verify.py", b"")),
        REFUSED,
        'unexpected file "../verify.py"',
    ),
    Tampering("a file there twice", doubled, REFUSED, 'the file "rules.yaml" is there twice'),
    Tampering("an absolute name", zip_with(("/etc/passwd", b"")), REFUSED, 'unexpected file "/etc/passwd"'),
    Tampering("a file left out", without_file, REFUSED, 'the file "rules.yaml" is missing'),
    Tampering(
        "a link for a file",
        lambda files: raw_zip(
            *{k: v for k, v in files.items() if k != "earlier-results.json"}.items(),
            ("MANIFEST.json", b"{}"),
            (link(), b"/etc/passwd"),
        ),
        REFUSED,
        "is encrypted or a link",
    ),
    Tampering("a compressed bomb", zip_with(compressed=True), REFUSED, "is compressed; a package never is"),
    Tampering("bytes that belong to no file", lambda files: glued(files), REFUSED, "or bytes lie between files"),
    Tampering(
        "no zip at all", lambda files: b"<html>not found</html>", REFUSED, "the zip file is damaged or was altered"
    ),
    Tampering(
        "a rival's question returned once it is marked",
        all_acts(adding("return_questions", GIVEN_BACK, after="record_marks", number=4, person="u1")),
        8,
        "b is being marked already",
        with_key=True,
    ),
    Tampering(
        "evidence of a rival removed though another question was returned",
        all_acts(given_back_then_removed),
        8,
        "question papers of b is locked",
        with_key=True,
    ),
    Tampering(
        "a rival withdrawn once its slot was open",
        all_acts(adding("withdraw_entry", WITHDRAWN, after="open_slot", person="u20")),
        8,
        "slot 11 that hears b was opened",
        with_key=True,
    ),
    Tampering(
        "a rival withdrawn that was marked all the same",
        all_acts(adding("withdraw_entry", WITHDRAWN, after="submit_entry", number=2, person="u20")),
        8,
        "entry b is withdrawn",
        with_key=True,
    ),
    *(
        Tampering(name, made, step, words, with_key=True, auditor=auditor)
        for name, made, step, words, auditor in OF_THE_DAY
    ),
)
