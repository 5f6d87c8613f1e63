"""The hooks of the customer effort score plugin."""

from collections.abc import Iterable

from engage_ces import calculation
from engage_ces.card import CARD
from engage_ces.config import CesConfig
from engage_ces.details import Effort
from engage_server.sdk import (
    Accounts,
    ComputeRequest,
    Direction,
    InputSpec,
    Manifest,
    Measurement,
    Metric,
    SurveyResponses,
    hookimpl,
    shape_of,
)

TITLES = {"en": "Customer Effort Score", "ko": "고객 노력 점수"}


def _inputs(config: CesConfig) -> dict[str, InputSpec]:
    return {
        "responses": SurveyResponses(
            instrument=config.instrument, days=config.window_days, per_person=config.per_person
        ),
        "accounts": Accounts(),
    }


@hookimpl
def engage_manifest() -> Manifest:
    return Manifest(
        id="ces",
        sdk=">=1,<2",
        title=TITLES["en"],
        config=CesConfig,
        metrics=(
            Metric(
                id="effort_score",
                title=TITLES["en"],
                unit="points",
                direction=Direction.VARIES,
                subjects=("tenant", "account"),
                card=CARD,
                details=shape_of(Effort),
                category="satisfaction",
                definition_version=2,
                titles=TITLES,
                units={"en": "points", "ko": "점"},
            ),
        ),
        inputs=_inputs,
        translations=TITLES,
    )


@hookimpl
def engage_compute(request: ComputeRequest[CesConfig]) -> Iterable[Measurement]:
    inputs = request.inputs
    return calculation.effort_scores(inputs["responses"], accounts=inputs["accounts"], config=request.config)
