"""The same store in a bucket that speaks S3: content by SHA-256, brought here whole and looked at before it is used.

What is on its way in still waits on this machine's disk; only what is kept goes to the bucket.
"""

import hashlib
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from award.config import S3, Settings
from award.db.evidence_files import PREVIEWS, SHA256, EvidenceFiles, Incoming, Stored
from award.errors import N_, NotSaved, NotStarted

FETCHED = "fetched"  # copies on this machine of what was asked for lately
MOST_FETCHED = 2 << 30  # bytes of them
_PIECE = 1 << 20
AWAY = N_(
    "The store of files does not answer, so no files can be sent or opened just now. Everything else can still be "
    "saved. Please try again in some minutes, or tell the organizers."
)
NO_LIBRARY = (
    "AWARD_S3_BUCKET is set, but obstore is not installed: install award-scoring[s3], or take the setting away."
)
NO_LIBRARY_TH = "ตั้งค่า AWARD_S3_BUCKET ไว้ แต่ยังไม่ได้ติดตั้ง obstore โปรดติดตั้ง award-scoring[s3] หรือลบค่านี้ออก"


def open_evidence(settings: Settings) -> EvidenceFiles:
    """The store that the settings name: a bucket where one is set, else the folder. Raises NotStarted where a bucket is
    set and the library for it is not installed."""
    if settings.s3 is None:
        return EvidenceFiles(settings.evidence)
    return _bucket_of(settings.evidence, settings.s3)


@lru_cache(maxsize=4)
def _bucket_of(folder: Path, s3: S3) -> EvidenceFiles:
    """One for the whole process: it keeps its connections."""
    return EvidenceBucket(folder, s3)


class EvidenceBucket(EvidenceFiles):
    """Keeps in the bucket under `prefix/aa/sha256`. Raises NotSaved where the bucket does not answer: nothing is said
    to be missing that could only not be asked for."""

    is_far = True

    def __init__(self, folder: Path, s3: S3):
        super().__init__(folder)
        try:
            import obstore
            from obstore.store import S3Store
        except ImportError:
            raise NotStarted(NO_LIBRARY, thai=NO_LIBRARY_TH) from None
        self._said: Any = obstore
        self._ahead: set[str] = set()  # sent, and not yet kept by an act
        self._failed = obstore.exceptions.BaseError
        more = {"endpoint": s3.endpoint} if s3.endpoint else {}
        keys = {"access_key_id": s3.access_key, "secret_access_key": s3.secret_key} if s3.access_key else {}
        self._bucket = S3Store(
            s3.bucket, prefix=s3.prefix or None, region=s3.region, **more, **keys,  # type: ignore[arg-type]
            client_options={"timeout": timedelta(seconds=60), "connect_timeout": timedelta(seconds=5),
                            "allow_http": s3.endpoint.startswith("http://")},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
        )  # fmt: skip

    def send_ahead(self, incoming: Incoming) -> None:
        """Writes it to the bucket; the same content twice is one object, and mends one that was damaged. Raises
        NotSaved, also where it did not arrive in its whole size."""
        with self.sending(), self._asked():
            self._said.put(self._bucket, _key(incoming.sha256), incoming.path)
            there = self._head(incoming.sha256)
        if there is None or there["size"] != incoming.size:
            raise NotSaved(AWAY, id="store_away", retry_after=60)
        self._ahead.add(incoming.sha256)

    def keep(self, incoming: Incoming) -> None:
        """What was sent ahead is kept already; what was not is sent now."""
        if incoming.sha256 in self._ahead:
            self._ahead.discard(incoming.sha256)
        else:
            self.send_ahead(incoming)
            self._ahead.discard(incoming.sha256)

    def find(self, sha256: str) -> Path | None:
        """A copy of it on this machine, whole; None where it is missing or damaged in the bucket."""
        copy = self.folder / FETCHED / sha256
        if _is_whole(copy, sha256):
            copy.touch()
            return copy
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=copy.parent, prefix=".", delete=False) as draft:
            place = Path(draft.name)
            try:
                digest = hashlib.sha256()
                for piece in self._pieces(sha256):
                    digest.update(piece)
                    draft.write(piece)
                draft.flush()
                if digest.hexdigest() != sha256:
                    return None
                place.replace(copy)
            except FileNotFoundError:
                return None
            finally:
                place.unlink(missing_ok=True)
        self._forget_old(copy)
        return copy

    def state(self, sha256: str) -> Literal["whole", "missing", "damaged"]:
        """Whether the object is there, and still the same: it is read to its end from the bucket."""
        digest = hashlib.sha256()
        try:
            for piece in self._pieces(sha256):
                digest.update(piece)
        except FileNotFoundError:
            return "missing"
        return "whole" if digest.hexdigest() == sha256 else "damaged"

    def stored(self) -> list[Stored]:
        """All that is in the bucket under names of ours; whatever else others keep there is passed over."""
        with self._asked():
            listed = [each for page in self._said.list(self._bucket) for each in page]
        named = ((each["path"].rpartition("/")[2], each) for each in listed)
        return [
            Stored(name, each["size"], each["last_modified"])
            for name, each in named if SHA256.fullmatch(name) and _key(name) == each["path"]
        ]  # fmt: skip

    def look_up(self, sha256: str) -> Stored | None:
        """An object by its name; None where there is none. It is not read."""
        with self._asked():
            told = self._head(sha256)
        return None if told is None else Stored(sha256, told["size"], told["last_modified"])

    def remove(self, sha256: str) -> None:
        """Takes a content out of the bucket, and what of it lies here."""
        with self._asked():
            if self._head(sha256) is not None:
                self._said.delete(self._bucket, _key(sha256))
        for folder in (FETCHED, PREVIEWS):
            (self.folder / folder / sha256).unlink(missing_ok=True)

    def try_out(self) -> str:
        """Puts a small object into the bucket, finds it in the list, reads it and removes it: all that the key must be
        allowed. Answers what went wrong, in the words of the store; "" where nothing did."""
        name, content = f"check/{secrets.token_hex(8)}", b"award check"
        try:
            self._said.put(self._bucket, name, content)
            pages = self._said.list(self._bucket, prefix="check")
            listed = any(each["path"] == name for page in pages for each in page)
            came = bytes(self._said.get(self._bucket, name).bytes())
            self._said.delete(self._bucket, name)
        except (self._failed, OSError) as error:
            return str(error).partition("\n")[0][:300] or type(error).__name__
        return "" if listed and came == content else "what was put there is not what came back"

    def _head(self, sha256: str) -> Any:
        try:
            return self._said.head(self._bucket, _key(sha256))
        except FileNotFoundError:
            return None

    def _pieces(self, sha256: str) -> Iterator[bytes]:
        """The object in pieces, so that a large one takes no memory. Raises FileNotFoundError and NotSaved."""
        with self._asked():
            for piece in self._said.get(self._bucket, _key(sha256)).stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except self._failed as error:
            raise NotSaved(AWAY, id="store_away", retry_after=60) from error

    def _forget_old(self, new: Path) -> None:
        """Copies that were not asked for the longest go, where there are too many bytes of them."""
        copies = sorted(
            ((path.stat().st_mtime, path.stat().st_size, path) for path in new.parent.glob("[0-9a-f]*")), reverse=True
        )
        held = 0
        for _, size, path in copies:
            held += size
            if held > MOST_FETCHED and path != new:
                path.unlink(missing_ok=True)


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _is_whole(copy: Path, sha256: str) -> bool:
    try:
        with copy.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False
