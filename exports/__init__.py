"""Workbooks and documents made from the engine's results. No web, no database."""
