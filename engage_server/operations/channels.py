"""Makes and changes a tenant's channels, on record; sends a message again. Works inside the tenant's scope.

A secret is returned where it is made, and never again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from engage_server.audit.log import record
from engage_server.automation import outbox
from engage_server.automation.addressees import can_send_mail, require_own
from engage_server.automation.addresses import require_url
from engage_server.automation.channels import (
    BY_MAIL,
    CHANNEL,
    Channel,
    ChannelBody,
    ChannelKind,
    channel,
    new_secret,
    seal,
    unseal,
)
from engage_server.automation.exceptions import UnsendableError
from engage_server.automation.mail_links import require_public_url
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery
from engage_server.definitions import store
from engage_server.definitions.kinds import read_body

CREDENTIAL: Final = re.compile(r"[\x21-\x7e]{1,1000}")


@dataclass(frozen=True, slots=True)
class MadeChannel:
    """A channel; ``secret`` signs a webhook's messages, shown this once. None of other kinds."""

    channel: Channel
    secret: str | None


def create_channel(name: str, body: Mapping[str, Any]) -> MadeChannel:
    """Make a channel.

    Args:
        name: for people; no two channels have one name.
        body: ``kind``, with ``url`` (WEBHOOK, SLACK) or ``to`` (MAIL); ``per_minute`` and ``note`` if wanted, of mail
            (MAIL, PERSONS) ``sender`` and ``reply_to`` too, of a webhook ``shape`` and ``credential``, which is sealed;
            of MARKETO ``client_id``, of whom the credential is the secret.

    Raises:
        DefinitionsError, ForbiddenAddressError, UnsendableError, SealingError: says what is wrong; nothing was made.
    """
    given = dict(body)
    secret = None
    credential = _credential(given.pop("credential", None), given.get("kind"))
    if given.get("kind") == ChannelKind.SLACK:
        url = str(given.pop("url", ""))
        require_url(url)
        given["sealed"] = seal({"url": url})
    elif given.get("kind") == ChannelKind.WEBHOOK:
        require_url(str(given.get("url", "")))
        secret = new_secret()
        given["sealed"] = seal({"secret": secret, **credential})
    checked = read_body(ChannelBody, given)
    _require_sendable(checked)
    with transaction.atomic():
        made = channel(store.define(CHANNEL, name, checked))
        record("channel.created", subject=f"channel {made.number}", details=_details(made))
    return MadeChannel(made, secret)


def rotate_secret(number: int) -> MadeChannel:
    """Give a webhook a new secret. Messages are signed by both until it is rotated again or ``end_former_secret``.

    Raises:
        UnknownDefinitionError: there is none of this number.
        UnsendableError: it is no webhook.
    """
    with transaction.atomic():
        former = channel(number)
        if former.body.kind is not ChannelKind.WEBHOOK:
            raise UnsendableError(
                f"{former.name!r} signs nothing. Remedy: make the channel again with another URL."
            )
        secret = new_secret()
        kept = unseal(former.body)
        sealed = seal({**kept, "secret": secret, "former_secret": kept["secret"]})
        changed = _with_sealed(former, sealed)
        record("channel.secret_rotated", subject=f"channel {number}", details=_details(changed))
    return MadeChannel(changed, secret)


def end_former_secret(number: int) -> Channel:
    """Sign by the new secret alone; nothing where there is no former one.

    Raises:
        UnknownDefinitionError: there is none of this number.
    """
    with transaction.atomic():
        former = channel(number)
        kept = unseal(former.body)
        if kept.pop("former_secret", None) is None:
            return former
        changed = _with_sealed(former, seal(kept))
        record("channel.former_secret_ended", subject=f"channel {number}", details=_details(changed))
    return changed


def retire_channel(number: int) -> Channel:
    """End a channel; what waits for it is given up.

    Raises:
        UnknownDefinitionError
    """
    with transaction.atomic():
        former = channel(number)
        store.retire(CHANNEL, number)
        record("channel.retired", subject=f"channel {number}", details=_details(former))
    return former


def try_channel(number: int) -> Delivery:
    """Have a message sent that says that the channel works; its delivery tells what came of it.

    Raises:
        UnknownDefinitionError
        UnsendableError: it goes to persons, of whom this names none.
    """
    with transaction.atomic():
        found = channel(number)
        if found.body.kind is ChannelKind.PERSONS:
            raise UnsendableError(
                f"{found.name!r} sends to whom a message is about. Remedy: try it by a playbook about yourself."
            )
        message = Message(
            "channel.tried", f"Engage: {found.name}"[:200], "This channel works.", {"channel": number}
        )
        (written,) = outbox.put(number, [message], cause="test")
        record("channel.tried", subject=f"channel {number}")
    return written


def resend_delivery(number: int) -> Delivery:
    """Give a dead delivery another round of attempts.

    Raises:
        UnknownDeliveryError
    """
    with transaction.atomic():
        again = outbox.send_again(number)
        record("delivery.resent", subject=f"delivery {number}", details={"channel": again.channel})
    return again


def _with_sealed(former: Channel, sealed: Mapping[str, Any]) -> Channel:
    store.redefine(CHANNEL, former.number, body=former.body.model_copy(update={"sealed": dict(sealed)}))
    return channel(former.number)


def _credential(given: object, kind: object) -> dict[str, str]:
    """What a webhook's receiver demands, as it stands in a header; empty where there is none.

    Raises:
        UnsendableError: it could add a header, or is of another kind of channel.
    """
    if given is None:
        return {}
    if kind != ChannelKind.WEBHOOK:
        raise UnsendableError("A credential is of webhooks alone. Remedy: leave it out.")
    if not isinstance(given, str) or not CREDENTIAL.fullmatch(given):
        raise UnsendableError(
            "The credential is no token. Remedy: 1 to 1,000 printable ASCII characters without blanks."
        )
    return {"credential": given}


def _require_sendable(body: ChannelBody) -> None:
    if body.kind not in BY_MAIL:
        return
    if not can_send_mail():
        raise UnsendableError(
            "This server has no mail server. Remedy: its operator sets ENGAGE_SMTP_HOST or ENGAGE_MAIL_PROVIDER."
        )
    if body.kind is ChannelKind.PERSONS:
        require_public_url()
    require_own([*body.to, *([body.reply_to] if body.reply_to else [])])


def _details(made: Channel) -> dict[str, Any]:
    return {"version": made.version, "kind": made.body.kind.value}
