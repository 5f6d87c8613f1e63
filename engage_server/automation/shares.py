"""What a tenant shows to others by a secret address: an account's own page, or the calendar of renewals.

An address is signed with the server's secret key and names a definition: nobody who reads the database can make one, and
whoever ends the definition ends the address. Works inside the tenant's scope, but for ``opened``.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Self

from pydantic import Field, model_validator

from engage_server.access import signed_text
from engage_server.access.key_format import base62
from engage_server.automation.exceptions import UnknownShareError
from engage_server.automation.triggers import METRIC_ID
from engage_server.definitions import store
from engage_server.definitions.exceptions import UnknownDefinitionError
from engage_server.definitions.kinds import Body
from engage_server.definitions.store import Defined
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, current_tenant, shared_scope, tenant_scope
from engage_server.tenancy.services import require_active

SHARE: Final = "share"
SALT: Final = "engage.share"
METRIC: Final = re.compile(METRIC_ID)
MOST_METRICS: Final = 20


class ShareKind(StrEnum):
    """What is shown: ACCOUNT is the customer's own page, CALENDAR the days on which paid subscriptions renew."""

    ACCOUNT = "ACCOUNT"
    CALENDAR = "CALENDAR"


class ShareBody(Body):
    """What is kept of a share. ``account`` is the id of the one account that a page is of."""

    free_texts = frozenset({"note"})

    kind: ShareKind
    account: int | None = Field(None, ge=1)
    metrics: tuple[str, ...] = Field(
        (), max_length=MOST_METRICS, description="Full ids; nothing else is shown."
    )
    goals: bool = Field(False, description="Whether the account's goals are shown.")
    language: str = Field("en", pattern="^(en|ko)$")
    ends_on: date | None = Field(None, description="The first day on which it is not shown any more.")
    note: str = Field("", max_length=500)

    @model_validator(mode="after")
    def _is_of_its_kind(self) -> Self:
        if (self.kind is ShareKind.ACCOUNT) != (self.account is not None):
            raise ValueError("account is needed for ACCOUNT, and for nothing else")
        if self.kind is ShareKind.CALENDAR and (self.metrics or self.goals):
            raise ValueError("a calendar has neither metrics nor goals")
        if self.kind is ShareKind.ACCOUNT and not (self.metrics or self.goals):
            raise ValueError("metrics or goals are needed: a page shows nothing else")
        for metric in self.metrics:
            if not METRIC.fullmatch(metric):
                raise ValueError(f"{metric[:100]!r} is no metric's full id")
        return self


Share = Defined[ShareBody]


@dataclass(frozen=True, slots=True)
class Opened:
    """What an address shows, and whose it is."""

    tenant: TenantRef
    share: Share


def shares() -> list[Share]:
    """All that is shared, in the order in which it was made."""
    return store.in_force(SHARE, ShareBody)


def share(number: int) -> Share:
    """The share of a number.

    Raises:
        UnknownDefinitionError
    """
    return store.find(SHARE, ShareBody, number)


def token_of(one: Share) -> str:
    """The secret part of its address: who has it sees what is shared, until it ends."""
    return signed_text.signed(f"{base62(current_tenant().id)}_{base62(one.number)}", salt=SALT)


def path_of(one: Share) -> str:
    """Its address below the server's root."""
    ending = ".ics" if one.body.kind is ShareKind.CALENDAR else ""
    return f"/shared/{token_of(one)}{ending}"


def opened(token: str, kind: ShareKind) -> Opened:
    """What the address shows. Outside of any scope; a forged one costs no statement.

    Raises:
        UnknownShareError: it is forged, over, ended, of another kind, or its tenant is not served.
    """
    parts = token.split("_")
    if len(parts) != 3 or not signed_text.is_signed(token, salt=SALT):
        raise _unknown()
    tenant_id, number = (signed_text.number_of(part) for part in parts[:2])
    if tenant_id is None or number is None:
        raise _unknown()
    with shared_scope():
        found = Tenant.objects.filter(pk=tenant_id).first()
    if found is None:
        raise _unknown()
    try:
        require_active(found)
    except TenancyError as error:
        raise _unknown() from error
    with tenant_scope(found.ref):
        try:
            one = share(number)
        except UnknownDefinitionError as error:
            raise _unknown() from error
        today = database_now().astimezone(found.ref.zone).date()
    if one.body.kind is not kind or (one.body.ends_on is not None and one.body.ends_on <= today):
        raise _unknown()
    return Opened(found.ref, one)


def _unknown() -> UnknownShareError:
    return UnknownShareError(
        "Nothing is shared at this address, or not any more. Remedy: ask who gave it to you for a new one."
    )
