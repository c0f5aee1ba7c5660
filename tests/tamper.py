"""`python -m tests.tamper`: every way of tampering with a package, and the step of the verifier that named it."""

import sys
import tempfile
import time
from pathlib import Path

from exports.verifier.main import check_package
from exports.verifier.said import CannotCheck
from exports.verifier.steps import FAIL
from tests.exports.forging import true_root
from tests.exports.package_by_hand import vkey
from tests.exports.small_round import small_round
from tests.exports.tamperings import NOTHING, REFUSED, TAMPERINGS, Tampering


def named_by(tampering: Tampering, folder: Path) -> tuple[int, str, str]:
    """The first step that failed (REFUSED: no package, NOTHING: none did), its sentence, in Thai and English."""
    evidence = folder / "evidence"
    evidence.mkdir()
    (evidence / "any name.pdf").write_bytes(tampering.evidence)
    (folder / "package.zip").write_bytes(tampering.made(small_round().files(auditor=tampering.auditor)))
    older = ""
    if tampering.older:
        older = str(folder / "older.zip")
        Path(older).write_bytes(tampering.older())
    anchors = [true_root()] if tampering.anchored else []
    try:
        outcomes = check_package(
            str(folder / "package.zip"), keys=[vkey()], anchors=anchors, older=older, evidence=str(evidence)
        )
    except CannotCheck as error:
        return REFUSED, error.said.th, error.said.en
    failed = [each for each in outcomes if each.state == FAIL]
    return (failed[0].number, failed[0].said.th, failed[0].said.en) if failed else (NOTHING, "", "")


def main() -> int:
    """Prints the table; 1 where a tampering was not named by its step."""
    wrong, began = 0, time.perf_counter()
    print("| tampering | with the key | named by step | sentence |\n|---|---|---|---|")
    for tampering in TAMPERINGS:
        with tempfile.TemporaryDirectory() as folder:
            step, _, said = named_by(tampering, Path(folder))
        wrong += (step, tampering.words in said) != (tampering.step, True)
        by = {REFUSED: "refused (exit 2)", NOTHING: "none: OK without a root outside"}.get(step, str(step))
        print(f"| {tampering.name} | {'yes' if tampering.with_key else ''} | {by} | {said} |")
    print(f"\n{len(TAMPERINGS)} tamperings, {wrong} not named as expected, {time.perf_counter() - began:.1f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
