"""Jinja pages, one folder per noun; they are handed frozen values and query nothing."""
