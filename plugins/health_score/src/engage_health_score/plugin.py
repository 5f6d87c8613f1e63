"""The hooks of the health score plugin."""

from collections.abc import Iterable

from engage_health_score import calculation, card
from engage_health_score.config import HealthScoreConfig
from engage_health_score.details import Health, Portfolio
from engage_server.sdk import (
    Accounts,
    ComputeRequest,
    Direction,
    InputSpec,
    Manifest,
    Measurement,
    Metric,
    MetricValues,
    Sample,
    hookimpl,
    shape_of,
)

POINTS = {"en": "points", "ko": "점"}

SCORE = Metric(
    id="score",
    title="Customer health score",
    unit="points",
    direction=Direction.UP,
    subjects=("account",),
    card=card.SCORE,
    details=shape_of(Health),
    category="health",
    definition_version=2,
    sample=Sample.PARTS,
    titles={"en": "Customer health score", "ko": "고객 건강 점수"},
    units=POINTS,
)

PORTFOLIO_QUALITY = Metric(
    id="portfolio_quality",
    title="Portfolio quality",
    unit="points",
    direction=Direction.UP,
    subjects=("tenant",),
    card=card.PORTFOLIO_QUALITY,
    details=shape_of(Portfolio),
    category="health",
    definition_version=2,
    sample=Sample.THINGS,
    titles={"en": "Portfolio quality", "ko": "포트폴리오 품질"},
    units=POINTS,
)


def _inputs(config: HealthScoreConfig) -> dict[str, InputSpec]:
    return {
        "accounts": Accounts(),
        "values": MetricValues(
            metrics=tuple(sorted({component.metric for component in config.components})),
            subject_kind="account",
            max_age_days=max(component.max_age_days for component in config.components),
        ),
    }


@hookimpl
def engage_manifest() -> Manifest:
    return Manifest(
        id="health_score",
        sdk=">=1,<2",
        title="Customer health score",
        config=HealthScoreConfig,
        metrics=(SCORE, PORTFOLIO_QUALITY),
        inputs=_inputs,
        schedule="0 4 * * *",
        translations=SCORE.titles,
    )


@hookimpl
def engage_compute(request: ComputeRequest[HealthScoreConfig]) -> Iterable[Measurement]:
    return calculation.measurements(
        values=request.inputs["values"],
        accounts=request.inputs["accounts"],
        config=request.config,
        day=request.window.day,
    )
