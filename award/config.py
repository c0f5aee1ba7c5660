"""Settings: one frozen value, from environment variables over `award.toml` over defaults."""

import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from award.errors import NotStarted

LOCAL_HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long is kept what is no part of the record of an award; `award tidy` removes what is older."""

    log_days: int = 180  # who called, who was refused, what failed: the Computer Crime Act asks for 90 days
    read_years: int = 5  # who opened which evidence file
    sign_in_days: int = 90  # sign-ins that have ended
    link_days: int = 30  # invitations and other one-time links that were used or are too old to be
    mail_days: int = 365  # mails that were sent
    draft_years: int = 2  # entries never sent, counted from their cycle's deadline


LEAST_LOG_DAYS = 90


@dataclass(frozen=True, slots=True)
class Uploads:
    """How much may be sent as evidence, and who looks at it. What a rule set allows of a question still holds."""

    file_mb: int = 20  # one file
    entry_files: int = 200  # of one entry, without those that were removed
    entry_mb: int = 400
    province_files: int = 1_000  # of a province, with those that were removed: they stay in the record
    province_mb: int = 1_500
    waiting_files: int = 40  # of one person, on their way in pieces
    waiting_mb: int = 400
    scanner: str = ""  # where clamd listens: the path of its socket, or host:port; blank: no scanner is asked


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server that takes the site's mail."""

    host: str
    port: int
    sender: str  # the address that mails come from
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"  # starttls | ssl | none (a server on this machine)
    ca_file: str = ""  # certificates to trust instead of the public ones: an office's own


