"""Ways to tamper with a package: as text, as zip, and with the key, so that everything inside fits again."""

import io
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from scoring_rules import evaluate
from scoring_rules.earlier import read_earlier
from scoring_rules.reader import read_rules
from tests.exports.package_by_hand import (
    KEY,
    LOG,
    ORIGIN,
    Files,
    Line,
    alias,
    chained,
    checkpoint,
    leaf,
    lines_of,
    root,
    root_of,
    sha256,
    zipped,
)
from tests.exports.small_round import RULES, aliased, sealed, small_round, ticks

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def public_files() -> Files:
    return small_round().files()


def one_line(number: int, change: Callable[[str], str]) -> Callable[[Files], bytes]:
    """One line of the ledger changed as text, and the manifest mended."""

    def made(files: Files) -> bytes:
        lines = files["ledger.jsonl"].decode().split("\n")
        before = lines[number - 1]
        lines[number - 1] = change(before)
        assert lines[number - 1] != before
        return zipped({**files, "ledger.jsonl": "\n".join(lines).encode()})

    return made


def all_lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Files], bytes]:
    """Lines of the ledger taken out, moved or put in, and the manifest mended."""

    def made(files: Files) -> bytes:
        lines = change(files["ledger.jsonl"].splitlines(keepends=True))
        return zipped({**files, "ledger.jsonl": b"".join(lines)})

    return made


