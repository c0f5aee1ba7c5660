"""Whatever stands in the database is shown as text: every text column holds a script, everybody walks every page.

Nothing of it runs, and while it is shown the program calls nobody: links that people gave are never opened by us.
"""

import ast
import json
import re
import socket
import string
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, Text, select, text, update

from award.db.schema import METADATA
from tests.award.build import BuiltSite, build_site
from tests.award.hostile import signed_in
from tests.award.scoring_day import ScoringDay, build_day, new_key

ROOT = Path(__file__).parent.parent.parent
LOGINS = ("", "p22", "z9-chair", "z9-member", "organizer", "auditor", "admin")
PAYLOAD = "\"'><x-ours onfocus=alert(1) autofocus><svg/onload=alert(1)>{{7*7}}</title></script></textarea>"
LINK = "https://example.org/?<x-ours onfocus=alert(1)>"
# Codes, hashes and states, from which programs read, and what is sealed by a hash: not texts that a page shows as such.
STRUCTURE = {
    "award.code", "province.code", "zone.code", "entry.code", "entry.category", "entry.state", "entry.receipt",
    "entry.answers", "entry_revision.answers", "seat.code", "seat.kind", "panel.stage", "slot.state", "mark.criterion",
    "assignment.state", "assignment.receipt", "assignment.excused", "duty.role", "duty.state", "user.language",
    "user.password_hash", "user.login", "user.email", "evidence.field", "evidence.kind", "evidence.sha256",
    "evidence.media_type", "evidence.received_sha256", "evidence.url", "resolution.stage", "resolution.category",
    "resolution.group", "resolution.order", "scoring_session.channel", "scoring_session.call_url",
    "assignment.paper", "slot.exhibition_url", "phase.phase", "attendance.state", "declaration.kind",
    "entry_check.fingerprint", "entry_check.outcome", "returned_question.field", "follow_up.criterion",
    "follow_up.state", "follow_up.work_group", "follow_up_act.act",
    "paper_sheet.sha256", "paper_sheet.media_type", "practice_card.marks", "entry_revision.way",
    "section_owner.section", "section_owner.work_group", "colleague_note.section", "presence.section",
    "upload.token", "upload.field", "upload.refused", "cycle.approval", "entry.step", "approval.act", "approval.step",
    "late_request.category", "round_plan.approval", "round_plan.state", "round_plan.typed", "round_paper.kind",
}  # fmt: skip
WHOLE = {
    "adoption", "ledger_line", "ledger_text", "checkpoint", "ranking_run", "sign_in", "failed_sign_in", "waiting_step",
    "one_time_link", "recovery_code", "authenticator", "mail_out", "planned_award",
}  # fmt: skip
PAGES_OF_ONE_KIND = 2
PRAGMAS = {"migrations", "engine.py"}  # schema changes and pragmas, which take no bound values; no request reaches them


def seed(site: BuiltSite) -> set[str]:
    """PAYLOAD in every text column that has a row; the names of these columns."""
    seeded = set()
    with site.database.writing() as db:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                name = f"{table.name}.{column.name}"
                is_text = isinstance(column.type, String | Text) and not column.foreign_keys
                if not is_text or table.name in WHOLE or name in STRUCTURE:
                    continue
                unique = [each for each in table.columns if each.primary_key]
                for row in db.execute(select(*unique)).all():
                    mine = [each == value for each, value in zip(unique, row, strict=True)]
                    db.execute(update(table).where(*mine).values({column.name: PAYLOAD + str(row[0])}))
                    seeded.add(name)
        for id, answers in db.execute(text("select id, answers from entry")).all():
            spoiled = json.dumps(_spoiled(json.loads(answers)), ensure_ascii=False)
            db.execute(text("update entry set answers = :a where id = :id"), {"a": spoiled, "id": id})
        db.execute(text("update evidence set url = :u where url is not null"), {"u": LINK})
        db.execute(text("update scoring_session set call_url = :u"), {"u": LINK})
        db.execute(text("update slot set exhibition_url = :u"), {"u": LINK})
        db.commit()
    return seeded | {"entry.answers", "evidence.url", "scoring_session.call_url"}


def _spoiled(value: Any) -> Any:
    """Answers whose texts are PAYLOAD; numbers stay, so that points can be calculated."""
    if isinstance(value, str):
        return value if re.fullmatch(r"[0-9.\-]*|yes|no|[a-z_]{1,20}", value) else PAYLOAD
    if isinstance(value, list):
        return [_spoiled(each) for each in value]
    return {name: _spoiled(each) for name, each in value.items()} if isinstance(value, dict) else value


