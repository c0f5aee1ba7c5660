"""Reads, one module per noun: named, in a total order, with a constant number of statements."""
