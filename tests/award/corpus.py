"""The corpus of hostile forms, requests and rule files: each try is sent through the door that people use.

A folder of tests/corpus holds one expect.json: `tries`, each with its request and the answer word for word in Thai and
English, or `absent`: the door that does not exist yet and is counted as such. `python -m tests.award.corpus` writes
every text anew after a sentence was changed on purpose; the change is then read in the diff.
"""

import html
import json
import logging
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from scoring_rules.problems import Problem, Refused
from scoring_rules.reader import read_rules
from tests.award.hostile import signed_in
from tests.award.scoring_day import ScoringDay, build_day, new_key
from tests.refusals import REFUSED
from tests.refusals import RULES as RULES_FILE

CORPUS = Path(__file__).parent.parent / "corpus"
FORMS = range(33, 53)
RULES = range(53, 63)
LANGUAGES = ("th", "en")
_UNSEEN = re.compile("[\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3000\ud800-\udfff\ufeff]")
_TAG = re.compile(r"<[^>]*>")


def load_cases(numbers: range) -> dict[str, dict[str, Any]]:
    """The cases by folder name."""
    found = {}
    for path in sorted(CORPUS.glob("B*/expect.json")):
        if int(path.parent.name[1:3]) in numbers:
            found[path.parent.name] = json.loads(path.read_text(encoding="utf-8"))
    return found


def dumped(case: dict[str, Any]) -> str:
    """A case as its file holds it: Thai as Thai, what nobody sees as an escape."""
    text = json.dumps(case, ensure_ascii=False, indent=1)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def tries_of(numbers: range, *, raw: bool = False) -> list[tuple[str, int]]:
    """(folder, place) of each try that goes to the site; `raw`: of those that are bytes for the server itself."""
    return [
        (name, place)
        for name, case in load_cases(numbers).items()
        for place, each in enumerate(case["tries"])
        if ("raw" in each) == raw and ("request" in each or "raw" in each)
    ]


@dataclass
class Door:
    """A site on the morning of Trat's day with its first slot open, the token of forms checked, as people meet it."""

    day: ScoringDay
    places: dict[str, str]
    clients: dict[tuple[str, str], tuple[FlaskClient, str]] = field(default_factory=dict)
    watching: sqlite3.Connection | None = None

    def client(self, login: str, language: str) -> tuple[FlaskClient, str]:
        """A signed-in client and the token of its page; "ended": z9-member, whose sign-in ended meanwhile."""
        if login == "ended":
            client, token = self.client("z9-member", language)
            ended, session = self.day.site.client(), client.get_cookie("session")
            assert session is not None
            for name, value in (("session", session.value), ("language", language), ("sign_in", "an-old-token")):
                ended.set_cookie(name, value)
            return ended, token
        if (login, language) not in self.clients:
            client = signed_in(self.day.site, login, language=language)
            self.day.change("update sign_in set fresh_at = last_seen_at")  # has just proved who it is
            page = client.get("/rules/" if login else "/sign-in").text
            found = re.search(r'name="csrf-token" content="([^"]+)"', page)
            assert found, f"{login or 'nobody'} gets no page"
            self.clients[login, language] = client, found[1]
        return self.clients[login, language]

    def mark(self) -> tuple[int, list[str]]:
        """What changes whenever anything is written: SQLite's own count for this file, and the files of evidence."""
        if self.watching is None:
            self.watching = sqlite3.connect(self.day.site.settings.database)
        version = self.watching.execute("pragma data_version").fetchone()[0]
        return version, sorted(str(path) for path in self.day.site.settings.evidence.rglob("*"))

    def send(self, asked: dict[str, Any], login: str, language: str) -> TestResponse:
        """The answer to one request, as a browser or a page's code would send it."""
        client, token = self.client(login, language)
        asked = self.filled(asked)
        headers, data, more = dict(asked.get("headers", {})), asked.get("form"), {}
        method = asked.get("method", "GET")
        csrf = {"page": token, "none": ""}.get(asked.get("csrf", "page"), asked.get("csrf", ""))
        if "json" in asked or "body" in asked:
            headers["X-CSRFToken"] = csrf
            headers.setdefault("Accept", "application/json")
            body = asked.get("body", json.dumps(asked.get("json"))).encode("utf-8", "surrogatepass")
            more = {"data": body, "content_type": asked.get("type", "application/json")}
        elif method == "POST":
            pairs = [(name, text) for name, texts in (data or {}).items() for text in _list(texts)]
            more = {"data": MultiDict([*pairs, ("csrf_token", csrf)] if csrf else pairs)}
            if "type" in asked:
                more["content_type"] = asked["type"]
        answer = client.open(asked["to"], method=method, headers=headers, buffered=True, **more)
        answer.request.environ["wsgi.input"].close()  # a large body is a file until then
        return answer

    def filled(self, value: Any) -> Any:
        """The value with {places} filled in, fresh keys, and what is too long to write down made."""
        if isinstance(value, str):
            for name, text in self.places.items():
                value = value.replace("{" + name + "}", text)
            return value.replace("{key}", new_key()) if "{key}" in value else value
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if isinstance(value, dict):
            if value.keys() == {"repeat", "times"}:
                return value["repeat"] * value["times"]
            if value.keys() == {"fields", "times"}:
                return {f"{value['fields']}{number}": "x" for number in range(value["times"])}
            if value.keys() == {"begin", "repeat", "times", "end"}:
                return value["begin"] + value["repeat"] * value["times"] + value["end"]
            return {name: self.filled(each) for name, each in value.items()}
        return value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def open_door(folder: Path) -> Door:
    """A fresh site for the corpus."""
    day = build_day(folder, csrf=True)
    site = day.site
    day.change("update slot set state = 'open' where id = :s", s=day.first_slot)
    day.change("update entry set state = 'draft', submitted_at = null where code = 'wf-a-23'")
    recused = day.card("z9-secretary")
    day.change("update assignment set excused = 'recused', excused_reason = 'ญาติ' where id = :c", c=recused)
    day.change("insert into mark (assignment_id, criterion, revision, value, note, at) values "
               "(:c, 'd1/plans', 1, 30000, '', '2021-07-19T01:00:00.000000Z')", c=day.card("z9-chair"))  # fmt: skip
    day.change("update assignment set revision = 1 where id = :c", c=day.card("z9-chair"))
    card = day.card("z9-member")
    day.change("insert into declaration (session_id, seat_id, kind, at, by_id) select :s, s.id, 'none', "
               "'2021-07-19T01:00:00.000000Z', d.user_id from seat s join duty d on d.id = s.duty_id "
               "where s.code in ('z9-chair', 'z9-member', 'z9-secretary')", s=day.session)  # fmt: skip
    places = {
        "card": card, "saved_card": day.card("z9-chair"), "recused_card": recused, "session": day.session,
        "slot": day.first_slot, "seat": day.seat("z9-member"),
        "entry": day.value("select id from entry where code = 'wf-a-23'"),
        "sent_entry": day.value("select id from entry where code = 'pa-23'"),
        "foreign_entry": day.value("select id from entry where code = 'to-22'"),
        "foreign_card": day.value("select max(a.id) from assignment a"),
        "beyond": 2**63,
    }  # fmt: skip
    assert site.app.config["WTF_CSRF_ENABLED"]
    return Door(day, {name: str(value) for name, value in places.items()})


