"""Cuts a tenant into the groups of a dimension: a slice for each plan, stage, industry, or top of a hierarchy.

The values of a dimension are segments that nobody has to save. Who has no value is in no group.
"""

from dataclasses import dataclass
from typing import Final

from engage_server.customers.slices import Slice
from engage_server.segments.evaluation import Evaluation
from engage_server.segments.exceptions import TooManyGroupsError, UnknownDimensionError

MOST_GROUPS: Final = 100
ATTRIBUTES: Final = ("plan", "stage", "owner")
OF_ACCOUNTS: Final = "account."
OF_PERSONS: Final = "person."
OF_BANDS: Final = "band:"


@dataclass(frozen=True, slots=True)
class Group:
    """One value of a dimension with what belongs to it."""

    label: str
    part: Slice


def groups_of(dimension: str, evaluation: Evaluation) -> list[Group]:
    """The groups of a dimension on the evaluation's day, in the order of their labels.

    Args:
        dimension: "plan", "stage", "owner", "top" (the account at the top of each hierarchy), "account.NAME" or
            "person.NAME" for a trait, "band:METRIC" for the bands that a metric's values lie in; a bare NAME is a trait
            of accounts.
        evaluation: of the day.

    Raises:
        UnknownDimensionError: nobody has a value of it.
        TooManyGroupsError: names how many there are.
    """
    if dimension.startswith(OF_PERSONS):
        members = evaluation.by_trait("person", dimension.removeprefix(OF_PERSONS))
        groups = [Group(label, Slice(persons=ids)) for label, ids in sorted(members.items())]
    else:
        members = _accounts(dimension, evaluation)
        groups = [Group(label, Slice(accounts=ids)) for label, ids in sorted(members.items())]
    if not groups:
        raise UnknownDimensionError(
            f"Nobody has a value of {dimension!r} on {evaluation.window.day}. Remedy: plan, stage, owner, top, the name of "
            "a trait of accounts, person.NAME for a trait of persons, or band:METRIC for a metric's bands."
        )
    if len(groups) > MOST_GROUPS:
        raise TooManyGroupsError(
            f"{dimension!r} has {len(groups):,} values and {MOST_GROUPS} groups are computed at most. "
            "Remedy: make segments of the values that matter."
        )
    return groups


def _accounts(dimension: str, evaluation: Evaluation) -> dict[str, frozenset[int]]:
    if dimension in ATTRIBUTES:
        return evaluation.by_attribute(dimension)
    if dimension == "top":
        return evaluation.by_top()
    if dimension.startswith(OF_BANDS):
        return evaluation.by_band(dimension.removeprefix(OF_BANDS))
    return evaluation.by_trait("account", dimension.removeprefix(OF_ACCOUNTS))