def all_acts(change: Callable[[list[Line]], list[Line]]) -> Callable[[Files], bytes]:
    """The history rewritten by somebody with the key: chain, root, signature and manifest fit again."""

    def made(files: Files) -> bytes:
        ledger = chained(change(lines_of(files["ledger.jsonl"])))
        return zipped({**files, "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY)})

    return made


def one_file(name: str, change: Callable[[bytes], bytes]) -> Callable[[Files], bytes]:
    """Another file changed, and the manifest mended."""

    def made(files: Files) -> bytes:
        content = change(files[name])
        assert content != files[name]
        return zipped({**files, name: content}, edition="auditor" if "seal.txt" in files else "public")

    return made


def at(lines: list[Line], act: str, number: int = 0) -> int:
    """Where the act stands in the list, for the first time or later."""
    return [place for place, line in enumerate(lines) if line["act"] == act][number]


def line_of(act: str, number: int = 0) -> int:
    return at(small_round().lines, act, number) + 1


def telling(act: str, number: int = 0, **values: Any) -> Callable[[list[Line]], list[Line]]:
    def change(lines: list[Line]) -> list[Line]:
        lines[at(lines, act, number)]["body"].update(values)
        return lines

    return change


def adding(act: str, body: dict[str, Any], *, after: str, number: int = 0, person: str = "u1") -> Any:
    """One act more, after another one."""

    def change(lines: list[Line]) -> list[Line]:
        place = at(lines, after, number)
        lines.insert(place + 1, {**lines[place], "act": act, "actor": alias(f"{act} {person}"), "body": body})
        return lines

    return change


def leaving_out(act: str, number: int = 0) -> Callable[[list[Line]], list[Line]]:
    return lambda lines: [line for place, line in enumerate(lines) if place != at(lines, act, number)]


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old.encode(), new.encode(), 1)


def by_another(act: str, number: int, person: str) -> Callable[[Files], bytes]:
    """An act under somebody else's alias, by somebody with the key, in the auditor's edition."""

    def made(files: Files) -> bytes:
        lines = lines_of(files["ledger.jsonl"])
        lines[at(lines, act, number)]["actor"] = alias(f"{act} {person}")
        ledger = chained(lines)
        changed = {**files, "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY)}
        # The workbook names a root of its own: it is made to fit as well.
        if at(lines, act, number) < at(lines, "calculate_run", 2):
            changed["ranking.xlsx"] = small_round().made(True, lines, None)["ranking.xlsx"]
        return zipped(changed, edition="auditor")

    return made


def one_cell(title: str, cell: str, new: str) -> Callable[[bytes], bytes]:
    """The kept value of one cell on the sheet whose second line begins so; the file is a sound workbook."""

    def change(content: bytes) -> bytes:
        target = io.BytesIO()
        with ZipFile(io.BytesIO(content)) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
            for info in source.infolist():
                part = source.read(info)
                if b'r="A2"' in part and f">{title}".encode() in part:
                    part, times = re.subn(
                        rf'(<c r="{cell}"[^/>]*>(?:<f>[^<]*</f>)?(?:<v>|<is><t>))[^<]*(</)'.encode(),
                        rf"\g<1>{new}\2".encode(),
                        part,
                    )
                    assert times == 1
                archive.writestr(info, part)
        return target.getvalue()

    return change


def parts_changed(content: bytes, change: Callable[[str, bytes], bytes], *more: tuple[str, bytes]) -> bytes:
    """A workbook with its parts changed, by name, and others added."""
    target = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for info in source.infolist():
            archive.writestr(info, change(info.filename, source.read(info)))
        for name, part in more:
            archive.writestr(name, part)
    return target.getvalue()


def styled(old: str, new: str) -> Callable[[bytes], bytes]:
    """Another style for some cells of a workbook."""
    return lambda content: parts_changed(
        content, lambda name, part: part.replace(old.encode(), new.encode()) if name == "xl/styles.xml" else part
    )


def extra_sheet(content: bytes) -> bytes:
    """A sheet more, first in the workbook, with ranks that nobody computed."""

    def change(name: str, part: bytes) -> bytes:
        if name == "xl/workbook.xml":
            entry = f'<sheet name="ผลล่าสุด" sheetId="99" r:id="rIdX" xmlns:r="{R}"/>'
            return part.replace(b"<sheets>", b"<sheets>" + entry.encode())
        if name == "xl/_rels/workbook.xml.rels":
            link = f'<Relationship Id="rIdX" Type="{R}/worksheet" Target="worksheets/more.xml"/>'
            return part.replace(b"</Relationships>", link.encode() + b"</Relationships>")
        return part

    cell = '<c r="A2" t="inlineStr"><is><t>ผลล่าสุด</t></is></c>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{main}"><sheetData><row r="2">{cell}</row></sheetData></worksheet>'
    return parts_changed(content, change, ("xl/worksheets/more.xml", sheet.encode()))


def rewritten(files: Files) -> bytes:
    """A mark changed by somebody with the key, and all that follows from it made anew: nothing inside differs."""
    whole, rules = small_round(), read_rules(RULES)
    lines = lines_of(files["ledger.jsonl"])
    for line in lines:  # what the chair of the nation's panel gave b: 45,000 before
        if line["body"].get("card") == 9:
            line["body"].update({"marks": ticks(10, 1, 0)} if line["act"] == "record_marks" else {"total": "92"})
    cards = dict(whole.facts.cards)
    first, second = cards["b"]
    cards["b"] = (replace(first, marks={**first.marks, "work": 5}), second)
    facts = replace(whole.facts, cards=cards)
    earlier = read_earlier(whole.earlier, name="zone", rules=rules)
    plain, public = (evaluate(rules, each, stage="nation", earlier=earlier) for each in (facts, aliased(facts)))
    about = {"facts_sha256": public.facts_sha256, "result_sha256": sha256(public.to_json())}
    hidden = {"facts": sealed("facts", plain.facts_sha256), "result": sealed("result", sha256(plain.to_json()))}
    for act, number in (("certify_run", 1), ("publish_run", 0)):
        lines[at(lines, act, number)]["body"]["result_sha256"] = about["result_sha256"]
    lines[at(lines, "calculate_run", 2)]["body"].update(sealed=hidden, public=about)
    return zipped(whole.files(lines=lines, facts=facts))


def wrong_result(files: Files) -> bytes:
    """Ranks swapped in the result by somebody with the key, whose hash the ledger then states."""
    results = json.loads(files["results.json"])
    first, second = results["rankings"][0]["standings"]
    first["rank"], second["rank"] = 2, 1
    content = (json.dumps(results, ensure_ascii=False, indent=1) + "\n").encode()
    lines = lines_of(files["ledger.jsonl"])
    lines[at(lines, "calculate_run", 2)]["body"]["public"]["result_sha256"] = sha256(content)
    for act, number in (("certify_run", 1), ("publish_run", 0)):
        lines[at(lines, act, number)]["body"]["result_sha256"] = sha256(content)
    ledger = chained(lines)
    return zipped({**files, "results.json": content, "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY)})


def planted(lines: list[Line]) -> list[Line]:
    """Another history that holds the root of the true one among its own words."""
    return [*lines[:-1], {**lines[-1], "key": true_root()}]


def as_a_file(files: Files) -> bytes:
    """Another history, with a file whose SHA-256 is the root of the true one: the node above all its lines."""
    leaves = [leaf(line) for line in files["ledger.jsonl"].splitlines()]
    node = b"\1" + root(leaves[:64]) + root(leaves[64:])
    assert sha256(node) == true_root()
    ledger = chained(planted(lines_of(files["ledger.jsonl"])))
    return zipped({**files, "README-EN.txt": node, "ledger.jsonl": ledger, "checkpoint.txt": checkpoint(ledger, KEY)})


def successor_of_nothing(files: Files) -> bytes:
    """A log under the name of a successor whose first line is silent about what was before."""
    log = f"{LOG}#2"
    ledger = chained([{**line, "log": log} for line in lines_of(files["ledger.jsonl"])])
    note = checkpoint(ledger, KEY, origin=f"{ORIGIN}/{log}")
    return zipped({**files, "ledger.jsonl": ledger, "checkpoint.txt": note}, log=log)


def unnamed(act: str) -> Callable[[bytes], bytes]:
    """names.json without whoever did this."""

    def change(content: bytes) -> bytes:
        names = json.loads(content)
        return json.dumps({what: name for what, name in names.items() if not what.startswith(f"{act} ")}).encode()

    return change


def raw_zip(*files: tuple[str | ZipInfo, bytes], compressed: bool = False) -> bytes:
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED if compressed else ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return target.getvalue()


def zip_with(*more: tuple[str | ZipInfo, bytes], compressed: bool = False) -> Callable[[Files], bytes]:
    return lambda files: raw_zip(*files.items(), ("MANIFEST.json", b"{}"), *more, compressed=compressed)


def doubled(files: Files) -> bytes:
    """A package with one name in it twice."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return raw_zip(*files.items(), ("MANIFEST.json", b"{}"), ("rules.yaml", b"a: b\n"))


def link() -> ZipInfo:
    info = ZipInfo("earlier-results.json")
    info.external_attr = 0o120777 << 16
    return info


def without_file(files: Files) -> bytes:
    return zipped({name: content for name, content in files.items() if name != "rules.yaml"})


def appended(files: Files) -> bytes:
    return zipped(files) + b"one byte more"


def older_of_another() -> bytes:
    files = public_files()
    lines = lines_of(files["ledger.jsonl"])
    lines[30]["at"] = lines[29]["at"]
    return zipped({**files, "ledger.jsonl": chained(lines)})


def changed_mark(text: str) -> str:
    return text.replace('"work":45000', '"work":50000')


def mark_after_close(lines: list[Line]) -> list[Line]:
    body = {"card": 7, "revision": 2, "marks": {"work": 50_000}, "notes": {}}
    return adding("record_marks", body, after="close_slot", number=3, person="u9")(lines)


def as_another(lines: list[Line]) -> list[Line]:
    lines[at(lines, "record_marks", 1)]["actor"] = alias("record_marks u3")
    return lines


def backwards(lines: list[Line]) -> list[Line]:
    lines[20]["at"] = lines[10]["at"]
    return lines


def glued(files: Files) -> bytes:
    return b"before it" + zipped(files)


def doctype(content: bytes) -> bytes:
    target = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for info in source.infolist():
            part = source.read(info)
            if info.filename == "xl/workbook.xml":
                start = part.index(b"<workbook")
                part = part[:start] + b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + part[start:]
            archive.writestr(info, part)
    return target.getvalue()


def manifest_of_another(files: Files) -> bytes:
    with ZipFile(io.BytesIO(zipped(files))) as archive:
        manifest = json.loads(archive.read("MANIFEST.json"))
    manifest["files"]["facts.json"]["sha256"] = "0" * 64
    return json.dumps(manifest).encode()


def true_root() -> str:
    """The root of the history as it really was."""
    return root_of(public_files()["ledger.jsonl"]).hex()
