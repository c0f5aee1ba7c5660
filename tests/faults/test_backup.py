"""A backup made while people save is whole; put back, the site starts, or says that acts are missing since."""

import shutil
import threading
from pathlib import Path

from tests.faults.killing import Load
from tests.faults.prepared import Morning, build_morning
from tests.faults.program import award, members, serving
from tests.faults.proof import prove

WHY = "เครื่องเสีย กู้จากข้อมูลสำรอง"


def closed_morning(folder: Path) -> Morning:
    made = build_morning(folder)
    made.site.database.close()
    return made


def test_a_backup_under_load_is_whole_and_holds_up_nobody(tmp_path: Path):
    morning, load, stop = closed_morning(tmp_path), Load(), threading.Event()
    kept = []
    with serving(morning.data) as server:
        several = members(server, morning.cards[:6], morning.site.round.password)
        threads = [threading.Thread(target=load.work, args=(member, stop)) for member in several]
        for thread in threads:
            thread.start()
        for number in range(2):
            known = list(load.acknowledged)  # what was acknowledged before the copy began must be in it
            copy = tmp_path / f"copy-{number}.sqlite3"
            done = award("backup", str(copy), data=morning.data)
            assert done.returncode == 0, done.stderr
            kept.append((copy, known))
        stop.set()
        for thread in threads:
            thread.join()
    assert load.refused == [] and load.cut_off == 0
    assert len(kept[1][1]) > len(kept[0][1]), "nobody saved meanwhile"
    for copy, known in kept:
        assert copy.stat().st_mode & 0o077 == 0
        proof = prove(copy, known, all_answered=False)
        assert proof.is_whole, proof


def test_a_backup_overwrites_nothing(tmp_path: Path):
    morning = closed_morning(tmp_path)
    copy = tmp_path / "copy.sqlite3"
    copy.write_text("an older backup")
    done = award("backup", str(copy), data=morning.data)
    assert done.returncode == 2 and "overwrites" in done.stderr
    assert copy.read_text() == "an older backup"
    assert not list(tmp_path.glob(".copy*"))


def test_the_drill_a_backup_put_back_starts_or_says_what_is_missing(tmp_path: Path):
    morning = closed_morning(tmp_path)
    copy, database = tmp_path / "copy.sqlite3", morning.site.settings.database
    assert award("ledger", "checkpoint", data=morning.data).returncode == 0
    assert award("backup", str(copy), data=morning.data).returncode == 0

    database.write_bytes(b"the disk broke")
    shutil.copyfile(copy, database)
    done = award("check", "--language", "en", data=morning.data)
    assert done.returncode == 0, done.stderr  # nothing was anchored since

    with serving(morning.data) as server:
        member = members(server, morning.cards[:1], morning.site.round.password)[0]
        assert [member.send(member.next_save()).status for _ in range(3)] == [200] * 3
    assert award("ledger", "checkpoint", data=morning.data).returncode == 0
    shutil.copyfile(copy, database)
    done = award("serve", "--language", "en", data=morning.data)
    assert done.returncode == 78 and "are missing" in done.stderr, done.stderr

    done = award("ledger", "continue", "--because", WHY, "--yes", data=morning.data)
    assert done.returncode == 0, done.stderr
    with serving(morning.data) as server:
        member = members(server, morning.cards[:1], morning.site.round.password)[0]
        assert member.send(member.next_save()).status == 200
