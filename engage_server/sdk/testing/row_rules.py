"""The rules that rows show: what a plugin answers to empty, odd, late, double, shuffled and renamed ones."""

import math
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, Final

from engage_server.sdk.testing.days_rules import days_one_after_another, days_together
from engage_server.sdk.testing.findings import Finding
from engage_server.sdk.testing.renamed import twins, under_first_ids, under_other_ids, with_twins
from engage_server.sdk.testing.requests import DAY, window_for
from engage_server.sdk.testing.samples import at_the_edges, zeroed
from engage_server.sdk.testing.trial import Rows, Trial, difference, raised

Check = Callable[[Trial], Iterator[Finding]]

ZONED_DAYS: Final = (
    (date(2026, 3, 8), "America/New_York"),
    (date(2026, 10, 25), "Europe/Berlin"),
    (date(2026, 6, 30), "Asia/Seoul"),
    (date(2026, 6, 30), "Pacific/Kiritimati"),
)
"""Days of 23 and 25 hours, and zones far to the east."""
THOUSAND: Final = 1000
TRIES: Final = 3


def empty(trial: Trial) -> Iterator[Finding]:
    """No row at all."""
    yield from trial.tried("empty", trial.request({}), "no row of any input")


def measurements(trial: Trial) -> Iterator[Finding]:
    """Rows of every kind."""
    yield from trial.tried("measurements", trial.request(trial.rows()), "rows of every kind")


def zero(trial: Trial) -> Iterator[Finding]:
    """Zero in every figure."""
    rows = {name: zeroed(trial.specs[name], rows) for name, rows in trial.rows().items()}
    yield from trial.tried("zero", trial.request(rows), "zero in every figure")


def single(trial: Trial) -> Iterator[Finding]:
    """One row of each input, all together and one input at a time."""
    rows = {name: rows[:1] for name, rows in trial.rows().items()}
    yield from trial.tried("single", trial.request(rows), "one row of each input")
    for name, ones in rows.items():
        yield from trial.tried("single", trial.request({name: ones}), f"one row of {name} alone")


def edges(trial: Trial) -> Iterator[Finding]:
    """Late and early rows."""
    window = window_for(DAY)
    rows = {name: at_the_edges(trial.specs[name], rows, window) for name, rows in trial.rows().items()}
    yield from trial.tried("edges", trial.request(rows), "rows at the window's edges")


def duplicate(trial: Trial) -> Iterator[Finding]:
    """Every row twice; and everybody twice, the second time under other ids: who has the same rows has the same values."""
    rows = trial.rows()
    twice = {name: of_input + of_input for name, of_input in rows.items()}
    yield from trial.tried("duplicate", trial.request(twice), "every row twice")
    answers = trial.answers(trial.request(with_twins(rows)))
    if found := difference(*twins(answers)):
        yield Finding(
            "duplicate",
            f"Two accounts with the same rows under other ids have other values: {found}.",
            "go by what the rows say, never by their ids or their place",
        )


