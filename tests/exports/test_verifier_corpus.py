"""B63 and B64 of the corpus: hostile packages and ledgers, through the command line that an outsider runs."""

import io
import json
import warnings
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import pytest

from exports.verifier import main as command
from tests.exports.package_by_hand import vkey, zipped
from tests.exports.small_round import small_round
from tests.exports.tamperings import TAMPERINGS

CORPUS = Path(__file__).parent.parent / "corpus"
FILES = sorted(CORPUS.glob("B6[34]_*/expect.json"))
CASES = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in FILES}
TRIES = [(name, place) for name, case in CASES.items() for place in range(len(case["tries"]))]


def package_of(asked: dict[str, Any]) -> bytes:
    """A good package with what the try does to it: one of the ways to tamper, or a file of this name added."""
    if "tampering" in asked:
        way = next(each for each in TAMPERINGS if each.name == asked["tampering"])
        return way.made(small_round().files(auditor=way.auditor))
    made = io.BytesIO(zipped(small_round().files()))
    with ZipFile(made, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile warns of a name that is there twice: it is the point
        archive.writestr(ZipInfo(asked["added"], (1980, 1, 1, 0, 0, 0)), b"x")
    return made.getvalue()


@pytest.mark.parametrize(("name", "place"), TRIES, ids=lambda value: str(value))
def test_a_hostile_package_is_told_by_its_sentence(
    name: str, place: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = CASES[name]["tries"][place]
    package = tmp_path / "package.zip"
    package.write_bytes(package_of(asked))
    for language in ("th", "en"):
        code = command.main([str(package), "--key", vkey(), "--language", language])
        said = capsys.readouterr().out
        assert code == asked["exit"]
        assert asked[language] in said
        assert "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["package.zip"], "nothing is unpacked anywhere"


def test_both_cases_are_there() -> None:
    assert [name[:3] for name in CASES] == ["B63", "B64"]
    assert len(TRIES) > 25