@dataclass(frozen=True, slots=True)
class S3:
    """A bucket that keeps the evidence files in place of the folder. Without keys the machine's own right is used."""

    bucket: str
    endpoint: str = ""  # https://s3.example.go.th; "": Amazon's of the region
    region: str = "us-east-1"
    prefix: str = ""  # what the names in the bucket begin with
    access_key: str = ""
    secret_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Provider:
    """Another place to sign in at (OpenID Connect)."""

    code: str  # in addresses: thaid, google
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label_th: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Where data lies and how the site behaves. `now` starts the clock at another moment (demo rounds, tests)."""

    data: Path
    secret_key: str
    now: datetime | None = None
    https: bool = False
    idle_minutes: int = 30  # without a request for so long, one signs in again; what was typed is kept on the device
    second_factor: str = ""  # "required" | "offered"; "": required, but offered in an invented round
    limits: bool = True  # how often may be tried; off only where something else counts, or for a measurement
    max_body_mb: int = 40
    trusted_hosts: tuple[str, ...] = ()
    site_address: str = ""  # what mails and links that leave the site begin with, such as https://awards.example.go.th
    proxies: int = 0  # how many proxies of our own stand before the site; headers of any others are not believed
    anchors_file: str = ""  # where the roots of the logs are written down; best on another disk
    log_key_file: str = ""  # the key that signs roots, made by `award ledger key`; best not in the data folder
    log_copy: str = ""  # where each log line goes a second time: a folder, syslog:host:port or syslog:/dev/log
    privacy_contact: str = ""  # whom to ask about personal data, as it is to be read on the privacy page
    keeping: Keeping = Keeping()
    uploads: Uploads = Uploads()
    smtp: Smtp | None = None  # None: mails wait until a server is set
    s3: S3 | None = None  # None: evidence files lie in the data folder
    sign_in_with: tuple[Provider, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that the site answers to: this machine's own, the one of `site_address`, and those that are set."""
        named = urlsplit(self.site_address).hostname
        return tuple(dict.fromkeys((*LOCAL_HOSTS, *((named,) if named else ()), *self.trusted_hosts)))

    @property
    def origin(self) -> str:
        """Whose logs these are, as their checkpoints say it: the name of the site."""
        return urlsplit(self.site_address).hostname or "award.local"

    @property
    def anchors(self) -> Path:
        """The file of anchors, outside the database."""
        return Path(self.anchors_file) if self.anchors_file else self.data / "anchors.log"

    @property
    def log_key(self) -> Path:
        """The file of the key that signs roots; without one they are not signed (level 0)."""
        return Path(self.log_key_file) if self.log_key_file else self.data / "log.key"

    def cookie(self, name: str) -> str:
        """The name of one of our cookies: over https, one that browsers take from this very host only."""
        return f"__Host-{name}" if self.https else name

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "award.sqlite3"

    @property
    def evidence(self) -> Path:
        """The folder of evidence files, each stored by its SHA-256."""
        return self.data / "evidence"

    @property
    def logs(self) -> Path:
        """The folder of the log files."""
        return self.data / "logs"

    @property
    def workbooks(self) -> Path:
        """The folder that `award start` writes workbooks to."""
        return self.data / "workbooks"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `AWARD_DATA`, `AWARD_NOW`, … or the same names in `award.toml` (lower case, without the prefix).

    Raises NotStarted where a value cannot be used.
    """
    file = Path(environ.get("AWARD_CONFIG", "award.toml"))
    stored = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def value(name: str, default: str = "") -> str:
        return environ.get(f"AWARD_{name.upper()}") or str(stored.get(name, default))

    data = Path(value("data", "data")).absolute()
    try:
        now = datetime.fromisoformat(value("now")) if value("now") else None
    except ValueError:
        now = None
        if value("now"):
            raise NotStarted("AWARD_NOW must read like 2021-07-19T08:30:00+07:00.") from None
    if now is not None and now.tzinfo is None:
        raise NotStarted("AWARD_NOW must name its offset, like 2021-07-19T08:30:00+07:00.")
    return Settings(
        data=data,
        secret_key=value("secret_key") or _stored_secret(data),
        now=now,
        https=value("https") in ("1", "true", "True"),
        idle_minutes=max(1, _count("idle_minutes", value("idle_minutes", "30"), most=720)),
        second_factor=_one_of("second_factor", value("second_factor"), ("", "required", "offered")),
        limits=_one_of("limits", value("limits", "on"), ("on", "off")) == "on",
        max_body_mb=int(value("max_body_mb", "40")),
        trusted_hosts=_hosts(value("trusted_hosts")),
        site_address=_site_address(value("site_address")),
        proxies=_count("proxies", value("proxies", "0"), most=9),
        anchors_file=value("anchors_file"),
        log_key_file=value("log_key_file"),
        log_copy=value("log_copy"),
        privacy_contact=value("privacy_contact"),
        keeping=_keeping(value),
        uploads=_uploads(value),
        smtp=_smtp(value),
        s3=_s3(value),
        sign_in_with=_providers(stored.get("sign_in_with", []), environ),
    )


def _hosts(text: str) -> tuple[str, ...]:
    """Host names, parted by blanks or commas. Raises NotStarted for one that would let any host in."""
    names = tuple(text.replace(",", " ").split())
    for name in names:
        if re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", name) is None:
            raise NotStarted(f"AWARD_TRUSTED_HOSTS: {name} is no host name. Write names such as awards.example.go.th.")
    return names


def _site_address(text: str) -> str:
    parts = urlsplit(text)
    if text and not (parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment):
        raise NotStarted("AWARD_SITE_ADDRESS must read like https://awards.example.go.th.")
    return text.rstrip("/")


def _one_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise NotStarted(f"AWARD_{name.upper()} must be one of: {', '.join(each for each in choices if each)}.")
    return text


def _count(name: str, text: str, *, most: int) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise NotStarted(f"AWARD_{name.upper()} must be a whole number from 0 to {most}.")
    return int(text)


def _uploads(value: Callable[[str, str], str]) -> Uploads:
    """`upload_file_mb`, `upload_entry_files`, …, `upload_scanner`. Raises NotStarted where one is no number."""
    numbers = {
        each.name: _count(f"upload_{each.name}", value(f"upload_{each.name}", str(each.default)), most=10_000_000)
        for each in fields(Uploads)
        if isinstance(each.default, int)
    }
    return Uploads(**numbers, scanner=value("upload_scanner", ""))


def _smtp(value: Callable[[str, str], str]) -> Smtp | None:
    """`smtp_host`, `_port`, `_user`, `_password`, `_from`, `_security`, `_ca_file`; None without a host. Raises
    NotStarted where they do not go together."""
    host, security = value("smtp_host", ""), value("smtp_security", "starttls")
    if not host:
        return None
    if security not in ("starttls", "ssl", "none"):
        raise NotStarted("AWARD_SMTP_SECURITY must be starttls, ssl or none.")
    sender, password = value("smtp_from", ""), value("smtp_password", "")
    if re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", sender) is None:
        raise NotStarted("AWARD_SMTP_FROM must be the address that mails come from, like awards@example.go.th.")
    if password and security == "none":
        raise NotStarted("AWARD_SMTP_SECURITY none would send the mail password unprotected: use starttls or ssl.")
    port = _count("smtp_port", value("smtp_port", "465" if security == "ssl" else "587"), most=65_535)
    return Smtp(host, port, sender, value("smtp_user", ""), password, security, value("smtp_ca_file", ""))


def _s3(value: Callable[[str, str], str]) -> S3 | None:
    """`s3_bucket`, `_endpoint`, `_region`, `_prefix`, `_access_key`, `_secret_key`; None without a bucket. Raises
    NotStarted where they do not go together, and for a line over which files would go unprotected."""
    bucket, endpoint = value("s3_bucket", ""), value("s3_endpoint", "").rstrip("/")
    if not bucket:
        return None
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket) is None:
        raise NotStarted("AWARD_S3_BUCKET must be the name of a bucket: small letters, digits, hyphens.")
    parts = urlsplit(endpoint)
    if endpoint and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS)):
        raise NotStarted("AWARD_S3_ENDPOINT must begin with https:// (http:// only for this machine itself).")
    access, secret = value("s3_access_key", ""), value("s3_secret_key", "")
    if bool(access) != bool(secret):
        raise NotStarted("AWARD_S3_ACCESS_KEY and AWARD_S3_SECRET_KEY belong together: set both or none.")
    prefix = value("s3_prefix", "").strip("/")
    return S3(bucket, endpoint, value("s3_region", "us-east-1"), prefix, access, secret)


def _providers(stored: object, environ: Mapping[str, str]) -> tuple[Provider, ...]:
    """The tables `[[sign_in_with]]` of award.toml; a secret may come from `AWARD_SIGN_IN_<CODE>_SECRET` instead.
    Raises NotStarted for one that is not whole, or that is not asked over HTTPS (but on this machine)."""
    providers = []
    for table in stored if isinstance(stored, list) else []:
        told = {name: str(table.get(name, "")) for name in Provider.__dataclass_fields__}
        told["client_secret"] = environ.get(f"AWARD_SIGN_IN_{told['code'].upper()}_SECRET") or told["client_secret"]
        missing = [name for name, text in told.items() if not text]
        if missing or re.fullmatch(r"[a-z0-9]{1,20}", told["code"]) is None:
            raise NotStarted(
                f"[[sign_in_with]] {told['code'] or '(no code)'}: code (small letters and digits), issuer, client_id, "
                f"client_secret, label_th and label_en are needed; missing: {', '.join(missing) or 'a usable code'}."
            )
        issuer = urlsplit(told["issuer"])
        if issuer.scheme != "https" and issuer.hostname not in LOCAL_HOSTS:
            raise NotStarted(f"[[sign_in_with]] {told['code']}: the issuer must begin with https://.")
        providers.append(Provider(**told))
    if len({provider.code for provider in providers}) < len(providers):
        raise NotStarted("[[sign_in_with]]: each code may be there once.")
    return tuple(providers)


def _keeping(value: Callable[[str, str], str]) -> Keeping:
    """`keep_log_days`, `keep_read_years`, … Raises NotStarted where one is no number or the logs would go too early."""
    asked = {
        each.name: _count(f"keep_{each.name}", value(f"keep_{each.name}", str(each.default)), most=36_500)
        for each in fields(Keeping)
    }
    keeping = Keeping(**asked)
    if keeping.log_days < LEAST_LOG_DAYS:
        raise NotStarted(f"AWARD_KEEP_LOG_DAYS must be {LEAST_LOG_DAYS} or more: the law asks for logs that old.")
    return keeping


def _stored_secret(data: Path) -> str:
    """A secret made on first start and kept beside the database, readable by its owner only."""
    file = data / "secret_key"
    if not file.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="ascii").strip()
