"""Published figures in GraphQL: as cards name them, and applied to a value."""

from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from engage_server import sdk
from engage_server.api.context import Context
from engage_server.api.languages import text_in
from engage_server.sdk.benchmarks import Compared
from engage_server.sdk.graphql import StoredValue, expose_enum

expose_enum(sdk.Cadence, name="TenantCadence", description="How often the tenant's users are expected.")
expose_enum(
    sdk.Standing,
    name="BenchmarkStanding",
    description="Where a value lies against the bounds, both of which belong to WITHIN; the direction says what is good.",
)


@strawberry.type(description="A published figure to compare with.")
class MetricBenchmark:
    benchmark: strawberry.Private[sdk.Benchmark]
    low: float | None
    high: float | None
    applies_to: str
    verified: bool = strawberry.field(
        description="Whether the source's own data was checked; a claim where not."
    )
    published: str = strawberry.field(description="Year, month or day, as far as it is known; else empty.")
    cadences: list[sdk.Cadence] = strawberry.field(description="Of which tenants it is said; empty: of all.")
    accounts: JSON = strawberry.field(
        description="Of which accounts it is said: values by `stage`, `plan` or trait; empty: of every subject."
    )
    unit: str = strawberry.field(description="Of the bounds; empty: the metric's.")
    figure: str = strawberry.field(
        description="Which number among the details the bounds are about; empty: the value."
    )

    @strawberry.field
    def statement(self, language: str = "en") -> str:
        return text_in(self.benchmark.translations, language, default=self.benchmark.statement)

    @strawberry.field
    def source(self, language: str = "en") -> str:
        return text_in(self.benchmark.sources, language, default=self.benchmark.source)

    @classmethod
    def of(cls, benchmark: sdk.Benchmark) -> Self:
        """The figure as a plugin declares it."""
        return cls(**_declared(benchmark))


@strawberry.type(description="A published figure, and where a value stands against it.")
class AppliedBenchmark(MetricBenchmark):
    applies: bool = strawberry.field(
        description="Whether it is said of such a value: of the tenant's cadence, the account, what was measured, the unit."
    )
    standing: sdk.Standing | None = strawberry.field(
        description="Null where it does not apply, has no bounds, or there is no value."
    )

    @classmethod
    def to(cls, benchmark: sdk.Benchmark, value: float | None, compared: Compared) -> Self:
        """The figure applied to a value."""
        applies = benchmark.fits(compared)
        number = benchmark.compared(value, compared.details)
        standing = benchmark.standing(number) if applies else None
        return cls(**_declared(benchmark), applies=applies, standing=standing)


def compared_value(context: Context, stored: StoredValue, metric: sdk.Metric) -> Compared:
    """What of a value decides which figures apply to it; one statement for all accounts that the request announced."""
    return Compared(
        cadence=context.tenant.cadence,
        unit=stored.unit or metric.unit,
        metric_unit=metric.unit,
        attributes=_attributes(context, stored.subject) if _asks_accounts(metric) else {},
        details=stored.details,
    )


def _asks_accounts(metric: sdk.Metric) -> bool:
    return any(benchmark.accounts for benchmark in metric.card.benchmarks)


def _attributes(context: Context, subject: sdk.Subject) -> dict[str, str]:
    row = context.accounts.find(subject.id) if subject.kind == "account" else None
    if row is None:
        return {}
    traits = {name: str(value) for name, value in context.accounts.traits(row).items()}
    return {**traits, "stage": row.stage, "plan": row.plan}


def _declared(benchmark: sdk.Benchmark) -> dict[str, Any]:
    return {
        "benchmark": benchmark,
        "low": benchmark.low,
        "high": benchmark.high,
        "applies_to": benchmark.applies_to,
        "verified": benchmark.verified,
        "published": benchmark.published,
        "cadences": list(benchmark.cadences),
        "accounts": {name: list(values) for name, values in benchmark.accounts.items()},
        "unit": benchmark.unit,
        "figure": benchmark.figure,
    }
