"""National ID numbers in what people write: recognised, so that none is ever stored.

Thirteen digits whose last is the check digit of the others, however they are written: Thai digits, blanks and hyphens
between; where the card has its gaps, or between each two digits, also strokes, commas, dots and new lines. One in ten
of all other numbers with 13 digits looks the same; the sentence says what to do about those.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from award.answers.plain import clean_text
from award.errors import N_, Invalid
from scoring_rules.exact import THAI_DIGITS
from scoring_rules.words import Words

LENGTH = 13
GROUPS = (1, 4, 5, 2, 1)  # as the card prints them
_BETWEEN = r"[ \t\u00a0]{0,2}[-\u00ad\u2010-\u2015\u2212_]{0,2}[ \t\u00a0]{0,2}"
_RUN = re.compile(rf"(?<![0-9])[0-9](?:{_BETWEEN}[0-9])*(?![0-9])")
_PARTED = r"[\s\u00a0\-\u00ad\u2010-\u2015\u2212_/\\|,.:;\u00b7\u2022]{1,6}"
_IN_GROUPS = re.compile(rf"(?<![0-9])({_PARTED.join(rf'[0-9]{{{length}}}' for length in GROUPS)})(?![0-9])")
_ONE_BY_ONE = re.compile(rf"(?<![0-9])[0-9](?:{_PARTED}[0-9](?![0-9]))+")
_OTHER_DIGIT = re.compile(r"[^\D\x00-\x7f]")  # of the neighbours' scripts: Khmer, Lao, Burmese
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_MOMENT = re.compile(r"(?<![0-9])1(?:2[6-9]|[3-8][0-9]|9[0-2])[0-9]{10}(?![0-9])")  # of 2010 to 2030
FILE_NAME, FILE_TITLE = Words("ชื่อไฟล์", "File name"), Words("คำอธิบายไฟล์หรือลิงก์", "Title of the file or link")
GIVEN_BY, LINK = Words("ผู้ให้ไฟล์", "Who gave it"), Words("ลิงก์", "Link")
NOTE, REASON = Words("ข้อความ", "Note"), Words("เหตุผล", "Reason")
SAYS = N_(
    "“%(label)s” holds what looks like a national ID number (%(number)s). Such numbers must not be sent in: take it "
    "out. If it is another number, write it in two parts with a / in between."
)


def list_national_ids(text: str) -> tuple[str, ...]:
    """What looks like a national ID number, in order, each masked (`1-xxxx-xxxxx-xx-3`): it is shown and kept nowhere.

    In web addresses only numbers written in the card's groups count: addresses are full of long numbers.
    """
    plain = _plain(clean_text(text, lines=True)[0])
    found: list[str] = []
    text = _ADDRESS.sub(" ", plain)
    for run in _RUN.finditer(text):
        found += _in_run(run[0])
    found += map(_masked, _parted(text))
    for address in _ADDRESS.finditer(plain):
        found += [each for run in _RUN.finditer(address[0]) if run[0] != _digits(run[0]) for each in _in_run(run[0])]
    return tuple(found)


def refuse_national_ids(text: str, *, label: str | Words, field: str = "") -> None:
    """Raises Invalid where the text holds what looks like a national ID number; `label` says what the text is, `field`
    (in the refusal's details) which input of the page it came from."""
    found = list_national_ids(text) if len(text) >= LENGTH else ()
    if found:
        raise Invalid(SAYS, id="national_id", details={"field": field} if field else None, label=label, number=found[0])


def checked_name(name: str) -> str:
    """A file's name without national ID numbers: refused like any text, but 13 digits that are as well a moment of our
    years in milliseconds, as telephones name pictures, are masked instead: nobody should have to rename a picture."""
    masked = _MOMENT.sub(lambda found: _masked(found[0]) if is_national_id(found[0]) else found[0], name)
    refuse_national_ids(masked, label=FILE_NAME)
    return masked


def list_in_document(numbers: Sequence[str]) -> tuple[str, ...]:
    """The national ID numbers among a document's long numbers, masked. Bare ones count only where they are most of
    those with 13 digits, since one in ten of all others looks like it by chance; one in the card's groups always."""
    found = [masked for number in numbers for masked in list_national_ids(number)]
    in_groups = [masked for number in numbers if _is_grouped(number) for masked in list_national_ids(number)]
    enough = 2 * len(found) > sum(len(_digits(_plain(number))) == LENGTH for number in numbers)
    return tuple(found if enough else in_groups)


def _is_grouped(number: str) -> bool:
    return tuple(map(len, re.findall("[0-9]+", _plain(number)))) == GROUPS


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(THAI_DIGITS)
    if not plain.isascii():
        plain = _OTHER_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), plain)
    return plain


def is_national_id(digits: str) -> bool:
    """Whether 13 plain digits end in their check digit, and begin as numbers of persons do."""
    if len(digits) != LENGTH or not (digits.isascii() and digits.isdigit()) or digits[0] in "09":
        return False
    weighed = sum(int(digit) * (LENGTH - place) for place, digit in enumerate(digits[:-1]))
    return (11 - weighed % 11) % 10 == int(digits[-1])


def _in_run(run: str) -> Iterator[str]:
    """The numbers in digits that only blanks and hyphens part. The whole run may be grouped in any way; within a
    longer one (a telephone number stands before it) a number stands in one piece or in the card's groups."""
    groups = re.findall("[0-9]+", run)
    whole = "".join(groups)
    if is_national_id(whole):
        yield _masked(whole)
        return
    for start, group in enumerate(groups):
        five = groups[start : start + len(GROUPS)]
        if is_national_id(group):
            yield _masked(group)
        elif tuple(map(len, five)) == GROUPS and is_national_id("".join(five)):
            yield _masked("".join(five))


def _parted(text: str) -> Iterator[str]:
    """Numbers in the card's groups, or digit by digit, whatever stands in between; digit by digit always the same, and
    no digit more or less: marks are listed like that, too. Those that `_RUN` sees whole are left out."""
    one_by_one = (each for each in _ONE_BY_ONE.finditer(text) if len(set(re.findall("[^0-9]+", each[0]))) == 1)
    for found in (*_IN_GROUPS.finditer(text), *one_by_one):
        if is_national_id(_digits(found[0])) and not _RUN.fullmatch(found[0]):
            yield _digits(found[0])


def _digits(run: str) -> str:
    return "".join(re.findall("[0-9]+", run))


def _masked(digits: str) -> str:
    return f"{digits[0]}-xxxx-xxxxx-xx-{digits[-1]}"
