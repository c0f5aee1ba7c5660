"""All that may be said of a file that is not taken: an id, a sentence with what to do; Thai in the catalogue."""

from typing import Any

from award.errors import N_, Invalid

SAYS = {
    "empty_file": N_("The file is empty. Choose it again; if it stays empty, save it anew first."),
    "file_too_large": N_(
        "The file is %(size)s MB; the limit is %(most)s MB. Reduce it, or send two files, or a link instead."
    ),
    "name_forbidden": N_(
        "The file name has a forbidden character (%(code)s) at position %(at)s. Rename the file and send it again."
    ),
    "kind_not_accepted": N_(
        "Accepted here: %(kinds)s. Save the file as one of these, or send a link instead."
    ),
    "svg": N_("SVG is not accepted. Send PNG or JPEG."),
    "not_its_kind": N_(
        "The content of “%(name)s” is not %(kind)s, whatever its name says. Save it again as one of %(kinds)s."
    ),
    "not_whole": N_("The file is incomplete. It may have been cut during upload. Send it again."),
    "pdf_more_than_pdf": N_("This PDF has extra data outside the document. Print it to PDF again and send that."),
    "pdf_password": N_("The PDF asks for a password. Remove it and send it again."),
    "pdf_active": N_("The PDF contains active content (%(what)s). Print it to PDF again and send that."),
    "pdf_with_files": N_("The PDF holds other files inside. Print it to PDF again, and send the other files apart."),
    "pdf_unreadable": N_("This PDF cannot be read. Print it to PDF again and send that."),
    "picture_too_large": N_(
        "The picture is %(megapixels)s megapixels; the limit is %(most)s. Make it smaller and send it again."
    ),
    "picture_unreadable": N_("This picture cannot be read. Open it, save it as JPEG or PNG, and send that."),
    "macros": N_("The document contains macros. Save it without macros (.docx, .xlsx) or as PDF, and send that."),
    "office_program": N_("The document holds a program or another file inside. Take it out, or send it as PDF."),
    "office_links_out": N_("The document links to another file (%(part)s). Break the links and save it first."),
    "office_bomb": N_("The file unpacks to more than %(most)s MB and was refused. Remove what is not needed."),
    "office_declaration": N_("The document contains a forbidden XML declaration. Save it again in Word or Excel."),
    "office_altered": N_("The file is damaged or was altered. Open it, save it again in Word or Excel, and send that."),
    "office_locked": N_("The document has a password, or is of an old kind. Save it as .docx or .xlsx without one."),
    "national_ids": N_(
        "“%(name)s” holds what looks like national ID numbers (such as %(number)s; %(count)s in all). Take them out or "
        "cover them, and send the file again. If they are other numbers, send a link instead."
    ),
    "took_too_long": N_("This file took too long to look through. Print it to PDF, or make it smaller, and send that."),
    "virus": N_("The virus scanner refused this file (%(found)s). Check your computer, and send another file."),
    "scanner_away": N_(
        "Files cannot be taken just now: the virus scanner does not answer. Try again in some minutes, or tell the "
        "organizer. Nothing else is lost."
    ),
    "busy": N_("Many files are being looked at just now. Send it again in a minute."),
    "already_attached": N_("This file is already attached as “%(title)s”."),
    "too_many_pieces": N_("There are already %(most)s here, which is the most that is possible. Remove one first."),
    "entry_full": N_(
        "With it this entry would hold %(count)s files, %(size)s MB; %(files)s files and %(most)s MB are possible. "
        "Remove one first, or send a link."
    ),
    "province_full": N_(
        "With it the province would hold %(count)s files, %(size)s MB, removed ones included; %(files)s files and "
        "%(most)s MB are possible. Send a link instead, or tell the organizer."
    ),
    "waiting_full": N_(
        "With it, %(count)s files of yours (%(size)s MB) would be on their way at once; %(files)s files and "
        "%(most)s MB are possible. Wait until some have come, then send it again."
    ),
}  # fmt: skip
# What hardly comes about by itself: a line in the security log each.
HOSTILE = frozenset({
    "name_forbidden", "svg", "not_its_kind", "pdf_more_than_pdf", "pdf_active", "pdf_with_files", "picture_too_large",
    "macros", "office_program", "office_links_out", "office_bomb", "office_declaration", "office_altered",
    "took_too_long", "virus", "scanner_away",
})  # fmt: skip
STATUS = {"file_too_large": 413, "scanner_away": 503, "busy": 503}


class Harm(Exception):
    """What was found in a file: the id of a sentence, and what fills its places."""

    def __init__(self, id: str, **values: str | int):
        super().__init__(id)
        self.id, self.values = id, values


def refused(id: str, **values: Any) -> Invalid:
    """The refusal of that id (422; 413 for what is too large, 503 where only waiting helps)."""
    refusal = Invalid(SAYS[id], id=id, **values)
    refusal.status = STATUS.get(id, 422)
    return refusal
