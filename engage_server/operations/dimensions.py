"""Tracks dimensions of a tenant's accounts, on record: each value is a segment whose metrics are kept. Inside its scope."""

from datetime import datetime

from django.db import transaction

from engage_server.audit.log import record
from engage_server.customers.windows import day_window
from engage_server.definitions import store
from engage_server.segments import catalogue, dimensions
from engage_server.segments.evaluation import Evaluation
from engage_server.segments.exceptions import TooManyGroupsError, UnknownDimensionError
from engage_server.segments.groups import MOST_GROUPS
from engage_server.tenancy.scope import current_tenant


def track_dimension(dimension: str) -> int:
    """Keep metrics of each value of a dimension from now on, also of values that come later; return how many it has now.

    Raises:
        UnknownDimensionError: it cannot be tracked, or no account has a value of it.
        TooManyGroupsError: it has more values than may be tracked; nothing was made.
    """
    name = dimensions.trackable(dimension)
    tenant = current_tenant()
    today = day_window(datetime.now(tenant.zone).date(), tenant.timezone)
    values = dimensions.values_of(name, Evaluation(today))
    if not values:
        raise UnknownDimensionError(
            f"No account has a value of {name!r} today. Remedy: send it first, or name plan, stage or another trait."
        )
    if len(values) > MOST_GROUPS:
        raise TooManyGroupsError(
            f"{name!r} has {len(values):,} values and {MOST_GROUPS} are tracked at most. Remedy: make segments of the "
            "values that matter."
        )
    with transaction.atomic():
        store.lock_definitions()
        _turn(name, tracked=True)
        dimensions.make(name, values)
        count = len(dimensions.segments_of(name))
        record("dimension.tracked", subject=f"dimension {name}", details={"segments": count})
    return count


def untrack_dimension(dimension: str) -> int:
    """Keep no more metrics of a dimension's values; return of how many. Segments and what is stored of them stay.

    Raises:
        UnknownDimensionError: it is not tracked.
    """
    name = dimensions.trackable(dimension)
    with transaction.atomic():
        store.lock_definitions()
        count = _turn(name, tracked=False)
        if not count:
            known = sorted({one.body.dimension for one in catalogue.segments() if one.body.tracked} - {""})
            raise UnknownDimensionError(
                f"{name!r} is not tracked. Remedy: name one of these: {', '.join(known) or 'none so far'}."
            )
        record("dimension.untracked", subject=f"dimension {name}", details={"segments": count})
    return count


def _turn(dimension: str, *, tracked: bool) -> int:
    """How many of the dimension's segments were turned."""
    turned = 0
    for one in dimensions.segments_of(dimension).values():
        if one.body.tracked is not tracked:
            turned += catalogue.change(one.number, body=one.body.model_copy(update={"tracked": tracked}))
    return turned
