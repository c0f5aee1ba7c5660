"""Every sentence of the entries' pages has its Thai."""

import io
from pathlib import Path

import pytest
from babel.messages.extract import extract

from award.views.language import read_catalogue

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = [
    *sorted(ROOT.glob("award/*/entr*.py")),
    *sorted(ROOT.glob("award/*/evidence*.py")),
    *sorted(ROOT.glob("award/answers/*.py")),
    *sorted(ROOT.glob("templates/entries/*.html")),
    ROOT / "award" / "actions" / "writable.py",
]


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_every_sentence_has_its_thai(path: Path) -> None:
    method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
    found = extract(method, io.BytesIO(path.read_bytes()), keywords={"N_": None, "gettext": None, "_": None})
    catalogue = read_catalogue("th")
    assert [text for _, text, _, _ in found if not (text in catalogue and catalogue[text].string)] == []
