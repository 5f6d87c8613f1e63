"""A plugin as one object: metrics are declared where their functions stand.

    plugin = Plugin("reach", sdk=">=2,<3", config=ReachConfig, title={"en": "Reach", "ko": "도달"})

    @plugin.metric("accounts", title="Accounts reached", unit="%", details=Reach, card=CARD, inputs=inputs)
    def accounts(rows: Computation[ReachConfig]) -> Answer | None: ...

The object implements the hooks of ``hookspecs``, and an entry point names it: ``reach = "engage_reach:plugin"``. What
every author would write by hand it does itself: rows are grouped by subject, who has none is absent, who is too young is
IMMATURE, equal inputs of several metrics are read once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, Literal, TypeVar

import polars as pl

from engage_server.sdk.catalogues import translated
from engage_server.sdk.computation import Answer, Computation
from engage_server.sdk.compute import (
    TENANT,
    ComputeRequest,
    ConfigT,
    Measurement,
    Subject,
    absent,
)
from engage_server.sdk.days import Days, DaysRequest
from engage_server.sdk.details import shape_of
from engage_server.sdk.graphql import GraphQLContribution
from engage_server.sdk.hookspecs import hookimpl
from engage_server.sdk.inputs import InputSpec
from engage_server.sdk.inputs.customers import Accounts
from engage_server.sdk.manifest import (
    Card,
    Catalogue,
    Direction,
    Inputs,
    Lifecycle,
    Manifest,
    Metric,
    Sample,
    Translations,
)
from engage_server.sdk.subjects import Grouping, ages, known_subjects

InputsOf = Inputs | Callable[[Any], Inputs | None]
Answers = Iterable[tuple[Subject, Answer | None]]
UpgradeT = TypeVar("UpgradeT", bound=Callable[[Mapping[str, Any]], Mapping[str, Any]])
MeasureT = TypeVar("MeasureT", bound=Callable[[Computation[Any]], Answer | Answers | None])
OfDays = Callable[[Days[Any]], pl.DataFrame | None]
OfDaysT = TypeVar("OfDaysT", bound=OfDays)
Way = Literal["UP", "DOWN", "TARGET", "VARIES"]


@dataclass(frozen=True, slots=True)
class _Declared:
    """A metric with the function that measures it."""

    metric: Metric
    function: Callable[[Computation[Any]], Any]
    is_of_all: bool


class Plugin(Generic[ConfigT]):
    """A plugin: what it says of itself, and its metrics."""

    def __init__(
        self,
        id: str,
        *,
        sdk: str,
        config: type[ConfigT],
        title: str | Translations,
        inputs: InputsOf | None = None,
        schedule: str = "0 3 * * *",
        starter: bool = True,
        owner: str = "",
        lifecycle: Lifecycle = Lifecycle.STABLE,
        licence: str = "",
        homepage: str = "",
        deprecated_on: date | None = None,
        cpu_seconds: float = 2.0,
        catalogues: Mapping[str, Catalogue] | None = None,
    ) -> None:
        """Begin a plugin; for the arguments see Manifest.

        ``title`` is a text, or texts by language of which "en" is one. ``inputs`` are those of the metrics that declare
        none of their own.
        """
        self._inputs = inputs
        self._declared: dict[str, _Declared] = {}
        self._of_days: dict[str, OfDays] = {}
        self._doubled: list[str] = []
        self._contribution: Callable[[], GraphQLContribution] = GraphQLContribution
        titles = _texts(title)
        self._manifest = Manifest(
            id=id,
            sdk=sdk,
            title=titles["en"],
            config=config,
            metrics=(),
            inputs=self._union,
            schedule=schedule,
            starter=starter,
            translations=titles,
            owner=owner,
            lifecycle=lifecycle,
            licence=licence,
            homepage=homepage,
            deprecated_on=deprecated_on,
            cpu_seconds=cpu_seconds,
            catalogues=catalogues or {},
        )

    def metric(
        self,
        id: str,
        *,
        title: str | Translations,
        card: Card,
        unit: str | Translations = "",
        direction: Direction | Way = Direction.UP,
        subjects: tuple[str, ...] = ("tenant", "account"),
        details: type | None = None,
        inputs: InputsOf | None = None,
        of_all: bool = False,
        category: str = "activity",
        definition_version: int = 1,
        sample: Sample = Sample.PERSONS,
        lifecycle: Lifecycle = Lifecycle.STABLE,
        no_interval: str = "",
        min_age_days: int = 0,
    ) -> Callable[[MeasureT], MeasureT]:
        """Declare a metric; the decorated function measures it. For the arguments see Metric.

        The function is called for the tenant with all rows, and for each account (or feature) that has a row in an input
        other than Accounts and Features, with its rows; None says that there is nothing to say. With ``of_all`` it is
        called once for all subjects and yields pairs of subject and answer: for plugins that can answer for thousands at
        once, and for values of subjects without rows. A function of ``inputs`` that returns None for a configuration
        switches the metric off under it.
        """
        titles, units = _texts(title), _texts(unit)

        def declare(function: MeasureT) -> MeasureT:
            if id in self._declared:
                self._doubled.append(id)
            metric = Metric(
                id=id,
                title=titles["en"],
                unit=units["en"],
                direction=Direction(direction),
                subjects=subjects,
                card=card,
                category=category,
                definition_version=definition_version,
                sample=sample,
                titles=titles,
                units=units,
                details=None if details is None else shape_of(details),
                lifecycle=lifecycle,
                no_interval=no_interval,
                min_age_days=min_age_days,
                inputs=lambda config: self._read_by(inputs, subjects, config),
            )
            self._declared[id] = _Declared(metric, function, of_all)
            return function

        return declare

    def days_of(self, id: str) -> Callable[[OfDaysT], OfDaysT]:
        """Decorate the function that measures many days of a metric at once, where it can; see ``days.Days``.

        It returns a frame with the columns of ``days.VALUES``, the same values as the metric's own function and the
        ``band`` of its details, or None under a configuration that it does not know.

        Raises:
            ValueError: no such metric is declared so far.
        """
        if id not in self._declared:
            raise ValueError(f"The days of {id!r} are those of no metric. Remedy: declare the metric before.")

        def declare(function: OfDaysT) -> OfDaysT:
            self._of_days[id] = function
            return function

        return declare

    def graphql(self, function: Callable[[], GraphQLContribution]) -> Callable[[], GraphQLContribution]:
        """Decorate the function that contributes GraphQL fields for what is no metric (a queue, a mutation)."""
        self._contribution = function
        return function

    def upgrade_config(self, function: UpgradeT) -> UpgradeT:
        """Decorate the function that makes of a configuration of an earlier release one of this; see Manifest."""
        self._manifest = replace(self._manifest, upgrade_config=function)
        return function

    @hookimpl
    def engage_manifest(self) -> Manifest:
        """See the hook."""
        twice = [self._declared[id].metric for id in self._doubled]
        metrics = (*(declared.metric for declared in self._declared.values()), *twice)
        return replace(
            self._manifest,
            metrics=tuple(
                replace(translated(metric, self._manifest.catalogues), of_days=metric.id in self._of_days)
                for metric in metrics
            ),
        )

    @hookimpl
    def engage_graphql(self) -> GraphQLContribution:
        """See the hook."""
        return self._contribution()

    @hookimpl
    def engage_compute(self, request: ComputeRequest[Any]) -> Iterator[Measurement]:
        """See the hook."""
        plan = self._plan(request.config)
        groupings: dict[str, Grouping] = {}
        kept: dict[Any, Any] = {}
        for declared, specs, keys in plan.metrics:
            if request.metrics is not None and declared.metric.id not in request.metrics:
                continue
            rows = Computation(
                config=request.config,
                window=request.window,
                inputs={name: request.inputs[key] for name, key in keys.items()},
                recent=request.recent,
                _kept=kept,
            )
            yield from _measurements(declared, rows, specs=specs, groupings=groupings)

    @hookimpl
    def engage_compute_days(self, request: DaysRequest[Any]) -> Mapping[str, pl.DataFrame] | None:
        """See the hook."""
        found: dict[str, pl.DataFrame] = {}
        for declared, _, keys in self._plan(request.config).metrics:
            id = declared.metric.id
            if id in request.metrics and id in self._of_days:
                inputs = {name: request.inputs[key] for name, key in keys.items()}
                frame = self._of_days[id](Days(request.config, request.days, inputs))
                if frame is not None:
                    found[id] = frame
        return found if found.keys() == request.metrics else None

    def _read_by(self, own: InputsOf | None, subjects: tuple[str, ...], config: Any) -> Inputs | None:
        declared = own if own is not None else self._inputs
        found = declared(config) if callable(declared) else (declared or {})
        if found is None:
            return None
        specs = dict(found)
        if "account" in subjects and not any(isinstance(spec, Accounts) for spec in specs.values()):
            specs.setdefault("accounts", Accounts())
        return specs

    def _union(self, config: Any) -> Inputs:
        return self._plan(config).union

    def _plan(self, config: Any) -> "_Plan":
        plan = _Plan()
        for declared in self._declared.values():
            plan.add(declared, config)
        return plan


class _Plan:
    """What is read under a configuration: each specification once, and under which key each metric finds its own."""

    def __init__(self) -> None:
        self.union: dict[str, InputSpec] = {}
        self.metrics: list[tuple[_Declared, Inputs, Mapping[str, str]]] = []

    def add(self, declared: _Declared, config: Any) -> None:
        """Add the inputs of a metric: under their own names, or with the metric's where another one has the name."""
        specs = declared.metric.inputs_for(config)
        if specs is None:
            return
        keys: dict[str, str] = {}
        for name, spec in specs.items():
            same = next((key for key, known in self.union.items() if known == spec), None)
            keys[name] = same or (name if name not in self.union else f"{declared.metric.id}_{name}")
            self.union.setdefault(keys[name], spec)
        self.metrics.append((declared, specs, keys))


