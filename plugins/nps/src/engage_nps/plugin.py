"""Net Promoter Scores from survey responses: one grouping for all accounts, then integer counts."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from math import fsum
from typing import Annotated, Final

import polars as pl

from engage_nps.card import CARD
from engage_nps.config import NpsConfig
from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    Contribution,
    Interval,
    Plugin,
    Subject,
    SurveyResponses,
    account,
)
from engage_server.sdk.intervals import ADDED, net_margin

SCALE: Final = (0, 10)
PROMOTER_FROM, PASSIVE_FROM = 9, 7
PLACES: Final = 10
"""Decimals of published figures: few enough that their written digits add up exactly."""
TITLES: Final = {"en": "Net Promoter Score", "ko": "순추천고객지수"}
plugin = Plugin(
    "nps", sdk=">=2,<3", config=NpsConfig, title=TITLES, owner="Engage maintainers", licence="Apache-2.0"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many responses of each kind; the field names are also the kinds."""

    promoters: Annotated[int, "Answers of 9 and 10."] = 0
    passives: Annotated[int, "Answers of 7 and 8."] = 0
    detractors: Annotated[int, "Answers of 0 to 6, of critics."] = 0
    dismissed: Annotated[int, "Surveys shown but not answered; no part of n."] = 0
    not_comparable: Annotated[int, "Answers on another scale than 0-10; no part of n."] = 0
    invalid: Annotated[int, "Answers that are no whole number from 0 to 10; no part of n."] = 0

    @property
    def n(self) -> int:
        """The valid answers."""
        return self.promoters + self.passives + self.detractors


KINDS = tuple(Counts.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Answers(Counts):
    """What a score is made of. Shares are 0 to 1."""

    account_mode: Annotated[str, "respondent_weighted or mean_of_accounts."] = "respondent_weighted"
    accounts: Annotated[int | None, "Accounts in the mean; null where respondents are weighted."] = None
    without_account: Annotated[int, "Answers of no known account."] = 0
    promoter_share: Annotated[float | None, "Share of the answers, or mean of the accounts' shares."] = None
    passive_share: Annotated[float | None, "As promoterShare."] = None
    detractor_share: Annotated[float | None, "As promoterShare."] = None
    margin_of_error: Annotated[
        float | None, "Half the interval's width, in points, before it is clipped."
    ] = None


@plugin.metric(
    "score",
    title=TITLES,
    unit={"en": "points", "ko": "점"},
    card=CARD,
    details=Answers,
    inputs=lambda config: {
        "responses": SurveyResponses(config.instrument, days=config.window_days, per_person=config.per_person)
    },
    of_all=True,
    category="satisfaction",
    definition_version=3,
    no_interval="The mean of accounts' scores has none.",
)
def scores(rows: Computation[NpsConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The tenant's score, then one per account with a response, by account id."""
    by_account = count_by_account(rows["responses"])
    unknown = by_account.get(None, Counts())
    known = {id: counts for id, counts in by_account.items() if id is not None}
    by_mean = rows.config.account_mode == "mean_of_accounts"
    groups = list(known.values()) if by_mean else [total(list(by_account.values()))]
    yield TENANT, _answer(groups, rows.config, by_mean=by_mean, without_account=unknown.n)
    # Accounts with a few answers each often have the same ones.
    alike = cache(lambda counts: _answer([counts], rows.config))
    for id, counts in known.items():
        yield account(id), alike(counts)


def count_by_account(responses: pl.DataFrame) -> dict[int | None, Counts]:
    """Counts per account, ordered by id; the key None holds responses without a known account."""
    counts = ((pl.col("kind") == kind).sum().alias(kind) for kind in KINDS)
    grouped = responses.with_columns(kind=_kind()).group_by("account").agg(counts).sort("account")
    return {id: Counts(*of_account) for id, *of_account in grouped.iter_rows()}


def total(parts: Sequence[Counts]) -> Counts:
    """The sums, kind by kind."""
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


def _answer(
    groups: Sequence[Counts], config: NpsConfig, *, by_mean: bool = False, without_account: int = 0
) -> Answer:
    """The mean of the groups' scores; respondent-weighted figures come as one group."""
    counts = total(groups)
    answered = [group for group in groups if group.n]
    said = asdict(counts) | {"without_account": without_account}
    if by_mean:
        said |= {"account_mode": "mean_of_accounts", "accounts": len(answered)}
    if not answered:
        return Answer(None, n=0, details=Answers(**said))
    p, passive, d = (
        fsum(getattr(group, kind) / group.n for group in answered) / len(answered) for kind in KINDS[:3]
    )
    value = round(100 * (p - d), PLACES)
    margin, interval = (None, None) if by_mean else _interval(counts, config)
    said |= {"promoter_share": p, "passive_share": passive, "detractor_share": d, "margin_of_error": margin}
    return Answer(
        value,
        n=counts.n,
        details=Answers(**said),
        parts=_parts(counts, value=value, shares=(p, passive, d)),
        interval=interval,
    )


def _parts(counts: Counts, *, value: float, shares: tuple[float, float, float]) -> tuple[Contribution, ...]:
    p, passive, d = (round(100 * share, PLACES) for share in shares)
    against = round(value - p, PLACES)
    return (
        Contribution("promoters", "Promoters (9-10), %", p, points=p, weight=1, n=counts.promoters),
        Contribution("passives", "Passives (7-8), %", passive, points=0, weight=0, n=counts.passives),
        Contribution("detractors", "Detractors (0-6), %", d, points=against, weight=-1, n=counts.detractors),
    )


def _interval(counts: Counts, config: NpsConfig) -> tuple[float, Interval]:
    """The margin of error, and the interval clipped to what a score can be."""
    added = ADDED if config.interval == "adjusted_wald" else 0
    middle, margin = net_margin(
        counts.promoters, counts.detractors, counts.n, added=added, level=config.confidence
    )
    return margin, Interval(
        max(-100.0, middle - margin), min(100.0, middle + margin), config.confidence, config.interval
    )
