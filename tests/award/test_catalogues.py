"""Every sentence of the program has one Thai text, with the same places to fill; none is there that nobody says."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from award.views.language import read_catalogue

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "award" / "translations" / "th").glob("*.po"))
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None, "gettext": None, "lazy_gettext": None, "_l": None, "N_": None, "ngettext": (1, 2), "_n": (1, 2),
}  # fmt: skip
PLACE = re.compile(r"%\((\w+)\)([sd])")
THAI = re.compile(r"[\u0e00-\u0e7f]")


def said_in(folder: Path, pattern: str, method: str) -> Iterator[tuple[str, str]]:
    """(text, file and line) of every message in the files of a folder."""
    for file in sorted(folder.rglob(pattern)):
        with file.open("rb") as handle:
            for line, found, _comments, _context in extract(method, handle, keywords=KEYWORDS):
                texts = found if isinstance(found, tuple) else (found,)
                for text in texts:
                    if text:
                        yield text, f"{file.relative_to(ROOT)}:{line}"


@pytest.fixture(scope="module")
def said() -> dict[str, list[str]]:
    """Every text that code and templates ask for → where."""
    places: dict[str, list[str]] = defaultdict(list)
    for text, place in said_in(ROOT / "award", "*.py", "python"):
        places[text].append(place)
    for text, place in said_in(ROOT / "templates", "*.html", "jinja2"):
        places[text].append(place)
    assert len(places) > 300
    assert any(place.startswith("templates/") for where in places.values() for place in where)
    return places


def messages_in(file: Path) -> list[Message]:
    with file.open("rb") as handle:
        catalogue: Catalog = read_po(handle, locale="th", abort_invalid=True)
    return [message for message in catalogue if message.id]


@pytest.fixture(scope="module")
def thai() -> dict[str, list[tuple[str, str]]]:
    """Text → (Thai text, file) of every catalogue that holds it."""
    held: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for file in FILES:
        for message in messages_in(file):
            for each, text in forms_of(message):
                held[each].append((text, file.name))
    return held


def forms_of(message: Message) -> Iterator[tuple[str, str]]:
    """A message's texts with the Thai one: two where the English has a plural, of which the Thai has none."""
    text = message.string if isinstance(message.string, str) else (message.string or [""])[0]
    for each in [message.id] if isinstance(message.id, str) else message.id:
        yield each, text


def test_every_text_of_the_program_has_a_thai_one(said: dict[str, list[str]], thai: dict[str, list[tuple[str, str]]]):
    missing = {text: places[0] for text, places in said.items() if not any(found for found, _ in thai.get(text, []))}
    assert missing == {}


def test_a_text_stands_in_one_catalogue_only(thai: dict[str, list[tuple[str, str]]]):
    assert {text: found for text, found in thai.items() if len(found) > 1} == {}


def test_nothing_is_translated_that_the_program_does_not_say(
    said: dict[str, list[str]], thai: dict[str, list[tuple[str, str]]]
):
    assert {text: found[0][1] for text, found in thai.items() if text not in said} == {}


def test_both_languages_fill_the_same_places(thai: dict[str, list[tuple[str, str]]]):
    differing = {
        text: translated
        for text, found in thai.items()
        for translated, _ in found
        if set(PLACE.findall(text)) != set(PLACE.findall(translated))
    }
    assert differing == {}


def test_thai_texts_are_thai_and_the_texts_in_the_code_are_english(
    said: dict[str, list[str]], thai: dict[str, list[tuple[str, str]]]
):
    wordless = {
        text
        for text, found in thai.items()
        if re.search("[A-Za-z]", PLACE.sub("", text)) and not any(THAI.search(each) for each, _ in found)
    }
    assert wordless == set()
    assert {text: places[0] for text, places in said.items() if THAI.search(text)} == {}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_catalogue_reads_whole_and_nothing_in_it_waits_for_a_translator(file: Path):
    messages = messages_in(file)
    assert messages
    assert [message.id for message in messages if message.fuzzy] == []
    assert [message.id for message in messages if not message.string] == []


def test_what_the_program_loads_is_what_the_catalogues_hold(thai: dict[str, list[tuple[str, str]]]):
    loaded = dict(form for message in read_catalogue("th") if message.id for form in forms_of(message))
    for text, found in thai.items():
        assert loaded[text] == found[0][0]
