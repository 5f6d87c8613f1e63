"""Channels and deliveries in GraphQL: whither messages go, and what became of each."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import urlsplit

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request, queried
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    WRITTEN_NODE,
    IdInput,
    WriteInput,
    WritePayload,
    carry_out_defined,
    carry_out_one,
)
from engage_server.automation import channels as stored
from engage_server.automation.channels import ChannelKind
from engage_server.automation.exceptions import UnknownDeliveryError
from engage_server.automation.models import Delivery
from engage_server.automation.payloads import PayloadShape
from engage_server.operations import channels as operations
from engage_server.sdk.graphql import expose_enum

CHANNEL: Final = "Channel"
DELIVERY: Final = "Delivery"
expose_enum(ChannelKind, name="ChannelKind", description="By what messages go.")
expose_enum(
    PayloadShape,
    name="WebhookShape",
    description="STANDARD is the server's own, FLAT one object of plain fields; the others are forms in which the tools of "
    "these names take contacts and companies.",
)
expose_enum(
    Delivery.State,
    name="DeliveryState",
    description="PENDING waits for its time, SENDING is in a worker's hands, SENT was taken, DEAD was given up.",
)


@strawberry.type(name=CHANNEL, description="Whither messages go. Its secrets are shown to nobody.")
class ChannelNode(Node):
    number: int
    name: str
    kind: ChannelKind
    url: str = strawberry.field(
        description="Of a webhook; empty for other kinds. Without `automation:write` the host alone: what is behind it "
        "often lets anybody write who knows it."
    )
    shape: PayloadShape = strawberry.field(description="In which form a webhook gets messages.")
    to: list[str] = strawberry.field(description="Addresses of mail.")
    sender: str = strawberry.field(description="The name that mail comes from, beside the server's address.")
    reply_to: str = strawberry.field(description="Where answers to mail go; empty: to the server's address.")
    per_minute: int = strawberry.field(description="So many messages a minute at most; the others wait.")
    has_former_secret: bool = strawberry.field(description="Whether messages are signed by two secrets.")
    note: str
    version: int
    author: str
    created_at: datetime = strawberry.field(description="When this version was written.")

    @classmethod
    def of(cls, one: stored.Channel, context: Context) -> Self:
        """The node of a channel of the context's tenant."""
        body = one.body
        may_write = context.principal.may(Permission.AUTOMATION_WRITE)
        return cls(
            id=strawberry.ID(ids.global_id(CHANNEL, tenant_id=context.tenant.id, pk=one.number)),
            number=one.number,
            name=one.name,
            kind=body.kind,
            url=body.url if may_write else _host(body.url),
            shape=body.shape,
            to=list(body.to),
            sender=body.sender,
            reply_to=body.reply_to,
            per_minute=body.per_minute,
            has_former_secret="former_secret" in body.sealed,
            note=body.note,
            version=one.version,
            author=one.author,
            created_at=one.created_at,
        )


@strawberry.type(description="One attempt to send a message.")
class DeliveryAttempt:
    at: datetime
    attempt: int
    said: str = strawberry.field(description="What the receiver answered, or why there was no answer.")


@strawberry.type(name=DELIVERY, description="A message, and what became of it.")
class DeliveryNode(Node):
    key: str = strawberry.field(description="The same in every attempt: a receiver tells repeats by it.")
    cause: str
    type: str
    subject: str = strawberry.field(description="What people are told first.")
    state: Delivery.State
    attempts: int
    due_at: datetime = strawberry.field(
        description="When it is tried next; of a final state: when it was due last."
    )
    created_at: datetime
    finished_at: datetime | None
    log: list[DeliveryAttempt] = strawberry.field(description="Every attempt, the first one first.")

    @classmethod
    def of(cls, row: Delivery, context: Context) -> Self:
        """The node of a delivery of the context's tenant."""
        return cls(
            id=strawberry.ID(ids.global_id(DELIVERY, tenant_id=context.tenant.id, pk=row.pk)),
            key=str(row.key),
            cause=row.cause,
            type=row.message["type"],
            subject=row.message["subject"],
            state=Delivery.State(row.state),
            attempts=row.attempts,
            due_at=row.due_at,
            created_at=row.created_at,
            finished_at=row.finished_at,
            log=[
                DeliveryAttempt(
                    at=datetime.fromisoformat(one["at"]), attempt=one["attempt"], said=one["said"]
                )
                for one in row.log
            ],
        )


@strawberry.type(description="The channel that was written.")
class ChannelPayload(WritePayload):
    channel: ChannelNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type(description="A channel that was made or got a new secret.")
class ChannelSecretPayload(ChannelPayload):
    secret: str | None = strawberry.field(
        description="Verifies a webhook's messages (Standard Webhooks); shown this once, to no repeated request. Null for "
        "other kinds."
    )


@strawberry.type(description="The message that is sent.")
class DeliveryPayload(WritePayload):
    delivery: DeliveryNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.input(
    description="A new channel: a WEBHOOK or SLACK with `url`, MAIL with `to`; PERSONS sends to whom a message is about."
)
class CreateChannelInput(WriteInput):
    name: str
    kind: ChannelKind
    url: str | None = None
    to: list[str] | None = None
    per_minute: int = 60
    note: str = ""
    sender: str | None = strawberry.field(
        default=None, description="Of mail: the name that it comes from, beside the server's address."
    )
    reply_to: str | None = strawberry.field(
        default=None, description="Of mail: where answers go, an address of the tenant's own people."
    )
    shape: PayloadShape | None = strawberry.field(
        default=None, description="Of a webhook: in which form it gets messages; default: STANDARD."
    )
    credential: str | None = strawberry.field(
        default=None,
        description="Of a webhook: the token that its receiver demands, stored sealed and shown to nobody.",
    )
    client_id: str | None = strawberry.field(
        default=None,
        description="Of MARKETO: the client for whom it gives bearer tokens; `credential` is the client's secret then.",
    )


