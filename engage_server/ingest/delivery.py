"""How items came: the first of the three values that travel from a request to the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Self

import msgspec

from engage_server.tenancy.scope import TenantRef


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a tenant agrees on: further ids that stand for nobody, directions of surveys whose answers do not say it, and
    the zone of its days."""

    placeholder_ids: frozenset[str] = frozenset()
    survey_directions: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC

    @classmethod
    def of(cls, tenant: TenantRef) -> Self:
        """Those of a tenant."""
        return cls(tenant.placeholder_ids, dict(tenant.survey_directions), tenant.zone)


USUAL = Conventions()


class Delivery(msgspec.Struct, frozen=True):
    """The protocol, time, source and key by which items came; a struct, since each request makes one.

    ``kind`` is what the path says of the items, empty where each says its own. ``sent_at`` is as the client reported it.
    ``key`` is kept nowhere, and empty for what is read again from a file or from the quarantine.
    """

    protocol: str
    source: str
    received_at: datetime
    kind: str = ""
    sent_at: Any = None
    key: str = ""
    conventions: Conventions = USUAL
