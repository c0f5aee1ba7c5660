"""What holds for the tree as a whole: no trace of a machine, pinned packages, small files, who imports whom."""

import ast
import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dev

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("award", "scoring_rules", "exports")
MOST_LINES = 400
UNDECIDED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "services"}
# Written in pieces, so that this file does not trip over itself.
TRACES = re.compile(
    r"(?<![\w.~-])/(?:" + "|".join(["work", "tmp", "root", "farm", "Users"]) + r")/"
    r"|[A-Z]:\\+Users\\|(?<![\w/])\.\./" + r"(?:shared|\.library)\b"
    r"|" + r"\b(?:pypi\.(?:org|python)|files\.python" + r"hosted|registry\.npm|--(?:extra-)?index-url)"
)


def tracked_files() -> list[Path]:
    """Everything git knows of, as the next clone will have it."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def python_files(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def traces_in(text: str) -> list[str]:
    lines = enumerate(text.splitlines(), 1)
    return [f"{number}: {line.strip()[:100]}" for number, line in lines if TRACES.search(line)]


def imported_roots(path: Path) -> set[str]:
    """The top-level names a file imports from elsewhere, wherever in the file it does."""
    roots = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            roots.add(str(node.module).split(".")[0])
    return roots


def pins_in(lock: Path) -> dict[str, tuple[str, int]]:
    """Package name to (version, number of hashes), read the way pip reads it: one logical line per requirement."""
    logical = re.sub(r"\\\n", " ", lock.read_text(encoding="utf-8"))
    pins = {}
    for line in logical.splitlines():
        if line and not line.startswith((" ", "#")):
            found = re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)", line)
            assert found, f"{lock.name}: not pinned with ==: {line[:80]}"
            pins[found[1].lower()] = (found[2], len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", line)))
    return pins


def declared(section: str, key: str) -> set[str]:
    """The distribution names setup.cfg asks for, as a lock writes them."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = [line.strip() for line in config[section][key].splitlines()]
    names = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines if line and not line.startswith("#")]
    return {re.sub(r"[._]+", "-", name[0]).lower() for name in names if name}


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    found = {}
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" not in content and (lines := traces_in(content.decode("utf-8"))):
            found[str(path.relative_to(ROOT))] = lines
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "see /wo" + "rk/main/x",
        'open("/tm' + 'p/x")',
        "C:\\Us" + "ers\\a",
        "read ../" + "shared/x",
        "https://py" + "pi.org/x",
    ],
)
def test_a_trace_of_a_machine_is_noticed(line: str) -> None:
    assert traces_in(line)


@pytest.mark.parametrize(
    "line", ["https://example.test/wo" + "rk/plan", "static/root.css", "work/life", "a/tm" + "p/b"]
)
def test_ordinary_text_is_no_trace(line: str) -> None:
    assert traces_in(line) == []


@pytest.mark.parametrize("lock", dev.LOCKS.values(), ids=dev.LOCKS)
def test_every_package_is_pinned_with_hashes(lock: Path) -> None:
    pins = pins_in(lock)
    assert len(pins) > 10
    assert [name for name, (_, hashes) in pins.items() if hashes == 0] == []


def test_the_test_lock_contains_the_run_lock() -> None:
    run, test = pins_in(dev.LOCKS["run"]), pins_in(dev.LOCKS["test"])
    assert {name: pin for name, pin in run.items() if test.get(name) != pin} == {}


def test_what_setup_cfg_asks_for_is_locked() -> None:
    assert declared("options", "install_requires") - set(pins_in(dev.LOCKS["run"])) == set()
    assert declared("options.extras_require", "test") - set(pins_in(dev.LOCKS["test"])) == set()


def test_dev_py_needs_the_standard_library_only() -> None:
    assert imported_roots(ROOT / "dev.py") - sys.stdlib_module_names == set()


def test_the_engine_needs_the_standard_library_and_the_yaml_reader_only() -> None:
    official = [path for path in python_files("scoring_rules") if "fairness" not in path.parts]
    allowed = sys.stdlib_module_names | {"ruamel", "scoring_rules"}
    foreign = {str(path.relative_to(ROOT)): imported_roots(path) - allowed for path in official}
    assert {path: names for path, names in foreign.items() if names} == {}


