"""A filled entry form read back from its workbook: every cell that would change, or every reason to refuse the file."""

from award.entry_sheets.preview import Change, Preview, Stored, Version
from award.entry_sheets.questions import parts_in
from award.entry_sheets.reading import OpenedBook, open_entry_book, read_entry_book

__all__ = [
    "Change", "OpenedBook", "Preview", "Stored", "Version", "open_entry_book", "parts_in", "read_entry_book",
]  # fmt: skip
