"""The audit sheet: every ranking recomputed by a spreadsheet in whole numbers, beside what the system found."""
