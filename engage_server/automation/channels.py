"""Channels: whither messages go, and by what secrets. In versions; inside the tenant's scope.

Secrets are stored sealed (see ``plugin_host.sealing``); nothing but sending opens them.
"""

import base64
import re
import secrets
from enum import StrEnum
from typing import Any, Final

from pydantic import Field, model_validator

from engage_server.automation.exceptions import UnsendableError
from engage_server.automation.payloads import PayloadShape
from engage_server.definitions import store
from engage_server.definitions.kinds import Body
from engage_server.definitions.store import Defined
from engage_server.plugin_host.exceptions import SealingError
from engage_server.plugin_host.sealing import opened, resealed, sealed

CHANNEL: Final = "channel"
SECRET_BYTES: Final = 24
# All that is secret of a channel, as the sealing reads it.
SECRETS: Final = {
    "properties": {name: {"writeOnly": True} for name in ("secret", "former_secret", "url", "credential")}
}
BY_MAIL: Final = frozenset({"MAIL", "PERSONS"})
# Words of a sender's name; nothing that quotes, or that ends a header.
SENDER: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\"<>@,;:\\]{0,100}")


class ChannelKind(StrEnum):
    """By what messages go; PERSONS: by mail to the person whom a message is about."""

    WEBHOOK = "WEBHOOK"
    SLACK = "SLACK"
    MAIL = "MAIL"
    PERSONS = "PERSONS"


class ChannelBody(Body):
    """What is kept of a channel.

    ``sealed`` holds its secrets: of a webhook the one that signs and, while it is being changed, the former one; of Slack
    the URL, which lets anybody write who knows it. A webhook may have a ``credential`` besides, which its receiver demands;
    where there is a ``client_id``, it is that client's secret, for which the receiver gives tokens.
    """

    free_texts = frozenset({"note", "sender"})

    kind: ChannelKind
    url: str = Field("", max_length=2_000, description="Of a webhook.")
    shape: PayloadShape = Field(
        PayloadShape.STANDARD, description="Of a webhook: in which form it gets messages."
    )
    client_id: str = Field(
        "",
        max_length=200,
        pattern=r"^[\x21-\x7e]*$",
        description="Of MARKETO: who asks for tokens, with the credential as its secret.",
    )
    to: tuple[str, ...] = Field(
        (), max_length=20, description="Addresses of the tenant's own people, of MAIL."
    )
    sender: str = Field("", max_length=100, description="The name that mail comes from, beside the address.")
    reply_to: str = Field("", max_length=254, description="Where answers to mail go.")
    per_minute: int = Field(60, ge=1, le=6_000)
    sealed: dict[str, Any] = Field(default_factory=dict)
    note: str = Field("", max_length=500)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> "ChannelBody":
        wanted = {ChannelKind.WEBHOOK: self.url, ChannelKind.SLACK: self.sealed, ChannelKind.MAIL: self.to}
        if not wanted.get(self.kind, True):
            raise ValueError(
                {"WEBHOOK": "url is needed", "SLACK": "url is needed", "MAIL": "to is needed"}[self.kind]
            )
        if self.shape is not PayloadShape.STANDARD and self.kind is not ChannelKind.WEBHOOK:
            raise ValueError("shape is of webhooks alone: leave it out")
        if self.client_id and (self.shape is not PayloadShape.MARKETO or "credential" not in self.sealed):
            raise ValueError(
                "client_id is of the shape MARKETO, together with the client's secret as credential"
            )
        if self.kind is ChannelKind.PERSONS and self.to:
            raise ValueError("mail to persons goes to whom a message is about: leave `to` out")
        if (self.sender or self.reply_to) and self.kind not in BY_MAIL:
            raise ValueError("sender and replyTo are of mail alone: leave them out")
        if not SENDER.fullmatch(self.sender):
            raise ValueError("sender has characters that no name in a mail may have: leave them out")
        return self


Channel = Defined[ChannelBody]


def channels() -> list[Channel]:
    """All channels, in the order in which they were made."""
    return store.in_force(CHANNEL, ChannelBody)


def channel(number: int) -> Channel:
    """The channel of a number.

    Raises:
        UnknownDefinitionError
    """
    return store.find(CHANNEL, ChannelBody, number)


def new_secret() -> str:
    """A signing secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def seal(values: dict[str, str]) -> dict[str, Any]:
    """Secrets of a channel for storage.

    Raises:
        UnsendableError: ENGAGE_SEALING_KEYS is not set.
    """
    try:
        return sealed(SECRETS, values)
    except SealingError as error:
        raise UnsendableError(str(error)) from error


def unseal(body: ChannelBody) -> dict[str, str]:
    """A channel's secrets in clear.

    Raises:
        SealingError: one was sealed under a key that is none of those set.
    """
    return {name: str(value) for name, value in opened(body.sealed).items()}


def reseal() -> int:
    """Bring the secrets of all channels under the first key, in the versions in force; return how many changed.

    Raises:
        SealingError: as ``unseal``.
    """
    changed = 0
    for one in channels():
        if one.body.sealed:
            body = one.body.model_copy(update={"sealed": resealed(SECRETS, one.body.sealed)})
            changed += store.redefine(CHANNEL, one.number, body=body)
    return changed