def _measurements(
    declared: _Declared, rows: Computation[Any], *, specs: Inputs, groupings: dict[str, Grouping]
) -> Iterator[Measurement]:
    metric = declared.metric
    answers: Answers = (
        declared.function(rows) if declared.is_of_all else _one_by_one(declared, rows, specs, groupings)
    )
    window_days = max((spec.length_on(rows.day) for spec in specs.values()), default=1)
    young = ages(metric.min_age_days, rows, specs)
    answered: set[Subject] = set()
    for subject, answer in answers:
        if answer is None:
            continue
        answered.add(subject)
        yield answer.measured(metric.id, subject, window_days=window_days, is_young=subject in young)
    if "tenant" in metric.subjects and TENANT not in answered:
        yield replace(absent(metric.id, TENANT), window_days=window_days)
    for kind in metric.subjects:
        for subject in known_subjects(kind, rows.inputs, specs):
            if subject not in answered:
                yield absent(metric.id, subject)


def _one_by_one(
    declared: _Declared, rows: Computation[Any], specs: Inputs, groupings: dict[str, Grouping]
) -> Iterator[tuple[Subject, Answer | None]]:
    for kind in declared.metric.subjects:
        if kind == TENANT.kind:
            yield TENANT, declared.function(rows)
            continue
        grouping = groupings.setdefault(kind, Grouping(kind))
        for subject, inputs in grouping.by_subject(rows.inputs, specs):
            yield subject, declared.function(replace(rows, inputs=inputs, subject=subject, _kept={}))


def _texts(text: str | Translations) -> dict[str, str]:
    return {"en": text} if isinstance(text, str) else {"en": next(iter(text.values()), ""), **text}
