"""An input sees the days that it declares, and no other: restatement and retention go by what it declares."""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.engine.checks import offered_inputs
from engage_server.engine.models import AffectedDay
from engage_server.engine.restatement import NOTED_AS
from engage_server.sdk import ActivePersons, Dataset, InputSpec, Read, Window
from tests.engine.input_days import COMPUTED, samples, seen_days, undeclared, unseen


def test_every_input_sees_all_the_days_that_it_declares_and_no_other(acme):
    specs = [spec for kind in offered_inputs() for spec in samples(kind)]
    seen = seen_days(acme, specs)
    assert list(undeclared(seen)) == []
    assert list(unseen(specs, seen)) == []


@dataclass(frozen=True, slots=True)
class Planted(InputSpec):
    """Says that it reads the trailing ``days``."""

    columns = ActivePersons.columns
    days: int = 3

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.EVENTS, self.days), Read(Dataset.NOTICES, self.days))


def planted(more: int):
    """What is found of an input that reads so many days more than it declares."""

    def resolve(spec: Planted, window: Window) -> pl.DataFrame:
        return RESOLVERS[ActivePersons](ActivePersons(days=spec.days + more), window)

    return {**RESOLVERS, Planted: resolve}


def test_a_resolver_that_reads_an_undeclared_day_is_caught(acme):
    seen = seen_days(acme, [Planted()], planted(1))
    day = COMPUTED - timedelta(days=3)
    assert list(undeclared(seen)) == [
        f"Planted(days=3) sees {dataset} of {day} on {COMPUTED} and does not declare it."
        for dataset in ("EVENTS", "NOTICES")
    ]
    assert list(unseen([Planted()], seen)) == []


def test_a_declared_day_that_the_resolver_does_not_read_is_caught(acme):
    seen = seen_days(acme, [Planted()], planted(-1))
    day = COMPUTED - timedelta(days=2)
    assert list(undeclared(seen)) == []
    assert list(unseen([Planted()], seen)) == [
        f"Planted(days=3) declares {dataset} of {day} for {COMPUTED} and does not see it."
        for dataset in ("EVENTS", "NOTICES")
    ]


def test_a_change_of_whatever_inputs_read_can_be_noted():
    assert {NOTED_AS.get(dataset, dataset.value) for dataset in Dataset} <= set(AffectedDay.Cause.values)
