"""The program does not start where it could not keep its word: exit code 78 and one sentence, in Thai and English."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from award.config import Settings, read_settings
from award.db.anchors import Anchor, append_anchor, read_anchors, root_at
from award.db.engine import Database
from award.gate import examine, file_system_of, is_remote
from tests.award.build import build_site
from tests.faults.program import award, need_preloading, preloaded, serving

NFS = "36 35 98:0 / {place} rw,noatime master:1 - nfs4 server:/share rw\n"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a site that would start."""
    made = build_site(tmp_path_factory.mktemp("sound"))
    made.database.close()
    return made.settings.data


@pytest.fixture
def data(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "data"))


def change(data: Path, sql: str) -> None:
    connection = sqlite3.connect(data / "award.sqlite3")
    connection.executescript(sql)
    connection.close()


def refused(data: Path, *, english: str, thai: str, command: str = "serve", **more: str) -> None:
    """The command ends with 78 and one sentence: these words of it in Thai; of the gate's findings also in English."""
    done = award(command, data=data, **more)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 78, (done.returncode, done.stderr)
    assert len(lines) == 1 and lines[0].startswith("award: "), done.stderr
    assert thai in lines[0], lines[0]
    if english and not more:
        found = examine(read_settings({"AWARD_DATA": str(data)}), {})
        assert any(english in each.says and each.stops for each in found), found


def old_schema(data: Path) -> None:
    change(data, "update alembic_version set version_num = '0002'")


def unknown_schema(data: Path) -> None:
    change(data, "update alembic_version set version_num = '9999'")


def damaged(data: Path) -> None:
    with (data / "award.sqlite3").open("r+b") as file:
        file.write(b"no database" * 10)


def readable_by_others(data: Path) -> None:
    data.chmod(0o755)


def secret_readable_by_others(data: Path) -> None:
    (data / "secret_key").write_text("0123456789abcdef0123456789abcdef")
    (data / "secret_key").chmod(0o644)


def empty_secret(data: Path) -> None:
    (data / "secret_key").touch(mode=0o600)


def head_below_anchor(data: Path) -> None:
    database = Database(data / "award.sqlite3")
    log, size = database_head(database)
    database.close()
    line = f"2026-08-22T03:14:07Z {log} {size + 3} {'ab' * 32}\n"
    (data / "anchors.log").write_text(line)


def other_than_anchor(data: Path) -> None:
    database = Database(data / "award.sqlite3")
    log, size = database_head(database)
    database.close()
    (data / "anchors.log").write_text(f"2026-08-22T03:14:07Z {log} {size} {'ab' * 32}\n")


def torn_anchors(data: Path) -> None:
    (data / "anchors.log").write_text("2026-08-22T03:14:07Z site\n")


def no_database(data: Path) -> None:
    (data / "award.sqlite3").unlink()


def database_head(database: Database) -> tuple[str, int]:
    with database.engine.connect() as connection:
        row = connection.exec_driver_sql("select log, max(seq) from ledger_line group by log order by log").first()
    assert row is not None
    return row[0], row[1]


@pytest.mark.parametrize(
    ("break_it", "english", "thai"),
    [
        (no_database, "There is no database yet", "ยังไม่มีฐานข้อมูล"),
        (old_schema, "at version 0002, the program needs", "ฐานข้อมูลเป็นรุ่น 0002"),
        (unknown_schema, "version 9999, which this program does not know", "ไม่รู้จัก"),
        (damaged, "cannot be opened as a database (file is not a database)", "เปิด"),
        (readable_by_others, "can be read by other accounts", "chmod 700"),
        (secret_readable_by_others, "can be read by other accounts", "chmod 600"),
        (empty_secret, "The secret is missing, short or well known", "กุญแจลับ"),
        (head_below_anchor, "3 are missing", "ไม่ตรงกับหมุดยืนยัน"),
        (other_than_anchor, "are not those that were anchored", "ไม่ตรงกับหมุดยืนยัน"),
        (torn_anchors, "cannot be read (anchors.log, line 1", "อ่านไฟล์หมุดยืนยัน"),
    ],
)
def test_each_fault_of_the_data_stops_the_start_with_one_sentence(
    data: Path, break_it: Callable[[Path], None], english: str, thai: str
):
    break_it(data)
    refused(data, english=english, thai=thai)


@pytest.mark.parametrize(
    ("setting", "thai"),
    [
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"AWARD_SECRET_KEY": "changeme-changeme-please"}, "กุญแจลับไม่มี สั้นเกินไป"),
    ],
)
def test_each_unsafe_setting_stops_the_start(data: Path, setting: dict[str, str], thai: str):
    refused(data, thai=thai, english="", **setting)