class Page(HTMLParser):
    """What a browser would make of a page: our element, an attribute that acts; and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if tag == "x-ours" or any(name.startswith("on") for name in names) or "autofocus" in names:
            self.wrong.append(f"<{tag} {names}>")
        self.links += [value for name, value in attrs if name == "href" and value]


def crawl(site: BuiltSite, login: str) -> Iterator[tuple[str, str]]:
    """(address, page) from home by links, a few of each kind of page."""
    client, match = signed_in(site, login), site.app.url_map.bind("localhost").match
    kinds: dict[str, int] = {}
    waiting, seen = ["/", "/rules/", "/account/", "/my-data", "/results/", "/verify"], set()
    while waiting:
        address = waiting.pop(0)
        path = address.partition("#")[0]
        if path in seen or not path.startswith("/") or path.startswith(("//", "/assets/")):
            continue
        seen.add(path)
        try:
            kind = match(path.partition("?")[0])[0]
        except Exception as error:
            raise AssertionError(f"a page leads to {path}") from error
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] > PAGES_OF_ONE_KIND:
            continue
        answer = client.get(path, buffered=True, follow_redirects=True)
        assert answer.status_code < 500, f"{login} {path}: {answer.text[:200]}"
        if answer.mimetype == "text/html":
            yield path, answer.text
            waiting += Page(answer.text).links


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[BuiltSite, set[str]]:
    site = build_site(tmp_path_factory.mktemp("stored"))
    quoted = PAYLOAD.replace("'", "''")
    with site.database.writing() as db:
        at, far = "2021-07-19T02:00:00.000000Z", "2031-07-19T02:00:00.000000Z"
        for sql in (
            "insert into evidence (entry_id, field, kind, title, url, added_at, added_by_id) select id, 'declaration', "
            f"'link', 'x', 'https://example.org/', '{at}', 1 from entry where code = 'to-22'",
            "insert into reopening (slot_id, assignment_id, revision, reason, at, by_id) select slot_id, id, 1, 'x', "
            f"'{at}', 1 from assignment limit 5",
            "insert into passkey (user_id, credential_id, public_key, sign_count, name, made_at) select id, "
            f"'c' || id, x'00', 0, 'x', '{at}' from user where login in ('organizer', 'p22')",
            "insert into mail_out (user_id, address, subject, text, state, queued_at, good_until, next_at, attempts, "
            f"said) values (1, '{quoted}', '{quoted}', 'x', 'failed', '{at}', '{far}', '{far}', 9, '{quoted}')",
            "insert into round_plan (id, year, typed, begun_by_id, begun_at, changed_by_id, changed_at) select 1, "
            f"2566, json_object('opens_day', '{quoted}'), id, '{at}', id, '{at}' from user where login = 'organizer2'",
            "insert into planned_award (plan_id, position, award_code, rule_set, rules_sha256, rules_text) select 1, "
            "1, 'transparent-office', rule_set, rules_sha256, rules_text from adoption where id = 1",
            "insert into round_paper (plan_id, kind, number, day) values (1, 'order', 'x', '2021-04-01')",
        ):
            db.connection().exec_driver_sql(sql)
        db.commit()
    seeded = seed(site)
    organizer = signed_in(site, "organizer")
    made = organizer.post("/r/1/zone/calculate", data={"key": new_key(), "kind": "provisional"})
    assert made.status_code == 303, made.text[:500]
    return site, seeded


def test_no_text_of_the_database_acts_on_any_page_of_anybody_and_nobody_is_called(
    spoiled: tuple[BuiltSite, set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, seeded = spoiled
    assert len(seeded) > 25, seeded
    called: list[Any] = []

    def refuse(_self: socket.socket, address: Any) -> None:
        called.append(address)
        raise OSError("no page calls anybody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **_: refuse(None, asked))  # type: ignore[arg-type]
    pages = shown = 0
    for login in LOGINS:
        for address, page in crawl(site, login):
            pages += 1
            assert Page(page).wrong == [], f"{login or 'nobody'} at {address}"
            assert "49&lt;/title" not in page, "no template in a text is filled"
            shown += "&lt;x-ours" in page
    assert called == [], "a link is shown, never fetched"
    assert pages > 60 and shown > 20, (pages, shown)
    links = [link for _, page in crawl(site, "organizer") for link in re.findall(r"<a [^>]*href=\"https?:[^>]*>", page)]
    assert links and all("noreferrer" in link for link in links), "where a link leads learns nothing of this site"


def test_the_check_would_notice(spoiled: tuple[BuiltSite, set[str]]) -> None:
    """One escape forgotten is one page found: the parser sees what a browser would."""
    assert Page(f"<p title=\"{PAYLOAD}\">").wrong and Page(f"<p>{PAYLOAD}").wrong
    assert not Page(f"<p>{PAYLOAD.replace('<', '&lt;')}</p>").wrong


def test_what_people_send_never_begins_a_line_of_a_log(tmp_path: Path) -> None:
    site = build_site(tmp_path)
    client = site.client()
    forged = '\r\n{"event":"forged"}\r\n'
    client.post("/sign-in", data={"login": f"x{forged}", "password": forged})
    client.get("/e/%0d%0a{%22event%22:%22forged%22}%0d%0a")
    client.get("/sign-in", headers={"User-Agent": "a\tb", "Referer": "%0d%0aforged"}, query_string={"next": forged})
    client.post("/language/%0aforged", data={"next": forged, f"f{forged}": "x"})
    logs = list((site.settings.data / "logs").glob("*.jsonl"))
    lines = [line for file in logs for line in file.read_text(encoding="ascii").splitlines()]
    assert len(lines) >= 4
    for line in lines:
        assert all(letter in string.printable for letter in line)
        assert json.loads(line).get("event") != "forged"


def test_no_code_of_ours_opens_the_old_doors() -> None:
    """Text into SQL by hand, a whole form into a row, unescaped text: forbidden where it is written."""
    wrong = []
    for path in [*ROOT.glob("award/**/*.py"), *ROOT.glob("exports/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            joined = [each for each in node.args if isinstance(each, ast.JoinedStr | ast.BinOp)]
            spread = [ast.unparse(each.value) for each in node.keywords if each.arg is None]
            by_hand = name in ("text", "exec_driver_sql") and joined and not PRAGMAS & set(path.parts)
            if name == "populate_obj" or by_hand:
                wrong.append(f"{path.name}:{node.lineno} {name}")
            if any(each.startswith("request.") for each in spread):
                wrong.append(f"{path.name}:{node.lineno} **request")
    for template in ROOT.glob("templates/**/*.html"):
        if re.search(r"\|\s*safe\b|autoescape", template.read_text(encoding="utf-8")):
            wrong.append(str(template.name))
    assert wrong == []


NASTY = (
    "ก\0ข", "ก\u202eข", "ก\u200bข", "ก\x1b[2Kข", "ก\ufeffข", "{{7*7}}%s%n${jndi:ldap://x}", "ก" * 300,
    "<script>x</script>",
    "\u0e4d\u0e32" * 5, "'; drop table mark; --", "=1+1", "\r\nX-Evil: 1",
)  # fmt: skip
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def texts_sent(day: ScoringDay, text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Who sends it where: every form that takes a text of a person's own."""
    entry, card = day.value("select id from entry where code = 'wf-a-23'"), day.card("z9-member")
    sent = day.value("select id from entry where code = 'pa-23'")
    key, long = {"key": new_key()}, f"{text} เพราะเหตุผลที่ยาวพอ"
    slot, until = day.slots[2], {"day": "20/7/2564", "time": "16.30"}
    revision = day.value("select revision from entry where id = :e", e=entry)
    typed = ("text", "long_text", "integer", "date")
    texts = [field for field in day.category("wf-a-23").fields if field.type in typed]
    yield "p23", f"/e/{entry}/answers", {"base_revision": revision, "@label": text} | {f.code: text for f in texts}
    link = {"field": "office_minutes", "title": text, "url": f"https://example.org/{new_key()}"}
    yield "p23", f"/e/{entry}/evidence", link
    note = {"base_revision": day.revision(card), "note:d1/commitment": text}
    yield "z9-member", f"/s/card/{card}/marks", key | note
    excused = {"seat": day.seat("z9-secretary"), "kind": "absent", "reason": long, "entry": day.value(
        "select id from entry where code = 'to-23'")}  # fmt: skip
    yield "z9-chair", f"/s/slot/{day.first_slot}/excuse", key | excused
    yield "z9-chair", f"/s/slot/{slot}/reopen", key | {"reason": long}
    yield "organizer", f"/e/{sent}/return", key | until | {"reason": long}
    yield "p22", f"/e/{sent}/return", key | until | {"reason": long}
    position = {"title_th": text, "title_en": text, "email": "", "login": f"x{new_key()}", "language": "th"}
    yield "admin", "/people/invite", key | position
    duty = {"role": "auditor", "title_th": text, "title_en": text, "from_day": "19/7/2564", "to_day": ""}
    yield "organizer", "/people/3/duty", key | duty
    yield "z9-member", f"/s/card/{day.card('z9-member', 'to-23')}/recuse", key | {"reason": long}


