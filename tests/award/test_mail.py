"""Mail: written down with the act, sent after it, tried again, failures seen, links erased. Over a real SMTP server."""

import email
import email.policy
import socketserver
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select, text, update

from award.actions.mail import WAITS, queue_mail, send_due
from award.actions.unit import unit
from award.config import Smtp, read_settings
from award.db.mail import MailOut
from award.db.people import User
from award.errors import Invalid, NotStarted
from award.mail import NotTaken, checked_address, compose
from award.policy import Actor
from award.regularly import Regularly
from award.views.context import Site
from tests.award.build import BuiltSite, build_site

SOMEBODY = Actor(1, "organizer", "ฝ่ายเลขานุการ", "")


# --- a mail server ------------------------------------------------------------------------------------------------


@dataclass
class Post:
    """A mail server on this machine that keeps what it took. `refuse`: by the beginning of a command, the answer."""

    port: int = 0
    taken: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None

    def smtp(self, **changes: object) -> Smtp:
        """Settings that lead here."""
        return replace(Smtp("localhost", self.port, "awards@cdd.example", security="none"), **changes)  # type: ignore[arg-type]


class _Talk(socketserver.StreamRequestHandler):
    """Just as much SMTP as a client of ours speaks."""

    def answer(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        post: Post = self.server.post  # type: ignore[attr-defined]
        self.answer("220 test")
        sender: str = ""
        to: list[str] = []
        while line := self.rfile.readline():
            command = line.decode().strip()
            post.said.append(command)
            verb = command.upper()
            no = next((told for begins, told in post.refuse.items() if verb.startswith(begins)), None)
            if no is not None:
                self.answer(no)
            elif verb.startswith("EHLO"):
                self.answer(
                    "250-test\r\n250-AUTH PLAIN\r\n250-8BITMIME" + ("\r\n250 STARTTLS" if post.tls else "\r\n250 HELP")
                )
            elif verb == "STARTTLS" and post.tls:
                self.answer("220 go on")
                try:
                    self.connection = post.tls.wrap_socket(self.connection, server_side=True)
                except OSError:
                    return
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
            elif verb.startswith("AUTH"):
                self.answer("235 ok")
            elif verb.startswith("MAIL FROM"):
                sender, to = command[10:], []
                self.answer("250 ok")
            elif verb.startswith("RCPT TO"):
                to.append(command[8:])
                self.answer("250 ok")
            elif verb == "DATA":
                self.answer("354 go on")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    line = self.rfile.readline()
                    body += line[1:] if line.startswith(b".") and line != b".\r\n" else line
                message = email.message_from_bytes(body[:-3], policy=email.policy.default)
                assert isinstance(message, EmailMessage)
                post.taken.append((sender, to, message))
                self.answer("250 taken")
            elif verb == "QUIT":
                self.answer("221 bye")
                break
            else:
                self.answer("250 ok")
        if post.tls:
            self.rfile.close()
            self.connection.close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.post = made  # type: ignore[attr-defined]
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def site(tmp_path: Path) -> BuiltSite:
    return build_site(tmp_path)


def write_mail(
    site: BuiltSite, *, to: str = "someone@office.go.th", subject: str = "เรื่อง / About", body: str = "ข้อความ"
) -> None:
    """A mail to p23's officer, in an act that says so."""
    with unit(site.database, site.clock, actor=SOMEBODY) as u:
        u.db.execute(update(User).where(User.login == "p23").values(email=to))
        person = u.db.execute(select(User.id).where(User.login == "p23")).scalar_one()
        assert queue_mail(u, person, subject, body)
        u.record("test_mail", {})


def mails(site: BuiltSite) -> list[MailOut]:
    with site.database.reading() as db:
        return list(db.execute(select(MailOut).order_by(MailOut.id)).scalars())


def send(site: BuiltSite, smtp: Smtp) -> int:
    return send_due(site.database, site.clock, smtp)


def later(site: BuiltSite, wait: timedelta) -> None:
    site.clock.set(site.clock.now() + wait)


# --- with the act -------------------------------------------------------------------------------------------------


def test_a_mail_goes_out_after_its_act_and_its_text_is_erased(site: BuiltSite, post: Post) -> None:
    write_mail(site, body="เปิดลิงก์ https://awards.example/reset?link=SECRET\n.จุดต้นบรรทัด\n")
    assert post.taken == [], "not before somebody sends what is due"
    assert send(site, post.smtp()) == 1
    [(sender, to, message)] = post.taken
    assert ("awards@cdd.example" in sender, to) == (True, ["<someone@office.go.th>"])
    assert (message["To"], message["From"], message["Subject"]) == (
        "someone@office.go.th", "awards@cdd.example", "เรื่อง / About",
    )  # fmt: skip
    assert (
        message.get_content().replace("\r\n", "\n") == "เปิดลิงก์ https://awards.example/reset?link=SECRET\n.จุดต้นบรรทัด\n"
    )
    assert message.get_content_type() == "text/plain"
    [mail] = mails(site)
    assert (mail.state, mail.text) == ("sent", "")
    assert mail.sent_at is not None
    assert send(site, post.smtp()) == 0, "once"
    assert len(post.taken) == 1


def test_an_act_that_does_not_happen_writes_no_mail(site: BuiltSite) -> None:
    with pytest.raises(RuntimeError), unit(site.database, site.clock, actor=SOMEBODY) as u:
        u.db.execute(update(User).values(email="someone@office.go.th"))
        queue_mail(u, 2, "x", "y")
        raise RuntimeError
    assert mails(site) == []


def test_who_has_no_address_gets_no_mail(site: BuiltSite) -> None:
    with unit(site.database, site.clock, actor=SOMEBODY) as u:
        assert queue_mail(u, 2, "x", "y") is False
    assert mails(site) == []


def test_without_a_server_nothing_is_lost(site: BuiltSite, post: Post) -> None:
    write_mail(site)
    page = site.client_as("admin").get("/people/mail/").text
    assert "Mail is not set up on this site" in page and "someone@office.go.th" in page and "waiting" in page
    later(site, timedelta(days=2))
    assert send(site, post.smtp()) == 1


# --- not taken ----------------------------------------------------------------------------------------------------


def test_a_server_that_is_away_is_tried_again_later_and_later_and_then_the_mail_has_failed(site: BuiltSite) -> None:
    write_mail(site, body="the link")
    nobody = Smtp("127.0.0.1", 9, "awards@cdd.example", security="none")
    for tries, wait in enumerate(WAITS, start=1):
        assert send(site, nobody) == 0
        [mail] = mails(site)
        assert mail.attempts == tries and "refused" in mail.said.lower()
        assert send(site, nobody) == 0 and mails(site)[0].attempts == tries, "not before its time"
        later(site, wait)
    assert mails(site)[0].state == "failed"
    assert mails(site)[0].text == "the link", "it may still be sent"


def test_a_mail_that_waited_goes_out_under_the_same_id(site: BuiltSite, post: Post) -> None:
    post.refuse["RCPT"] = "450 greylisted, come back"
    write_mail(site)
    assert send(site, post.smtp()) == 0
    assert (mails(site)[0].state, mails(site)[0].said) == ("waiting", "450 greylisted, come back")
    post.refuse.clear()
    later(site, WAITS[0])
    assert send(site, post.smtp()) == 1
    first = compose(post.smtp(), mails(site)[0].id, to="a@b.example", subject="", text="", at=mails(site)[0].queued_at)
    assert post.taken[0][2]["Message-ID"] == first["Message-ID"]


def test_what_is_refused_for_good_is_not_tried_again_until_somebody_says_so(site: BuiltSite, post: Post) -> None:
    post.refuse["RCPT"] = "550 no such mailbox"
    write_mail(site)
    assert send(site, post.smtp()) == 0
    [mail] = mails(site)
    assert (mail.state, mail.said, mail.attempts) == ("failed", "550 no such mailbox", 1)
    later(site, timedelta(days=1))
    assert send(site, post.smtp()) == 0 and mails(site)[0].attempts == 1
    with_server(site, post)
    admin = site.client_as("admin")
    page = admin.get("/people/mail/").text
    assert "550 no such mailbox" in page and f"/people/mail/{mail.id}/resend" in page
    post.refuse.clear()
    assert admin.post(f"/people/mail/{mail.id}/resend", data={"key": "resend-key"}).status_code == 303
    assert send(site, post.smtp()) == 1
    assert admin.post(f"/people/mail/{mail.id}/resend", data={"key": "other-key"}).status_code == 423, "sent already"


def with_server(site: BuiltSite, post: Post) -> None:
    """The site's settings name the mail server from here on."""
    about: Site = site.app.extensions["award"]
    site.app.extensions["award"] = replace(
        about, settings=replace(about.settings, smtp=post.smtp(), site_address="https://awards.example")
    )


def test_a_mail_whose_link_has_ended_is_not_sent_and_its_text_is_erased(site: BuiltSite, post: Post) -> None:
    post.refuse["MAIL"] = "550 not from you"
    write_mail(site, body="link=SECRET")
    send(site, post.smtp())
    post.refuse.clear()
    later(site, timedelta(days=3))
    assert send(site, post.smtp()) == 0
    assert (mails(site)[0].state, mails(site)[0].text, post.taken) == ("expired", "", [])


def test_one_refused_mail_does_not_hold_up_the_next(site: BuiltSite, post: Post) -> None:
    post.refuse["RCPT TO:<GONE@"] = "550 gone"
    write_mail(site, to="gone@office.go.th")
    write_mail(site, to="there@office.go.th")
    assert send(site, post.smtp()) == 1
    assert [mail.state for mail in mails(site)] == ["failed", "sent"]


def test_the_postman_sends_what_comes_and_survives_a_bad_moment(site: BuiltSite, post: Post) -> None:
    postman = Regularly("mail", 0.02, partial(send_due, site.database, site.clock, post.smtp()))
    with site.database.writing() as db:
        db.execute(text("alter table mail_out rename to mail_away"))
        db.commit()
    postman.start()
    threading.Event().wait(0.1)
    with site.database.writing() as db:
        db.execute(text("alter table mail_away rename to mail_out"))
        db.commit()
    write_mail(site)
    waited = 0
    while mails(site)[0].state != "sent" and waited < 500:
        threading.Event().wait(0.02)
        waited += 1
    postman.stop()
    assert mails(site)[0].state == "sent"


# --- protected ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of a server called localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    kept = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *kept) + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_the_password_goes_only_over_a_checked_line(site: BuiltSite, post: Post, certificate: Path) -> None:
    post.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    post.tls.load_cert_chain(certificate)
    smtp = post.smtp(security="starttls", user="awards", password="p", ca_file=str(certificate))
    write_mail(site)
    assert send(site, smtp) == 1
    order = [
        next((n for n, said in enumerate(post.said) if said.upper().startswith(word)), -1)
        for word in ("STARTTLS", "AUTH")
    ]
    assert 0 <= order[0] < order[1]


@pytest.mark.parametrize("offers", [True, False])
def test_a_server_without_a_known_certificate_or_without_tls_gets_nothing(
    site: BuiltSite, post: Post, certificate: Path, offers: bool
) -> None:
    if offers:
        post.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        post.tls.load_cert_chain(certificate)
    write_mail(site)
    assert send(site, post.smtp(security="starttls", user="awards", password="p")) == 0
    assert not any(said.upper().startswith(("AUTH", "MAIL", "DATA")) for said in post.said)
    assert mails(site)[0].state == "waiting"


# --- addresses and headers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["someone@office.go.th", " a.b+c@x-y.co.th ", "o'neil@a.th"])
def test_an_address_is_taken(typed: str) -> None:
    assert checked_address(typed) == typed.strip()


@pytest.mark.parametrize(
    "typed",
    [
        "", "nobody", "a@b", "a@@b.th", "a b@c.th", "a@b..th", "a@-b.th", "a@b.th,c@d.th", "a@b.th;c@d.th", "<a@b.th>",
        "a@b.th\nBcc: c@d.th", "a@b.th\r\nBcc: c@d.th", "a\u2028@b.th", "a\x00@b.th", "\ra@b.th", "สมชาย@b.th",
        "a@оffice.th",
        "x" * 65 + "@b.th", "a@" + "b" * 64 + ".th", "a@" + "b." * 130 + "th", ".a@b.th", '"a b"@c.th', "a@[127.0.0.1]",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        checked_address(typed)


@pytest.mark.parametrize("subject", ["x\r\nBcc: c@d.th", "x\nBcc: c@d.th", "x\rBcc: c@d.th"])
def test_a_subject_with_a_line_break_is_refused_at_both_doors(site: BuiltSite, subject: str) -> None:
    with pytest.raises(Invalid):
        write_mail(site, subject=subject)
    assert mails(site) == []
    with pytest.raises(NotTaken):
        compose(Smtp("h", 1, "a@b.th"), 1, to="a@b.th", subject=subject, text="", at=site.clock.now())


def test_a_stored_address_with_a_line_break_sends_nothing(site: BuiltSite, post: Post) -> None:
    """As if somebody had changed the table."""
    write_mail(site)
    with site.database.writing() as db:
        db.execute(update(MailOut).values(address="a@b.th\r\nBcc: c@d.th"))
        db.commit()
    assert send(site, post.smtp()) == 0
    assert (mails(site)[0].state, post.taken) == ("failed", [])


# --- the letters --------------------------------------------------------------------------------------------------


def test_an_invitation_is_mailed_in_thai_with_english_below(site: BuiltSite, post: Post) -> None:
    with_server(site, post)
    form = {
        "key": "invite-key", "title_th": "ผู้อำนวยการ <กอง> & ฝ่าย", "email": "new@office.go.th", "language": "th",
        "login": "new",
    }  # fmt: skip
    page = site.client_as("organizer").post("/people/invite", data=form).text
    assert "It is on its way to new@office.go.th" in page
    assert send(site, post.smtp()) == 1
    message = post.taken[0][2]
    body = message.get_content()
    assert message["Subject"] == "รางวัล พช.: คำเชิญเข้าใช้ระบบ / CDD awards: your invitation"
    assert "เรียน ผู้อำนวยการ <กอง> & ฝ่าย" in body and "ภายใน 3 วัน" in body and "within 3 days" in body
    assert body.index("ท่านได้รับเชิญ") < body.index("You are invited")
    link = next(line for line in body.splitlines() if line.startswith("https://awards.example/invitation?link="))
    assert site.client().get(link.removeprefix("https://awards.example")).status_code == 200
    assert "new@office.go.th" in site.client_as("admin").get("/people/mail/").text
    assert link not in site.client_as("admin").get("/people/mail/").text


def test_a_handed_over_reset_is_mailed_with_its_quarter_of_an_hour(site: BuiltSite, post: Post) -> None:
    with_server(site, post)
    with site.database.writing() as db:
        db.execute(update(User).where(User.login == "p23").values(email="p23@office.go.th"))
        db.commit()
        person = db.execute(select(User.id).where(User.login == "p23")).scalar_one()
    site.client_as("organizer").post(f"/people/{person}/link", data={"key": "reset-key"})
    assert send(site, post.smtp()) == 1
    body = post.taken[0][2].get_content()
    assert "https://awards.example/reset?link=" in body and "ภายใน 15 นาที" in body and "within 15 minutes" in body


# --- settings -----------------------------------------------------------------------------------------------------


def settings(tmp_path: Path, **values: str) -> Smtp | None:
    environ = {f"AWARD_{name.upper()}": value for name, value in values.items()}
    return read_settings(environ | {"AWARD_DATA": str(tmp_path), "AWARD_CONFIG": str(tmp_path / "none.toml")}).smtp


def test_settings_name_the_mail_server(tmp_path: Path) -> None:
    assert settings(tmp_path) is None
    found = settings(tmp_path, smtp_host="mail.example", smtp_from="awards@cdd.example", smtp_password="geheim")
    assert found == Smtp("mail.example", 587, "awards@cdd.example", password="geheim")
    assert "geheim" not in repr(found)
    found = settings(tmp_path, smtp_host="mail.example", smtp_from="a@b.example", smtp_security="ssl")
    assert found is not None and found.port == 465


@pytest.mark.parametrize(
    "values",
    [
        {"smtp_from": ""}, {"smtp_from": "a@b.th\nBcc: c@d.th"}, {"smtp_security": "tls"}, {"smtp_port": "x"},
        {"smtp_port": "70000"}, {"smtp_security": "none", "smtp_password": "p"},
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together_stop_the_start(tmp_path: Path, values: dict[str, str]) -> None:
    with pytest.raises(NotStarted):
        settings(tmp_path, **({"smtp_host": "mail.example", "smtp_from": "a@b.example"} | values))
