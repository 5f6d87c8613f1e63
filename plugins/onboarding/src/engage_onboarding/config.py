"""What a tenant may choose about onboarding: its checklists."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from engage_server.sdk import ANY_VALUE, PluginConfig
from engage_server.sdk.cohorts import SignupConfig


def _repeated(names: Iterable[str]) -> str:
    """The first name that occurs twice; empty where none does."""
    return next((name for name, number in Counter(names).items() if number > 1), "")


class Step(PluginConfig):
    """One step of a checklist: an event that has to be done so often."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="Name for programs; stays the same.")
    title: str = Field(min_length=1, max_length=120, description="What to do, in the customer's words.")
    event: str = Field(min_length=1, description="Event that does it; * is any of class VALUE.")
    times: int = Field(1, ge=1, le=1_000_000, description="How often.")
    weight: float = Field(1, gt=0, le=1000, description="How much the step weighs against the others.")
    optional: bool = Field(False, description="Shown, and in no denominator.")
    skip_event: str = Field(
        "", description="Event that skips the step; one that is skipped is in no denominator."
    )
    plans: tuple[str, ...] = Field(
        (), max_length=20, description="Plans of accounts that the step applies to; empty: all."
    )
    guide: str = Field(
        "", max_length=500, description="Where help is: an address or a key of the product's own."
    )


class Checklist(PluginConfig):
    """The steps that hold for whom began on or after a day."""

    version: str = Field(
        min_length=1, max_length=40, description="Name of this version; shown with each value."
    )
    since: date | None = Field(
        None, description="First day on which who begins gets this version; the oldest one has none."
    )
    steps: tuple[Step, ...] = Field(
        min_length=1, max_length=30, description="Steps, in the order in which they are due."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if twice := _repeated(step.key for step in self.steps):
            raise ValueError(
                f"Checklist {self.version} has the step {twice} twice. Remedy: give each step a key of its own."
            )
        return self


INVITE = Step(key="invite", title="Invite a colleague", event="Invite Sent")
JOINED = Step(key="colleague_joined", title="A colleague has joined", event="Account Added User")
FIRST_VALUE = Step(key="first_value", title="Get something done", event=ANY_VALUE, weight=2)


class OnboardingConfig(SignupConfig):
    """Configuration of onboarding progress."""

    checklists: tuple[Checklist, ...] = Field(
        (Checklist(version="1", steps=(FIRST_VALUE, INVITE, JOINED)),),
        min_length=1,
        max_length=10,
        description="The versions of the checklist, oldest first; who has begun keeps the version of that day.",
    )
    cohort_days: int = Field(
        90,
        ge=1,
        le=366,
        description="Trailing days in which an account or a sign-up began to be onboarded now.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if twice := _repeated(checklist.version for checklist in self.checklists):
            raise ValueError(
                f"Two checklists are of version {twice}. Remedy: give each a version of its own."
            )
        first, *later = self.checklists
        days = [checklist.since for checklist in later]
        known = [day for day in days if day is not None]
        if first.since is not None or len(known) < len(days) or known != sorted(set(known)):
            raise ValueError(
                "The checklists do not follow each other. Remedy: list them oldest first, the first without `since`, "
                "each further one with a later day."
            )
        return self

    @property
    def milestones(self) -> tuple[tuple[str, int], ...]:
        """All that does or skips a step of any version, each once."""
        found: dict[tuple[str, int], None] = {}
        for checklist in self.checklists:
            for step in checklist.steps:
                found[step.event, step.times] = None
                if step.skip_event:
                    found[step.skip_event, 1] = None
        return tuple(found)

    def checklist_of(self, began_on: date | None) -> Checklist:
        """The version in force on the day on which somebody began; the oldest one where that is unknown."""
        in_force = [
            checklist
            for checklist in self.checklists
            if checklist.since is None or (began_on is not None and checklist.since <= began_on)
        ]
        return in_force[-1]
