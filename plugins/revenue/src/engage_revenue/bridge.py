"""Monthly recurring revenue with the bridge that leads to it, the yearly one, and the quick ratio."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl

from engage_revenue.config import RevenueConfig
from engage_revenue.details import (
    Channel,
    Movement,
    MovementKind,
    QuickRatio,
    RecurringRevenue,
    YearOnYear,
)
from engage_revenue.recurring import opening_as_it_was, recurring
from engage_server.sdk import TENANT, Answer, Computation, Contribution, Subject, account
from engage_server.sdk.recurring import KINDS, ZERO, RecurringPeriod, by_kind, months_before, total

LABELS: Final = {
    "opening": "At the start of the period",
    "exchange": "Rates of exchange",
    "new": "New",
    "expansion": "Expansion",
    "reactivation": "Reactivation",
    "contraction": "Contraction",
    "churn": "Churn",
}


def mrr(rows: Computation[RevenueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The tenant's revenue with its bridge and channels, then that of each account that ever paid."""
    state = rows.only("subscriptions").once(recurring)
    if state.terms.is_empty():
        return
    then = opening_as_it_was(rows, state)
    running = state.terms.filter(
        (pl.col("begin") <= state.last) & (pl.col("until").is_null() | (pl.col("until") > state.last))
    )
    details = RecurringRevenue(
        currency=state.exchange.currency,
        opening=total(then),
        exchange=total(state.opening) - total(then),
        closing=state.mrr,
        subscriptions=running["subscription"].n_unique(),
        subscribers=state.closing.filter(pl.col("amount") > 0).height,
        net_new=float(state.mrr - total(state.opening)),
        channels=tuple(_channels(state)),
        **by_kind(state.moved),
    )
    yield TENANT, _answer(details)
    yield from _accounts(state, then, running)


def _answer(details: RecurringRevenue) -> Answer:
    parts = tuple(
        Contribution(key, label, float(amount), points=float(amount))
        for key, label in LABELS.items()
        if (amount := getattr(details, key))
    )
    return Answer(float(details.closing), n=details.subscriptions, details=details, parts=parts)


def _accounts(
    state: RecurringPeriod, then: pl.DataFrame, running: pl.DataFrame
) -> Iterator[tuple[Subject, Answer]]:
    opened, now, closed = _by_account(then), _by_account(state.opening), _by_account(state.closing)
    counts = dict(running.group_by("account").agg(pl.col("subscription").n_unique()).iter_rows())
    moved: dict[int, list[Movement]] = {}
    for id, day, kind, amount in state.moved.select("account", "day", "kind", "amount").iter_rows():
        moved.setdefault(id, []).append(Movement(day, MovementKind[kind.upper()], amount))
    for id in state.terms["account"].unique().sort():
        entries = tuple(moved.get(id, ()))
        sums: dict[str, Any] = {
            kind: _sum(one.amount for one in entries if one.kind.lower() == kind) for kind in KINDS
        }
        opening, closing = opened.get(id, ZERO), closed.get(id, ZERO)
        details = RecurringRevenue(
            currency=state.exchange.currency,
            opening=opening,
            exchange=now.get(id, ZERO) - opening,
            closing=closing,
            subscriptions=counts.get(id, 0),
            subscribers=int(closing > 0),
            net_new=float(closing - now.get(id, ZERO)),
            movements=entries,
            **sums,
        )
        yield account(id), _answer(details)


def _by_account(frame: pl.DataFrame) -> Mapping[int, Decimal]:
    return dict(frame.select("account", "amount").iter_rows())


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def _channels(state: RecurringPeriod) -> Iterator[Channel]:
    """Each channel's part of the movements: the changes of an account bear the kind of its movement."""
    changed = state.changed.with_columns(inside=pl.col("day") >= state.first)
    if state.grouping == "period":
        changed = changed.with_columns(
            day=pl.when("inside").then(pl.lit(state.last)).otherwise(pl.col("day"))
        )
    kinds = state.moved.select("account", "day", "kind")
    sums: dict[str, dict[str, Any]] = {}
    grouped = (
        changed.join(kinds, on=["account", "day"], how="left")
        .with_columns(
            pl.when("inside")
            .then(pl.col("kind").fill_null("transfer"))
            .otherwise(pl.lit("opening"))
            .alias("kind")
        )
        .group_by(pl.col("channel").fill_null(""), "kind")
        .agg(pl.col("amount").sum())
        .sort("channel", "kind")
    )
    for channel, kind, amount in grouped.iter_rows():
        sums.setdefault(channel, {})[kind] = amount
    for channel, amounts in sums.items():
        figures = {kind: amounts.get(kind, ZERO) for kind in ("opening", *KINDS, "transfer")}
        yield Channel(channel, closing=sum(figures.values(), ZERO), **figures)


def arr(rows: Computation[RevenueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Twelve times the monthly revenue, beside that of a year before."""
    state = rows.only("subscriptions").once(recurring)
    if state.terms.is_empty():
        return
    day = months_before(state.last, 12)
    before = total(state.balances_after(day))
    is_known = bool((state.terms["begin"] <= day).any())
    details = YearOnYear(
        currency=state.exchange.currency,
        arr=12 * state.mrr,
        year_before=12 * before if is_known else None,
        growth=float((state.mrr - before) / before) if before > 0 else None,
    )
    yield TENANT, Answer(float(details.arr), n=state.closing.height, details=details)


def quick_ratio(rows: Computation[RevenueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """What grew against what was lost in the period."""
    state = rows.only("subscriptions").once(recurring)
    if state.terms.is_empty():
        return
    sums = by_kind(state.moved)
    gained, lost = sums["new"] + sums["expansion"], -(sums["contraction"] + sums["churn"])
    details = QuickRatio(
        currency=state.exchange.currency,
        gained=gained,
        lost=lost,
        with_reactivation=float((gained + sums["reactivation"]) / lost) if lost else None,
        note="" if lost else "Nothing was lost in the period, so there is nothing to divide by.",
    )
    yield TENANT, Answer(float(gained / lost) if lost else None, n=state.moved.height, details=details)
