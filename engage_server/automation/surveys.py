"""Surveys: what persons are asked, on which scale, and how often. In versions; inside the tenant's scope.

An answer is given to the version that asked.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import Field, field_validator, model_validator

from engage_server.definitions import store
from engage_server.definitions.kinds import Body
from engage_server.definitions.store import Defined
from engage_server.tenancy.origins import ORIGIN

SURVEY: Final = "survey"
LONGEST_QUESTION: Final = 300


class SurveyKind(StrEnum):
    """What is asked, and how it is answered."""

    NPS = "NPS"
    CES_1 = "CES_1"
    CES_2 = "CES_2"
    CSAT_STARS = "CSAT_STARS"
    CSAT_EMOJI = "CSAT_EMOJI"
    TEXT = "TEXT"


@dataclass(frozen=True, slots=True)
class AnswerScale:
    """The whole numbers of an answer; ``direction`` is UP where a high one is good. ``instrument`` is the usual one."""

    low: int
    high: int
    direction: str
    instrument: str


SCALES: Final = {
    SurveyKind.NPS: AnswerScale(0, 10, "UP", "nps"),
    # How much effort it took: little is good.
    SurveyKind.CES_1: AnswerScale(1, 5, "DOWN", "ces_1"),
    # That it was made easy: agreement is good.
    SurveyKind.CES_2: AnswerScale(1, 7, "UP", "ces_2"),
    SurveyKind.CSAT_STARS: AnswerScale(1, 5, "UP", "csat_stars"),
    SurveyKind.CSAT_EMOJI: AnswerScale(1, 5, "UP", "csat_emoji"),
}
"""Of those that have one; a TEXT is answered in words alone."""
TEXT_INSTRUMENT: Final = "survey_text"


class SurveyBody(Body):
    """What is kept of a survey."""

    free_texts = frozenset({"note", "question", "question_ko"})

    kind: SurveyKind
    question: str = Field("", max_length=LONGEST_QUESTION, description="In English; empty: the usual words.")
    question_ko: str = Field(
        "", max_length=LONGEST_QUESTION, description="In Korean; empty: the usual words."
    )
    asks_why: bool = Field(True, description="Whether there is room for words beside the score.")
    instrument: str = Field("", max_length=63, pattern=r"^[a-z0-9_]*$")
    cool_down_days: int = Field(
        30, ge=0, le=366, description="Nobody is asked who was asked anything so shortly before."
    )
    ends_after_days: int = Field(14, ge=1, le=90, description="So long an invitation can be answered.")
    origins: tuple[str, ...] = Field((), max_length=20, description="Whose pages may show it in a frame.")
    note: str = Field("", max_length=500)

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin[:100]!r} is no origin, such as https://app.example.com")
        return origins

    @model_validator(mode="after")
    def _has_its_instrument(self) -> "SurveyBody":
        if self.kind is SurveyKind.TEXT and not self.asks_why:
            raise ValueError("a TEXT asks for words: leave asks_why out")
        return self

    @property
    def scale(self) -> AnswerScale | None:
        """Of its scores; None where it is answered in words alone."""
        return SCALES.get(self.kind)

    @property
    def answered_as(self) -> str:
        """The instrument of its answers."""
        return self.instrument or (TEXT_INSTRUMENT if self.scale is None else self.scale.instrument)

    def question_in(self, language: str) -> str:
        """The tenant's own words; empty where it has none in the language."""
        return self.question_ko if language == "ko" else self.question


Survey = Defined[SurveyBody]


def surveys() -> list[Survey]:
    """All surveys, in the order in which they were made."""
    return store.in_force(SURVEY, SurveyBody)


def survey(number: int) -> Survey:
    """The survey of a number.

    Raises:
        UnknownDefinitionError
    """
    return store.find(SURVEY, SurveyBody, number)


def survey_version(number: int, version: int) -> Survey | None:
    """A version of a survey, in force or not; None where it was retired."""
    versions = store.history(SURVEY, SurveyBody, number)
    if not versions or versions[0].is_retired:
        return None
    return next((one for one in versions if one.version == version), None)
