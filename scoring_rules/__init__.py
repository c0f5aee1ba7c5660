"""The engine: rule sets and facts in, explained rankings out. No web, no database, no workbook."""
