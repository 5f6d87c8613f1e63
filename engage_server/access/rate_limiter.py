"""Spends what tenants, keys and accounts may use, out of portions that this process holds."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engage_server.access.exceptions import BudgetSpentError
from engage_server.access.token_bucket import Budget, take
from engage_server.tenancy.tenant_cache import on_invalidate

MOST_BUCKETS: Final = 10_000
# A limit that was raised is felt after this long, and a bucket that is dry is asked no more often.
LONGEST_SILENCE_S: Final = 1.0
SHORTEST_SILENCE_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Left:
    """What can still be used of a budget, as far as this process knows."""

    capacity: int
    amount: int
    per_second: float


class _LocalBucket:
    """What this process holds of one bucket."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.tokens = 0.0
        self.left_in_bucket = 0.0
        self.asked_at = 0.0
        self.valid_until = math.inf
        self.silent_until = 0.0
        self.refused = math.inf
        self.open_at = 0.0

    def spend(self, tenant_id: int, budget: Budget, amount: float) -> None:
        with self.lock:
            now = time.monotonic()
            if now >= self.valid_until:
                self.tokens, self.valid_until = 0.0, math.inf
            if self.tokens < amount:
                self._lease(tenant_id, budget, amount, now=now)
            self.tokens -= amount

    def give_back(self, amount: float) -> None:
        with self.lock:
            self.tokens += amount

    def _lease(self, tenant_id: int, budget: Budget, amount: float, *, now: float) -> None:
        if now < self.silent_until and amount >= self.refused:
            raise _spent(budget, self.open_at - now)
        lease = take(tenant_id, budget, wanted=amount - self.tokens)
        self.left_in_bucket, self.asked_at = lease.left, now
        if not lease.granted:
            self.refused, self.open_at = amount, now + lease.seconds
            self.silent_until = now + min(LONGEST_SILENCE_S, max(SHORTEST_SILENCE_S, lease.seconds))
            raise _spent(budget, lease.seconds)
        self.tokens += lease.granted
        self.valid_until = math.inf if budget.per_second else now + lease.seconds

    def left(self, budget: Budget) -> Left:
        with self.lock:
            refilled = budget.per_second * (time.monotonic() - self.asked_at) if self.asked_at else 0.0
            known = self.left_in_bucket if self.asked_at else float(budget.capacity)
            amount = min(float(budget.capacity), known + refilled + self.tokens)
        return Left(budget.capacity, max(0, int(amount)), budget.per_second)


_buckets: Final[OrderedDict[tuple[int, str, str], _LocalBucket]] = OrderedDict()
_lock: Final = threading.Lock()


def spend(tenant_id: int, budgets: Iterable[Budget], amount: float) -> None:
    """Use ``amount`` of each budget, or of none.

    Raises:
        BudgetSpentError: one of them has too little left; says when to try again.
    """
    paid: list[_LocalBucket] = []
    try:
        for budget in budgets:
            purse = _bucket(tenant_id, budget)
            purse.spend(tenant_id, budget, amount)
            paid.append(purse)
    except BaseException:
        # Refused, or ended from outside: either all are spent or none is.
        for purse in paid:
            purse.give_back(amount)
        raise


def give_back(tenant_id: int, budgets: Iterable[Budget], amount: float) -> None:
    """Return what was spent of each budget and not used: this process spends it again before it asks for more."""
    for budget in budgets:
        _bucket(tenant_id, budget).give_back(amount)


def left(tenant_id: int, budget: Budget) -> Left:
    """What is left of the budget; other processes may have used some of it since this one last asked."""
    return _bucket(tenant_id, budget).left(budget)


def _bucket(tenant_id: int, budget: Budget) -> _LocalBucket:
    name = (tenant_id, budget.holder, budget.name)
    with _lock:
        purse = _buckets.get(name)
        if purse is None:
            purse = _buckets[name] = _LocalBucket()
            if len(_buckets) > MOST_BUCKETS:
                _buckets.popitem(last=False)
        else:
            _buckets.move_to_end(name)
        return purse


def _spent(budget: Budget, seconds: float) -> BudgetSpentError:
    whose = kind_of(budget.holder)
    rate = f"{budget.per_second:,.6g} a second" if budget.per_second else f"{budget.capacity} a day (UTC)"
    return BudgetSpentError(
        f"The {budget.name} of this {whose} are used up: {rate}. "
        "Remedy: wait as long as Retry-After says; the operator changes limits with `manage.py limit set`.",
        retry_after_s=max(1, math.ceil(seconds)),
        holder=whose,
    )


def kind_of(holder: str) -> str:
    """Whose budget it is, in a word: tenant, key, person or account."""
    kind = holder.partition(":")[0]
    return "person" if kind == "user" else kind


def _forget(tenant_id: int) -> None:
    with _lock:
        for name in [name for name in _buckets if name[0] == tenant_id]:
            del _buckets[name]


on_invalidate(_forget)