def purity(trial: Trial) -> Iterator[Finding]:
    """The same request thrice, with others in between."""
    rows = trial.rows()
    fewer = {name: rows[: len(rows) // 2] for name, rows in rows.items()}
    request = trial.request(rows)
    first = trial.answers(request)
    for other in (request, trial.request(fewer), trial.request({})):
        trial.answers(other)
        if found := difference(first, trial.answers(request)):
            yield Finding(
                "purity", f"The same request gave two answers: {found}.", "keep nothing between calls"
            )
            return


def permuted(trial: Trial) -> Iterator[Finding]:
    """The rows backwards and shuffled."""
    rows = trial.rows()
    first = trial.answers(trial.request(rows))
    for turn in (_reversed, _shuffled):
        again = trial.answers(trial.request({name: turn(of_input) for name, of_input in rows.items()}))
        if found := difference(first, again):
            yield Finding(
                "permuted",
                f"The order of the rows matters: {found}.",
                "sort what is taken in an order, by all of it",
            )
            return


def _reversed(rows: list[Any]) -> list[Any]:
    return rows[::-1]


def _shuffled(rows: list[Any]) -> list[Any]:
    return random.Random(1).sample(rows, len(rows))


def zones(trial: Trial) -> Iterator[Finding]:
    """Days of other zones and lengths, and a machine that stands elsewhere."""
    for day, zone in ZONED_DAYS:
        rows = trial.rows(day, zone)
        yield from trial.tried("zones", trial.request(rows, day, zone), f"{day} in {zone}")
    request = trial.request(trial.rows())
    here = trial.answers(request)
    with _machine_in("Pacific/Kiritimati"):
        if found := difference(here, trial.answers(request)):
            yield Finding(
                "zones",
                f"The machine's zone matters: {found}.",
                "take times from the window, which has the zone",
            )


@contextmanager
def _machine_in(zone: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


def merged(trial: Trial) -> Iterator[Finding]:
    """Other numbers for the persons, as after a merge; and two of them merged."""
    rows = trial.rows()
    renamed = _with_persons(rows, lambda person: THOUSAND - person)
    found = difference(trial.answers(trial.request(rows)), trial.answers(trial.request(renamed)))
    if found:
        yield Finding(
            "merged", f"The persons' numbers matter: {found}.", "join and count by ids, never order by them"
        )
    both = _with_persons(rows, lambda person: 1 if person == 2 else person)  # persons 1 and 2 are one
    yield from trial.tried("merged", trial.request(both), "two persons that were merged")


def _with_persons(rows: Rows, number: Callable[[int], int]) -> Rows:
    return {
        name: [
            row if row.get("person") is None else {**row, "person": number(row["person"])} for row in of_input
        ]
        for name, of_input in rows.items()
    }


def in_any_order_of_days(trial: Trial) -> Iterator[Finding]:
    """Three days forwards, as a backfill computes them, and backwards; and at once, where the plugin can."""
    days = [DAY - timedelta(days=back) for back in (2, 1, 0)]
    requests = {day: trial.request(trial.rows(day), day) for day in days}
    forwards = {day: trial.answers(requests[day]) for day in days}
    for day in reversed(days):
        if found := difference(forwards[day], trial.answers(requests[day])):
            yield Finding(
                "range", f"{day} depends on the days before it: {found}.", "keep nothing between days"
            )
            return
    yield from days_one_after_another(trial, requests, forwards)
    yield from days_together(trial, requests, forwards)


def slices(trial: Trial) -> Iterator[Finding]:
    """The rows of some accounts alone: the same function on filtered frames is the slice, and it has its values whatever
    else there is and whatever the accounts are called."""
    kept = {1, 2}
    rows = {
        name: [row for row in of_input if "account" not in row or row["account"] in kept]
        for name, of_input in trial.rows().items()
    }
    request = trial.request(rows)
    yield from trial.tried("slice", request, "the rows of two accounts")
    alone = trial.answers(request)
    trial.answers(trial.request(trial.rows()))
    if found := difference(alone, trial.answers(request)):
        yield Finding(
            "slice",
            f"A slice is another one once the whole was asked for: {found}.",
            "take all from the rows of the request",
        )
    renamed = trial.answers(trial.request(under_other_ids(rows)))
    if found := difference(alone, under_first_ids(renamed)):
        yield Finding(
            "slice",
            f"A slice is another one where the accounts have other ids: {found}.",
            "join and count by ids, never reckon with them",
        )
    strangers = sorted(
        subject.id for _, subject in alone if subject.kind == "account"
        and subject.id not in kept | _ids(rows, "subject")
    )  # fmt: skip
    if strangers:
        yield Finding(
            "slice",
            f"It measures the accounts {strangers}, of which there is no row.",
            "measure whom the inputs name",
        )


def _ids(rows: Rows, column: str) -> set[int]:
    return {row[column] for of_input in rows.values() for row in of_input if row.get(column) is not None}


def cost(trial: Trial) -> Iterator[Finding]:
    """A day of 1,000 accounts."""
    request = trial.request(trial.rows(accounts=THOUSAND, rows=3 * THOUSAND))
    least = math.inf
    # A busy machine makes the same work cost more: what it costs is the least of some tries.
    for _ in range(TRIES):
        begun = time.process_time()
        trial.measure(request)
        least = min(least, time.process_time() - begun)
        if least <= trial.manifest.cpu_seconds:
            return
    yield Finding(
        "cost",
        f"1,000 accounts took {least:.1f} s of processor time; the manifest says {trial.manifest.cpu_seconds:g}.",
        "answer for all subjects at once (of_all), or say what it costs",
    )


def unrounded(trial: Trial) -> Iterator[Finding]:
    """Values with ever so few decimals were rounded by somebody."""
    values: dict[str, list[float]] = {}
    for one in trial.measure(trial.request(trial.rows())):
        if isinstance(one.value, float) and not one.value.is_integer():
            values.setdefault(one.metric, []).append(one.value)
    for metric, found in values.items():
        if len(set(found)) > ENOUGH and all(round(value, 3) == value for value in found):
            yield Finding(
                "unrounded",
                f"All values of {metric} have at most three decimals ({found[0]}, {found[1]}).",
                "publish what was measured and let readers round; bands compare the unrounded value",
            )


ENOUGH: Final = 3


def intervals(trial: Trial) -> Iterator[Finding]:
    """Whether any value of a metric without a reason has an interval; of one that is off by default nothing is said."""
    valued = [one for one in trial.measure(trial.request(trial.rows())) if one.value is not None]
    without = {one.metric for one in valued} - {one.metric for one in valued if one.interval is not None}
    for metric in trial.manifest.metrics:
        if metric.id in without and not metric.no_interval:
            yield Finding(
                "interval",
                f"No value of {metric.id} has an interval.",
                "answer with interval=..., or say why there is none: no_interval='...'",
            )


CHECKS: Final[Mapping[str, Check]] = {
    "empty": empty,
    "measurements": measurements,
    "purity": purity,
    "zero": zero,
    "single": single,
    "edges": edges,
    "duplicate": duplicate,
    "permuted": permuted,
    "zones": zones,
    "merged": merged,
    "range": in_any_order_of_days,
    "slice": slices,
    "cost": cost,
    "interval": intervals,
    "unrounded": unrounded,
}


def findings(trial: Trial, rule: str) -> Iterator[Finding]:
    """What one of the rules finds; a computation that raises is a finding of it, too."""
    try:
        yield from CHECKS[rule](trial)
    except (Exception, SystemExit) as error:  # whatever foreign code raises is its own finding
        yield raised(rule, error, "the rows of this rule")
