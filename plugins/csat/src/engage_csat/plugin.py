"""Customer satisfaction from tallied responses: the share of satisfied answers, and the mean."""

from collections.abc import Callable, Hashable, Iterator
from fractions import Fraction
from typing import Final

from engage_csat import card
from engage_csat.config import CsatConfig
from engage_csat.details import Counted, Satisfaction, counted, details_of
from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    Contribution,
    Direction,
    Plugin,
    Status,
    Subject,
    SurveyResponses,
    account,
    catalogues_beside,
)
from engage_server.sdk.intervals import wilson
from engage_server.sdk.surveys import Scale, Tally, tallies

TITLES: Final = {"en": "Customer satisfaction", "ko": "고객 만족도"}
plugin = Plugin(
    "csat",
    sdk=">=2,<3",
    config=CsatConfig,
    title=TITLES,
    inputs=lambda config: {
        "responses": SurveyResponses(config.instrument, days=config.window_days, per_person=config.per_person)
    },
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_csat"),
)
Answers = Iterator[tuple[Subject, Answer]]


@plugin.metric(
    "score",
    title={"en": "Satisfied answers", "ko": "만족 응답 비율"},
    unit="%",
    card=card.SCORE,
    details=Satisfaction,
    of_all=True,
    category="satisfaction",
)
def scores(rows: Computation[CsatConfig]) -> Answers:
    """100 x satisfied answers / n of the tenant, then of each account with a response, by account id."""
    return _answers(rows, _share)


@plugin.metric(
    "mean",
    title={"en": "Mean satisfaction", "ko": "평균 만족도"},
    unit={"en": "points", "ko": "점"},
    direction="VARIES",
    card=card.MEAN,
    details=Satisfaction,
    of_all=True,
    category="satisfaction",
    no_interval="Scores are ordinal and their scales differ; read the distribution, or the share's interval.",
)
def means(rows: Computation[CsatConfig]) -> Answers:
    """The mean score of the tenant, then of each account with a response, by account id."""
    return _answers(rows, _mean)


def _answers(rows: Computation[CsatConfig], measure: Callable[[Tally, CsatConfig], Answer]) -> Answers:
    tenant, by_account = rows.once(_tallied)
    yield TENANT, measure(tenant, rows.config)
    # Accounts with a few answers each often have the same ones.
    alike: dict[Hashable, Answer] = {}
    for id, tally in by_account.items():
        key = tally.key
        if key not in alike:
            alike[key] = measure(tally, rows.config)
        yield account(id), alike[key]


def _tallied(rows: Computation[CsatConfig]) -> tuple[Tally, dict[int, Tally]]:
    return tallies(rows["responses"])


def _share(tally: Tally, config: CsatConfig) -> Answer:
    groups = counted(tally, config)
    judged = [(one, one.satisfied) for one in groups if one.satisfied is not None]
    n, satisfied = sum(one.n for one, _ in judged), sum(number for _, number in judged)
    note = "" if config.pool_scales else _why_withheld([one for one, _ in judged], or_else="set pool_scales")
    is_valued = bool(n) and not note
    parts = (
        Contribution(
            one.group.key,
            _label(one),
            100 * number / one.n,
            points=100 * number / n if is_valued else None,
            weight=one.n / n if is_valued else None,
            n=one.n,
        )
        for one, number in judged
    )
    return Answer(
        100 * satisfied / n if is_valued else None,
        n=n,
        details=details_of(tally, groups, note=note),
        parts=tuple(parts),
        interval=wilson(satisfied, n, level=config.confidence) if is_valued else None,
        status=Status.SUPPRESSED if note else None,
    )


def _mean(tally: Tally, config: CsatConfig) -> Answer:
    groups = counted(tally, config)
    n, note = tally.n, _why_withheld(groups, or_else="use the normalised value")
    is_valued = bool(n) and not note
    scale = groups[0].group.scale if is_valued else None
    return Answer(
        sum(one.sum for one in groups) / n if is_valued else None,
        n=n,
        details=details_of(tally, groups, note=note),
        parts=tuple(
            Contribution(
                one.group.key,
                _label(one),
                one.sum / one.n,
                points=one.sum / n if is_valued else None,
                weight=one.n / n if is_valued else None,
                n=one.n,
            )
            for one in groups
        ),
        status=Status.SUPPRESSED if note else None,
        unit=f"points of {scale.low}-{scale.high}" if scale else None,
        direction=Direction(scale.direction) if scale else None,
        normalised=float(sum(map(_normalised_sum, groups), Fraction(0)) / n) if n else None,
    )


def _why_withheld(groups: list[Counted] | tuple[Counted, ...], *, or_else: str) -> str:
    """Why answers of these groups have no common value; empty where they have one."""
    scales: list[Scale] = sorted({one.group.scale for one in groups})
    if len(scales) < 2:
        return ""
    return f"Scales differ ({'; '.join(map(str, scales))}). Read the contributions, or {or_else}."


def _normalised_sum(one: Counted) -> Fraction:
    scale = one.group.scale
    steps = sum(scale.rank(score) * count for score, count in one.counts.items())
    return Fraction(100 * steps, scale.high - scale.low)


def _label(one: Counted) -> str:
    return f"{one.group.instrument} ({one.group.scale})"
