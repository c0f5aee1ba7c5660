"""verify.py as one file: the modules of this package one after the other, without the imports between them."""

import ast
import re
from functools import lru_cache
from graphlib import TopologicalSorter
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = "exports.verifier"
LAST, NOT_JOINED = "main", {"__init__", "join"}
HEAD = '''#!/usr/bin/env python3
"""Checks a results package of an award. One file, only the standard library, no network. Python 3.11 or newer.

    python verify.py package.zip [--key KEY] [--anchor ROOT|FILE] [--older OLD.zip] [--evidence DIR] [--language th|en]

Exit 0: OK, 1: FAIL, 2: could not check, 3: a newer result took its place.

Take this file from a place that you trust, not from the package: whoever
forges a package can forge the verify.py inside it.
"""

from __future__ import annotations

'''
TAIL = '\n\nif __name__ == "__main__":\n    sys.exit(main())\n'


@lru_cache(maxsize=1)
def verifier_text() -> str:
    """The whole verifier as one runnable file; the same modules give the same text.

    Raises ValueError where two modules call different things by one name, or rename what they import: joined, one
    would take the other's place.
    """
    sources = {path.stem: path.read_text(encoding="utf-8") for path in HERE.glob("*.py") if path.stem not in NOT_JOINED}
    imports: set[str] = set()
    owner: dict[str, str] = {}
    bodies = []
    for name in _in_order(sources):
        body, outside = _without_imports(name, sources[name])
        imports |= outside
        for defined in _top_level(sources[name]):
            if owner.setdefault(defined, name) != name:
                raise ValueError(f"{defined} stands in {owner[defined]} and in {name}")
        bodies.append(f"\n\n# --- {name} {'-' * (112 - len(name))}\n\n{body.strip()}\n")
    return HEAD + "\n".join(sorted(imports)) + "\n" + "".join(bodies) + TAIL


def _in_order(sources: dict[str, str]) -> list[str]:
    """Each module after those that it imports; else by name."""
    needs = {name: sorted(_inner(source)) for name, source in sorted(sources.items())}
    return list(TopologicalSorter(needs).static_order())


def _inner(source: str) -> set[str]:
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)]
    return {str(node.module).rpartition(".")[2] for node in nodes if str(node.module).startswith(f"{PACKAGE}.")}


def _without_imports(name: str, source: str) -> tuple[str, set[str]]:
    """A module's text below its docstring and imports, and the imports from outside, one name on each line."""
    lines, outside, last = source.splitlines(), set(), 0
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            last = node.end_lineno or last
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if any(alias.asname for alias in node.names):
                raise ValueError(f"{name} renames what it imports")
            if isinstance(node, ast.Import):
                outside |= {f"import {alias.name}" for alias in node.names}
            elif not module.startswith(f"{PACKAGE}.") and module != "__future__":
                outside |= {f"from {module} import {alias.name}" for alias in node.names}
    return re.sub(r"  # (?:noqa|type: ignore|fmt)[^\n]*", "", "\n".join(lines[last:])), outside


def _top_level(source: str) -> set[str]:
    """The names that a module gives to things of its own."""
    found: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found
