"""What must be true before the site may serve. Each check refuses in one sentence (exit code 78) that says what to do.

`pass_gate` stops at the first; `examine` names all of them, for `award check`. Nothing here mends anything by itself.
"""

import importlib.util
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from award.config import Settings
from award.db.anchors import find_broken, read_anchors
from award.db.engine import Database
from award.db.evidence_bucket import EvidenceBucket, open_evidence
from award.db.schema import NO_DATABASE, NO_DATABASE_TH, check_schema
from award.db.space import NEARLY_FULL, free_percent
from award.errors import NotStarted

# File systems on which a lock or a flush may mean nothing: another machine, or another program, keeps the file.
REMOTE = frozenset({
    "nfs", "nfs3", "nfs4", "cifs", "smb", "smbfs", "smb2", "smb3", "9p", "ncpfs", "afs", "coda", "ceph", "gluster",
    "glusterfs", "lustre", "beegfs", "gpfs", "ocfs2", "gfs2", "pvfs2", "orangefs", "davfs", "ftpfs", "curlftpfs",
    "virtiofs", "vboxsf", "prl_fs", "vmhgfs",
})  # fmt: skip
LOCAL_FUSE = frozenset({"fuseblk", "fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.encfs"})
MOUNTS = Path("/proc/self/mountinfo")
LEAST_SECRET, LEAST_LETTERS = 16, 8
WELL_KNOWN = (
    "changeme", "change-me", "change_me", "default", "example", "insecure", "password", "your-secret", "secret-key",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `stops`: the program does not serve while it is so."""

    says: str
    thai: str
    stops: bool

    def in_language(self, language: str) -> str:
        """The sentence."""
        return self.thai if self.thai and language == "th" else self.says


Check = Callable[[Settings, Mapping[str, str]], None]


def pass_gate(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """Raises NotStarted at the first thing that forbids serving; else what is only to be known."""
    for check in CHECKS:
        check(settings, environ)
    return list(_warnings(settings))


def examine(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """Everything that is not as it should be."""
    found = []
    for check in CHECKS:
        try:
            check(settings, environ)
        except NotStarted as reason:
            if (known := Finding(str(reason), reason.thai, stops=True)) not in found:
                found.append(known)
    return found + list(_warnings(settings)) + list(_the_bucket_answers(settings))


def _the_bucket_answers(settings: Settings) -> Iterator[Finding]:
    """Only told: without its bucket the site takes and opens no files, and everything else goes on."""
    if settings.s3 is None:
        return
    try:
        files = open_evidence(settings)
    except NotStarted as reason:
        yield Finding(str(reason), reason.thai, stops=True)
        return
    wrong = files.try_out() if isinstance(files, EvidenceBucket) else ""
    if wrong:
        yield Finding(
            f"The bucket {settings.s3.bucket} does not do what it must ({wrong}): no files can be sent or opened until "
            "it does. Its key needs get, put, delete and list: see docs/operations/uploads.md.",
            f"ถังเก็บไฟล์ {settings.s3.bucket} ใช้งานไม่ได้ ({wrong}): ระหว่างนี้ส่งหรือเปิดไฟล์ไม่ได้ "
            "กุญแจต้องมีสิทธิ์อ่าน เขียน ลบ และแสดงรายการ: ดู docs/operations/uploads.md",
            stops=False,
        )


def _there_is_a_database(settings: Settings, _environ: Mapping[str, str]) -> None:
    if not settings.database.exists():
        raise NotStarted(NO_DATABASE, thai=NO_DATABASE_TH)


def _no_debugging(_settings: Settings, environ: Mapping[str, str]) -> None:
    if environ.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no"):
        raise NotStarted(
            "FLASK_DEBUG is set: it shows the program's inside to anyone and runs what they send; unset it.",
            thai="ตั้งค่า FLASK_DEBUG ไว้ ซึ่งเปิดเผยภายในของระบบและยอมให้ผู้อื่นสั่งงานได้: ยกเลิกค่านี้ก่อน",
        )


def _hostile_workbooks_are_refused(_settings: Settings, environ: Mapping[str, str]) -> None:
    missing = importlib.util.find_spec("defusedxml") is None
    if missing or environ.get("OPENPYXL_DEFUSEDXML", "True") != "True":
        what = "defusedxml is not installed" if missing else "OPENPYXL_DEFUSEDXML is set"
        raise NotStarted(
            f"{what}: an uploaded workbook could fill the memory; install the packages of requirements/run.txt.",
            thai="ไม่มี defusedxml หรือถูกปิดไว้ ไฟล์ Excel ที่ส่งมาอาจทำให้หน่วยความจำเต็ม: "
            "ติดตั้งแพ็กเกจตาม requirements/run.txt",
        )


def _the_folder_is_private(settings: Settings, _environ: Mapping[str, str]) -> None:
    if os.name != "posix":
        return
    for place in (settings.data, settings.data / "secret_key"):
        if place.exists() and place.stat().st_mode & 0o077:
            mode = "700" if place.is_dir() else "600"
            raise NotStarted(
                f"{place} can be read by other accounts of this machine: run `chmod {mode} {place}`.",
                thai=f"บัญชีอื่นในเครื่องนี้อ่าน {place} ได้: ใช้คำสั่ง `chmod {mode} {place}`",
            )


def _the_secret_is_one(settings: Settings, _environ: Mapping[str, str]) -> None:
    secret = settings.secret_key
    if (
        len(secret) < LEAST_SECRET
        or len(set(secret)) < LEAST_LETTERS
        or any(word in secret.lower() for word in WELL_KNOWN)
    ):
        raise NotStarted(
            "The secret is missing, short or well known, so anyone could sign in as anybody: remove AWARD_SECRET_KEY "
            f"and {settings.data / 'secret_key'}; a good one is then made.",
            thai="กุญแจลับไม่มี สั้นเกินไป หรือเป็นค่าที่รู้กันทั่วไป ใครก็เข้าสู่ระบบแทนผู้อื่นได้: "
            f"ลบ AWARD_SECRET_KEY และ {settings.data / 'secret_key'} แล้วระบบจะสร้างให้ใหม่",
        )


def _the_disk_is_our_own(settings: Settings, _environ: Mapping[str, str]) -> None:
    try:
        kind = file_system_of(settings.data.resolve(), MOUNTS.read_text(encoding="utf-8"))
    except OSError:
        return  # no Linux: which kind of disk it is cannot be asked there
    if is_remote(kind):
        raise NotStarted(
            f"{settings.data} lies on a disk of another machine ({kind}), which may lose what was acknowledged: "
            "move it to a local disk.",
            thai=f"{settings.data} อยู่บนดิสก์ของเครื่องอื่น ({kind}) ข้อมูลที่ยืนยันแล้วอาจสูญหาย: ย้ายไปดิสก์ในเครื่องนี้",
        )


def is_remote(kind: str) -> bool:
    """Whether a kind of file system is one that we do not trust with a database: see REMOTE; any FUSE but a few."""
    return kind in REMOTE or (kind.startswith("fuse") and kind not in LOCAL_FUSE)


def file_system_of(path: Path, mounts: str) -> str:
    """The kind of file system that `path` (resolved) lies on, by the text of /proc/self/mountinfo; "" if unknown."""
    kind, longest = "", -1
    for line in mounts.splitlines():
        fields, _, after = line.partition(" - ")
        parts = fields.split(" ")
        if len(parts) < 5 or not after:
            continue
        place = Path(parts[4].encode("ascii", "backslashreplace").decode("unicode_escape"))  # blanks stand as \040
        if path.is_relative_to(place) and len(place.parts) >= longest:  # of two mounts at one place the later counts
            kind, longest = after.split(" ")[0], len(place.parts)
    return kind


def _the_database_is_durable_and_ours(settings: Settings, _environ: Mapping[str, str]) -> None:
    with _database(settings) as database:
        database.check()
        check_schema(database)


def _the_logs_are_what_was_anchored(settings: Settings, _environ: Mapping[str, str]) -> None:
    try:
        anchors = read_anchors(settings.anchors)
    except (ValueError, OSError) as error:
        raise NotStarted(
            f"The anchors in {settings.anchors} cannot be read ({error}): put back the file as it was.",
            thai=f"อ่านไฟล์หมุดยืนยัน {settings.anchors} ไม่ได้ ({error}): นำไฟล์เดิมกลับมา",
        ) from error
    if not anchors:
        return
    with _database(settings) as database, database.reading(consistent=True) as db:
        broken = find_broken(db, anchors)
    for each in broken:
        raise NotStarted(
            f"{each.says} This database was put back or changed: see docs/operations/backup.md.",
            thai=f"บันทึก {each.anchor.log} ไม่ตรงกับหมุดยืนยัน (มี {each.size} บรรทัด เคยยืนยันไว้ {each.anchor.size} บรรทัด) "
            "ฐานข้อมูลถูกกู้คืนหรือถูกแก้ไข: ดู docs/operations/backup.md",
        )


class _database:
    """The database for one check; what SQLite says of a file that is none becomes a sentence."""

    def __init__(self, settings: Settings):
        self.database = Database(settings.database)

    def __enter__(self) -> Database:
        return self.database

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.database.close()
        cause = getattr(error, "orig", error)
        while cause is not None and not isinstance(cause, sqlite3.Error):
            cause = cause.__cause__
        if cause is None or isinstance(error, NotStarted):
            return
        if getattr(cause, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise NotStarted(
                f"Another program holds {self.database.file}: end it, then start again.",
                thai=f"โปรแกรมอื่นกำลังใช้ {self.database.file}: ปิดโปรแกรมนั้นแล้วเริ่มใหม่",
            ) from error
        raise NotStarted(
            f"{self.database.file} cannot be opened as a database ({cause}): put back the last backup.",
            thai=f"เปิด {self.database.file} เป็นฐานข้อมูลไม่ได้ ({cause}): นำข้อมูลสำรองล่าสุดกลับมา",
        ) from error


def _warnings(settings: Settings) -> Iterator[Finding]:
    free = free_percent(settings.data)
    if free is not None and free < NEARLY_FULL:
        yield Finding(
            f"Only {free} % of the disk is free: make room before it is full.",
            f"ดิสก์เหลือพื้นที่เพียง {free} %: เพิ่มพื้นที่ก่อนที่จะเต็ม",
            stops=False,
        )


CHECKS: tuple[Check, ...] = (
    _there_is_a_database, _no_debugging, _hostile_workbooks_are_refused, _the_folder_is_private, _the_secret_is_one,
    _the_disk_is_our_own, _the_database_is_durable_and_ours, _the_logs_are_what_was_anchored,
)  # fmt: skip
