"""How what comes in is to be read for a tenant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Self

from engage_server.tenancy.scope import TenantRef


@dataclass(frozen=True, slots=True)
class Conventions:
    """Further ids that stand for nobody, directions of surveys whose answers do not say it, and the zone of its days."""

    placeholder_ids: frozenset[str] = frozenset()
    survey_directions: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC

    @classmethod
    def of(cls, tenant: TenantRef) -> Self:
        """Those that the tenant has agreed on."""
        return cls(tenant.placeholder_ids, dict(tenant.survey_directions), tenant.zone)


USUAL = Conventions()
