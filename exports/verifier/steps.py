"""The fourteen steps of checking a package, each by itself: what one of them finds does not stop the others."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple, Optional, TypeVar

from exports.verifier.anchors import Anchor, check_anchors, check_prefix, check_told
from exports.verifier.archive import Package, digests_of, read_manifest, read_zip
from exports.verifier.canonical import read_json
from exports.verifier.chain import Ledger, check_root, read_ledger
from exports.verifier.continued import Before, check_continued, check_told_roots, logs_before
from exports.verifier.editions import open_edition, read_seal, said_of, sealed
from exports.verifier.evidence import check_files, check_list, read_list
from exports.verifier.note import Checkpoint, Key, check_signatures, read_checkpoint
from exports.verifier.ranks import Ranking, rank_all
from exports.verifier.replay import replay, summary
from exports.verifier.results import check_results, read_earlier
from exports.verifier.round_state import Card, Round, Run
from exports.verifier.rules import Rules, read_rules
from exports.verifier.said import CannotCheck, Failed, NotChecked, Said, Superseded, brief, fail
from exports.verifier.standing import check_standing
from exports.verifier.tree import root_of
from exports.verifier.workbook import check_workbook
from exports.verifier.yaml_text import read_yaml

OK, FAIL, NOT_CHECKED, OLD = "OK", "FAIL", "-", "OLD"
_Kept = TypeVar("_Kept")


class Asked(NamedTuple):
    """What the verifier was given besides the package."""

    keys: tuple[Key, ...] = ()
    anchors: Callable[[str], list[Anchor]] | None = None  # of a log
    older: bytes | None = None
    evidence: str = ""


class Outcome(NamedTuple):
    """How one step ended: number, title, OK, FAIL, OLD (superseded) or - (not checked), and the sentence."""

    number: int
    title: Said
    state: str
    said: Said


class Checks:
    """A package being checked. What a step leaves for later ones is None until it has passed."""

    def __init__(self, data: bytes, asked: Asked):
        self.asked = asked
        self.files = read_zip(data)  # raises CannotCheck: then there is nothing to go by
        self.package: Package | None = None
        self.note: Checkpoint | None = None
        self.ledger: Ledger | None = None
        self.before: list[Before] = []  # the logs that it took over from
        self.rules: Rules | None = None
        self.round: Round | None = None
        self.facts: Any = None
        self.rankings: list[Ranking] | None = None

    def run_all(self) -> list[Outcome]:
        """Every step, in order."""
        found = []
        for number, (title, step) in enumerate(STEPS, 1):
            try:
                found.append(Outcome(number, title, OK, step(self)))
            except Failed as error:
                found.append(Outcome(number, title, FAIL, error.said))
            except NotChecked as error:
                found.append(Outcome(number, title, NOT_CHECKED, error.said))
            except Superseded as error:
                found.append(Outcome(number, title, OLD, error.said))
            except MemoryError:
                raise CannotCheck(Said("หน่วยความจำไม่พอ", "there is not enough memory")) from None
            except Exception as error:  # whatever malformed data makes of a step: it did not pass, and says where
                wrong = brief(f"{type(error).__name__}: {error}")
                said = Said(f"ข้อมูลผิดรูปจนอ่านต่อไม่ได้ ({wrong})", f"the data is malformed and cannot be read on ({wrong})")
                found.append(Outcome(number, title, FAIL, said))
        return found

    @property
    def auditor(self) -> bool:
        """Whether it is the auditor's edition, as its files show."""
        return "seal.txt" in self.files

    def run(self) -> Run:
        """The run that the package is of, as its line states it."""
        package, found = need(self.package, 1), need(self.round, 8)
        run = found.runs.get(package.run)
        if run is None:
            fail(f"บันทึกไม่มีการคำนวณ {package.run}", f"the ledger has no run {package.run}")
        return run

    def same(self, run: Run, kind: str, name: str) -> str:
        """The SHA-256 of a file of facts or of a result (`kind`), which the run's line states: openly in the public
        edition, under the seal in the auditor's. Raises Failed where it is another."""
        found = sha256(self.files[name]).hexdigest()
        if self.auditor:
            stated, compared = run.body["sealed"][kind], sealed(self.seal(), kind, found)
        else:
            stated, compared = run.body["public"][f"{kind}_sha256"], found
        if compared != stated:
            fail(
                f"{name} มีรหัส {compared} แต่บรรทัดที่ {run.line} ระบุ {brief(stated)}",
                f"{name} has the hash {compared}, line {run.line} states {brief(stated)}",
            )
        return found

    def seal(self) -> bytes:
        """What opens the auditor's edition; step 14 says what is wrong with it."""
        try:
            return read_seal(self.files, need(self.ledger, 3))
        except Failed:
            raise NotChecked(not_possible(14)) from None

    def manifest(self) -> Said:
        self.package = package = read_manifest(self.files)
        edition = {"public": ("สาธารณะ", "public"), "auditor": ("ผู้ตรวจสอบ", "auditor's")}[package.edition]
        count = len(self.files)
        return Said(
            f"ฉบับ{edition[0]}ของ {package.log} การคำนวณ {package.run}: {count} ไฟล์ครบและตรงตามรายการ",
            f"{edition[1]} edition of {package.log}, run {package.run}: {count} files, all there and as listed",
        )

    def signature(self) -> Said:
        self.note = read_checkpoint(self.files["checkpoint.txt"])
        return check_signatures(self.note, list(self.asked.keys))

    def chain(self) -> Said:
        log = self.package.log if self.package else ""
        ledger = read_ledger(self.files["ledger.jsonl"], log=log)
        self.before = logs_before(ledger)
        self.ledger = ledger
        first, last = ledger.lines[0]["at"], ledger.lines[-1]["at"]
        said = Said(
            f"{len(ledger.lines)} บรรทัดต่อกันครบ ตั้งแต่ {first} ถึง {last}",
            f"{len(ledger.lines)} lines form one chain, from {first} to {last}",
        )
        if self.before:
            log, size, root = self.before[0].ledger.log, self.before[0].size, self.before[0].root
            left = len(self.before[0].ledger.lines)
            return Said(
                f"{said.th}; ต่อจาก {brief(log)} ที่กู้คืนมาไม่ครบ: เดิมมี {size} บรรทัด (รหัสราก {root})"
                f" เหลือ {left} หาย {size - left}",
                f"{said.en}; it continues {brief(log)} after a restore: of its {size} lines (root"
                f" {root}) {left} were left and are said again, {size - left} are lost",
            )
        return said

    def root(self) -> Said:
        return check_root(need(self.ledger, 3), need(self.note, 2))

    def anchor(self) -> Said:
        ledger = need(self.ledger, 3)
        if self.asked.anchors is None:
            raise NotChecked(
                Said(
                    "ไม่ได้ให้รหัสรากจากรายงานการประชุมหรืออีเมลมา: ผู้มีกุญแจอาจเขียนประวัติใหม่ทั้งหมดได้ ใช้ --anchor",
                    "no root from the minutes or a mail was given: who has the key could have rewritten everything,"
                    " use --anchor",
                )
            )
        return check_anchors(ledger, self.asked.anchors(ledger.log), before=self.before, own=digests_of(self.files))

    def older(self) -> Said:
        if self.asked.older is None:
            raise NotChecked(Said("ไม่ได้ให้ชุดเก่ามา ใช้ --older", "no older package was given, use --older"))
        old = read_manifest(read_zip(self.asked.older))
        for each in self.before:
            if each.ledger.log == old.log:
                return check_continued(each, read_ledger(old.files["ledger.jsonl"], log=old.log))
        if self.ledger is None and self.package is not None and self.package.log != old.log:
            raise NotChecked(not_possible(3))
        said = check_prefix(self.files["ledger.jsonl"], old.files["ledger.jsonl"])
        return check_told(need(self.ledger, 3), old, digest=sha256(self.asked.older).hexdigest(), said=said)

    def pinned(self) -> Said:
        opening = need(self.ledger, 3).lines[0]["body"]
        found = sha256(self.files["rules.yaml"]).hexdigest()
        if found != opening.get("rules_sha256"):
            fail(
                f"rules.yaml มีรหัส {found} แต่เมื่อเปิดรอบตรึงไว้ {brief(opening.get('rules_sha256'))}",
                f"rules.yaml has the hash {found}, when the round opened it was {brief(opening.get('rules_sha256'))}",
            )
        rules = read_rules(read_yaml(self.files["rules.yaml"]))
        if rules.id != opening.get("rule_set"):
            fail(
                f"rules.yaml คือ {brief(rules.id)} แต่เปิดรอบด้วย {brief(opening.get('rule_set'))}",
                f"rules.yaml is {brief(rules.id)}, the round opened with {brief(opening.get('rule_set'))}",
            )
        self.rules = rules
        return Said(f"{rules.id} ตรงกับที่ตรึงไว้เมื่อเปิดรอบ ({found})", f"{rules.id} is what the round opened with ({found})")

    def acts(self) -> Said:
        ledger = need(self.ledger, 3)
        found = replay(ledger, need(self.rules, 7))
        check_told_roots(ledger, self.before)
        self.round = found
        return summary(found, len(ledger.lines))

    def frozen(self) -> Said:
        run, given = self.run(), self.files["facts.json"]
        self.same(run, "facts", "facts.json")
        facts = read_json(given, name="facts.json")
        wanted, erased = run.facts, 0
        if self.auditor:
            wanted, erased = self.opened_facts(run, facts)
        if wanted.encode() != given:
            place = _first_difference(wanted, given.decode("utf-8", "replace"))
            fail(f"facts.json ต่างจากบันทึกที่ {place}", f"facts.json is not what the ledger says at {place}")
        self.facts = facts
        also = (
            Said(f" (เหตุผล {erased} ข้อถูกลบแล้ว จึงไม่ได้เทียบ)", f" ({erased} reasons were erased and not compared)")
            if erased
            else Said("", "")
        )
        return Said(
            f"facts.json ตรงกับบันทึกถึงบรรทัดที่ {run.line} ทุกไบต์{also.th}",
            f"facts.json is, byte for byte, what the ledger says up to line {run.line}{also.en}",
        )

    def opened_facts(self, run: Run, facts: Any) -> tuple[str, int]:
        """The facts under the names of the seats, with the reasons; and how many reasons were erased."""
        try:
            opened = open_edition(self.files, need(self.ledger, 3))
        except Failed:
            raise NotChecked(not_possible(14)) from None
        given = {
            (entry, card["member"]): str(card["reason"]) for entry, cards in facts["cards"].items() for card in cards
        }
        erased: set[int | str] = set()

        def reason(card: Card) -> str:
            text = opened.texts.get((card.reason_at, "reason"))
            if text is None:
                erased.add(card.number)
                return given.get((card.entry, opened.seats[card.member]), "")
            return text

        ledger = need(self.ledger, 3)
        before = Ledger(ledger.log, ledger.lines[: run.line], ledger.leaves)
        then = replay(before, need(self.rules, 7))
        return then.facts(run.stage, member=lambda alias: opened.seats[alias], reason=reason), len(erased)

    def recomputed(self) -> Said:
        run, rules, facts = self.run(), need(self.rules, 7), need(self.facts, 9)
        earlier, before = None, rules.before(rules.stage(run.stage))
        rules_sha256 = sha256(self.files["rules.yaml"]).hexdigest()
        if before is not None:
            earlier = read_earlier(self.earlier_results(before.code, run), rules, sha256=rules_sha256)
        rankings = rank_all(rules, facts, stage=run.stage, earlier=earlier)
        header = {
            "format": 1,
            "rule_set": {"id": rules.id, "sha256": rules_sha256},
            "engine": run.body["engine"],
            "facts_sha256": sha256(self.files["facts.json"]).hexdigest(),
        }
        said = check_results(read_json(self.files["results.json"], name="results.json"), rankings, header=header)
        self.rankings = rankings
        self.same(run, "result", "results.json")
        return said

    def earlier_results(self, stage: str, run: Run) -> Any:
        """The result of the stage before, which the ledger states as well. Raises Failed."""
        newest = need(self.round, 8).newest_run(stage, kind="official", before=run.number)
        content = self.files.get("earlier-results.json")
        if content is None or newest is None:
            fail(
                "ไม่มีผลของรอบก่อน (earlier-results.json)",
                "the results of the stage before are missing (earlier-results.json)",
            )
        self.same(newest, "result", "earlier-results.json")
        return read_json(content, name="earlier-results.json")

    def workbook(self) -> Said:
        run, rules, rankings = self.run(), need(self.rules, 7), need(self.rankings, 10)
        return check_workbook(
            self.files["ranking.xlsx"],
            rules=rules,
            rankings=rankings,
            facts=self.facts,
            results=read_json(self.files["results.json"], name="results.json"),
            stated={
                "kind": run.kind,
                "run": f"{run.number}-{sha256(self.files['results.json']).hexdigest()[:8]}",
                "rule_set": rules.id,
                "rules_sha256": run.body["rules_sha256"],
                "facts_sha256": sha256(self.files["facts.json"]).hexdigest(),
                "engine": run.body["engine"],
                "size": run.line,
                "root": root_of(need(self.ledger, 3).leaves[: run.line]).hex(),
            },
            evidence=self.evidence_of_workbook(),
            invented=need(self.round, 8).opening.get("invented") is True,
        )

    def evidence_of_workbook(self) -> set[tuple[str, str]]:
        """The files that the workbook lists: all of evidence.csv in the auditor's edition, none in the public one."""
        if not self.auditor:
            return set()
        try:
            return {(entry, digest) for entry, _, digest in read_list(self.files["evidence.csv"])}
        except Failed:
            raise NotChecked(not_possible(13)) from None

    def certified(self) -> Said:
        return check_standing(self.run(), need(self.round, 8))

    def proofs(self) -> Said:
        listed = read_list(self.files["evidence.csv"])
        said = check_list(listed, need(self.ledger, 3), until=self.run().line)
        return check_files(listed, self.asked.evidence, said)

    def sealed(self) -> Said:
        if not self.auditor:
            raise NotChecked(Said("ฉบับสาธารณะ: กรรมการเป็นนามแฝง", "the public edition: members stand under aliases"))
        return said_of(open_edition(self.files, need(self.ledger, 3)))


