"""The verifier computes what the engine computes, reads what the YAML reader reads, and stands alone as one file."""

import ast
import contextlib
import io
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from exports.ranking_workbook import ranking_workbook
from exports.verifier import main as command
from exports.verifier.amounts import exact
from exports.verifier.anchors import check_prefix
from exports.verifier.canonical import NotCanonical, canonical, read_canonical
from exports.verifier.chain import read_ledger
from exports.verifier.ed25519 import is_signed
from exports.verifier.join import verifier_text
from exports.verifier.note import check_signatures, read_checkpoint, read_key
from exports.verifier.ranks import Left, Ranking, rank_all
from exports.verifier.results import check_results
from exports.verifier.rules import read_rules
from exports.verifier.said import CannotCheck, Failed, NotChecked
from exports.verifier.tree import root_of, roots_of
from exports.verifier.workbook import check_workbook
from exports.verifier.yaml_text import read_yaml
from scoring_rules import evaluate
from scoring_rules.results import Evaluation
from scoring_rules.source import ListNode, Node, TextNode, read_source
from tests.exports.example import provenance
from tests.exports.package_by_hand import KEY, OTHER_KEY, checkpoint, leaf, root, vkey, zipped
from tests.exports.small_round import small_round
from tests.random_facts import Contest, contest

ROOT = Path(__file__).resolve().parents[2]
RULE_FILES = sorted([*ROOT.glob("scoring_rules/sets/**/*.yaml"), *ROOT.glob("tests/cases/**/*.yaml")])
VERIFIER = sorted((ROOT / "exports" / "verifier").glob("*.py"))

# Rules --------------------------------------------------------------------------------------------------------------


def texts(node: Node) -> object:
    """A node of the engine's reader as texts, lists and mappings."""
    if isinstance(node, TextNode):
        return node.text
    if isinstance(node, ListNode):
        return [texts(item) for item in node.items]
    return {key: texts(value) for key, (_, value) in node.entries.items()}


def read_or_none(content: bytes) -> object:
    try:
        return read_yaml(content)
    except Failed:
        return None


def test_every_rule_file_reads_as_the_engine_reads_it() -> None:
    read = refused = 0
    for path in RULE_FILES:
        source = read_source(path.read_bytes(), file=path.name)
        good = source.root is not None and not source.problems
        mine = read_or_none(path.read_bytes())
        if good and source.root is not None:
            # A word without a colon inside { } is a key to the one and an error to the other; rules refuse it anyway.
            assert mine == texts(source.root) or path.name == "text_with_a_comma.yaml", path
            read += 1
        else:
            assert mine is None, path
            refused += 1
    assert (read > 60, refused > 10) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "a: >\n  one\n  two\n\n  three\nb: |\n  x\n    y\n", "a: >-\n  one\n   two\n  three\n", "a: |+\n  x\n\n",
        "a: one\n  two\n\n  three # said\n", "a: 'it''s\n  so'\nb: \"\\u0e01\\n\\\n  x\"\n",
        "- - a\n  - b\n- c: d\n  e:\n  - f\n-\n",
        '{"a": ["b", {c: d, "e":f}], g: }\n', "a: # nothing\nb: c#d\nc: x:y\n", "---\na: b\r\nc:\r\n- d\r\n",
        "a: [x, y,\n  z]\nb: {}\n",
    ],
)  # fmt: skip
def test_scalars_and_brackets_read_as_the_engine_reads_them(text: str) -> None:
    source = read_source(text, file="x")
    assert source.root is not None
    assert source.problems == ()
    assert read_yaml(text.encode()) == texts(source.root)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b\nc: &x d\n", 2), ("a: *x\n", 1), ("a: !!int 3\n", 1), ("%YAML 1.2\n---\na: b\n", 1), ("a: b\na: c\n", 2),
        ("a:\n\tb: c\n", 2), ("a: b\n---\nc: d\n", 2), ("a: [b\n", 1), ("a: b: c\n", 1), ("a: 'b\n", 1),
        ("a: b\n   c: d\n", 2), ("a: " + "[" * 99, 1),
        ("a: \u202eb\n\x07", 2), ("", 1), ("? a\n: b\n", 1), ("{a: b}}\n", 1), ("a: - b\n", 1),
    ],
)  # fmt: skip
def test_what_rule_files_do_not_use_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Failed, match=f"line {line}"):
        read_yaml(text.encode())


# Ranking and workbook -----------------------------------------------------------------------------------------------


def ranked(asked: Contest) -> tuple[list[Ranking], Evaluation]:
    """The rankings of a contest as the verifier computes them, and as the engine does."""
    evaluation = evaluate(asked.rules, asked.facts, stage=asked.stage, earlier=asked.earlier)
    earlier = None
    if asked.earlier is not None:
        earlier = {
            key: Left(None if left.total_exact is None else Fraction(left.total_exact), left.advances)
            for key, left in asked.earlier.items()
        }
    rules = read_rules(read_yaml(asked.rules.text.encode()))
    return rank_all(rules, json.loads(asked.facts.to_json()), stage=asked.stage, earlier=earlier), evaluation


