"""Playbooks: what is done when a rule raises a signal, step by step. In versions; inside the tenant's scope.

Who is under way finishes under the version that it began.
"""

from typing import Final, Self

from pydantic import Field, model_validator

from engage_server.automation.quiet_hours import Hours
from engage_server.automation.steps import MOST_STEPS, AnyStep, all_of, text_fields
from engage_server.definitions import store
from engage_server.definitions.kinds import Body
from engage_server.definitions.store import Defined

PLAYBOOK: Final = "playbook"


class PlaybookBody(Body):
    """What is kept of a playbook. It is off until ``enabled`` says otherwise."""

    free_texts = frozenset({"note"}) | text_fields()

    rule: int = Field(ge=1, description="Number of the rule whose signals begin it.")
    steps: tuple[AnyStep, ...] = Field(min_length=1, max_length=MOST_STEPS)
    enabled: bool = False
    hold_out: float = Field(
        0, ge=0, le=0.5, description="Share of subjects of whom nothing is done, to compare with."
    )
    cool_down_days: int = Field(
        7, ge=0, le=366, description="None is begun about who any playbook was begun about so shortly before."
    )
    hours: Hours = Hours()
    note: str = Field("", max_length=500)

    @model_validator(mode="after")
    def _few_steps(self) -> Self:
        number = sum(1 for _ in all_of(self.steps))
        if number > MOST_STEPS:
            raise ValueError(
                f"it has {number} steps, those of branches counted, and {MOST_STEPS} are the most"
            )
        return self


Playbook = Defined[PlaybookBody]


def playbooks() -> list[Playbook]:
    """All playbooks, in the order in which they were made."""
    return store.in_force(PLAYBOOK, PlaybookBody)


def playbook(number: int) -> Playbook:
    """The playbook of a number.

    Raises:
        UnknownDefinitionError
    """
    return store.find(PLAYBOOK, PlaybookBody, number)


def version_of(number: int, version: int) -> Playbook | None:
    """A version of a playbook, in force or not; None where it was retired."""
    versions = store.history(PLAYBOOK, PlaybookBody, number)
    if not versions or versions[0].is_retired:
        return None
    return next((one for one in versions if one.version == version), None)