def need(value: Optional[_Kept], step: int) -> _Kept:  # noqa: UP045 - older Pythons read it too
    """What an earlier step left. Raises NotChecked where that step found something wrong."""
    if value is None:
        raise NotChecked(not_possible(step))
    return value


def not_possible(step: int) -> Said:
    """That an earlier or later step left nothing to go by."""
    return Said(f"ตรวจไม่ได้เพราะขั้นที่ {step} ไม่ผ่าน", f"not possible, because step {step} did not pass")


def _first_difference(wanted: str, found: str) -> str:
    """Where two texts part, with both values."""
    at = next((at for at, (one, other) in enumerate(zip(wanted, found)) if one != other), min(len(wanted), len(found)))  # noqa: B905
    start = max(0, at - 60)
    return f"{at}: {brief(found[start : at + 40])} ≠ {brief(wanted[start : at + 40])}"


STEPS: tuple[tuple[Said, Callable[[Checks], Said]], ...] = (
    (Said("ไฟล์ครบตามรายการ", "files and manifest"), Checks.manifest),
    (Said("ลายมือชื่อ", "signature"), Checks.signature),
    (Said("สายโซ่ของบันทึก", "chain of the ledger"), Checks.chain),
    (Said("รหัสราก", "root"), Checks.root),
    (Said("หลักยึดภายนอก", "anchor outside"), Checks.anchor),
    (Said("ต่อจากชุดเก่า", "older package"), Checks.older),
    (Said("เกณฑ์", "rules"), Checks.pinned),
    (Said("เล่นซ้ำทุกการกระทำ", "every act again"), Checks.acts),
    (Said("ข้อเท็จจริง", "facts"), Checks.frozen),
    (Said("คำนวณใหม่", "ranking again"), Checks.recomputed),
    (Said("สมุดงาน", "workbook"), Checks.workbook),
    (Said("การรับรองและประกาศ", "certified and published"), Checks.certified),
    (Said("หลักฐาน", "evidence"), Checks.proofs),
    (Said("ตราลับและข้อความ", "seal and texts"), Checks.sealed),
)