@strawberry.type
class ChannelQuery:
    @strawberry.field(
        description="Channels in the order in which they were made.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
    def channels(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[ChannelNode]:
        return numbered(
            stored.channels(),
            of="channels",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [ChannelNode.of(one, info.context) for one in page],
        )

    @strawberry.field(
        description="Messages, the newest first; of a state or a channel where they are named.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def deliveries(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        state: Delivery.State | None = None,
        channel: strawberry.ID | None = None,
    ) -> Connection[DeliveryNode]:
        found = Delivery.objects.all()
        if state is not None:
            found = found.filter(state=state)
        if channel is not None:
            found = found.filter(channel=channel_number(info.context, channel))
        return queried(
            found,
            of="deliveries",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [DeliveryNode.of(row, info.context) for row in page],
            count=found.count,
            is_newest_first=True,
        )


@strawberry.type
class ChannelMutation:
    @strawberry.mutation(
        description="Make a channel. What verifies a webhook's messages is in this answer alone.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def create_channel(self, info: Info, input: CreateChannelInput) -> ChannelSecretPayload:
        body: dict[str, Any] = {
            "kind": input.kind.value,
            "url": None if input.url is None else plain(input.url),
            "to": None if input.to is None else [plain(address) for address in input.to],
            "per_minute": input.per_minute,
            "note": plain(input.note),
            "shape": input.shape,
            "credential": None if input.credential is None else plain(input.credential),
            "client_id": None if input.client_id is None else plain(input.client_id),
            "sender": None if input.sender is None else plain(input.sender),
            "reply_to": None if input.reply_to is None else plain(input.reply_to),
        }
        given = {field: value for field, value in body.items() if value is not None}
        return _with_secret(info, input, lambda: operations.create_channel(plain(input.name), given))

    @strawberry.mutation(
        description="Give a webhook a new secret; messages are signed by both until `endFormerSecret`.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def rotate_channel_secret(self, info: Info, input: IdInput) -> ChannelSecretPayload:
        return _with_secret(
            info, input, lambda: operations.rotate_secret(channel_number(info.context, input.id))
        )

    @strawberry.mutation(
        description="Sign a webhook's messages by the new secret alone.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def end_former_secret(self, info: Info, input: IdInput) -> ChannelPayload:
        return ChannelPayload(**_to_channel(info, input, operations.end_former_secret))

    @strawberry.mutation(
        description="End a channel; what waits for it is given up.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def retire_channel(self, info: Info, input: IdInput) -> ChannelPayload:
        return ChannelPayload(**_to_channel(info, input, operations.retire_channel))

    @strawberry.mutation(
        description="Have a message sent that says that the channel works; `deliveries` tells what came of it.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def try_channel(self, info: Info, input: IdInput) -> DeliveryPayload:
        return sent(info, input, lambda: operations.try_channel(channel_number(info.context, input.id)))

    @strawberry.mutation(
        description="Give a dead delivery another round of attempts, under its key.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def resend_delivery(self, info: Info, input: IdInput) -> DeliveryPayload:
        number = ids.row_of(input.id, type_name=DELIVERY, tenant_id=info.context.tenant.id)
        if number is None:
            raise UnknownDeliveryError(
                f"There is no delivery {input.id!r}. Remedy: `deliveries {{ id }}` lists those there are."
            )
        return sent(info, input, lambda: operations.resend_delivery(number))


def _to_channel(info: Info, given: IdInput, change: Callable[[int], stored.Channel]) -> dict[str, Any]:
    return carry_out_defined(
        info,
        given,
        lambda: change(channel_number(info.context, given.id)),
        name="channel",
        node=ChannelNode.of,
        stored=stored.channels,
    )


def _with_secret(
    info: Info, given: WriteInput, change: Callable[[], operations.MadeChannel]
) -> ChannelSecretPayload:
    secrets: list[str | None] = []

    def changed() -> stored.Channel:
        made = change()
        secrets.append(made.secret)
        return made.channel

    done = carry_out_defined(
        info, given, changed, name="channel", node=ChannelNode.of, stored=stored.channels
    )
    # The secret of a trial verifies nothing, and a repeated request made none.
    shown = next(iter(secrets), None) if not given.dry_run else None
    return ChannelSecretPayload(secret=shown, **done)


def sent(info: Info, given: WriteInput, change: Callable[[], Delivery]) -> DeliveryPayload:
    """Do what puts one message into the outbox."""
    return DeliveryPayload(
        **carry_out_one(
            info,
            given,
            change,
            name="delivery",
            node=lambda row: DeliveryNode.of(row, info.context),
            again=lambda pk: Delivery.objects.filter(pk=pk).first(),
        )
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def channel_number(context: Context, id: str) -> int:
    """The channel of a global id.

    Raises:
        BadUserInputError: the tenant has none; the same answer for another tenant's.
    """
    number = ids.row_of(id, type_name=CHANNEL, tenant_id=context.tenant.id)
    if number is None or all(one.number != number for one in stored.channels()):
        raise BadUserInputError(
            f"There is no channel {id!r}. Remedy: `channels {{ id }}` lists those there are."
        )
    return number
