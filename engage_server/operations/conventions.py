"""Changes what a tenant agrees on about its data, on record: ids that stand for nobody, which way surveys count, and of
which traits a history is kept."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.db import transaction
from django.utils import timezone

from engage_server.audit.log import record
from engage_server.customers.account_history import begin_tracking, end_tracking
from engage_server.customers.models import SurveyResponse
from engage_server.customers.placeholder_ids import normal_form
from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import shared_scope, tenant_scope
from engage_server.tenancy.services import find_tenant
from engage_server.tenancy.tenant_cache import invalidate_tenant

MOST_ENTRIES: Final = 200
LONGEST_ID: Final = 200
LONGEST_INSTRUMENT: Final = 63
MOST_TRACKED: Final = 20
LONGEST_TRAIT: Final = 100


def set_placeholder_ids(slug: str, ids: Iterable[str]) -> Tenant:
    """Take these ids for nobody's, beside the usual ones, in what comes in from now on; upper and lower case are one.

    Raises:
        UnknownTenantError: there is no such tenant.
        InvalidTenantError: one is blank or too long, or there are too many.
    """
    wanted = sorted({normal_form(one) for one in ids})
    if len(wanted) > MOST_ENTRIES or not all(0 < len(one) <= LONGEST_ID for one in wanted):
        raise InvalidTenantError(
            f"Placeholder ids are at most {MOST_ENTRIES}, each of 1 to {LONGEST_ID} characters. Remedy: shorten the list."
        )
    tenant = find_tenant(slug)
    with transaction.atomic():
        _update(tenant, placeholder_ids=wanted)
        with tenant_scope(tenant.ref):
            record("placeholder_ids.changed", subject=slug, details={"ids": [*wanted]})
    invalidate_tenant(tenant.pk)
    return tenant


def set_survey_directions(slug: str, directions: Mapping[str, str]) -> Tenant:
    """Say which way these surveys' scores count where an answer does not say it itself; these replace all former ones.

    Args:
        slug: the tenant's.
        directions: UP (a high score is good) or DOWN, by instrument.

    Raises:
        UnknownTenantError: there is no such tenant.
        InvalidTenantError: an instrument or a direction is none, or there are too many.
    """
    if len(directions) > MOST_ENTRIES or not all(0 < len(one) <= LONGEST_INSTRUMENT for one in directions):
        raise InvalidTenantError(
            f"Directions are set for at most {MOST_ENTRIES} surveys, each with a name of 1 to {LONGEST_INSTRUMENT} "
            "characters. Remedy: say the direction with the answers."
        )
    for instrument, direction in directions.items():
        if direction not in SurveyResponse.Direction.values:
            raise InvalidTenantError(
                f"The direction of {instrument!r} is neither UP nor DOWN. Remedy: UP where a high score is good."
            )
    tenant = find_tenant(slug)
    with transaction.atomic():
        _update(tenant, survey_directions=dict(directions))
        with tenant_scope(tenant.ref):
            record("survey_directions.changed", subject=slug, details={"directions": {**directions}})
    invalidate_tenant(tenant.pk)
    return tenant


def set_tracked_traits(slug: str, traits: Iterable[str]) -> Tenant:
    """Keep a history of these traits of accounts from now on, and of no others; what was kept of others is dropped.

    Raises:
        UnknownTenantError: there is no such tenant.
        InvalidTenantError: one is blank or too long, or there are too many.
    """
    wanted = sorted({one.strip() for one in traits})
    if len(wanted) > MOST_TRACKED or not all(0 < len(one) <= LONGEST_TRAIT for one in wanted):
        raise InvalidTenantError(
            f"At most {MOST_TRACKED} traits are tracked, each with a name of 1 to {LONGEST_TRAIT} characters. "
            "Remedy: track those by which you slice."
        )
    tenant = find_tenant(slug)
    former = frozenset(tenant.tracked_traits)
    with transaction.atomic():
        _update(tenant, tracked_traits=wanted)
        with tenant_scope(tenant.ref):
            begin_tracking(frozenset(wanted) - former, at=timezone.now())
            end_tracking(former.difference(wanted))
            record("tracked_traits.changed", subject=slug, details={"traits": [*wanted]})
    invalidate_tenant(tenant.pk)
    return tenant


def _update(tenant: Tenant, **changed: object) -> None:
    with shared_scope():
        Tenant.objects.filter(pk=tenant.pk).update(**changed)
    for name, value in changed.items():
        setattr(tenant, name, value)
