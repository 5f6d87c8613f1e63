"""The hooks of the Net Promoter Score plugin."""

from collections.abc import Iterable

from engage_nps import calculation
from engage_nps.card import CARD
from engage_nps.config import NpsConfig
from engage_nps.details import Answers
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

TITLES = {"en": "Net Promoter Score", "ko": "순추천고객지수"}


def _inputs(config: NpsConfig) -> dict[str, InputSpec]:
    return {
        "responses": SurveyResponses(
            instrument=config.instrument, days=config.window_days, per_person=config.per_person
        ),
        "accounts": Accounts(),
    }


@hookimpl
def engage_manifest() -> Manifest:
    return Manifest(
        id="nps",
        sdk=">=1,<2",
        title=TITLES["en"],
        config=NpsConfig,
        metrics=(
            Metric(
                id="score",
                title=TITLES["en"],
                unit="points",
                direction=Direction.UP,
                subjects=("tenant", "account"),
                card=CARD,
                details=shape_of(Answers),
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
def engage_compute(request: ComputeRequest[NpsConfig]) -> Iterable[Measurement]:
    inputs = request.inputs
    return calculation.scores(inputs["responses"], accounts=inputs["accounts"], config=request.config)
