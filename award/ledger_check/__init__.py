"""Whether the ledger is whole, and whether the tables say what it says: the invariants of a living site."""

from award.ledger_check.check import check_ledger
from award.ledger_check.found import Checked, Found

__all__ = ["Checked", "Found", "check_ledger"]
