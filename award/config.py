"""Settings: one frozen value, from environment variables over `award.toml` over defaults."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from award.errors import NotStarted


@dataclass(frozen=True, slots=True)
class Settings:
    """Where data lies and how the site behaves. `now` starts the clock at another moment (demo rounds, tests)."""

    data: Path
    secret_key: str
    now: datetime | None = None
    https: bool = False
    max_body_mb: int = 40
    trusted_hosts: tuple[str, ...] = ()

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "award.sqlite3"

    @property
    def evidence(self) -> Path:
        """The folder of evidence files, each stored by its SHA-256."""
        return self.data / "evidence"

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
        max_body_mb=int(value("max_body_mb", "40")),
        trusted_hosts=tuple(value("trusted_hosts").split()),
    )


def _stored_secret(data: Path) -> str:
    """A secret made on first start and kept beside the database, readable by its owner only."""
    file = data / "secret_key"
    if not file.exists():
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="ascii").strip()
