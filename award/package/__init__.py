"""A result as one file that anybody can check: built from a run and its ledger."""
