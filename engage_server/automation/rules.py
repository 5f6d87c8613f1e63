"""Rules: what is a risk or an opportunity, in versions. Works inside the tenant's scope.

Who has the right to make one, and that it stands in the audit log, is ``engage_server.operations.rules``' affair.
"""

from enum import StrEnum
from typing import Final

from pydantic import Field, model_validator

from engage_server.automation.exceptions import UnsoundRuleError
from engage_server.automation.triggers import WITH_N, Moved, Renewal, Trigger
from engage_server.definitions import store
from engage_server.definitions.kinds import Body
from engage_server.definitions.store import Defined
from engage_server.segments import catalogue

RULE: Final = "rule"


class SignalKind(StrEnum):
    """What a signal is."""

    RISK = "RISK"
    OPPORTUNITY = "OPPORTUNITY"


class RuleBody(Body):
    """What is kept of a rule."""

    free_texts = frozenset({"note"})

    kind: SignalKind
    trigger: Trigger
    segment: int | None = Field(None, ge=1, description="It is about the members of this segment alone.")
    minimum_n: int = Field(
        0, ge=0, description="A value that rests on fewer says nothing, neither this way nor the other."
    )
    cool_down_days: int = Field(
        7, ge=0, le=366, description="So long after a signal none is raised about the same subject."
    )
    notify: tuple[int, ...] = Field(
        (), max_length=10, description="Numbers of the channels that are told of what it raises."
    )
    note: str = Field("", max_length=500)

    @model_validator(mode="after")
    def _counts(self) -> "RuleBody":
        if self.minimum_n and not isinstance(self.trigger, WITH_N):
            raise ValueError("minimum_n is for triggers about a metric's value")
        return self


Rule = Defined[RuleBody]


def rules() -> list[Rule]:
    """All rules, in the order in which they were made."""
    return store.in_force(RULE, RuleBody)


def rule(number: int) -> Rule:
    """The rule of a number.

    Raises:
        UnknownDefinitionError
    """
    return store.find(RULE, RuleBody, number)


def subject_kind(body: RuleBody) -> str:
    """About whom the rule is: "account", "person" or "tenant".

    Raises:
        UnknownSegmentError: its segment is gone.
    """
    match body.trigger:
        case Moved():
            return catalogue.segment(body.trigger.segment).body.subject
        case Renewal():
            return "account"
        case _:
            return body.trigger.subject


def require_followed(number: int, *, subject: str | None = None) -> None:
    """Go on with a segment of which it is stored who is in it, day by day.

    Raises:
        UnknownSegmentError: there is none of this number.
        UnsoundRuleError: it is not tracked, or it is about others than ``subject``.
    """
    segment = catalogue.segment(number)
    if not (segment.body.tracked or segment.body.is_static):
        raise UnsoundRuleError(
            f"Nobody notes who comes into the segment {segment.name!r} and who leaves it. Remedy: track it first."
        )
    if subject is not None and segment.body.subject != subject:
        raise UnsoundRuleError(
            f"The segment {segment.name!r} is about {segment.body.subject}s and the rule about {subject}s. "
            "Remedy: another segment."
        )
