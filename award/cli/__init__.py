"""The command line: files in, ranking out; rule files checked and shown; the program started. One module a family."""

import io
import sys

import click

from award.cli.account import account
from award.cli.entries import entries
from award.cli.evidence import evidence
from award.cli.ledger import ledger, package
from award.cli.people import people
from award.cli.person import person, tidy
from award.cli.ranking import rank
from award.cli.rules import rules
from award.cli.sheet import sheet
from award.cli.site import backup, check, demo, files, serve, start, upgrade
from award.cli.whatif import whatif


@click.group()
def main() -> None:
    """Award evaluation and scoring: entries in, marks in, explained ranking out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Thai comes out whole on a console of any code page
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


ON_FILES_AND_RECORDS = (rank, rules, sheet, whatif, files, entries, evidence, ledger, package)
for command in (*ON_FILES_AND_RECORDS, start, serve, check, backup, upgrade, demo, people, person, tidy, account):
    main.add_command(command)
