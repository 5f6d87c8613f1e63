"""Which way the scores of surveys count, for the types that read and write them."""

from typing import TypeAlias

from engage_server.customers.models import SurveyResponse
from engage_server.sdk.graphql import expose_enum

ScoreDirection: TypeAlias = SurveyResponse.Direction
expose_enum(
    ScoreDirection,
    name="ScoreDirection",
    description="UP: a high score is good. DOWN: a low one is.",
)
