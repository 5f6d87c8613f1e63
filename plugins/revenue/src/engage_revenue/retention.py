"""Gross and net revenue retention: the closed cohort of those who paid at the start, and the other published variants."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from engage_revenue.config import RevenueConfig
from engage_revenue.details import RetentionVariant, RevenueRetention
from engage_revenue.recurring import MONTHS, YEAR, recurring, trailing_year
from engage_server.sdk import TENANT, Answer, Computation, Contribution, Subject
from engage_server.sdk.money import AMOUNT
from engage_server.sdk.recurring import ZERO, RecurringPeriod, by_kind, compare, total


def grr(rows: Computation[RevenueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The share of the revenue at the start that the same accounts still pay, none counted above what it paid."""
    yield from _retained(rows, gross=True)


def nrr(rows: Computation[RevenueConfig]) -> Iterator[tuple[Subject, Answer]]:
    """What the accounts that paid at the start pay now, as a share of what they paid."""
    yield from _retained(rows, gross=False)


def _retained(rows: Computation[RevenueConfig], *, gross: bool) -> Iterator[tuple[Subject, Answer]]:
    state = rows.only("subscriptions").once(recurring)
    if state.terms.is_empty():
        return
    details, payers = rows.only("subscriptions").once(_bridge)
    kept = details.start + details.contracted + details.lost
    share = kept if gross else kept + details.expanded
    value = _percent(share, details.start)
    yield TENANT, Answer(value, n=payers, details=details, parts=_parts(details, gross=gross))


def _parts(details: RevenueRetention, *, gross: bool) -> tuple[Contribution, ...]:
    if not details.start:
        return ()
    amounts = {
        "start": ("At the start", details.start),
        "expanded": ("Expanded", ZERO if gross else details.expanded),
        "contracted": ("Contracted", details.contracted),
        "lost": ("Lost", details.lost),
    }
    return tuple(
        Contribution(key, label, float(amount), points=_percent(amount, details.start))
        for key, (label, amount) in amounts.items()
    )


def _bridge(rows: Computation[RevenueConfig]) -> tuple[RevenueRetention, int]:
    """The bridge of the period with the variants, and how many accounts paid at its start."""
    state = rows.once(recurring)
    cohort = compare(state.opening, state.closing)
    paid = cohort.filter(pl.col("start") > 0)
    change = pl.col("end") - pl.col("start")
    expanded, contracted, lost, end, start = (
        Decimal(value)
        for value in paid.select(
            change.filter(change > 0).sum().alias("expanded"),
            change.filter((change < 0) & (pl.col("end") > 0)).sum().alias("contracted"),
            -pl.col("start").filter(pl.col("end") <= 0).sum().alias("lost"),
            pl.col("end").filter(pl.col("end") > 0).sum().alias("kept"),
            pl.col("start").sum(),
        ).row(0)
    )
    year_opening, year_moved = trailing_year(state)
    variants = (
        *_variants(state.opening, state, state.moved, months=MONTHS[rows.config.period]),
        *(_variants(year_opening, state, year_moved, months=YEAR) if rows.config.period != "year" else ()),
    )
    yearly = next(one for one in variants if one.variant == "cohort" and one.months == YEAR)
    details = RevenueRetention(
        currency=state.exchange.currency,
        start=start,
        expanded=expanded,
        contracted=contracted,
        lost=lost,
        end=end,
        new_logos=total(cohort.filter(pl.col("start") <= 0).select(amount=pl.col("end"))),
        variants=variants,
        yearly_gross=None if yearly.gross is None else 100 * yearly.gross,
        yearly_net=None if yearly.net is None else 100 * yearly.net,
    )
    return details, paid.height


def _variants(
    opening: pl.DataFrame, state: RecurringPeriod, moved: pl.DataFrame, *, months: int
) -> Iterator[RetentionVariant]:
    paid = compare(opening, state.closing).filter(pl.col("start") > 0)
    start = Decimal(paid["start"].sum())
    kept = Decimal(
        paid.select(
            pl.min_horizontal("start", pl.max_horizontal("end", pl.lit(0, dtype=AMOUNT))).sum()
        ).item()
    )
    end = Decimal(paid["end"].filter(paid["end"] > 0).sum())
    sums = by_kind(moved)
    gross = start + sums["contraction"] + sums["churn"]
    net = gross + sums["expansion"]
    for name, kept_of, net_of in (
        ("cohort", kept, end),
        ("movements", gross, net),
        ("movements_with_reactivation", gross, net + sums["reactivation"]),
    ):
        yield RetentionVariant(name, months, gross=_share(kept_of, start), net=_share(net_of, start))


def _share(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole) if whole > 0 else None


def _percent(part: Decimal, whole: Decimal) -> float | None:
    return float(100 * part / whole) if whole > 0 else None
