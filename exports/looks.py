"""How cells look. Values only; `workbook` turns them into styles."""

from dataclasses import dataclass, replace
from typing import Literal

FONT = "TH SarabunPSK"  # the font of Thai official papers; where it is missing the program shows another
FONT_SIZE = 16
LINE_HEIGHT, NEXT_LINE = 24.0, 21.0  # points that a row of one line takes, and each further line

INK = "1F2933"
MUTED = "52606D"
WARNING = "B42318"
HEADER_FILL = "DCE6F2"
GROUP_FILL = "EEF2F6"
ALERT_FILL = "FDECEA"


@dataclass(frozen=True, slots=True)
class Look:
    """The look of a cell; `format` is an Excel number format."""

    format: str = "General"
    align: Literal["left", "center", "right"] = "left"
    vertical: Literal["top", "center"] = "center"
    bold: bool = False
    size: float = FONT_SIZE
    colour: str = INK
    fill: str | None = None
    border: bool = True
    wrap: bool = True
    indent: int = 0

    def but(self, **changes: object) -> "Look":
        """This look with some parts changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def number_format(places: int) -> str:
    """The Excel format with exactly `places` decimals."""
    return "0." + "0" * places if places else "0"


# d mmmm yyyy by the Buddhist calendar, in Thai; the cell holds a true date.
THAI_DATE = "[$-107041E]d mmmm yyyy;@"
THAI_MOMENT = '[$-107041E]d mmm yyyy hh"."mm" น.";@'
ENGLISH_DATE = "[$-409]d mmmm yyyy;@"
ENGLISH_MOMENT = "[$-409]d mmm yyyy hh:mm;@"

TEXT = Look()
CENTRED = Look(align="center")
BOLD = Look(bold=True)
FOR_NOTHING = Look(align="center", colour=MUTED)
WHOLE = Look(format="0", align="center")
THOUSANDS = Look(format="#,##0", align="right")
ANY_NUMBER = Look(format="#,##0.######", align="right")
HEADER = Look(bold=True, align="center", fill=HEADER_FILL)
GROUP = Look(bold=True, fill=GROUP_FILL, border=False, wrap=False)
PART = Look(bold=True, fill=GROUP_FILL)
ALERT = Look(bold=True, colour=WARNING, fill=ALERT_FILL)
TITLE = Look(bold=True, size=20, border=False, wrap=False)
TITLE_LINES = 1.3  # the height of a title in lines of text
SUBTITLE = Look(bold=True, border=False, wrap=False)
WARNING_LINE = Look(bold=True, colour=WARNING, border=False, wrap=False)
ASIDE = Look(align="center", colour=MUTED, border=False, size=12)
NOTE_LINE = Look(colour=MUTED, border=False, wrap=False)
PLAIN = Look(border=False)
PLAIN_BOLD = Look(border=False, bold=True)
SIGNATURE = Look(border=False, align="center")


def number(places: int) -> Look:
    """A number shown with exactly `places` decimals."""
    return Look(format=number_format(places), align="right")


def date_look(language: str) -> Look:
    """A true date shown in the Buddhist Era (Thai) or the Common Era (English)."""
    return Look(format=ENGLISH_DATE if language == "en" else THAI_DATE, align="center")


def moment_look(language: str) -> Look:
    """A true date and time, shown as `date_look` shows dates."""
    return Look(format=ENGLISH_MOMENT if language == "en" else THAI_MOMENT, align="center")
