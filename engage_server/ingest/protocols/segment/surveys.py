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


def read_answer(name: str, properties: Mapping[str, Any]) -> SurveyAnswer:
    """The answer in the properties of an event of this name.

    Raises:
        ItemError: a property is missing or wrong; the message names it.
    """
    instrument = properties.get("instrument")
    if not isinstance(instrument, str) or not 0 < len(instrument) <= MAX_INSTRUMENT_LENGTH:
        raise _invalid("instrument", f"must be a name of 1 to {MAX_INSTRUMENT_LENGTH} characters, e.g. nps")
    scale_min, scale_max = _number(properties, "scale_min"), _number(properties, "scale_max")
    if scale_min >= scale_max:
        raise _invalid("scale_max", f"must be above scale_min ({scale_min})")
    direction = properties.get("direction", DIRECTIONS[0])
    if direction not in DIRECTIONS:
        raise _invalid("direction", "must be UP (a high score is good) or DOWN")
    text = properties.get("text") or ""
    if not isinstance(text, str):
        raise _invalid("text", "must be a text")
    return SurveyAnswer(
        instrument, scale_min, scale_max, direction, _score(name, properties, scale_min, scale_max), text
    )


def _score(
    name: str, properties: Mapping[str, Any], scale_min: Decimal, scale_max: Decimal
) -> Decimal | None:
    if name == DISMISSED:
        if properties.get("score") is not None:
            raise _invalid("score", f"must be absent from {DISMISSED!r}; an answer is sent as {ANSWERED!r}")
        return None
    score = _number(properties, "score")
    if not scale_min <= score <= scale_max:
        raise _invalid("score", f"must lie on the scale, from {scale_min} to {scale_max}")
    return score


def _number(properties: Mapping[str, Any], key: str) -> Decimal:
    value = properties.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > MAX_SCORE:
        raise _invalid(key, f"must be a number between -{MAX_SCORE} and {MAX_SCORE}")
    return Decimal(str(value)).quantize(SMALLEST_STEP)


def _invalid(key: str, requirement: str) -> ItemError:
    return ItemError("invalid_property", f"The property {key!r} {requirement}.")