def test_no_text_field_breaks_and_none_keeps_what_nobody_sees(tmp_path: Path) -> None:
    day = build_day(tmp_path)
    day.change("update slot set state = 'open' where id = :s", s=day.first_slot)
    day.change("update entry set state = 'draft', submitted_at = null where code = 'wf-a-23'")
    logins = ("p23", "p22", "z9-member", "z9-chair", "organizer", "admin")
    clients = {login: signed_in(day.site, login) for login in logins}
    day.change("update sign_in set fresh_at = last_seen_at")
    stored, tried = 0, 0
    for nasty in NASTY:
        day.change("update slot set state = 'closed', closed_at = starts_at where id = :s", s=day.slots[2])
        for login, address, form in texts_sent(day, nasty):
            answer = clients[login].post(address, data=form)
            assert answer.status_code < 500, f"{address}: {nasty!r}"
            tried += 1
            stored += answer.status_code in (200, 303)
        day.change("update assignment set excused = '', excused_reason = ''")
        day.change(
            "update entry set state = 'submitted', submitted_at = '2021-07-09T02:00:00.000000Z', submitted_by_id = 1, "
            "receipt = 'x' where code = 'pa-23'"
        )
    assert (tried, stored > 60) == (len(NASTY) * 10, True), (tried, stored)
    with day.site.database.reading() as db:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, String | Text):
                    kept = [row[0] for row in db.execute(select(column)) if row[0]]
                    assert [value for value in kept if UNSEEN.search(value)] == [], f"{table.name}.{column.name}"
