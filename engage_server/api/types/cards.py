"""Definition cards in GraphQL: what a reader needs to trust a number."""

import json
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from engage_server import sdk
from engage_server.api.languages import text_in
from engage_server.api.types.benchmarks import MetricBenchmark
from engage_server.sdk.graphql import expose_enum

expose_enum(sdk.Timing, name="MetricTiming", description="Does it move before the outcome or with it?")


@strawberry.type(description="A worked example of the definition.")
class MetricVector:
    given: str
    expected: str
    source: str
    rows: JSON = strawberry.field(
        description="By input the rows that it is computed from; empty: for readers alone."
    )
    config: JSON = strawberry.field(description="What of the configuration is not at its default.")
    measured: JSON = strawberry.field(description="What the measurement says of it.")

    @classmethod
    def of(cls, vector: sdk.Vector) -> Self:
        """The example as a plugin declares it."""
        return cls(
            given=vector.given,
            expected=vector.expected,
            source=vector.source,
            rows=_plain(vector.rows),
            config=_plain(vector.config),
            measured=_plain(vector.measured),
        )


@strawberry.type(
    description="What a reader needs to trust the number. What a plugin does not say in a language is in English."
)
class MetricCard:
    card: strawberry.Private[sdk.Card]
    vectors: list[MetricVector]
    benchmarks: list[MetricBenchmark]
    timing: sdk.Timing
    refresh_cadence: str

    @strawberry.field
    def formula(self, language: str = "en") -> str:
        return self._text(language).formula or self.card.formula

    @strawberry.field
    def edge_rules(self, language: str = "en") -> list[str]:
        return list(self._text(language).edge_rules or self.card.edge_rules)

    @strawberry.field(
        description="How the number can look good while nothing improved; empty where no way is known."
    )
    def vanity_risk(self, language: str = "en") -> str:
        return self._text(language).vanity_risk or self.card.vanity_risk

    @strawberry.field
    def source(self, language: str = "en") -> str:
        return self._text(language).source or self.card.source

    def _text(self, language: str) -> sdk.CardText:
        return text_in(self.card.translations, language, default=sdk.CardText())

    @classmethod
    def of(cls, card: sdk.Card) -> Self:
        """The card as a plugin declares it."""
        return cls(
            card=card,
            vectors=[MetricVector.of(vector) for vector in card.vectors],
            benchmarks=[MetricBenchmark.of(benchmark) for benchmark in card.benchmarks],
            timing=card.timing,
            refresh_cadence=card.refresh_cadence,
        )


def _plain(declared: Any) -> JSON:
    """What a plugin wrote in Python (dates, Decimals, enumerations) as JSON."""
    return JSON(json.loads(json.dumps(declared, default=str)))
