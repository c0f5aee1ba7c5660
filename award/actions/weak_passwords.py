"""Passwords that are guessed first, told by rule: no list of stolen passwords is needed, held or fetched."""

import re

# Any row of these, with any digits and signs between, is as weak as one of them. English and Thai, and the site's own.
_LINES = (
    "password passwort passw pass word admin administrator root user login signin welcome letmein access secret",
    "default changeme change test testing guest office official government thailand thai siam bangkok krungthep",
    "award awards score scoring committee organizer auditor member chair officer province zone community development",
    "cdd dev system server computer internet google line facebook love iloveyou iloveu lovely baby honey angel",
    "princess sunshine dragon monkey tiger football liverpool manchester united superman batman naruto pokemon hello",
    "qwerty asdf zxcv qaz wsx edc rfv tgb yhn abc xyz sawasdee sawatdee my the you is",
    "รหัสผ่าน พัฒนาชุมชน กรมการ พัฒนา ชุมชน รางวัล ประเทศไทย กรุงเทพ จังหวัด สวัสดี คะแนน กรรมการ ฟหกด พช",
)
_WORDS = frozenset(word for line in _LINES for word in line.split())
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "ๆไำพะัีรนยบล", "ฟหกดเ้่าสวง", "ผปแอิืทมใฝ")
_LOOKS = str.maketrans("0134578@$!", "oieastbasi")  # p@55w0rd is password
_NO_LETTERS = re.compile(r"[^a-z\u0e01-\u0e4e]+")


def is_common(password: str, *, login: str) -> bool:
    """Whether a password is made only of what is guessed first: common words, the sign-in name, rows of keys, repeats
    of a few characters, digits and signs around them."""
    plain = password.casefold()
    if len(set(plain)) < 5 or re.fullmatch(r"(.{1,6}?)\1+.{0,3}", plain):
        return True
    own = {part for part in re.split(r"[^a-z0-9\u0e00-\u0e7f]+", login.casefold()) if len(part) > 1}
    longest_first = sorted(_WORDS | own, key=len, reverse=True)
    known = re.compile("|".join(map(re.escape, longest_first)))
    return min(_letters_beyond(known, text) for text in (plain, plain.translate(_LOOKS))) < 4


def _letters_beyond(known: re.Pattern[str], text: str) -> int:
    """How many letters a guesser of known words and rows of keys would still have to find."""
    letters = _NO_LETTERS.sub("", known.sub("", text))
    pairs = zip(" " + letters, letters, strict=False)
    return sum(not any(a + b in row or b + a in row for row in _ROWS) for a, b in pairs)
