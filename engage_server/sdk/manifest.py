"""What a plugin says of itself: manifest, metrics and their definition cards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from engage_server.sdk.benchmarks import Benchmark
from engage_server.sdk.details_shape import DetailsShape
from engage_server.sdk.inputs import InputSpec

Translations = Mapping[str, str]
"""Language code to text, e.g. {"en": "Net Promoter Score", "ko": "순추천고객지수"}."""


class PluginConfig(BaseModel):
    """Base of every plugin's configuration: unknown fields are errors, values are frozen.

    Its JSON Schema is what front ends draw the settings form from, so give every field a description.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Direction(StrEnum):
    """Which way is good. VARIES: each value says it (see Measurement), since it depends on what was asked."""

    UP = "UP"
    DOWN = "DOWN"
    TARGET = "TARGET"
    VARIES = "VARIES"


class Timing(StrEnum):
    """Does the metric move before the outcome (churn, renewal) or with it?"""

    LEADING = "LEADING"
    LAGGING = "LAGGING"


class Sample(StrEnum):
    """What the sample size ``n`` of a measurement counts, which decides when it says too much of too few persons.

    PERSONS: persons or their answers; values of few of them are withheld from who may not see personal data. THINGS:
    seats, features, accounts, days; nothing is withheld. PARTS: the value is made of parts with samples of persons of
    their own, the ``n`` of its contributions; withheld where one of them has few.
    """

    PERSONS = "PERSONS"
    THINGS = "THINGS"
    PARTS = "PARTS"


class Lifecycle(StrEnum):
    """How far a plugin or a metric may be relied on.

    EXPERIMENTAL: formula and fields may change with any release. STABLE: a change raises the definition version.
    DEPRECATED: it goes; the manifest's ``deprecated_on`` says since when.
    """

    EXPERIMENTAL = "EXPERIMENTAL"
    STABLE = "STABLE"
    DEPRECATED = "DEPRECATED"


@dataclass(frozen=True, slots=True)
class Vector:
    """One worked example of the definition: for readers, and as data for the kit, which computes it.

    Args:
        given, expected: what readers see.
        source: where the example comes from.
        rows: by the metric's name of an input its rows, as JSON: columns that a row leaves out are null, times are text in
            ISO 8601, amounts text or numbers.
        measured: what the measurement must say: ``value``, ``n``, ``status`` and fields of the details by name.
            Numbers agree to six decimals. Empty: the example is for readers alone.
        config: fields of the configuration that are not at their defaults.
        subject: kind and id of whom the example is about.
    """

    given: str
    expected: str
    source: str
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    measured: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    subject: tuple[str, int] = ("tenant", 0)

    def __post_init__(self) -> None:
        """Hold rows as JSON does, so that an example is the same one after it was sent."""
        object.__setattr__(self, "rows", {name: list(rows) for name, rows in self.rows.items()})


@dataclass(frozen=True, slots=True)
class CardText:
    """What a card says, in another language. What is empty is shown in English; edge rules are as many as the card's."""

    formula: str = ""
    edge_rules: tuple[str, ...] = ()
    vanity_risk: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """The definition card of one metric: what a reader needs to trust the number."""

    formula: str
    source: str
    edge_rules: tuple[str, ...]
    vectors: tuple[Vector, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()
    timing: Timing = Timing.LEADING
    vanity_risk: str = ""
    """Empty where none is known; else how the number can look good while nothing improved."""
    refresh_cadence: str = "daily"
    translations: Mapping[str, CardText] = field(default_factory=dict)
    """By language code, such as "ko"."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a plugin says, in another language, by the English text; what is not in it is shown in English.

    Args:
        texts: of cards, benchmarks and the configuration's schema (titles, descriptions, members of enumerations).
        labels: of values: labels and notes of their parts, ``{}`` for what varies, as in ``Lost before {}``.
    """

    texts: Translations = field(default_factory=dict)
    labels: Translations = field(default_factory=dict)


Inputs = Mapping[str, InputSpec]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that the plugin computes, for the kinds of subject that it names.

    ``id`` is unique within the plugin; the server knows the metric as ``<plugin id>.<metric id>``.
    ``definition_version`` rises when the formula changes in a way that moves values. ``sample`` says what ``n``
    counts. ``unit`` and ``direction`` hold for every value that does not say otherwise (see Measurement).

    ``details`` is the shape of its further figures. ``no_interval`` says why its values have no interval; empty where
    they have one. ``min_age_days``: accounts that are younger have IMMATURE values. ``inputs``: what this metric alone
    reads, a mapping or a function of the configuration; None: the plugin's inputs. ``of_days``: whether the hook
    ``engage_compute_days`` knows it.
    """

    id: str
    title: str
    unit: str
    direction: Direction
    subjects: tuple[str, ...]
    card: Card
    category: str = "activity"
    definition_version: int = 1
    sample: Sample = Sample.PERSONS
    titles: Translations = field(default_factory=dict)
    units: Translations = field(default_factory=dict)
    details: DetailsShape | None = None
    lifecycle: Lifecycle = Lifecycle.STABLE
    no_interval: str = ""
    min_age_days: int = 0
    inputs: Inputs | Callable[[Any], Inputs | None] | None = None
    of_days: bool = False

    def inputs_for(self, config: PluginConfig) -> Inputs | None:
        """The inputs of this metric alone; None where it reads the plugin's, or is off under this configuration."""
        return self.inputs(config) if callable(self.inputs) else self.inputs


@dataclass(frozen=True, slots=True)
class Manifest:
    """The plugin's declaration.

    Args:
        id: lower-case name, unique over all installed plugins; also the prefix of its metrics.
        sdk: range of SDK versions the plugin works with, e.g. ">=2,<3".
        title: name for people.
        config: Pydantic model (a PluginConfig) of the per-tenant configuration; its defaults must be valid.
        metrics: the metrics with their cards.
        inputs: name to input specification, or a function of the configuration that returns such a mapping
            (for windows, instruments or components that a tenant may choose).
        schedule: default cron expression, read in the tenant's time zone.
        starter: whether a new tenant has the plugin enabled.
        translations: titles in other languages.
        owner: who answers for it, with a way to reach them.
        lifecycle: how far it may be relied on; DEPRECATED needs ``deprecated_on``, the day since when.
        licence: SPDX expression, e.g. "Apache-2.0".
        homepage: address of its documentation.
        upgrade_config: makes of a configuration that was stored under an earlier release (JSON, without defaults) one
            that fits this release; one that fits already it leaves as it is.
        cpu_seconds: the most processor time that a day of a tenant with 1,000 accounts takes; the kit measures it.
        catalogues: by language code what else the plugin says: its settings, and the parts of its values.
    """

    id: str
    sdk: str
    title: str
    config: type[PluginConfig]
    metrics: tuple[Metric, ...]
    inputs: Inputs | Callable[[Any], Inputs]
    schedule: str = "0 3 * * *"
    starter: bool = True
    translations: Translations = field(default_factory=dict)
    owner: str = ""
    lifecycle: Lifecycle = Lifecycle.STABLE
    licence: str = ""
    homepage: str = ""
    deprecated_on: date | None = None
    upgrade_config: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    cpu_seconds: float = 2.0
    catalogues: Mapping[str, Catalogue] = field(default_factory=dict)

    def inputs_for(self, config: PluginConfig) -> Inputs:
        """The input specifications under this configuration."""
        return self.inputs(config) if callable(self.inputs) else self.inputs
