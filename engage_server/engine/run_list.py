"""Lists a tenant's runs: what was computed, why, and what failed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from engage_server.engine.models import Run
from engage_server.tenancy.scope import TenantRef, shared_scope


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs; all of what is given holds. ``restates``: whether it computes a day once more, because data changed."""

    plugin: str | None = None
    states: Collection[Run.State] | None = None
    first: date | None = None
    last: date | None = None
    restates: bool | None = None


def runs_of(
    tenant: TenantRef, where: RunFilter, *, limit: int, place: int | None = None, is_backwards: bool = False
) -> list[Run]:
    """The runs of these filters, the newest first, at most ``limit``.

    Those that were opened before the number ``place``, or with ``is_backwards`` the nearest of those opened after it.
    """
    found = Run.objects.filter(tenant_id=tenant.id)
    found = found.order_by("tenant_id", "id") if is_backwards else found.order_by("-tenant_id", "-id")
    wanted = {
        "id__gt" if is_backwards else "id__lt": place,
        "plugin": where.plugin,
        "state__in": None if where.states is None else [str(state) for state in where.states],
        "day__gte": where.first,
        "day__lte": where.last,
    }
    found = found.filter(**{lookup: value for lookup, value in wanted.items() if value is not None})
    if where.restates is not None:
        found = found.exclude(reason="") if where.restates else found.filter(reason="")
    with shared_scope():
        rows = list(found[:limit])
    return rows[::-1] if is_backwards else rows