def rules_of_try(asked: dict[str, Any]) -> tuple[bytes, str]:
    """The rule file of a try and its name: one that stands among the refused files, or a good one with one change."""
    if "case" in asked:
        path = REFUSED / "rules" / f"{asked['case']}.yaml"
        return path.read_bytes(), path.name
    text = RULES_FILE.read_text(encoding="utf-8")
    old, new = asked["change"]
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the good file"
    if isinstance(new, dict):
        new = new["repeat"] * new["times"]
    return text.replace(old, new).encode(asked.get("encoding", "utf-8")), "rules.yaml"


def problems_of_try(asked: dict[str, Any]) -> tuple[Problem, ...]:
    """Why the rule file of a try is refused."""
    data, name = rules_of_try(asked)
    try:
        read_rules(data, file=name)
    except Refused as refused:
        return refused.problems
    return ()


def texts_of(answer: TestResponse) -> str:
    """All that an answer says to a person, as plain text."""
    if answer.mimetype == "application/json":
        return "\n".join(_strings(answer.json))
    return " ".join(html.unescape(_TAG.sub(" ", answer.text)).split())


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def refusal_id(answer: TestResponse) -> str:
    """The stable id of a refusal: in the JSON of a page's code, else on the page that says it."""
    if answer.mimetype == "application/json":
        return str((answer.json or {}).get("id", ""))
    found = re.search(r'data-refused="([^"]*)"', answer.text)
    return found[1] if found else ""


class Heard(logging.Handler):
    """What the security log is told meanwhile: the ids."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One more refusal."""
        if record.getMessage() != "refused":
            return
        self.ids.append(str(vars(record).get("id", "")))
        self.lines.append(record.getMessage())

    def __enter__(self) -> "Heard":
        logging.getLogger("award.security").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("award.security").removeHandler(self)


def write_texts() -> None:
    """Fills in what each refusal says now."""
    with tempfile.TemporaryDirectory() as folder:
        door = open_door(Path(folder))
        for name, case in load_cases(FORMS).items():
            for each in case["tries"]:
                if "request" not in each or each["status"] < 400:
                    continue
                for language in LANGUAGES:
                    answer = door.send(each["request"], each.get("as", ""), language)
                    said = _refusal_text(answer)
                    if said:
                        each[language] = said
                    else:
                        print(f"{name}: written by hand: {answer.status_code} {each['request']['to']}")
            (CORPUS / name / "expect.json").write_text(dumped(case), encoding="utf-8")
    for name, case in load_cases(RULES).items():
        for each in case["tries"]:
            if "case" in each or "change" in each:
                found = next((p for p in problems_of_try(each) if p.code == each["error"]), None)
                if found is None:
                    print(f"{name}: {each} is refused with {[p.code for p in problems_of_try(each)]}")
                    continue
                each["th"], each["en"] = found.sentence("th"), found.sentence("en")
        (CORPUS / name / "expect.json").write_text(dumped(case), encoding="utf-8")


def _refusal_text(answer: TestResponse) -> list[str]:
    if answer.mimetype == "application/json" and answer.json:
        problems = (answer.json.get("details") or {}).get("problems") or {}
        spoken = [texts[_language_of(answer)] for texts in problems.values()] if isinstance(problems, dict) else []
        return [answer.json["error"], *spoken]
    found = re.search(r'data-refused="[^"]*">([^<]*)<', answer.text)
    return [html.unescape(found[1])] if found else []


def _language_of(answer: TestResponse) -> str:
    return "th" if any("\u0e00" <= letter < "\u0e80" for letter in (answer.json or {})["error"]) else "en"


if __name__ == "__main__":
    write_texts()
