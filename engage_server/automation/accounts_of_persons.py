"""Of which account persons are, for what is said to them or of them. Inside the tenant's scope."""

from collections.abc import Collection, Mapping
from typing import Any

from engage_server.customers.models import Membership
from engage_server.tenancy.clock import database_now


def accounts_of_persons(persons: Collection[int]) -> Mapping[int, int]:
    """By person the account that it belongs to now; not of who belongs to several."""
    if not persons:
        return {}
    now = database_now()
    rows: Any = (
        Membership.objects.filter(person__in=persons, starts_at__lte=now)
        .exclude(ends_at__lte=now)
        .values_list("person_id", "account_id")
        .distinct()
    )
    found: dict[int, set[int]] = {}
    for person, account in rows:
        found.setdefault(person, set()).add(account)
    return {person: next(iter(accounts)) for person, accounts in found.items() if len(accounts) == 1}
