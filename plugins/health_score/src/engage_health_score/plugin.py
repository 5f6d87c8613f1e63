"""The health of every account from other metrics' values, and what follows from it for the tenant and for parents."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from engage_health_score import card, derived_cards
from engage_health_score.accounts import scored_accounts, worth_by_account
from engage_health_score.answers import answer, members_by_group, portfolio
from engage_health_score.config import Band, HealthScoreConfig, Peers, RollUp
from engage_health_score.days import scores_of_days
from engage_health_score.details import AmongPeers, Health, Place, Portfolio, Rolled, Trend
from engage_health_score.hierarchy import Child, roll_up
from engage_health_score.peers import places
from engage_health_score.profiles import cards
from engage_health_score.trend import AGO, Earlier, change, earlier_scores, is_falling, slope
from engage_server.sdk import (
    TENANT,
    AccountHistory,
    Accounts,
    Answer,
    Computation,
    Contribution,
    InputSpec,
    MetricValues,
    Overrides,
    Plugin,
    Sample,
    Subject,
    account,
    catalogues_beside,
)

SCORE: Final = "health_score.score"
TITLES: Final = {"en": "Customer health score", "ko": "고객 건강 점수"}
POINTS: Final = {"en": "points", "ko": "점"}


def inputs(config: HealthScoreConfig) -> dict[str, InputSpec]:
    """The accounts, the components' metrics of them, and the overrides of the day."""
    components = [component for _, scorecard in cards(config) for component in scorecard.components]
    metrics = {component.metric for component in components} | {config.value_metric}
    oldest = max(component.max_age_days for component in components)
    read: dict[str, InputSpec] = {
        "accounts": Accounts(),
        "values": MetricValues(metrics=tuple(sorted(metrics)), max_age_days=oldest),
        "overrides": Overrides(metric=SCORE),
    }
    if any(profile.trait for profile in config.profiles):
        read["history"] = AccountHistory()
    return read


def inputs_with_earlier(config: HealthScoreConfig) -> dict[str, InputSpec]:
    """The same, and the accounts' own earlier scores."""
    return {**inputs(config), "earlier": MetricValues(metrics=(SCORE,), ago=AGO)}


plugin = Plugin(
    "health_score",
    sdk=">=2,<3",
    config=HealthScoreConfig,
    title=TITLES,
    inputs=inputs,
    schedule="0 4 * * *",
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_health_score"),
)


@plugin.metric(
    "score",
    title=TITLES,
    unit=POINTS,
    subjects=("account",),
    card=card.SCORE,
    details=Health,
    of_all=True,
    category="health",
    definition_version=3,
    sample=Sample.PARTS,
    no_interval="Its parts have samples of their own; no distribution is assumed of the whole.",
)
def scores(rows: Computation[HealthScoreConfig]) -> Iterator[tuple[Subject, Answer]]:
    """One score per account of the configured stages, unknown ones included; others are absent."""
    groups = {key: members_by_group(scorecard) for key, scorecard in cards(rows.config)}
    for id, one in rows.once(scored_accounts).items():
        explain = partial(answer, one, groups[one.profile])
        # An override has an author and a reason of its own.
        key = ("score", one.profile, *one.parts.values())
        yield account(id), explain() if one.override else rows.alike(key, explain)


plugin.days_of("score")(scores_of_days)


