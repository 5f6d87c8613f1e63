"""Follows accounts and sign-ups along their checklists."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from engage_onboarding.config import OnboardingConfig
from engage_onboarding.progress import Progress, follow
from engage_server.sdk import Computation

Rows = Computation[OnboardingConfig]


def follow_accounts(rows: Rows) -> list[tuple[int, date | None, Progress]]:
    """Each account with the day on which it started (None: unknown) and its progress, by id."""
    milestones = rows.config.milestones
    done: dict[int, dict[tuple[str, int], date]] = {}
    reached = rows["totals"].drop_nulls(["account", "reached_on"])
    for id, place, day in reached.select("account", "milestone", "reached_on").iter_rows():
        if 1 <= place <= len(milestones):
            done.setdefault(id, {})[milestones[place - 1]] = day
    zone = rows.window.timezone
    accounts = rows["accounts"].select(
        "account", "plan", began_on=pl.col("started_at").dt.convert_time_zone(zone).dt.date()
    )
    return [
        (id, began_on, follow(rows.config.checklist_of(began_on), done.get(id, {}), plan or ""))
        for id, plan, began_on in accounts.sort("account").iter_rows()
    ]


def follow_signups(rows: Rows) -> Iterator[tuple[int | None, Progress, int]]:
    """The account (None: unknown) and progress of sign-ups, and how many came just so far; thousands are few kinds."""
    config, milestones = rows.config, rows.config.milestones
    reached = [f"milestone_{place}" for place in range(1, len(milestones) + 1)]
    signups = (
        rows["signups"]
        .drop_nulls("signed_up_at")
        .join(rows["accounts"].select("account", "plan"), on="account", how="left")
        .select(
            "account",
            pl.col("plan").fill_null(""),
            pl.col("signed_up_at").dt.convert_time_zone(rows.window.timezone).dt.date().alias("began_on"),
            pl.col(reached).is_not_null(),
        )
    )
    days = signups["began_on"].unique()
    places = [config.checklists.index(config.checklist_of(day)) for day in days]
    versions = pl.DataFrame({"began_on": days, "version": pl.Series(places, dtype=pl.Int64)})
    kinds = signups.join(versions, on="began_on").group_by("account", "version", "plan", *reached).len()
    known: dict[tuple[object, ...], Progress] = {}
    for id, version, plan, *came, number in kinds.sort(pl.all(), nulls_last=True).iter_rows():
        kind = (version, plan, *came)
        if kind not in known:
            done = {
                milestone: None for milestone, is_reached in zip(milestones, came, strict=True) if is_reached
            }
            known[kind] = follow(config.checklists[version], done, plan)
        yield id, known[kind], number
