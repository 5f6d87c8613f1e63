"""Query points: what queries may cost together, by the budgets of the tenant and of its key, person or account."""

from typing import Final

from engage_server.access import rate_limiter
from engage_server.access.exceptions import BudgetSpentError
from engage_server.access.limits import budgets_of
from engage_server.access.principal import Principal
from engage_server.api.exceptions import RateLimitedError

LEAST: Final = 1  # of a query that asks for nothing that costs: it was parsed all the same


class QueryBudget:
    """What one request's principal may spend; which limits hold is asked once, when it is made."""

    def __init__(self, principal: Principal) -> None:
        self._tenant_id = principal.tenant.id
        self._budgets = budgets_of(
            principal.tenant.id, actor=principal.actor, account_id=principal.account_id
        ).points

    def spend(self, cost: int) -> None:
        """Use up what a query costs, before it is executed.

        Raises:
            RateLimitedError: there is too little left; says when to come again.
        """
        try:
            rate_limiter.spend(self._tenant_id, self._budgets, max(LEAST, cost))
        except BudgetSpentError as error:
            raise RateLimitedError(
                str(error), retry_after_s=error.retry_after_s, holder=error.holder
            ) from None

    def give_back(self, points: int) -> None:
        """Return points of ``spend`` that were asked for and, as it turned out, not needed."""
        rate_limiter.give_back(self._tenant_id, self._budgets, points)

    def left(self) -> dict[str, str | float] | None:
        """What is left of the tightest budget, as it stands in ``extensions.cost``; None where there is no limit."""
        found = [(budget, rate_limiter.left(self._tenant_id, budget)) for budget in self._budgets]
        if not found:
            return None
        budget, tightest = min(found, key=lambda one: one[1].amount)
        return {
            "of": rate_limiter.kind_of(budget.holder),
            "limit": tightest.capacity,
            "left": tightest.amount,
            "perSecond": tightest.per_second,
        }