@plugin.metric(
    "portfolio_quality",
    title={"en": "Portfolio quality", "ko": "포트폴리오 품질"},
    unit=POINTS,
    subjects=("tenant",),
    card=card.PORTFOLIO_QUALITY,
    details=Portfolio,
    of_all=True,
    category="health",
    definition_version=2,
    sample=Sample.THINGS,
    no_interval="All accounts are counted; there is no sample.",
)
def portfolio_quality(rows: Computation[HealthScoreConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The mean worth of the accounts whose band is known."""
    bands = dict.fromkeys(Band, 0)
    for one in rows.once(scored_accounts).values():
        bands[one.band] += 1
    yield TENANT, portfolio(bands)


@plugin.metric(
    "trend",
    title={"en": "Change of the health score in 30 days", "ko": "건강 점수의 30일 변화"},
    unit=POINTS,
    subjects=("account",),
    card=derived_cards.TREND,
    details=Trend,
    inputs=inputs_with_earlier,
    of_all=True,
    category="health",
    sample=Sample.PARTS,
    no_interval="The difference of two scores, which have none.",
)
def trend(rows: Computation[HealthScoreConfig]) -> Iterator[tuple[Subject, Answer]]:
    """How each score moved against earlier ones; absent where there is none to compare with."""
    earlier = rows.once(_earlier)
    for id, one in _of_today(rows).once(scored_accounts).items():
        before = earlier.get(id, {})
        if one.value is not None and before:
            details = Trend(
                days_7=change(one.value, before, 7),
                days_90=change(one.value, before, 90),
                slope=slope(one.value, before),
                is_falling=is_falling(one.value, before, points=rows.config.falling_points),
            )
            in_30 = change(one.value, before, 30)
            parts = [Contribution("now", "Today", one.value, points=one.value, n=one.smallest_sample)]
            if in_30 is not None:
                parts.append(Contribution("before", "30 days ago", before[30], points=-before[30]))
            yield account(id), Answer(in_30, n=len(before), details=details, parts=tuple(parts))


@plugin.metric(
    "percentile",
    title={"en": "Health among peers", "ko": "동종 고객 내 건강 백분위"},
    unit={"en": "percentile", "ko": "백분위"},
    subjects=("account",),
    card=derived_cards.PERCENTILE,
    details=AmongPeers,
    of_all=True,
    category="health",
    sample=Sample.PARTS,
    no_interval="All peers are counted; there is no sample.",
)
def percentile(rows: Computation[HealthScoreConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The place of each score among those of the account's stage or plan; NO_DATA among too few."""
    by = rows.config.peers
    group = "stage" if by is Peers.ALL else by.value
    groups = dict(rows["accounts"].select("account", group).iter_rows())
    scored = rows.once(scored_accounts)
    values = {
        id: ("" if by is Peers.ALL else groups[id] or "", one.value)
        for id, one in scored.items()
        if one.value is not None
    }
    for id, place in places(values, min_peers=rows.config.min_peers).items():
        share = None if place.percentile is None else 100 / place.peers
        parts = (
            _rank("below", "Peers with a lower score", place.below, share, n=scored[id].smallest_sample),
            _rank("equal", "Half of those with the same score", place.equal / 2, share),
        )
        details = AmongPeers(place.peers, values[id][0])
        yield account(id), Answer(place.percentile, n=place.peers, details=details, parts=parts)


@plugin.metric(
    "queue",
    title={"en": "Place in the queue", "ko": "대기열 순위"},
    unit={"en": "place", "ko": "위"},
    subjects=("account",),
    card=derived_cards.QUEUE,
    details=Place,
    inputs=inputs_with_earlier,
    of_all=True,
    category="health",
    sample=Sample.PARTS,
    no_interval="A place among all accounts; there is no sample.",
)
def queue(rows: Computation[HealthScoreConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Who needs somebody most has place 1: sustained drops first, then the worst health of the largest worth."""
    today, earlier = _of_today(rows), rows.once(_earlier)
    worth = today.once(worth_by_account)
    waiting: list[tuple[int, Place, int | None]] = []
    for id, one in today.once(scored_accounts).items():
        falls = is_falling(one.value, earlier.get(id, {}), points=rows.config.falling_points)
        if one.value is not None and (falls or one.band in (Band.RED, Band.YELLOW)):
            at_risk = worth[id] * (100 - one.value) / 100 if id in worth else None
            place = Place(falls, one.band, one.value, worth.get(id), at_risk)
            waiting.append((id, place, one.smallest_sample))
    waiting.sort(key=lambda item: (not item[1].is_falling, -(item[1].at_risk or 0.0), item[1].score, item[0]))
    falling = sum(place.is_falling for _, place, _ in waiting)
    for number, (id, place, sample) in enumerate(waiting, start=1):
        ahead = min(falling, number - 1)
        parts = (
            _rank("itself", "Itself", 1, 1, n=sample),
            _rank("falling", "Sustained drops ahead of it", ahead, 1),
            _rank("at_risk", "Others ahead of it", number - 1 - ahead, 1),
        )
        yield account(id), Answer(number, n=len(waiting), details=place, parts=parts)


@plugin.metric(
    "roll_up",
    title={"en": "Health of the children", "ko": "하위 고객의 건강 점수"},
    unit=POINTS,
    subjects=("account",),
    card=derived_cards.ROLL_UP,
    details=Rolled,
    of_all=True,
    category="health",
    sample=Sample.PARTS,
    no_interval="All children are counted; there is no sample.",
)
def rolled_up(rows: Computation[HealthScoreConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The mean of the children's scores, of every account with a child; contributions add up to it."""
    scored = rows.once(scored_accounts)
    values = {id: one.value for id, one in scored.items() if one.value is not None}
    parents = dict(rows["accounts"].drop_nulls("parent").select("account", "parent").iter_rows())
    worth = rows.once(worth_by_account) if rows.config.roll_up is RollUp.VALUE else None
    # What is shown of few persons of a child is shown of them in its parent's parts as well.
    samples = {id: one.smallest_sample for id, one in scored.items()}
    for id, rolled in roll_up(values, parents, worth).items():
        if rolled.children:
            known = [n for child in rolled.children if (n := samples.get(child.account)) is not None]
            parts = tuple(_child(child, samples.get(child.account)) for child in rolled.children)
            samples[id] = min(known, default=None)
        else:
            parts = (
                Contribution("own", "Its own score", rolled.score, points=rolled.score, n=samples.get(id)),
            )
        details = Rolled(
            band=rows.config.bands.band(rolled.score),
            weighting=rolled.weighting,
            children=len(rolled.children),
            own=values.get(id),
        )
        yield account(id), Answer(rolled.score, n=len(parts), details=details, parts=parts)


def _of_today(rows: Computation[HealthScoreConfig]) -> Computation[HealthScoreConfig]:
    """Without the earlier scores, so that what other metrics make of the rest is made once."""
    return rows.only(*(name for name in rows.inputs if name != "earlier"))


def _earlier(rows: Computation[HealthScoreConfig]) -> Mapping[int, Earlier]:
    return earlier_scores(rows["earlier"], rows.day)


def _rank(
    key: str, label: str, accounts: float, share: float | None, *, n: int | None = None
) -> Contribution:
    """How many accounts make a rank; ``n``, the fewest observations behind the score, decides to whom it is shown."""
    return Contribution(key, label, accounts, points=None if share is None else accounts * share, n=n)


def _child(child: Child, sample: int | None) -> Contribution:
    return Contribution(
        f"account.{child.account}",
        f"Account {child.account}",
        child.score,
        weight=child.share,
        points=child.share * child.score,
        n=sample,
    )