def header_of(asked: Contest) -> dict[str, object]:
    made_by = {"id": asked.rules.id, "sha256": asked.rules.sha256}
    return {"format": 1, "rule_set": made_by, "engine": "1.0", "facts_sha256": asked.facts.sha256()}


def test_random_contests_come_out_as_the_engine_ranks_them() -> None:
    for seed in range(70):
        asked = contest(seed)
        computed, evaluation = ranked(asked)
        check_results(json.loads(evaluation.to_json()), computed, header=header_of(asked))


def test_any_number_of_a_result_that_is_changed_is_found() -> None:
    chance, found = Random(4), 0
    for seed in range(12):
        asked = contest(seed)
        computed, evaluation = ranked(asked)
        results = json.loads(evaluation.to_json())
        standings = [each for ranking in results["rankings"] for each in ranking["standings"]]
        if not standings:
            continue
        standing = chance.choice(standings)
        key = chance.choice(
            ["rank", "total", "total_exact", "status", "members", "advances", "decided_by", "tier", "label"]
        )
        standing[key] = "x" if standing[key] is None else None
        with pytest.raises(Failed, match="it says"):
            check_results(results, computed, header=header_of(asked))
        found += 1
    assert found > 8


@pytest.mark.parametrize("seed", range(12))
def test_the_workbooks_of_random_contests_agree_cell_by_cell(seed: int) -> None:
    asked = contest(seed)
    computed, evaluation = ranked(asked)
    language = ("th", "en")[seed % 2]
    book = ranking_workbook(
        rules=asked.rules, facts=asked.facts, evaluation=evaluation, stage=asked.stage, provenance=provenance(),
        language=language,
    )  # fmt: skip
    said = check_workbook(
        book, rules=read_rules(read_yaml(asked.rules.text.encode())), rankings=computed,
        facts=json.loads(asked.facts.to_json()), results=json.loads(evaluation.to_json()),
        stated={"kind": "provisional", "run": "7", "rules_sha256": asked.rules.sha256, "engine": "1.0"},
    )  # fmt: skip
    assert "all agree" in said.en


# Lines, roots, notes ------------------------------------------------------------------------------------------------


def test_roots_are_those_of_rfc_6962() -> None:
    leaves = [leaf(bytes([number])) for number in range(40)]
    assert list(roots_of(leaves)) == [root(leaves[:size]) for size in range(1, 41)]
    assert root_of(leaves) == root(leaves)
    assert root_of([]).hex().startswith("e3b0c44298fc1c14")


def test_random_lines_are_read_back_and_any_other_writing_is_refused() -> None:
    chance = Random(6962)
    for number in range(300):
        value = {
            "a": number,
            "b": "".join(chance.choice('ก"\\\n\x01😀 é') for _ in range(6)),
            "c": [None, True, -number],
        }
        text = canonical(value).encode()
        assert read_canonical(text) == value
        for other in (
            json.dumps(value).encode(),
            text + b" ",
            text.replace(b"{", b"{ ", 1),
            text.replace(b":", b": ", 1),
        ):
            if other != text:
                with pytest.raises(NotCanonical):
                    read_canonical(other)


@pytest.mark.parametrize(
    "text", ['{"a":1.5}', '{"a":NaN}', '{"a":1,"a":1}', '{"ก":1}', "[" * 90 + "]" * 90, '{"a":1e3}', "[", "\xff"]
)
def test_what_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        read_canonical(text.encode("latin-1") if text == "\xff" else text.encode())


def test_signatures_hold_as_the_library_says_and_not_otherwise() -> None:
    chance = Random(8032)
    for number in range(12):
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        message, public = chance.randbytes(number * 7), key.public_key().public_bytes_raw()
        signature = key.sign(message)
        assert is_signed(message, signature=signature, public_key=public)
        bad = bytearray(signature)
        bad[chance.randrange(64)] ^= 1 << chance.randrange(8)
        with pytest.raises(InvalidSignature):
            Ed25519PublicKey.from_public_bytes(public).verify(bytes(bad), message)
        assert not is_signed(message, signature=bytes(bad), public_key=public)
        assert not is_signed(message + b"!", signature=signature, public_key=public)


def test_a_signature_that_fits_every_message_or_has_a_second_form_does_not_hold() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    neutral = (1).to_bytes(32, "little")
    assert not is_signed(b"anything", signature=neutral + bytes(32), public_key=neutral)  # a key of small order
    signature = KEY.sign(b"x")
    second = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    assert not is_signed(b"x", signature=second, public_key=KEY.public_key().public_bytes_raw())


