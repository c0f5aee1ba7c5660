"""award rules vocabulary: every word of the rule format with its three readings."""

import click

from award.cli.reading import in_language
from exports.vocabulary import all_readings
from scoring_rules.words import Words

HEADING = Words(
    "คำทุกคำของเกณฑ์ พร้อมการอ่านสามแบบ: ค่าที่แท้จริง คำอธิบาย สูตรในตารางตรวจสอบ (จากการแข่งขันตัวอย่างที่สมมติขึ้น)",
    "Every word of the rules with its three readings: exact value, explanation, formula of the audit sheet"
    " (on an invented contest)",
)

FOR_WHOM = Words(
    "สำหรับผู้ตรวจสอบและผู้เขียนโปรแกรมสมุดงาน ผู้จัดรางวัลอ่าน docs/rules-format.th.md",
    "For auditors and writers of workbooks; organizers read docs/rules-format.md",
)


@click.command()
@in_language
def vocabulary(*, language: str) -> None:
    """Print every word of the rule format: exact value, explanation, spreadsheet formula."""
    click.echo(FOR_WHOM.in_language(language))
    click.echo(HEADING.in_language(language))
    family, count = "", 0
    for found in all_readings():
        if found.word.family != family:
            family = found.word.family
            click.echo(f"\n{family}")
        count += 1
        click.echo(f"  {found.word.word:15} = {found.value}")
        click.echo(f"  {'':15}   {found.en if language == 'en' else found.th}")
        click.echo(f"  {'':15}   ={found.formula}")
    click.echo(Words(f"\n{count} คำ", f"\n{count} words").in_language(language))