def test_files_stay_small() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files(*ROOMS)
        if "migrations" not in path.parts
    }
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_file_has_the_name_of_a_decision_not_made() -> None:
    assert [str(path.relative_to(ROOT)) for path in python_files(*ROOMS) if path.stem in UNDECIDED_NAMES] == []
    folders = {parent for path in python_files(*ROOMS) for parent in path.relative_to(ROOT).parts[:-1]}
    assert folders & UNDECIDED_NAMES == set()


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in python_files(*ROOMS, "templates")}
    assert [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_a_wheel_carries_every_file_that_is_not_code() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    packed = {
        path
        for room, patterns in config["options.package_data"].items()
        for pattern in patterns.split()
        for path in (ROOT / room).glob(pattern)
    }
    inside = [path for path in tracked_files() if path.relative_to(ROOT).parts[0] in (*ROOMS, "templates")]
    assert [str(path.relative_to(ROOT)) for path in inside if path.suffix != ".py" and path not in packed] == []


@pytest.fixture
def copied_rooms(tmp_path: Path) -> Path:
    """The rooms and their contracts in a place where they may be broken."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    return tmp_path


def contracts_in(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
    )


def test_the_contracts_are_kept(copied_rooms: Path) -> None:
    outcome = contracts_in(copied_rooms)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


FORBIDDEN = {
    "scoring_rules/exact.py": ("import exports", "award imports exports imports scoring_rules, never back"),
    "award/policy.py": ("import award.queries", "Inside award each layer knows only the layers below it"),
    "award/db/__init__.py": ("import flask", "What decides and what stores knows nothing of HTTP"),
    "award/forms/__init__.py": (
        "import sqlalchemy",
        "Forms, policy, workbooks and engine know nothing of the database",
    ),
    "award/queries/__init__.py": (
        "import scoring_rules",
        "Storing, asking and permitting know nothing of the engine; evaluation is the bridge",
    ),
    "award/evaluation.py": ("import openpyxl", "Only the two doors to Excel touch openpyxl"),
    "scoring_rules/words.py": (
        "import numpy",
        "The engine's official path needs the standard library and the YAML reader only",
    ),
}


def test_a_forbidden_import_breaks_its_contract(copied_rooms: Path) -> None:
    for name, (line, _) in FORBIDDEN.items():
        with (copied_rooms / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    (copied_rooms / "award" / "unlisted.py").write_text("", encoding="utf-8")
    outcome = contracts_in(copied_rooms)
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    broken = set(re.findall(r"^(.+) BROKEN\b", outcome.stdout, re.MULTILINE))
    assert {contract for _, contract in FORBIDDEN.values()} - broken == set(), outcome.stdout
    assert "award.unlisted" in outcome.stdout, "a module without a layer must be reported"


def test_a_half_made_venv_counts_as_nothing(tmp_path: Path) -> None:
    assert dev.read_stamp(tmp_path / ".venv" / "installed.json") == {}
    torn = tmp_path / "installed.json"
    torn.write_text('{"python": "3.1', encoding="utf-8")
    assert dev.read_stamp(torn) == {}
    dev.write_stamp({"python": "3.11", "run": "abc"}, torn)
    assert dev.read_stamp(torn) == {"python": "3.11", "run": "abc"}


def test_a_python_that_is_gone_has_no_version(tmp_path: Path) -> None:
    assert dev.version_of(dev.venv_python(tmp_path)) == ""
    assert dev.version_of(Path(sys.executable)) == f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_a_lock_is_the_same_lock_with_other_line_endings(tmp_path: Path) -> None:
    (tmp_path / "unix").write_bytes(b"a==1\nb==2\n")
    (tmp_path / "windows").write_bytes(b"a==1\r\nb==2\r\n")
    (tmp_path / "other").write_bytes(b"a==1\nb==3\n")
    assert dev.fingerprint(tmp_path / "unix") == dev.fingerprint(tmp_path / "windows")
    assert dev.fingerprint(tmp_path / "unix") != dev.fingerprint(tmp_path / "other")


@pytest.mark.parametrize("which", dev.LOCKS)
def test_the_list_of_parts_names_each_pin_with_its_files_and_who_needs_it(which: str) -> None:
    told = json.loads(dev.bill_of(which))
    assert (told["bomFormat"], told["specVersion"], told["version"]) == ("CycloneDX", "1.6", 1)
    parts = {part["bom-ref"]: part for part in told["components"]}
    lock = dev.LOCKS[which].read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE)
    assert set(parts) == {f"pkg:pypi/{name}@{version}" for name, version in pins}
    hashes = [each["content"] for part in parts.values() for each in part["externalReferences"][0]["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", lock))
    needs = {each["ref"]: set(each["dependsOn"]) for each in told["dependencies"]}
    assert set(needs) == {*parts, "award-scoring"}
    assert set().union(*needs.values()) == set(parts), "nothing is pinned that nobody needs"
    named = {part["name"]: ref for ref, part in parts.items()}
    assert named["flask"] in needs["award-scoring"] and named["werkzeug"] in needs[named["flask"]]
    only = {part["name"]: part["properties"][0]["value"] for part in parts.values() if "properties" in part}
    assert only["pycparser"] == "implementation_name != 'PyPy'"
    assert dev.bill_of(which) == dev.bill_of(which), "the same lock gives the same bytes"


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["serve"], 2), (["sbom", "none"], 2), (["--help"], 0)])
def test_dev_py_explains_itself_and_installs_nothing(arguments: list[str], code: int, tmp_path: Path) -> None:
    shutil.copy(ROOT / "dev.py", tmp_path)
    outcome = subprocess.run(
        [sys.executable, tmp_path / "dev.py", *arguments], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert outcome.returncode == code
    assert "python3 dev.py run [--no-serve]" in outcome.stdout + outcome.stderr
    assert not (tmp_path / ".venv").exists()
