"""Mail: what an address must look like, how a text becomes a message, and handing it to the mail server."""

import re
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as LINE_ENDS
from email.utils import format_datetime
from typing import Any

from award.config import Smtp
from award.errors import N_, Invalid

LONGEST = 254
PATIENCE = 20  # seconds that the mail server may take for one answer
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_LOCAL}@({_LABEL}\.)+{_LABEL}")
_AT: dict[str, Any] = {"details": {"field": "email"}, "id": "mail_address"}


class NotTaken(Exception):
    """The mail server did not take the message; `for_good` where trying again would change nothing."""

    def __init__(self, said: str, *, for_good: bool):
        self.for_good = for_good
        super().__init__(said)


def checked_address(text: str) -> str:
    """The address without blanks around it. Raises Invalid in a sentence: a line break (it could add headers of its
    own), letters that only look like English ones, too long, or no address at all."""
    if any(ord(letter) < 32 or ord(letter) in (127, 0x85, 0x2028, 0x2029) for letter in text):
        raise Invalid(N_("The address has a line break or another invisible character."), **_AT)
    address = text.strip()
    if not address.isascii():
        raise Invalid(
            N_("Write the e-mail address in English letters; one of these only looks like it."),
            **_AT,
        )
    if len(address) > LONGEST:
        raise Invalid(N_("An e-mail address has at most 254 characters."), **_AT)
    if _ADDRESS.fullmatch(address) is None:
        raise Invalid(N_("This is no e-mail address. It reads like name@office.go.th."), **_AT)
    return address


def compose(smtp: Smtp, number: int, *, to: str, subject: str, text: str, at: datetime) -> EmailMessage:
    """The message. Its id stays the same when it is sent again, so that a mailbox can tell. Raises NotTaken where
    a header would hold a line break, or the address is none."""
    message = EmailMessage(policy=LINE_ENDS)
    domain = smtp.sender.rpartition("@")[2]
    try:
        message["From"] = Address(addr_spec=smtp.sender)
        message["To"] = Address(addr_spec=checked_address(to))
        message["Subject"] = subject
    except (Invalid, ValueError) as error:
        raise NotTaken(str(error), for_good=True) from error
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<award-{at:%Y%m%d%H%M%S%f}-{number}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, charset="utf-8")
    return message


def deliver(smtp: Smtp, message: EmailMessage) -> None:
    """Hands a message to the mail server. Raises NotTaken with what the server said."""
    try:
        with _connect(smtp) as server:
            if smtp.user:
                server.login(smtp.user, smtp.password)
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        raise NotTaken(f"{code} {_plain(said)}", for_good=code >= 500) from refused
    except smtplib.SMTPAuthenticationError as refused:  # the settings are to be mended; the mail is not to blame
        raise NotTaken(f"{refused.smtp_code} {_plain(refused.smtp_error)}", for_good=False) from refused
    except smtplib.SMTPResponseException as refused:
        raise NotTaken(
            f"{refused.smtp_code} {_plain(refused.smtp_error)}", for_good=refused.smtp_code >= 500
        ) from refused
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken(_plain(str(error) or type(error).__name__), for_good=False) from error


def _connect(smtp: Smtp) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=smtp.ca_file or None)
    if smtp.security == "ssl":
        return smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=PATIENCE, context=context)
    server = smtplib.SMTP(smtp.host, smtp.port, timeout=PATIENCE)
    try:
        if smtp.security == "starttls":
            server.starttls(context=context)  # refuses a server that does not offer it, or shows no valid certificate
    except BaseException:
        server.close()
        raise
    return server


def _plain(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:300]
