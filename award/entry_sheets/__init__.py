"""A filled entry form read back from its workbook: every cell that would change, or every reason to refuse the file."""

from award.entry_sheets.preview import Change, Preview, Stored, Version
from award.entry_sheets.questions import parts_in
from award.entry_sheets.reading import read_entry_book, revision_of

__all__ = ["Change", "Preview", "Stored", "Version", "parts_in", "read_entry_book", "revision_of"]
