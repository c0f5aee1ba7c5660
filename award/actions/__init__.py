"""Writes, one module per noun: each verb is one transaction that leaves one line in the ledger."""
