"""How what is wrong with a filled workbook is noted, and how a refusal of the site is said in both languages."""

from collections.abc import Callable, Mapping
from typing import Any

from award.errors import Refusal
from award.score_sheets.problems import Problems
from scoring_rules.words import Words

Speak = Callable[[str, Mapping[str, Any]], Words]
"""A text of the catalogue, its places filled from the values, in the languages it is needed in."""

FETCH_AGAIN = Words(
    "ดาวน์โหลดแบบเป็นไฟล์ Excel ใหม่ แล้วคัดลอกคำตอบลงช่องเดิม",
    "Download the form as a workbook again and copy the answers into the same cells.",
)
TYPE_VALUE = Words("พิมพ์ค่าแทน", "Type the value instead.")
MEND = Words("แก้ช่องนี้ในไฟล์ แล้วเลือกไฟล์อีกครั้ง", "Mend this cell in the file, then choose the file again.")


def says_of(speak: Speak, refusal: Refusal) -> Words:
    """What a refusal says."""
    return speak(refusal.says, refusal.values)


__all__ = ["FETCH_AGAIN", "MEND", "TYPE_VALUE", "Problems", "Speak", "says_of"]