@pytest.mark.parametrize(
    ("setting", "english"),
    [
        ({"FLASK_DEBUG": "yes"}, "FLASK_DEBUG is set"),
        ({"AWARD_SECRET_KEY": "dev"}, "The secret is missing, short or well known"),
        ({"AWARD_SECRET_KEY": "x" * 64}, "The secret is missing, short or well known"),
        ({"OPENPYXL_DEFUSEDXML": "False"}, "OPENPYXL_DEFUSEDXML is set"),
        ({"FLASK_DEBUG": "0", "AWARD_SECRET_KEY": "0123456789abcdef"}, ""),
    ],
)
def test_the_gate_knows_them_by_their_kind(data: Path, setting: dict[str, str], english: str):
    found = [each.says for each in examine(read_settings({"AWARD_DATA": str(data), **setting}), setting) if each.stops]
    assert len(found) == bool(english) and all(english in each for each in found), found


def test_without_defusedxml_it_does_not_start(data: Path, tmp_path: Path):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['defusedxml'] = None\n")
    path = os.pathsep.join([str(hidden), str(Path(__file__).resolve().parents[2])])
    done = award("serve", "--language", "en", data=data, PYTHONPATH=path)
    assert done.returncode == 78 and "defusedxml is not installed" in done.stderr


def test_a_disk_of_another_machine_is_none_for_a_database(data: Path, tmp_path: Path):
    need_preloading("network file system at start")
    mounts = tmp_path / "mounts"
    mounts.write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + NFS.format(place=data.parent))
    refused(
        data, english="lies on a disk of another machine (nfs4)", thai="ดิสก์ของเครื่องอื่น (nfs4)",
        LD_PRELOAD=str(preloaded("faulty", str(tmp_path))), FAULTY_MOUNTS=str(mounts),
    )  # fmt: skip


def test_the_kind_of_disk_is_read_from_the_mount_that_holds_the_folder():
    mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + NFS.format(place=r"/srv/my\040data")
    mounts += "40 22 0:50 / /srv/near rw - fuse.sshfs me@host: rw\n"
    assert file_system_of(Path("/srv/my data/site"), mounts) == "nfs4"
    assert file_system_of(Path("/srv/my database"), mounts) == "ext4"
    assert file_system_of(Path("/srv/near"), mounts) == "fuse.sshfs"
    assert file_system_of(Path("/home"), "") == ""
    assert [kind for kind in ("ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk") if is_remote(kind)] == []
    assert all(map(is_remote, ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.rclone", "virtiofs")))


def test_while_one_program_has_the_site_a_second_refuses(data: Path):
    with serving(data) as server:
        for command in ("serve", "upgrade"):
            refused(data, command=command, english="", thai=f"(โปรเซส {server.process.pid})")
        server.kill()
    assert award("upgrade", data=data).returncode == 0, "a program that was killed holds nothing"


def test_check_names_everything_at_once_and_ok_where_nothing_is_wrong(data: Path):
    done = award("check", "--language", "en", data=data)
    assert (done.returncode, done.stdout) == (0, "OK: nothing stands in the way of serving.\n"), done.stderr
    readable_by_others(data)
    old_schema(data)
    done = award("check", data=data, AWARD_SECRET_KEY="dev")
    assert done.returncode == 78
    assert [line[:5] for line in done.stderr.splitlines()] == ["STOPS"] * 3, done.stderr


def test_a_disk_that_is_nearly_full_is_said(data: Path, tmp_path: Path):
    need_preloading("disk nearly full")
    order = tmp_path / "order"
    order.write_text("free=2000")
    done = award(
        "check", "--language", "en", data=data,
        LD_PRELOAD=str(preloaded("faulty", str(tmp_path))), FAULTY_ORDER=str(order),
    )  # fmt: skip
    assert done.returncode == 0 and "WARNS  Only 0 % of the disk is free" in done.stderr


def test_an_anchor_of_what_is_there_opens_the_gate(data: Path):
    """Control: the refusals above are not refusals of every anchor."""
    settings = Settings(data=data, secret_key="a secret for tests only, never for a real site")
    database = Database(settings.database)
    with database.reading() as db:
        log, size = database_head(database)
        append_anchor(settings.anchors, Anchor(datetime.now(UTC), log, size, root_at(db, log)[1]))
    database.close()
    assert len(read_anchors(settings.anchors)) == 1
    assert [each.says for each in examine(settings, {}) if each.stops] == []
