"""From survey responses to Net Promoter Scores: one grouping for all accounts, then integer counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import fsum, sqrt
from statistics import NormalDist

import polars as pl

from engage_nps.config import AccountMode, Interval, NpsConfig
from engage_server import sdk
from engage_server.sdk import TENANT, Contribution, Measurement, Status, Subject, absent, account

SCALE = (0, 10)
PROMOTER_FROM = 9
PASSIVE_FROM = 7
PLACES = 10
"""Decimals of published figures: few enough that their written digits add up exactly."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many responses of each kind; the field names are also the kinds."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0
    dismissed: int = 0
    not_comparable: int = 0
    invalid: int = 0

    @property
    def n(self) -> int:
        """The valid answers."""
        return self.promoters + self.passives + self.detractors


KINDS = tuple(Counts.__dataclass_fields__)
FIGURES = ("promoter_share", "passive_share", "detractor_share", "margin_of_error")
"""Details that exist only where there is an answer."""
ADDED = {"adjusted_wald": 3.0, "wald": 0.0}
"""Answers added to n for the interval, a quarter of them each to promoters and to detractors."""


def scores(responses: pl.DataFrame, *, accounts: pl.DataFrame, config: NpsConfig) -> Iterator[Measurement]:
    """The tenant's score, then one per account with a response, by account id; then who has none.

    Args:
        responses: columns of ``SurveyResponses``.
        accounts: columns of ``Accounts``; one without a response is absent.
        config: window, account mode and confidence; the person rule is already applied to ``responses``.
    """
    by_account = count_by_account(responses)
    known = {id: counts for id, counts in by_account.items() if id is not None}
    unknown = by_account.get(None, Counts())
    by_mean = config.account_mode == "mean_of_accounts"
    groups = list(known.values()) if by_mean else [total(by_account.values())]
    yield _measurement(
        TENANT, groups=groups, mode=config.account_mode, without_account=unknown.n, config=config
    )
    # Accounts with a few answers each often have the same ones.
    alike: dict[Counts, Measurement] = {}
    for id, counts in known.items():
        if counts not in alike:
            alike[counts] = _measurement(
                account(id), groups=[counts], mode="respondent_weighted", without_account=0, config=config
            )
        yield replace(alike[counts], subject=account(id))
    for id in sorted(set(accounts["account"]) - set(known)):
        yield absent("score", account(id))


def count_by_account(responses: pl.DataFrame) -> dict[int | None, Counts]:
    """Counts per account, ordered by id; the key None holds responses without a known account."""
    grouped = (
        responses.with_columns(_kind().alias("kind"))
        .group_by("account")
        .agg((pl.col("kind") == kind).sum().alias(kind) for kind in KINDS)
        .sort("account")
    )
    return {id: Counts(*counts) for id, *counts in grouped.iter_rows()}


def total(parts: Iterable[Counts]) -> Counts:
    """The sums, kind by kind."""
    parts = list(parts)
    return Counts(*(sum(getattr(part, kind) for part in parts) for kind in KINDS))


def _kind() -> pl.Expr:
    score = pl.col("score")
    comparable = (
        pl.col("scale_min").eq_missing(SCALE[0])
        & pl.col("scale_max").eq_missing(SCALE[1])
        & pl.col("direction").ne_missing("DOWN")
    )
    whole = score.is_not_null() & score.is_between(*SCALE) & (score == score.floor())
    return (
        pl.when(pl.col("dismissed"))
        .then(pl.lit("dismissed"))
        .when(~comparable)
        .then(pl.lit("not_comparable"))
        .when(~whole)
        .then(pl.lit("invalid"))
        .when(score >= PROMOTER_FROM)
        .then(pl.lit("promoters"))
        .when(score >= PASSIVE_FROM)
        .then(pl.lit("passives"))
        .otherwise(pl.lit("detractors"))
    )


def interval(counts: Counts, *, confidence: float, method: Interval) -> tuple[float, float]:
    """Middle and half width of the score's interval, in points, before it is clipped to -100..100.

    Adjusted Wald (Rocks 2016) adds 3 answers, three quarters of one to promoters and as many to detractors, and
    takes the normal interval of those; Wald takes that of the answers as they are, which for unanimous ones is 0.

    Raises:
        ZeroDivisionError: there is no answer.
    """
    added = ADDED[method]
    p, d, n = counts.promoters + added / 4, counts.detractors + added / 4, counts.n + added
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    # The variance times n^2 loses no digits, so that unanimous answers give 0 and not the root of -1e-17.
    return 100 * (p - d) / n, z * 100 * sqrt((n * (p + d) - (p - d) ** 2) / n**3)


def _measurement(
    subject: Subject, *, groups: Sequence[Counts], mode: AccountMode, without_account: int, config: NpsConfig
) -> Measurement:
    """The mean of the groups' scores; respondent-weighted figures come as one group."""
    counts = total(groups)
    answered = [group for group in groups if group.n]
    tallies = {name: getattr(counts, name) for name in KINDS} | {
        "account_mode": mode,
        "accounts": len(answered) if mode == "mean_of_accounts" else None,
        "without_account": without_account,
    }
    if not answered:
        return Measurement(
            metric="score",
            subject=subject,
            value=None,
            n=0,
            status=Status.NO_DATA,
            window_days=config.window_days,
            details=tallies | dict.fromkeys(FIGURES),
        )
    p, passive, d = (
        fsum(getattr(group, kind) / group.n for group in answered) / len(answered)
        for kind in ("promoters", "passives", "detractors")
    )
    value = round(100 * (p - d), PLACES)
    margin, found = _interval(counts, mode=mode, config=config)
    return Measurement(
        metric="score",
        subject=subject,
        value=value,
        n=counts.n,
        window_days=config.window_days,
        interval=found,
        contributions=_contributions(counts, value=value, shares=(p, passive, d)),
        details=tallies
        | {"promoter_share": p, "passive_share": passive, "detractor_share": d, "margin_of_error": margin},
    )


def _contributions(
    counts: Counts, *, value: float, shares: tuple[float, float, float]
) -> tuple[Contribution, ...]:
    p, passive, d = (round(100 * share, PLACES) for share in shares)
    return (
        Contribution("promoters", "Promoters (9-10), %", value=p, points=p, weight=1, n=counts.promoters),
        Contribution("passives", "Passives (7-8), %", value=passive, points=0, weight=0, n=counts.passives),
        Contribution(
            "detractors",
            "Detractors (0-6), %",
            value=d,
            points=round(value - p, PLACES),
            weight=-1,
            n=counts.detractors,
        ),
    )


def _interval(
    counts: Counts, *, mode: AccountMode, config: NpsConfig
) -> tuple[float | None, sdk.Interval | None]:
    """The margin of error and the interval clipped to what a score can be."""
    if mode == "mean_of_accounts":
        return None, None
    middle, margin = interval(counts, confidence=config.confidence, method=config.interval)
    low, high = max(-100.0, middle - margin), min(100.0, middle + margin)
    return margin, sdk.Interval(low, high, config.confidence, config.interval)
