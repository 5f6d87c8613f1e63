"""Spends what a tenant and a key may send."""

from engage_server.access.exceptions import BudgetSpentError
from engage_server.access.keys import KeyIdentity
from engage_server.access.limits import budgets_of
from engage_server.access.rate_limiter import spend
from engage_server.ingest.exceptions import TooManyEventsError


def spend_events(identity: KeyIdentity, count: int) -> None:
    """Use up what the limits of the tenant and the key allow; costs a statement where a portion is used up.

    Raises:
        TooManyEventsError: a limit is reached.
    """
    budgets = budgets_of(identity.tenant.id, actor=identity.principal.actor).events
    if not budgets:
        return
    try:
        spend(identity.tenant.id, budgets, count)
    except BudgetSpentError as error:
        raise TooManyEventsError(str(error), retry_after_s=error.retry_after_s, items=count) from None
