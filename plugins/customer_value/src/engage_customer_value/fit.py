"""Fit: how valuable the customers are who are like this one; and whether effort or fit is what a low value lacks."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, median
from typing import Final

import polars as pl

from engage_customer_value.config import CustomerValueConfig
from engage_customer_value.details import Effort, Fit, Profile, Verdict
from engage_customer_value.values import values
from engage_server.sdk import TENANT, Answer, Computation, Subject, account
from engage_server.sdk.associations import spearman
from engage_server.sdk.money import Exchange

LEAST_CUSTOMERS: Final = 10
Rows = Computation[CustomerValueConfig]


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Of each customer its value, effort, fit and verdict; by account, in the order of ids."""

    values: Mapping[int, float]
    efforts: Mapping[int, float]
    fits: Mapping[int, tuple[float, int] | None]
    verdicts: Mapping[int, Verdict]
    groups: Mapping[tuple[str, str], list[int]]


def explain(rows: Rows) -> Explained:
    """Compare each customer with the others that are alike, and its effort with that of all."""
    customers = rows.only("subscriptions", "ledger").once(values).customers
    worth: dict[int, float] = dict(customers.select("account", "value").iter_rows())
    known = _efforts(rows)
    efforts = {id: known.get(id, 0.0) for id in worth}
    groups = _groups(rows, worth)
    fits = dict(_fits(worth, groups, rows.config.fit_least))
    if not worth:
        return Explained({}, {}, {}, {}, {})
    middle, some = median(worth.values()), median(efforts.values())
    verdicts = {
        id: _verdict(worth[id] >= middle, fits.get(id), has_effort=0 < efforts[id] >= some) for id in worth
    }
    return Explained(worth, efforts, fits, verdicts, groups)


def _verdict(is_high: bool, fit: tuple[float, int] | None, *, has_effort: bool) -> Verdict:
    if is_high:
        return Verdict.HIGH_VALUE
    if fit is None:
        return Verdict.UNKNOWN
    if fit[0] < 1:
        return Verdict.NO_FIT
    return Verdict.UNEXPLAINED if has_effort else Verdict.TOO_LITTLE_EFFORT


def _efforts(rows: Rows) -> dict[int, float]:
    """Own effort for accounts in the trailing days; who is not in it had none."""
    config = rows.config
    if config.effort == "touches":
        counted = rows["touches"].drop_nulls("account").group_by("account").agg(pl.col("touches").sum())
        return {id: float(count) for id, count in counted.iter_rows()}
    exchange = Exchange.of(config, rows["subscriptions"], rows["ledger"])
    words = [word.lower() for word in config.acquisition_categories]
    first = rows.day - timedelta(days=config.effort_days - 1)
    service = rows["ledger"].filter(
        (pl.col("kind") == "COST")
        & (pl.col("day") >= first)
        & ~pl.col("category").fill_null("").str.to_lowercase().is_in(words)
    )
    costs = exchange.convert(service, on="day").drop_nulls("account")
    return {
        id: float(amount) for id, amount in costs.group_by("account").agg(pl.col("amount").sum()).iter_rows()
    }


def _groups(rows: Rows, worth: Mapping[int, float]) -> dict[tuple[str, str], list[int]]:
    """The customers of each value of an attribute on the day; unknown and empty values make no group."""
    held = rows["history"].filter(
        pl.col("attribute").is_in(list(rows.config.fit_by))
        & (pl.col("first").is_null() | (pl.col("first") <= rows.day))
        & (pl.col("until").is_null() | (pl.col("until") > rows.day))
    )
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for attribute, value, id in (
        held.select("attribute", "value", "account").unique().sort(pl.all()).iter_rows()
    ):
        if value and id in worth:
            groups[attribute, value].append(id)
    return groups


def _fits(
    worth: Mapping[int, float], groups: Mapping[tuple[str, str], list[int]], least: int
) -> Iterator[tuple[int, tuple[float, int] | None]]:
    """Per customer: the mean value of the others alike / that of all others, averaged over attributes; and how many are in
    the largest of the groups.

    None where too few are alike, or where the others together are worth nothing. The customer itself is never among them.
    """
    total, size = sum(worth.values()), len(worth)
    sums = {key: sum(worth[id] for id in members) for key, members in groups.items()}
    of_customer: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for key, members in groups.items():
        for id in members:
            of_customer[id].append(key)
    for id, own in worth.items():
        alike = [key for key in of_customer[id] if len(groups[key]) - 1 >= least]
        others = (total - own) / (size - 1) if size > 1 else 0.0
        if not alike or others <= 0:
            yield id, None
            continue
        lifts = [(sums[key] - own) / (len(groups[key]) - 1) / others for key in alike]
        yield id, (fmean(lifts), max(len(groups[key]) for key in alike) - 1)


def fit(rows: Rows) -> Iterator[tuple[Subject, Answer]]:
    """The tenant's profiles under the lift of the best, then the fit of each customer."""
    found = rows.once(explain)
    profiles = tuple(_profiles(found, rows.config.fit_least))
    best = next((one for one in profiles if one.lift is not None), None)
    if best is not None:
        details = Fit(None, best.customers, None, Verdict.UNKNOWN, profiles)
        yield TENANT, Answer(best.lift, n=best.customers, details=details)
    for id, value in found.values.items():
        own = found.fits[id]
        details = Fit(value, own[1] if own else 0, found.efforts[id], found.verdicts[id])
        yield account(id), Answer(own[0] if own else None, n=own[1] if own else 0, details=details)


def _profiles(found: Explained, least: int) -> Iterator[Profile]:
    """The groups that are large enough, the most valuable first."""
    mean = fmean(found.values.values()) if found.values else 0.0
    profiles = [
        Profile(attribute, group, len(members), value, value / mean if mean > 0 else None)
        for (attribute, group), members in found.groups.items()
        if len(members) > least
        for value in (fmean(found.values[id] for id in members),)
    ]
    yield from sorted(profiles, key=lambda one: (-one.mean_value, one.attribute, one.group))


def effort(rows: Rows) -> Iterator[tuple[Subject, Answer]]:
    """The rank correlation of value and own effort over the customers, with the verdicts on those of low value."""
    found = rows.once(explain)
    if not found.values:
        return
    counts: Counter[Verdict] = Counter(found.verdicts.values())
    details = Effort(
        measured_by=rows.config.effort,
        median_value=median(found.values.values()),
        median_effort=median(found.efforts.values()),
        high_value=counts[Verdict.HIGH_VALUE],
        too_little_effort=counts[Verdict.TOO_LITTLE_EFFORT],
        no_fit=counts[Verdict.NO_FIT],
        unexplained=counts[Verdict.UNEXPLAINED],
        unknown=counts[Verdict.UNKNOWN],
    )
    n = len(found.values)
    if n < LEAST_CUSTOMERS or len(set(found.efforts.values())) == 1 or len(set(found.values.values())) == 1:
        yield TENANT, Answer(None, n=n, details=details)
        return
    r, interval = spearman(
        list(found.values.values()), list(found.efforts.values()), level=rows.config.confidence
    )
    yield TENANT, Answer(r, n=n, details=details, interval=interval)
