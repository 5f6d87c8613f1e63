"""How many come from each step to the next, and where most are lost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Annotated, Any

import polars as pl

from engage_funnel.card import CARD
from engage_funnel.config import FunnelConfig
from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    Contribution,
    InputSpec,
    Plugin,
    Status,
    Subject,
    account,
    catalogues_beside,
)
from engage_server.sdk.intervals import wilson

plugin = Plugin(
    "funnel",
    sdk=">=2,<3",
    config=FunnelConfig,
    title={"en": "Funnel", "ko": "퍼널"},
    owner="Engage maintainers",
    licence="Apache-2.0",
    starter=False,
    catalogues=catalogues_beside("engage_funnel"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who came to it, and from the one before."""

    number: Annotated[int, "From 1."]
    event: Annotated[str, "Name of its event."]
    persons: Annotated[int, "Who came to it."]
    lost: Annotated[int, "Who came to the one before and not to it."]
    share_of_first: Annotated[float | None, "Persons / persons of the first step, 0 to 1."]
    share_of_previous: Annotated[
        float | None, "Persons / persons of the step before; null where nobody came to that."
    ]
    low: Annotated[float | None, "Lower end of Wilson's interval of share_of_previous."]
    high: Annotated[float | None, "Upper end."]
    median_seconds: Annotated[float | None, "From the step before, of those who came to it."]


@dataclass(frozen=True, slots=True)
class Steps:
    """The whole funnel."""

    entrants: Annotated[int, "Who did the first step."]
    converted: Annotated[int, "Who did all in time."]
    open: Annotated[int, "Not converted yet, but still in time."]
    largest_drop: Annotated[
        int | None, "Number of the step before which most were lost; null where nobody was."
    ]
    largest_drop_event: Annotated[str | None, "Its event: where guidance is due."]
    largest_drop_lost: Annotated[int, "How many were lost there."]
    steps: Annotated[tuple[Step, ...], "In their order."]


def inputs(config: FunnelConfig) -> dict[str, InputSpec] | None:
    """Who came how far; off without steps."""
    return {"reached": config.sequences()} if config.steps else None


@plugin.metric(
    "conversion",
    title={"en": "Funnel conversion", "ko": "퍼널 전환율"},
    unit="%",
    card=CARD,
    details=Steps,
    inputs=inputs,
    of_all=True,
    category="adoption",
)
def conversion(rows: Computation[FunnelConfig]) -> Iterator[tuple[Subject, Answer]]:
    """For the tenant and each account with an entrant: who did all steps / who did the first."""
    reached, number = rows["reached"], len(rows.config.steps)
    is_over = pl.col("until") <= rows.window.end.astimezone(UTC)
    if rows.config.cohort == "matured":
        reached = reached.filter(is_over)
    done = pl.col(f"step_{number}").is_not_null()
    figures = [
        *(pl.col(f"step_{step}").count().alias(f"persons_{step}") for step in range(1, number + 1)),
        *(
            (pl.col(f"step_{step}") - pl.col(f"step_{step - 1}"))
            .median()
            .dt.total_microseconds()
            .alias(f"median_{step}")
            for step in range(2, number + 1)
        ),
        (~done & ~is_over).sum().alias("open"),
    ]
    yield TENANT, _answer(reached.select(figures).row(0, named=True), rows.config)
    by_account = reached.drop_nulls("account").group_by("account").agg(figures).sort("account")
    for row in by_account.iter_rows(named=True):
        yield account(row["account"]), _answer(row, rows.config)


def _answer(row: Mapping[str, Any], config: FunnelConfig) -> Answer:
    steps = tuple(_step(number, row, config) for number in range(1, len(config.steps) + 1))
    entrants, converted = steps[0].persons, steps[-1].persons
    if not entrants:
        return Answer(None, n=0, details=Steps(0, 0, 0, None, None, 0, steps))
    # Of several drops alike the first: who is lost there never sees the others.
    drop = max(steps, key=lambda step: (step.lost, -step.number))
    known = drop if drop.lost else None
    details = Steps(
        entrants,
        converted,
        row["open"],
        largest_drop=known.number if known else None,
        largest_drop_event=known.event if known else None,
        largest_drop_lost=drop.lost,
        steps=steps,
    )
    value = 100 * converted / entrants
    lost = (
        Contribution(f"lost_{step.number}", f"Lost before {step.event}", step.lost, points=0, n=step.lost)
        for step in steps[1:]
    )
    return Answer(
        value,
        n=entrants,
        details=details,
        parts=(Contribution("converted", "Did all steps", converted, points=value, n=converted), *lost),
        interval=wilson(converted, entrants),
        status=Status.IMMATURE if row["open"] else None,
    )


def _step(number: int, row: Mapping[str, Any], config: FunnelConfig) -> Step:
    persons, first = row[f"persons_{number}"], row["persons_1"]
    before = row[f"persons_{number - 1}"] if number > 1 else first
    median = row.get(f"median_{number}")
    interval = wilson(persons, before, scale=1)
    return Step(
        number=number,
        event=config.steps[number - 1],
        persons=persons,
        lost=before - persons,
        share_of_first=persons / first if first else None,
        share_of_previous=persons / before if before else None,
        low=float(interval.low) if interval else None,
        high=float(interval.high) if interval else None,
        median_seconds=None if median is None else median / 1e6,
    )
