"""A result on its way to the public: two organizers, a reason to take it back, and a package that anybody can check."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from award.actions.checkpoints import Witness, anchor_new_lines
from award.db.anchors import read_anchors
from tests.award.build import TRAT, BuiltSite, build_site

LOG = "2564/transparent-office"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[BuiltSite]:
    built = build_site(tmp_path, provinces=(TRAT,))
    yield built
    built.database.close()


@pytest.fixture
def first(site: BuiltSite) -> FlaskClient:
    client = site.client_as("organizer")
    assert client.post("/r/1/zone/calculate", data={"kind": "official", "key": "k" * 20}).location == "/r/run/1"
    return client


def act(client: FlaskClient, what: str, **more: str) -> int:
    key = f"{what}-{len(more.get('reason', ''))}-0123456789"
    return client.post(f"/r/run/1/{what}", data={"key": key, **more}).status_code


def acts(site: BuiltSite) -> list[str]:
    with site.database.reading() as db:
        rows = db.execute(text("select line from ledger_line where log = :log order by seq"), {"log": LOG})
        return [json.loads(line)["act"] for (line,) in rows]


def test_one_organizer_certifies_and_another_publishes(site: BuiltSite, first: FlaskClient) -> None:
    second, anyone = site.client_as("organizer2"), site.client()
    assert anyone.get("/results/1").status_code == 404
    assert act(second, "publish") == 423, "not certified yet"
    assert act(first, "certify") == 303
    assert act(first, "certify") == 303, "a second click is the same act"
    assert act(first, "publish") == 423, "not by the one who certified"
    assert anyone.get("/results/1").status_code == 404
    assert act(second, "publish") == 303
    assert acts(site)[-3:] == ["calculate_run", "certify_run", "publish_run"]
    page = anyone.get("/results/1", headers={"Accept-Language": "th"}).text
    assert "ตราด" in page
    assert "z9-" not in page and "กรรมการและเลขานุการ" not in page
    assert "/results/1" in anyone.get("/results/").text


def test_a_published_result_is_withdrawn_with_a_reason(site: BuiltSite, first: FlaskClient) -> None:
    second, anyone = site.client_as("organizer2"), site.client()
    act(first, "certify")
    assert act(second, "withdraw", reason="พบว่าคำนวณผิดพลาด") == 423, "it is not public yet"
    act(second, "publish")
    kept = second.post("/r/run/1/withdraw", data={"key": "w" * 20, "reason": "ผิด"})
    assert kept.status_code == 422
    assert ">ผิด</textarea>" in kept.text
    assert anyone.get("/results/1").status_code == 200
    assert act(second, "withdraw", reason="พบว่าคำนวณผิดพลาด") == 303
    assert anyone.get("/results/1").status_code == 404
    assert anyone.get("/results/1/package").status_code == 404
    assert "พบว่าคำนวณผิดพลาด" in second.get("/r/run/1/public").text
    assert second.post("/r/run/1/publish", data={"key": "z" * 20}).status_code == 423


def test_only_the_newest_official_run_is_certified(site: BuiltSite, first: FlaskClient) -> None:
    first.post("/r/1/zone/calculate", data={"kind": "provisional", "key": "p" * 20})
    assert act(first, "certify") == 409
    assert first.post("/r/run/2/certify", data={"key": "q" * 20}).status_code == 423
    assert "certify_run" not in acts(site)


@pytest.mark.parametrize("login", ["auditor", "p23", "z9-chair"])
def test_nobody_else_certifies_or_publishes(site: BuiltSite, first: FlaskClient, login: str) -> None:
    other = site.client_as(login)
    assert {act(other, what) for what in ("certify", "publish", "withdraw")} == {403}
    assert acts(site)[-1] == "calculate_run"


def test_what_must_not_be_taken_back_writes_the_root_down(site: BuiltSite, first: FlaskClient) -> None:
    act(first, "certify")
    anchors = [each for each in read_anchors(site.settings.anchors) if each.log == LOG]
    assert [each.size for each in anchors] == [len(acts(site)) - 1, len(acts(site))]
    page = first.get("/r/run/1/public").text
    shown = re.sub(r"<[^>]+>", " ", page)
    assert " ".join(re.findall("....", anchors[-1].root)) in re.sub(r"\s+", " ", shown)


def verified(site: BuiltSite, package: bytes, **fields: str) -> tuple[str, str]:
    """The verdict of /verify, and all that it says."""
    client = site.client()
    client.set_cookie("language", "en")
    page = client.post("/verify", data={"file": (io.BytesIO(package), "p.zip"), "root": "", "vkey": "", **fields}).text
    found = re.search(r"verdict-(ok|fail|unknown)", page)
    assert found, page
    return found[1], re.sub(r"<[^>]+>", " ", page)


def test_the_public_package_is_the_same_for_everybody_and_passes_the_check(site: BuiltSite, first: FlaskClient) -> None:
    act(first, "certify")
    act(site.client_as("organizer2"), "publish")
    package = site.client().get("/results/1/package").data
    assert package == site.client_as("p23").get("/results/1/package").data
    root = [each.root for each in read_anchors(site.settings.anchors) if each.log == LOG][-1]
    assert verified(site, package, root=root.upper()[:40])[0] == "ok"
    assert verified(site, package, root="0" * 64)[0] == "fail"
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist() if not name.endswith((".xlsx", ".py")))
    for secret in (b"z9-chair", b"z9-member", "ประธานกรรมการ".encode()):
        assert secret not in whole


def test_the_auditor_s_edition_opens_the_aliases_is_for_auditors_only_and_passes_too(
    site: BuiltSite, first: FlaskClient
) -> None:
    assert first.post("/r/run/1/package", data={"edition": "auditor"}).status_code == 403
    assert "auditor" not in re.findall(r'name="edition" value="(\w+)"', first.get("/r/run/1/public").text)
    answer = site.client_as("auditor").post("/r/run/1/package", data={"edition": "auditor"})
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        names = json.loads(archive.read("names.json"))
    assert "seat z9-chair" in names
    assert acts(site)[-1] == "make_package"
    assert verified(site, answer.data)[0] == "ok"


def test_a_changed_package_fails_with_the_place(site: BuiltSite, first: FlaskClient) -> None:
    package = first.post("/r/run/1/package", data={"edition": "public"}).data
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(target, "w") as changed:
        for each in source.infolist():
            content = source.read(each)
            if each.filename == "results.json":
                content = content.replace(b'"rank": 1', b'"rank": 2')
            changed.writestr(each, content)
    kind, says = verified(site, target.getvalue())
    assert kind == "fail"
    assert "results.json" in says


@pytest.mark.parametrize(("what", "content"), [("nothing", b""), ("no zip", b"x" * 100), ("a picture", b"\x89PNG")])
def test_what_is_no_package_is_never_called_right(site: BuiltSite, what: str, content: bytes) -> None:
    assert verified(site, content)[0] == "unknown"


@pytest.mark.parametrize(("field", "value"), [("root", "cafe"), ("root", "x" * 64), ("vkey", "--key"), ("vkey", "a+b")])
def test_a_root_or_key_of_no_possible_form_is_asked_for_again(site: BuiltSite, field: str, value: str) -> None:
    fields = {"root": "", "vkey": "", field: value}
    answer = site.client().post("/verify", data={"file": (io.BytesIO(b"x"), "p.zip"), **fields})
    assert answer.status_code == 422
    assert f'value="{value}"' in answer.text


def test_the_pages_for_everybody_take_few_statements(site: BuiltSite, first: FlaskClient) -> None:
    act(first, "certify")
    act(site.client_as("organizer2"), "publish")
    anyone = site.client()
    anyone.get("/results/1")
    with site.statements() as counted:
        anyone.get("/results/1")
    assert len(counted) <= 12, counted


def reopened(site: BuiltSite, reason: str = "พบหลักฐานเพิ่มเติม") -> int:
    """The slot of the award, open again; its number."""
    chair = site.client_as("z9-chair")
    slot = int(value(site, "select id from slot where adoption_id = 1"))
    assert chair.post(f"/s/slot/{slot}/reopen", data={"key": "r" * 20, "reason": reason}).status_code == 303
    return slot


def value(site: BuiltSite, sql: str) -> str:
    with site.database.reading() as db:
        return str(db.execute(text(sql)).scalar_one())


def mark(site: BuiltSite, login: str, changes: dict[str, str]) -> str:
    """A member's card with other marks, saved and sent; its number."""
    seat = f"select id from seat where code = '{login}'"
    card = value(site, f"select a.id from assignment a join slot s on s.id = a.slot_id "
                       f"where s.adoption_id = 1 and a.seat_id = ({seat})")  # fmt: skip
    client = site.client_as(login)
    base = int(value(site, f"select revision from assignment where id = {card}"))
    saved = client.post(f"/s/card/{card}/marks", json={"key": "m" * 20, "base_revision": base, "changes": changes})
    assert saved.status_code == 200, saved.text
    return card


