"""Makes and sends one mail, by a mail server or by a provider. Touches no database."""

import smtplib
import socket
from email.utils import formataddr, parseaddr
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from engage_server.automation.addressees import Addressee, can_send_mail
from engage_server.automation.exceptions import FailedAttemptError, RefusedForeverError

try:
    from anymail.exceptions import AnymailError
except ImportError:  # the extra ``mail`` is not installed

    class AnymailError(Exception):  # type: ignore[no-redef]
        """Nothing raises it."""


SHOWN: Final = 200
"""Characters of a receiver's answer that are kept."""
# What a provider says of a mail that it will never take; anything else may be a bad hour, or a key to be renewed.
NEVER: Final = frozenset({400, 413, 422})
FOOTERS: Final = {
    "en": "You get this mail because you use {name}.\nChoose which mail you want, or unsubscribe: {url}",
    "ko": "{name} 이용자에게 보내 드리는 메일입니다.\n받을 메일 선택 및 수신 거부: {url}",
}


def send_mail(
    key: str, *, subject: str, text: str, addressee: Addressee, sender: str, reply_to: str, html: str = ""
) -> str:
    """Make one attempt; return what the server said.

    Args:
        key: the delivery's, the same in every attempt.
        subject: on one line.
        text: what it says; of a person's mail the way to unsubscribe is added.
        addressee: whom it goes to.
        sender: the name beside the server's address; empty: none.
        reply_to: where answers go; empty: nowhere else.
        html: the same as a page of ours, for programs that show one.

    Raises:
        FailedAttemptError: it may be made again.
        RefusedForeverError: it may not.
    """
    if not can_send_mail():
        raise FailedAttemptError(
            "This server has no mail server. Remedy: its operator sets ENGAGE_SMTP_HOST or ENGAGE_MAIL_PROVIDER."
        )
    mail = _mail(key, subject=subject, text=text, addressee=addressee, sender=sender, reply_to=reply_to)
    if html:
        mail.attach_alternative(html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPResponseException as error:
        _refuse(error.smtp_code, f"{error.smtp_code} {_text(error.smtp_error)}", error)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        _refuse(code, f"{code} {_text(said)}", error)
    except smtplib.SMTPException as error:
        raise FailedAttemptError(type(error).__name__) from error
    except AnymailError as error:
        _refuse_by_provider(getattr(error, "status_code", None), error)
    return "accepted"


def _mail(
    key: str, *, subject: str, text: str, addressee: Addressee, sender: str, reply_to: str
) -> EmailMultiAlternatives:
    headers = {"Message-ID": f"<{key}@{socket.gethostname()}>", "Auto-Submitted": "auto-generated"}
    if addressee.preferences:
        footer = FOOTERS[addressee.language].format(name=addressee.tenant_name, url=addressee.preferences)
        text = f"{text}\n\n-- \n{footer}\n"
        # RFC 8058: mail programs offer a button of their own, which sends a POST to the address.
        headers |= {
            "List-Unsubscribe": f"<{addressee.preferences}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    mail = EmailMultiAlternatives(
        subject=subject, body=text, from_email=_from(sender), to=list(addressee.to),
        reply_to=[reply_to] if reply_to else None, headers=headers, connection=get_connection(),
    )  # fmt: skip
    mail.metadata = {"engage_key": key}  # type: ignore[attr-defined]  # providers show it beside the mail
    return mail


def _from(sender: str) -> str:
    own: str = settings.DEFAULT_FROM_EMAIL
    return formataddr((sender, parseaddr(own)[1])) if sender else own


def _refuse(code: int, text: str, error: Exception) -> None:
    if code >= 500:
        raise RefusedForeverError(text[:SHOWN]) from error
    raise FailedAttemptError(text[:SHOWN]) from error


def _refuse_by_provider(status: Any, error: Exception) -> None:
    text = f"{status or ''} {type(error).__name__}".strip()
    if status in NEVER:
        raise RefusedForeverError(text) from error
    raise FailedAttemptError(text) from error


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
