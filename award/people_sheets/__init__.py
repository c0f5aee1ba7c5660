"""A list of people and their duties as a workbook or CSV: its columns, and what each filled row says."""
