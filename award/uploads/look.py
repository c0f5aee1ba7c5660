"""The one way in for a file: name, size and bytes looked at, a scanner asked, the inside tried in a process apart."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from award.uploads.apart import look_apart
from award.uploads.kinds import MB, MEDIA_TYPES, OFFICE, in_mb, kind_named, kind_of, shown_kinds
from award.uploads.names import extension, shown_name
from award.uploads.refusals import Harm, refused
from award.uploads.scanner import scan


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that may be kept: `clean` is the picture painted anew, for the others the file as it came."""

    name: str
    media_type: str
    clean: Path
    peak_kb: int  # memory that looking took
    numbers: tuple[str, ...] = ()  # long ones in a document's text, which may tell who somebody is


@contextmanager
def look_at(
    path: Path, *, name: str, size: int, accept: Sequence[str], most_mb: int, scanner: str = ""
) -> Iterator[Taken]:
    """`with look_at(...) as taken:` what the file is, and what of it to keep; a painted picture is gone afterwards.

    `accept`: the kinds that the question takes. `scanner`: the address of clamd; without one none is asked. Raises
    Invalid with the id and the sentence of `refusals.SAYS`.
    """
    clean = path.with_name(f"{path.name}.clean")
    kinds = [each for each in accept if kind_named(each)]
    try:
        with _said(accept):
            taken = _look(path, clean, name=name, size=size, kinds=kinds, most_mb=most_mb, scanner=scanner)
        yield taken
    finally:
        clean.unlink(missing_ok=True)


def look_outside(*, name: str, size: int, accept: Sequence[str], most_mb: int) -> str:
    """What can be told of a file before a byte of it has come: its name as it may be shown. Raises as `look_at`."""
    with _said(accept):
        shown = _check_outside(name, size=size, most_mb=most_mb)
        if extension(shown) == "svg":
            raise Harm("svg")
        if not kind_named(extension(shown)) or extension(shown) not in accept:
            raise Harm("kind_not_accepted")
    return shown


@contextmanager
def _said(accept: Sequence[str]) -> Iterator[None]:
    try:
        yield
    except Harm as harm:
        places = {"kinds": shown_kinds(accept)} if harm.id in ("kind_not_accepted", "not_its_kind") else {}
        raise refused(harm.id, **places, **harm.values) from None


def _check_outside(name: str, *, size: int, most_mb: int) -> str:
    if size == 0:
        raise Harm("empty_file")
    if size > most_mb * MB:
        raise Harm("file_too_large", size=in_mb(size), most=most_mb)
    return shown_name(name)


def _look(
    path: Path, clean: Path, *, name: str, size: int, kinds: Sequence[str], most_mb: int, scanner: str
) -> Taken:  # fmt: skip
    shown = _check_outside(name, size=size, most_mb=most_mb)
    ending = extension(shown)
    found = kind_of(path)
    if found == "svg" and (ending == "svg" or kind_named(ending) in ("jpg", "png")):
        raise Harm("svg")
    if ending not in kinds:
        raise Harm("kind_not_accepted")
    if scanner:
        scan(path, address=scanner)
    wanted = kind_named(ending)
    if found == "old_office" and wanted in OFFICE:
        raise Harm("office_locked")
    if found != ("zip" if wanted in OFFICE else wanted):
        raise Harm("not_its_kind", name=shown, kind=ending.upper())
    told = look_apart(found, path, clean=clean)
    if told["found"] != wanted:
        raise Harm("not_its_kind", name=shown, kind=ending.upper())
    kept = clean if wanted in ("jpg", "png") else path
    return Taken(shown, MEDIA_TYPES[wanted], kept, told["peak_kb"], tuple(told.get("numbers", ())))
