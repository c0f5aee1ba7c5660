"""How far the sheets of a book reach: known before any room is made for their cells."""

from award.tables.refusing import Wrong
from scoring_rules.words import Words

MOST_ROWS, MOST_COLUMNS = 5_000, 5_000
MOST_CELLS = 2_000_000  # rows × columns, of all sheets together
MOST_SHEETS = 100
MOST_PARTS = 2_000_000  # elements of XML; a book of 1,000 entries has some 500,000


class Extent:
    """Watches one book. A reader makes room for every cell up to the farthest row and the farthest column of a sheet,
    whichever cells they are of: so what counts is the box around them, and all boxes together."""

    def __init__(self) -> None:
        self.sheets = self.parts = 0
        self.before = self.rows = self.columns = 0

    def next_sheet(self) -> None:
        """Another sheet begins. Raises Wrong where there are too many."""
        self.before += self.rows * self.columns
        self.rows = self.columns = 0
        self.sheets += 1
        if self.sheets > MOST_SHEETS:
            raise _too_far(f"แฟ้มมี {self.sheets:,} แผ่น", f"The file has {self.sheets:,} sheets")

    def reach(self, rows: int, columns: int) -> None:
        """A cell stands there. Raises Wrong where the book reaches farther than any form."""
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)
        if rows > MOST_ROWS or columns > MOST_COLUMNS or self.before + self.rows * self.columns > MOST_CELLS:
            place = f"{self.rows:,}", f"{self.columns:,}"
            raise _too_far(
                "แผ่นงานยาวถึงแถว {} คอลัมน์ {}".format(*place), "A sheet reaches row {}, column {}".format(*place)
            )

    def part(self) -> None:
        """One more element. Raises Wrong where reading them all would take too long."""
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise _too_far(f"แฟ้มมีเกิน {MOST_PARTS:,} ชิ้นส่วน", f"The file has over {MOST_PARTS:,} parts")


def _too_far(thai: str, english: str) -> Wrong:
    return Wrong(
        "sheet_too_large",
        Words(f"{thai} เกินที่แบบกรอกของระบบมีได้", f"{english}: more than a form of this site has."),
        Words("ใช้ไฟล์ที่ดาวน์โหลดจากระบบ", "Use the file that was downloaded."),
    )
