"""Which accounts' use is, or was, far below their own baseline: week by week, as it could be known then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from engage_early_warning.config import WEEK, EarlyWarningConfig


@dataclass(frozen=True, slots=True)
class Fall:
    """How far an account's last weeks lie below its baseline, in %; negative where they lie above it."""

    percent: float
    measure: str
    baseline: float
    recent: float


@dataclass(frozen=True, slots=True)
class Episode:
    """A time of low use. ``onset`` is the first day of its first low week, ``raised_on`` the day on which it was known:
    the last of the weeks that it takes. ``is_ongoing``: the newest week is one of it."""

    account: int
    onset: date
    raised_on: date
    is_ongoing: bool


@dataclass(frozen=True, slots=True)
class Falls:
    """The newest fall of each account that has a baseline now, all episodes by account and day, and the day on which each
    account that ever had a baseline was first judged."""

    newest: dict[int, Fall]
    episodes: tuple[Episode, ...]
    judged_from: dict[int, date]


def falls(weeks: pl.DataFrame, day: date, config: EarlyWarningConfig) -> Falls:
    """Judge every week of every account.

    Args:
        weeks: ``account``, ``weeks_ago`` and the measures; weeks without use have no row.
        day: the last day of week 0.
        config: what counts as a fall.

    A week is judged by the median of the ``baseline_weeks`` before the ``alarm_weeks`` that end with it, from an account's
    first week with use on. Nothing later decides.
    """
    grid = _grid(weeks, config)
    newest: dict[int, Fall] = {}
    low: dict[int, list[Episode]] = {}
    oldest: dict[int, int] = {}
    for measure in dict.fromkeys(config.measures):
        judged = _judged(grid, measure, config)
        for account, ago in judged.group_by("account").agg(pl.col("weeks_ago").max()).iter_rows():
            oldest[account] = max(ago, oldest.get(account, 0))
        for account, baseline, recent in (
            judged.filter(pl.col("weeks_ago") == 0).select("account", "baseline", "recent").iter_rows()
        ):
            fall = Fall(100 * (1 - recent / baseline), measure, baseline, recent)
            if account not in newest or fall.percent > newest[account].percent:
                newest[account] = fall
        for episode in _episodes(grid, judged, measure, day, config):
            low.setdefault(episode.account, []).append(episode)
    return Falls(
        newest,
        tuple(one for account in sorted(low) for one in _merged(low[account])),
        {account: day - timedelta(days=WEEK * ago) for account, ago in oldest.items()},
    )


def _grid(weeks: pl.DataFrame, config: EarlyWarningConfig) -> pl.DataFrame:
    """A row for each account and week from its first one on, the oldest first; zeros where nothing was done."""
    measures = list(dict.fromkeys(config.measures))
    known = weeks.drop_nulls("account").filter(pl.col("weeks_ago").is_between(0, config.history_weeks - 1))
    used = known.group_by("account", "weeks_ago").agg(pl.col(measures).sum())
    spans = used.group_by("account").agg(first=pl.col("weeks_ago").max())
    every = spans.select("account", weeks_ago=pl.int_ranges(pl.col("first"), -1, -1, dtype=pl.Int64)).explode(
        "weeks_ago"
    )
    return (
        every.join(used, on=["account", "weeks_ago"], how="left")
        .with_columns(pl.col(measures).fill_null(0).cast(pl.Float64))
        .sort("account", "weeks_ago", descending=[False, True])
    )


def _judged(grid: pl.DataFrame, measure: str, config: EarlyWarningConfig) -> pl.DataFrame:
    """The weeks that have a baseline that is large enough, with it, the mean of the last weeks, and whether all are low."""
    use = pl.col(measure)
    run = config.alarm_weeks
    limit = (1 - config.fall_percent / 100) * pl.col("baseline")
    return (
        grid.with_columns(
            baseline=use.rolling_median(config.baseline_weeks).shift(run).over("account"),
            recent=use.rolling_mean(run).over("account"),
            highest=use.rolling_max(run).over("account"),
        )
        .filter(pl.col("baseline") >= config.minimum_baseline)
        .with_columns(is_low=pl.col("highest") <= limit)
    )


def _episodes(
    grid: pl.DataFrame, judged: pl.DataFrame, measure: str, day: date, config: EarlyWarningConfig
) -> Iterator[Episode]:
    """The times of low use: each lasts while a week stays below the limit that it began with."""
    alarms = judged.filter("is_low").select("account", "weeks_ago", "baseline")
    if alarms.is_empty():
        return
    use_of = {
        account: dict(zip(ago, use, strict=True))
        for account, ago, use in grid.join(alarms.select("account").unique(), on="account", how="semi")
        .group_by("account")
        .agg("weeks_ago", measure)
        .iter_rows()
    }
    until: dict[int, int] = {}
    for account, ago, baseline in alarms.iter_rows():
        if ago >= until.get(account, config.history_weeks + 1):
            continue
        limit = (1 - config.fall_percent / 100) * baseline
        last = ago
        while last > 0 and use_of[account][last - 1] <= limit:
            last -= 1
        until[account] = last
        yield Episode(
            account,
            onset=day - timedelta(days=WEEK * (ago + config.alarm_weeks) - 1),
            raised_on=day - timedelta(days=WEEK * ago),
            is_ongoing=last == 0,
        )


def _merged(episodes: Sequence[Episode]) -> Iterator[Episode]:
    """The episodes of an account, those of several measures that began together or within each other as one."""
    kept: Episode | None = None
    for one in sorted(episodes, key=lambda episode: (episode.raised_on, not episode.is_ongoing)):
        if kept is not None and (kept.is_ongoing or (one.raised_on - kept.raised_on).days <= WEEK):
            continue
        if kept is not None:
            yield kept
        kept = one
    if kept is not None:
        yield kept