def test_while_members_mark_nobody_gets_a_package_and_nothing_is_certified(site: BuiltSite, first: FlaskClient) -> None:
    reopened(site)
    mark(site, "z9-member", {"d1/commitment": "1"})
    for login, edition in (("organizer", "public"), ("auditor", "public"), ("auditor", "auditor")):
        answer = site.client_as(login).post("/r/run/1/package", data={"edition": edition})
        assert answer.status_code == 423, login
    assert act(first, "certify") == 423
    assert "certify_run" not in acts(site)


def test_what_was_changed_since_the_run_is_calculated_again_before_it_counts(
    site: BuiltSite, first: FlaskClient
) -> None:
    assert act(first, "certify") == 303
    slot = reopened(site)
    for login in ("z9-chair", "z9-member", "z9-secretary"):
        card = mark(site, login, {"d1/commitment": "0"} if login == "z9-member" else {})
        revision = value(site, f"select revision from assignment where id = {card}")
        session = value(site, f"select session_id from slot where id = {slot}")
        site.client_as(login).post(f"/s/{session}/interest", data={"key": "d" * 20, "interest": "none"})
        sent = site.client_as(login).post(f"/s/card/{card}/send", data={"key": "s" * 20, "base_revision": revision})
        assert sent.status_code == 303, sent.text
    assert site.client_as("z9-chair").post(f"/s/slot/{slot}/close", data={"key": "x" * 20}).status_code == 303
    assert act(site.client_as("organizer2"), "publish") == 409
    assert site.client().get("/results/1").status_code == 404


def test_the_public_package_ends_with_the_act_that_published_it(site: BuiltSite, first: FlaskClient) -> None:
    act(first, "certify")
    act(site.client_as("organizer2"), "publish")
    before = site.client().get("/results/1/package").data
    reopened(site)
    mark(site, "z9-member", {"d1/commitment": "1"})
    about = site.database, site.clock, Witness("award.local", site.settings.anchors)
    anchor_new_lines(*about)
    after = site.client().get("/results/1/package").data
    assert after == before
    with zipfile.ZipFile(io.BytesIO(after)) as archive:
        last = json.loads(archive.read("ledger.jsonl").splitlines()[-1])
    assert last["act"] == "publish_run"
