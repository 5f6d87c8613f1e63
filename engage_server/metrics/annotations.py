"""Annotations: what happened on a day that a reader of a series should know. Inside the tenant's scope."""

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import Field

from engage_server.definitions import store
from engage_server.definitions.kinds import Body
from engage_server.definitions.store import LONGEST_NAME, Defined

ANNOTATION: Final = "annotation"
LONGEST_TEXT: Final = LONGEST_NAME - len("2026-01-01 ")
"""So that day and text together are a name: what is said twice of one day is said once."""


class AnnotationKind(StrEnum):
    """What kind of thing happened."""

    RELEASE = "RELEASE"
    MARKETING = "MARKETING"
    INCIDENT = "INCIDENT"
    OTHER = "OTHER"


class AnnotationBody(Body):
    """What is kept of an annotation."""

    free_texts = frozenset({"text"})

    day: date
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    kind: AnnotationKind = AnnotationKind.OTHER
    feature: str = Field(
        "", max_length=200, description="The feature that it is about; empty: the whole product."
    )

    @property
    def name(self) -> str:
        """What it is told apart by."""
        return f"{self.day.isoformat()} {self.text}"


Annotation = Defined[AnnotationBody]


def annotations() -> list[Annotation]:
    """All annotations by day, those of one day in the order in which they were made."""
    return sorted(store.in_force(ANNOTATION, AnnotationBody), key=lambda one: (one.body.day, one.number))


def annotation(number: int) -> Annotation:
    """The annotation of a number.

    Raises:
        UnknownDefinitionError
    """
    return store.find(ANNOTATION, AnnotationBody, number)
