"""Guides and decisions; `make_pictures` makes the pictures."""
