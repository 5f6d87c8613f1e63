"""Says how subscriptions stand on a day: the terms in force, whether they run, and what is paid a month."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from engage_server.customers.models import Subscription
from engage_server.customers.statuses import STATUSES, SeatRule

# The newest terms up to the day; before the first, those.
TERMS: Final = """
    SELECT * FROM (
        SELECT DISTINCT ON (external_id) terms.*
        FROM customers_subscription AS terms
        CROSS JOIN LATERAL (SELECT COALESCE(valid_from, '-infinity')) AS begin (since)
        WHERE external_id IN (SELECT external_id FROM customers_subscription WHERE account_id = ANY(%(accounts)s))
        ORDER BY external_id, since > %(day)s, CASE WHEN since <= %(day)s THEN since END DESC, since
    ) AS terms
    WHERE account_id = ANY(%(accounts)s) ORDER BY starts_on DESC, id DESC
"""


class SubscriptionState(StrEnum):
    """How a subscription stands on a day."""

    UPCOMING = "UPCOMING"
    TRIAL = "TRIAL"
    PAID = "PAID"
    IDLE = "IDLE"
    ENDED = "ENDED"


RUNNING: Final = frozenset({SubscriptionState.TRIAL, SubscriptionState.PAID})


def terms_on(accounts: Collection[int], day: date) -> Mapping[int, list[Subscription]]:
    """The subscriptions of each of these accounts with their terms of the day, the latest begun first; one statement."""
    found: dict[int, list[Subscription]] = {account: [] for account in accounts}
    for one in Subscription.objects.raw(TERMS, {"accounts": list(accounts), "day": day}):
        found[one.account_id].append(one)
    return found


def state_on(terms: Subscription, day: date) -> SubscriptionState:
    """How the subscription stands; the same rule as that of the seats (see ``engage_server.customers.inputs``)."""
    rule = STATUSES[terms.status]
    if terms.starts_on > day:
        return SubscriptionState.UPCOMING
    if (terms.ends_on is not None and terms.ends_on <= day) or (
        rule is SeatRule.ENDED and terms.ends_on is None
    ):
        return SubscriptionState.ENDED
    if rule is SeatRule.IDLE:
        return SubscriptionState.IDLE
    return SubscriptionState.TRIAL if terms.is_trial or rule is SeatRule.TRIAL else SubscriptionState.PAID


def monthly(terms: Subscription) -> Decimal:
    """What is paid a month, to four decimals."""
    return round(terms.amount / terms.interval_months, 4)


def recurring(found: Iterable[Subscription], day: date) -> Mapping[str, Decimal]:
    """What paid subscriptions amount to a month, by currency."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for one in found:
        if state_on(one, day) is SubscriptionState.PAID:
            amounts[one.currency] += monthly(one)
    return dict(sorted(amounts.items()))


def renewal(found: Iterable[Subscription], day: date) -> date | None:
    """The first day on which a subscription that runs would end; None where none has an end."""
    ends = (one.ends_on for one in found if state_on(one, day) in RUNNING)
    return min((end for end in ends if end is not None), default=None)
