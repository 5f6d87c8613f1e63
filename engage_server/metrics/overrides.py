"""What people set in place of a metric's value of an account, for some days and with a reason; the computed value stays.

Works inside the tenant's scope. Who has the right to, that it stands in the audit log and which days are computed again
is ``engage_server.operations.overrides``' affair.
"""

from datetime import date
from hashlib import blake2b
from typing import Final

from pydantic import Field, model_validator

from engage_server.definitions import store
from engage_server.definitions.kinds import Body
from engage_server.definitions.store import Defined

OVERRIDE: Final = "override"
LONGEST_DAYS: Final = 732


class OverrideBody(Body):
    """One override: whose value of which metric, what instead, why, and from which day until which (exclusive)."""

    free_texts = frozenset({"reason"})

    metric: str = Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", max_length=101)
    account: str = Field(min_length=1, max_length=200, description="External id of the account.")
    value: float = Field(allow_inf_nan=False)
    only_lower: bool = False
    reason: str = Field(min_length=1, max_length=500)
    starts_on: date
    ends_on: date

    @model_validator(mode="after")
    def _ends(self) -> "OverrideBody":
        if not 1 <= (self.ends_on - self.starts_on).days <= LONGEST_DAYS:
            raise ValueError(f"ends_on must lie 1 to {LONGEST_DAYS} days after starts_on ({self.starts_on})")
        if not self.reason.strip():
            raise ValueError("reason is blank")
        return self


Override = Defined[OverrideBody]


def overrides() -> list[Override]:
    """All overrides, those that are over too, in the order in which they were made."""
    return store.in_force(OVERRIDE, OverrideBody)


def override(number: int) -> Override:
    """The override of a number.

    Raises:
        UnknownDefinitionError
    """
    return store.find(OVERRIDE, OverrideBody, number)


def make(body: OverrideBody) -> tuple[Override, OverrideBody | None]:
    """Make an override, or replace the one of the same metric, account and first day; return what that was before."""
    name = _name(body)
    former = next((one for one in overrides() if one.name == name), None)
    if former is None:
        return override(store.define(OVERRIDE, name, body)), None
    store.redefine(OVERRIDE, former.number, body=body)
    return override(former.number), former.body


def end(number: int, on: date) -> tuple[Override, OverrideBody]:
    """Let an override hold no longer from a day on, or never if it begins then or later; return it and what it was.

    Raises:
        UnknownDefinitionError
    """
    former = override(number)
    if on <= former.body.starts_on:
        store.retire(OVERRIDE, number)
        return former, former.body
    if on < former.body.ends_on:
        body = OverrideBody.model_validate({**former.body.model_dump(), "ends_on": on})
        store.redefine(OVERRIDE, number, body=body)
        return override(number), former.body
    return former, former.body


def _name(body: OverrideBody) -> str:
    """One for each metric, account and first day; external ids may be longer than names."""
    account = blake2b(body.account.encode(), digest_size=8).hexdigest()
    metric = blake2b(body.metric.encode(), digest_size=8).hexdigest()
    return f"{metric} of {account} from {body.starts_on}"
