"""What a package says of itself: what it is, what is in it, how anybody checks it."""

from award.queries.cycles import AwardCycle
from award.queries.ranking import Run

TH = """ชุดผลการประเมิน: {award} ประจำปี พ.ศ. {year}
รุ่น: {edition} · การคำนวณเลขที่ {run} ({kind}) · บันทึก {log} จำนวน {size} บรรทัด
{invented}
ชุดนี้ทำให้ใครก็ตรวจผลได้เอง โดยไม่ต้องเชื่อระบบที่ทำมันขึ้นมา

วิธีตรวจ (ต้องมี Python 3.11 ขึ้นไป ไม่ต้องติดตั้งอะไรเพิ่ม ไม่ต้องต่ออินเทอร์เน็ต)
  python verify.py ชื่อไฟล์นี้.zip --anchor "รหัสรากจากรายงานการประชุม"
เพิ่ม --key "กุญแจสาธารณะจากคำสั่งแต่งตั้ง" ถ้ามีการลงนาม
โปรแกรมตอบทีละขั้นว่าผ่าน (OK) หรือไม่ผ่าน (FAIL) พร้อมบอกบรรทัด ช่อง และค่าทั้งสองที่ไม่ตรงกัน

ควรรับ verify.py จากที่อื่นที่เชื่อถือได้ หรือเทียบ SHA-256 ของมันกับที่ประกาศไว้ เพราะผู้ปลอมชุดนี้ย่อมปลอม verify.py ในชุดได้ด้วย
รหัสรากต้องมาจากรายงานการประชุมที่ลงนาม จากบันทึกภาพการประชุม หรือจากอีเมลที่ได้รับในวันนั้น ไม่ใช่จากชุดนี้

ในชุดนี้มี
  ledger.jsonl     ทุกการกระทำ บรรทัดละหนึ่งอย่าง แต่ละบรรทัดมีแฮชของบรรทัดก่อนหน้า
  checkpoint.txt   จำนวนบรรทัดและรหัสราก (มีลายมือชื่อดิจิทัลถ้าตั้งกุญแจไว้)
  rules.yaml       เกณฑ์ที่ใช้ ตามที่ตรึงไว้เมื่อเปิดรอบ
  facts.json       ข้อเท็จจริงที่ใช้คำนวณ · results.json ผลการคำนวณ · ranking.xlsx สมุดงาน
  evidence.csv     SHA-256 ของแฟ้มหลักฐาน (ไม่มีตัวแฟ้ม)
{extra}"""

EN = """Result package: {award}, {year} B.E.
Edition: {edition} · run {run} ({kind}) · log {log}, {size} lines
{invented}
With this package anybody can check the result without trusting the system that made it.

How to check (Python 3.11 or newer; nothing to install, no network)
  python verify.py THIS-FILE.zip --anchor "the root from the signed minutes"
Add --key "the public key from the appointment order" where roots are signed.
It answers step by step OK or FAIL, naming the line, the cell and both values that differ.

Take verify.py from another place that you trust, or compare its SHA-256 with the published one: whoever forges this
package can forge the verify.py inside it. The root must come from the signed minutes, the recording of the meeting or
the mail of that day, never from this package.

In this package
  ledger.jsonl     every act, one on each line, each line with the hash of the one before
  checkpoint.txt   number of lines and root (signed where a key is set)
  rules.yaml       the rules that decided, as pinned when the round opened
  facts.json       what was calculated from · results.json the result · ranking.xlsx the workbook
  evidence.csv     SHA-256 of each evidence file (without the files)
{extra}"""

EXTRA = {
    ("th", "public"): "รุ่นสาธารณะ: กรรมการปรากฏเป็นนามแฝง ไม่มีข้อความที่กรรมการเขียน\n",
    ("en", "public"): "Public edition: members stand under aliases; nothing that members wrote is in it.\n",
    ("th", "auditor"): "รุ่นผู้ตรวจสอบ: seal.txt และ names.json เปิดนามแฝง texts.jsonl คือข้อความที่ยังไม่ถูกลบ โปรดเก็บเป็นความลับ\n",
    ("en", "auditor"): "Auditor's edition: seal.txt and names.json open the aliases, texts.jsonl holds what was "
    "written and not erased. Keep it confidential.\n",
}
EDITIONS = {"th": {"public": "สาธารณะ", "auditor": "ผู้ตรวจสอบ"}, "en": {"public": "public", "auditor": "auditor"}}
KINDS = {
    "th": {"official": "ทางการ", "provisional": "ชั่วคราว"},
    "en": {"official": "official", "provisional": "provisional"},
}
INVENTED = {"th": "ข้อมูลสมมติ ใช้สาธิตเท่านั้น\n", "en": "Invented data, for demonstration only.\n"}


def readme(
    language: str, *, award: AwardCycle, run: Run, code: str, log: str, size: int, edition: str
) -> str:  # fmt: skip
    """README-TH.txt or README-EN.txt of a package."""
    return (TH if language == "th" else EN).format(
        award=award.name_th if language == "th" else award.name_en, year=award.year, run=code, log=log, size=size,
        edition=EDITIONS[language][edition], kind=KINDS[language][run.kind],
        invented=INVENTED[language] if award.invented else "", extra=EXTRA[language, edition],
    )  # fmt: skip
