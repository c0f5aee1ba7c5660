"""The package of a run: its ledger, rules, facts, result, workbook and verifier in one file, the same bytes each time.

The public edition names members by their aliases and holds no free text; the auditor's has the seal that opens both.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from award.db.ledger import LedgerText, Log, holder, read_log, walk_lines
from award.errors import N_, Invalid, NotFound
from award.evaluation import earlier_stage, public_edition, recalculate, sha256_of
from award.package.words import readme
from award.queries.cycles import AwardCycle, find_award_cycle
from award.queries.package import list_evidence_hashes, list_people_of_log
from award.queries.ranking import Run, find_official_run_before, find_run, get_result_text, run_code
from award.workbooks import run_workbook
from exports.verifier.join import verifier_text

Edition = Literal["public", "auditor"]
EDITIONS: tuple[Edition, ...] = ("public", "auditor")
FORMAT = 1
_ALIAS = re.compile(r'"(a[0-9a-f]{15})"')


@dataclass(frozen=True, slots=True)
class Package:
    """A built package and what it was built from."""

    name: str
    content: bytes
    run: Run
    log: Log
    edition: Edition
    size: int  # lines of the log in it


def build_package(db: Session, run_id: int, *, edition: Edition, size: int, note: str) -> Package:
    """The package of a run with the first `size` lines of its award's log and their checkpoint `note`.

    Raises NotFound for a run that is not there, Invalid where the run cannot be calculated again as stored, or is
    older than its award's log.
    """
    run = find_run(db, run_id)
    award_cycle = find_award_cycle(db, run.adoption_id) if run else None
    if run is None or award_cycle is None:
        raise NotFound
    if run.seq is None or run.seq > size:
        raise Invalid(
            N_("Run %(run)s is older than the log of its award, so nobody could check it: calculate it again."),
            run=run_id,
        )
    log = read_log(db, run.adoption_id)
    files = dict(_files(db, run, award_cycle, log, edition=edition, size=size, note=note))
    name = f"award-{log.name.replace('/', '-').replace('#', '-')}-{run.stage}-run{run.id}-{edition}.zip"
    return Package(name, _zipped(files, edition=edition, log=log.name, run=run.id), run, log, edition, size)


def _files(
    db: Session, run: Run, award_cycle: AwardCycle, log: Log, *, edition: Edition, size: int, note: str
) -> Iterator[tuple[str, bytes]]:
    again = recalculate(db, run=run, award_cycle=award_cycle)
    if not again.same:
        raise Invalid(
            N_("Run %(run)s gives another result when it is calculated again: no package is made."), run=run.id
        )
    public = edition == "public"
    facts, evaluation = public_edition(run, again, log.member) if public else (again.facts, again.evaluation)
    yield "ledger.jsonl", "".join(f"{row.line}\n" for row in walk_lines(db, log.name, most=size)).encode()
    yield "checkpoint.txt", note.encode()
    yield "rules.yaml", again.rules.text.encode()
    yield "facts.json", facts.to_json().encode()
    yield "results.json", evaluation.to_json().encode()
    yield "ranking.xlsx", run_workbook(db, run.id, log=log if public else None)[1]
    evidence = [("entry", "field", "sha256", "size"), *list_evidence_hashes(db, run)]
    yield "evidence.csv", "".join(f"{','.join(line)}\n" for line in evidence).encode()
    before = earlier_stage(again.rules, run.stage)
    earlier = (
        find_official_run_before(db, adoption_id=run.adoption_id, stage=before, before=run.id) if before else None
    )
    if earlier is not None:
        text = _public_result(db, earlier, award_cycle, log) if public else get_result_text(db, earlier)
        yield "earlier-results.json", text.encode()
    if edition == "auditor":
        yield "seal.txt", f"{log.seal}\n".encode()
        yield "names.json", _json(_names(db, run, log, size))
        yield "texts.jsonl", "".join(_texts(db, log.name, size)).encode()
    code = run_code(run.id, sha256_of(evaluation.to_json()))
    yield "verify.py", verifier_text().encode()
    for language in ("th", "en"):
        text = readme(
            language, award=award_cycle, run=run, code=code, log=log.name, size=size, edition=edition
        )  # fmt: skip
        yield f"README-{language.upper()}.txt", text.encode()


def _names(db: Session, run: Run, log: Log, size: int) -> dict[str, str]:
    """What stands behind each alias of the log: a seat, who holds it, or who did an act."""
    people, acts, used = list_people_of_log(db, run), set(), set()
    for row in walk_lines(db, log.name, most=size):
        acts.add(json.loads(row.line)["act"])
        used.update(_ALIAS.findall(row.line))
    whats = {f"seat {code}" for code in people.seats} | {f"card {card}" for card in people.cards}
    whats |= {holder(code, duty).what for code in people.seats for duty in people.duties}
    whats |= {f"{act} u{user}" for act in acts for user in people.users}
    named = {what: log.alias(what) for what in sorted(whats)}
    return {what: found for what, found in named.items() if found in used}


def _public_result(db: Session, run_id: int, award_cycle: AwardCycle, log: Log) -> str:
    run = find_run(db, run_id)
    if run is None:
        raise NotFound
    return public_edition(run, recalculate(db, run=run, award_cycle=award_cycle), log.member)[1].to_json()


def _texts(db: Session, log: str, size: int) -> Iterator[str]:
    rows = db.execute(
        select(LedgerText)
        .where(LedgerText.log == log, LedgerText.seq <= size)
        .order_by(LedgerText.seq, LedgerText.path)
    ).scalars()
    for row in rows:
        about = {"log": row.log, "seq": row.seq, "path": row.path, "salt": row.salt, "text": row.text}
        yield json.dumps(about, ensure_ascii=False, sort_keys=True) + "\n"


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _zipped(files: dict[str, bytes], *, edition: str, log: str, run: int) -> bytes:
    """Stored, by name, with fixed dates: the same files give the same bytes."""
    listed = {name: {"size": len(content), "sha256": _sha256(content)} for name, content in sorted(files.items())}
    manifest = {"format": FORMAT, "edition": edition, "log": log, "run": run, "files": listed}
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for name, content in sorted({**files, "MANIFEST.json": _json(manifest)}.items()):
            info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o600 << 16
            archive.writestr(info, content)
    return target.getvalue()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
