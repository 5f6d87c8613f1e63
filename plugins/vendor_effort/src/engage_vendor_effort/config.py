"""What a tenant may choose: which events are contacts, and which are a request and its answer."""

from typing import Annotated

from pydantic import Field, StringConstraints

from engage_server.sdk import PluginConfig

EventName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]


class VendorEffortConfig(PluginConfig):
    """What counts as effort of your own."""

    channels: dict[Channel, tuple[EventName, ...]] = Field(
        default_factory=lambda: {
            "email": ("Email Replied",),
            "call": ("Call Held",),
            "meeting": ("Meeting Held", "Business Review Held"),
        },
        max_length=20,
        description="Channels of contact, each with the events that are its contacts.",
        json_schema_extra={"minProperties": 1},
    )
    request: EventName = Field("Ticket Created", description="The event by which a customer asks for help.")
    response: EventName = Field("Ticket Answered", description="The event of your first answer to it.")
    request_key: str = Field(
        "ticket_id",
        min_length=1,
        max_length=200,
        description="The property that a request and its answers share. Requests without it are left out.",
    )
    days: int = Field(30, ge=1, le=366, description="Trailing days whose contacts and requests count.")
    patience_hours: int = Field(
        72,
        ge=1,
        le=24 * 90,
        description="A request that waited so long without an answer counts with this time.",
    )
