"""Sends one message by one channel. Touches no database: what it needs was read before, what it came to is noted after."""

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils import timezone
from standardwebhooks import Webhook

from engage_server.automation.addressees import Addressee
from engage_server.automation.addresses import resolve
from engage_server.automation.bearer_tokens import Client, bearer_token, forget
from engage_server.automation.channels import ChannelBody, ChannelKind, unseal
from engage_server.automation.exceptions import FailedAttemptError, ForbiddenAddressError, RefusedForeverError
from engage_server.automation.mail import SHOWN, send_mail
from engage_server.automation.messages import REPORT_WRITTEN, Message
from engage_server.automation.outgoing_http import Answer, post
from engage_server.automation.payloads import body_of, credential_header, is_token_over, require_taken
from engage_server.plugin_host.exceptions import SealingError

GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Sending:
    """A message on its way: ``key`` is the same in every attempt, ``written_at`` when it came into the outbox.

    ``addressee`` is whom a mail goes to, as it was found for this attempt.
    """

    key: UUID
    message: Message
    channel: ChannelBody
    written_at: datetime
    addressee: Addressee | None = None


def send(sending: Sending) -> str:
    """Make one attempt; return what the receiver said.

    Raises:
        FailedAttemptError: it may be made again.
        RefusedForeverError: it may not.
    """
    try:
        return SENDERS[sending.channel.kind](sending)
    except ForbiddenAddressError as error:
        raise RefusedForeverError(str(error)) from error
    except SealingError as error:
        raise FailedAttemptError(str(error)) from error
    except OSError as error:
        raise FailedAttemptError(_cause(error)) from error


def signature_headers(sending: Sending, body: bytes, *, now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks; while a secret is being changed, with a signature by each of the two."""
    secrets = unseal(sending.channel)
    moment = now.replace(microsecond=0)
    signed = [
        Webhook(secrets[name]).sign(str(sending.key), moment, body.decode())
        for name in ("secret", "former_secret")
        if name in secrets
    ]
    return {
        "webhook-id": str(sending.key),
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def webhook_body(sending: Sending) -> bytes:
    """What a webhook gets: the same bytes in every attempt.

    Raises:
        RefusedForeverError: the channel's shape has no place for such a message.
    """
    shape = sending.channel.shape
    return body_of(shape, sending.message, key=sending.key, written_at=sending.written_at)


def _webhook(sending: Sending) -> str:
    body, channel = webhook_body(sending), sending.channel
    credential = unseal(channel).get("credential", "")
    client = Client(channel.url, channel.client_id, credential) if channel.client_id else None
    headers = {
        "content-type": "application/json",
        "user-agent": "Engage",
        **credential_header(channel.shape, credential if client is None else bearer_token(client)),
        **signature_headers(sending, body, now=timezone.now()),
    }
    answer = post(resolve(channel.url), body, headers)
    if client is not None and is_token_over(answer):
        forget(client)
    require_taken(channel.shape, answer)
    return _told(answer)


def _slack(sending: Sending) -> str:
    message = sending.message
    section = {"type": "section", "text": {"type": "mrkdwn", "text": _escaped(message.text)[:3_000]}}
    header = {"type": "header", "text": {"type": "plain_text", "text": message.subject[:150]}}
    body = json.dumps({"text": _escaped(message.subject), "blocks": [header, section]}).encode()
    url = unseal(sending.channel)["url"]
    return _told(post(resolve(url), body, {"content-type": "application/json", "user-agent": "Engage"}))


def _mail(sending: Sending) -> str:
    if sending.addressee is None:
        raise RefusedForeverError("not sent: it has no addressee")
    message, channel = sending.message, sending.channel
    return send_mail(
        str(sending.key),
        subject=message.subject,
        text=message.text,
        addressee=sending.addressee,
        sender=channel.sender,
        reply_to=channel.reply_to,
        html=_page_of(sending),
    )


def _page_of(sending: Sending) -> str:
    """The page that a report is, for mail to the team; no other message brings one."""
    is_report = sending.channel.kind is ChannelKind.MAIL and sending.message.type == REPORT_WRITTEN
    return str(sending.message.data.get("html", "")) if is_report else ""


SENDERS: Final[Mapping[ChannelKind, Callable[[Sending], str]]] = {
    ChannelKind.WEBHOOK: _webhook,
    ChannelKind.SLACK: _slack,
    ChannelKind.MAIL: _mail,
    ChannelKind.PERSONS: _mail,
}


def _told(answer: Answer) -> str:
    text = f"{answer.status} {answer.text[:SHOWN]}".strip()
    if 200 <= answer.status < 300:
        return text
    if answer.status == GONE:
        raise RefusedForeverError(text)
    if 300 <= answer.status < 400:
        raise FailedAttemptError(
            f"{answer.status}: redirects are not followed. Remedy: the URL that it leads to."
        )
    raise FailedAttemptError(text, retry_after_s=answer.retry_after_s)


def _cause(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    return f"{type(error).__name__}: it could not be reached, or broke off"


def _escaped(text: str) -> str:
    """As Slack wants it: no mention or link that a name forged."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
