"""The same input gives the same bytes, in whatever process it is calculated."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scoring_rules import evaluate, explain
from tests.random_facts import contest

ROOT = Path(__file__).parents[2]
SEEDS = range(25)


def fingerprint() -> str:
    """Of the facts, the rankings and every explanation of some random contests."""
    said = hashlib.sha256()
    for seed in SEEDS:
        given = contest(seed)
        evaluation = evaluate(given.rules, given.facts, stage=given.stage, earlier=given.earlier)
        said.update(given.facts.to_json().encode() + evaluation.to_json().encode())
        for ranking in evaluation.rankings:
            for line in ranking.standings:
                said.update("\n".join(explain(line, "th") + explain(line, "en")).encode())
    return said.hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "1", "4711"])
def test_another_process_with_other_hashes_gives_the_same_bytes(hash_seed: str):
    asked = f"from {__name__} import fingerprint; print(fingerprint())"
    answer = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=True,
        text=True,
    )
    assert answer.stdout.strip() == fingerprint()


def test_another_contest_gives_other_bytes():
    results = {
        evaluate(*contest(seed)[:2], stage=contest(seed).stage, earlier=contest(seed).earlier).to_json()
        for seed in SEEDS
    }
    assert len(results) == len(SEEDS)
