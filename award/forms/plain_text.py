"""What a text field holds before it is checked: no character that nobody sees, sara am in one form, blanks as one."""

from award.answers.plain import clean_text


def one_line(typed: str | None) -> str:
    """A line of text as it is stored; a filter of WTForms fields."""
    return clean_text(typed or "")[0]


def many_lines(typed: str | None) -> str:
    """The same with its line ends kept."""
    return clean_text(typed or "", lines=True)[0]
