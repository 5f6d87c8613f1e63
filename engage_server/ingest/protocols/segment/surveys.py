"""Reads survey answers out of track calls.

``track("Survey Answered", {instrument, scale_min, scale_max, score, direction?, text?})`` is a response,
``track("Survey Dismissed", {instrument, scale_min, scale_max, direction?})`` one that was shown and not answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from engage_server.ingest.exceptions import ItemError

ANSWERED: Final = "Survey Answered"
DISMISSED: Final = "Survey Dismissed"
SURVEYS: Final = (ANSWERED, DISMISSED)
DIRECTIONS: Final = ("UP", "DOWN")
MAX_INSTRUMENT_LENGTH: Final = 63
# By their definition a high score is good; of any other survey somebody has to say it.
HIGH_IS_GOOD: Final = ("nps", "csat")
SMALLEST_STEP: Final = Decimal("0.001")
MAX_SCORE: Final = 999_999


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """What the properties say; ``score`` None = dismissed."""

    instrument: str
    scale_min: Decimal
    scale_max: Decimal
    direction: str
    score: Decimal | None
    text: str


def read_answer(name: str, properties: Mapping[str, Any], *, directions: Mapping[str, str]) -> SurveyAnswer:
    """The answer in the properties of an event of this name.

    Args:
        name: the event's.
        properties: the event's.
        directions: those of the tenant by instrument, for answers that do not say their own.

    Raises:
        ItemError: a property is missing or wrong, the message names it; or nobody says the direction.
    """
    instrument = properties.get("instrument")
    if not isinstance(instrument, str) or not 0 < len(instrument) <= MAX_INSTRUMENT_LENGTH:
        raise invalid_property(
            "instrument", f"must be a name of 1 to {MAX_INSTRUMENT_LENGTH} characters, e.g. nps"
        )
    scale_min, scale_max = _number(properties, "scale_min"), _number(properties, "scale_max")
    if scale_min >= scale_max:
        raise invalid_property("scale_max", f"must be above scale_min ({scale_min})")
    direction = score_direction(instrument, properties, directions)
    text = properties.get("text") or ""
    if not isinstance(text, str):
        raise invalid_property("text", "must be a text")
    return SurveyAnswer(
        instrument, scale_min, scale_max, direction, _score(name, properties, scale_min, scale_max), text
    )


def score_direction(instrument: str, properties: Mapping[str, Any], directions: Mapping[str, str]) -> str:
    """Whether a high score is good (UP) or not (DOWN): as the answer says, else the tenant, else the survey's definition.

    Raises:
        ItemError: nobody says it, or ``direction`` is neither.
    """
    reported = properties.get("direction")
    if reported is not None:
        if reported not in DIRECTIONS:
            raise invalid_property("direction", "must be UP (a high score is good) or DOWN")
        return str(reported)
    if instrument in directions:
        return directions[instrument]
    if instrument.lower().startswith(HIGH_IS_GOOD):
        return "UP"
    raise ItemError(
        "missing_direction",
        "Nobody says whether a high score of this survey is good. Remedy: send `direction` (UP or DOWN) with the answer, "
        "or set it once with `manage.py tenant directions`, then replay the quarantine.",
    )


def _score(
    name: str, properties: Mapping[str, Any], scale_min: Decimal, scale_max: Decimal
) -> Decimal | None:
    if name == DISMISSED:
        if properties.get("score") is not None:
            raise invalid_property(
                "score", f"must be absent from {DISMISSED!r}; an answer is sent as {ANSWERED!r}"
            )
        return None
    score = _number(properties, "score")
    if not scale_min <= score <= scale_max:
        raise invalid_property("score", f"must lie on the scale, from {scale_min} to {scale_max}")
    return score


def _number(properties: Mapping[str, Any], key: str) -> Decimal:
    value = properties.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > MAX_SCORE:
        raise invalid_property(key, f"must be a number between -{MAX_SCORE} and {MAX_SCORE}")
    return Decimal(str(value)).quantize(SMALLEST_STEP)


def invalid_property(key: str, requirement: str) -> ItemError:
    """For an event with a property that must be otherwise."""
    return ItemError("invalid_property", f"The property {key!r} {requirement}.")