def test_the_key_itself_is_as_good_as_its_text() -> None:
    note = read_checkpoint(checkpoint(b"one line\n", KEY, OTHER_KEY))
    for key in (KEY, OTHER_KEY):
        for given in (vkey(key), key.public_key().public_bytes_raw().hex()):
            assert "awards.example" in check_signatures(note, [read_key(given)]).en
    with pytest.raises(Failed, match="nothing is signed"):
        check_signatures(read_checkpoint(checkpoint(b"one line\n", KEY)), [read_key(vkey()), read_key(vkey(OTHER_KEY))])
    with pytest.raises(NotChecked, match="not signed"):
        check_signatures(read_checkpoint(checkpoint(b"one line\n")), [])
    for wrong in ("", "name", vkey()[:-4], vkey().replace("awards", "aw"), "ab" * 31):
        with pytest.raises(CannotCheck):
            read_key(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "a/b\n1\n",
        "a/b\n01\n{}\n",
        "a/b\n1\n{}",
        "a/b\n1\nAAAA\n",
        "a/b\r\n1\r\n{}\r\n",
        "a/b\n1\n{}\nmore\n",
        "a/b\n1\n{}\n\nx\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(wrong: str) -> None:
    whole = checkpoint(b"one line\n").decode().split("\n")[2]
    with pytest.raises(Failed, match=r"checkpoint\.txt"):
        read_checkpoint(wrong.format(whole).encode())


def test_a_longer_older_ledger_is_no_prefix() -> None:
    with pytest.raises(Failed, match="more than the 1 here"):
        check_prefix(b"a\n", b"a\nb\n")


@pytest.mark.parametrize("text", ["1e3", "1_0", "nan", "0x1", " 1", "1/0", "", "1.", "½"])
def test_what_is_no_exact_number_is_refused(text: str) -> None:
    with pytest.raises(Failed):
        exact(text)


def test_a_ledger_without_a_line_end_is_refused() -> None:
    with pytest.raises(Failed, match="no line end"):
        read_ledger(small_round().files()["ledger.jsonl"][:-1])


# One file -----------------------------------------------------------------------------------------------------------


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return found


def test_the_modules_import_the_standard_library_and_each_other_only() -> None:
    for path in VERIFIER:
        for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
            assert name.startswith("exports.verifier.") or name.split(".")[0] in sys.stdlib_module_names, (
                path.name,
                name,
            )


def test_the_joined_file_is_always_the_same_and_imports_nothing_else() -> None:
    text = verifier_text()
    verifier_text.cache_clear()
    assert verifier_text() == text
    tree = ast.parse(text, feature_version=(3, 9))
    assert {name.split(".")[0] for name in imported(tree)} - sys.stdlib_module_names == set()
    assert "exports.verifier" not in text
    assert not any(
        isinstance(node, ast.Attribute) and node.attr in ("eval", "exec", "system") for node in ast.walk(tree)
    )


@pytest.mark.parametrize("language", ["th", "en", "both"])
def test_the_joined_file_alone_gives_the_same_answers(language: str, tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_text(verifier_text(), encoding="utf-8")
    files = small_round().files()
    for name, content, code in (
        ("good.zip", zipped(files), 0), ("none.zip", b"", 2),
        ("bad.zip", zipped({**files, "rules.yaml": b"a: b\n"}), 1),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(content)
        asked = [name, "--key", vkey(), "--language", language]
        alone = subprocess.run(
            [sys.executable, "-I", "-S", "verify.py", *asked], cwd=tmp_path, capture_output=True, check=False
        )
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.chdir(tmp_path):
            assert command.main(asked) == code
        assert (alone.returncode, alone.stdout.decode(), alone.stderr) == (code, said.getvalue(), b"")


def test_no_broken_package_ever_ends_in_a_traceback_or_passes(tmp_path: Path) -> None:
    """Bytes of the files flipped, cut and doubled: each is refused or fails, whatever it hits."""
    chance, files = Random(1), small_round().files(auditor=True)
    names = [name for name in files if name not in ("verify.py", "README-TH.txt", "README-EN.txt")]
    for _ in range(60):
        name = chance.choice(names)
        content = bytearray(files[name])
        start, length = chance.randrange(len(content)), chance.choice([1, 1, 5, 40])
        content[start : start + length] = chance.choice(
            [b"", chance.randbytes(length), bytes(content[start : start + 2 * length]) * 2]
        )
        if bytes(content) == files[name]:
            continue
        package = tmp_path / "package.zip"
        package.write_bytes(zipped({**files, name: bytes(content)}, edition="auditor"))
        with contextlib.redirect_stdout(io.StringIO()):
            code = command.main([str(package), "--key", vkey()])
        assert code != 0 or name == "ranking.xlsx", (name, start)
