"""Explains the change of stored values since an earlier day, by their parts and by their members."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from engage_server.metrics.explanation import (
    Correction,
    Explanation,
    Member,
    Side,
    explain,
    explain_members,
)
from engage_server.metrics.revisions import Revision, in_force, settled
from engage_server.sdk.graphql import StoredValue

NOTHING: Final = Side(None, "NO_DATA")


def change_of(before: Sequence[Revision], after: StoredValue | None) -> Explanation:
    """Why a value is another one than that of an earlier day was, as that was seen when its day had ended.

    ``before`` are the revisions of the earlier day, oldest first. What was restated of it since is a cause.
    """
    return explain(_side(in_force(before)), _side(after), corrections=corrections_of(before))


def change_by_members(
    before: Sequence[Revision],
    after: StoredValue | None,
    *,
    members_before: Sequence[StoredValue],
    members_after: Sequence[StoredValue],
) -> Explanation | None:
    """The change by the values of those whose mean or sum it is; null where it is neither."""
    return explain_members(
        _side(in_force(before)), _side(after), _members(members_before), _members(members_after),
        corrections=corrections_of(before),
    )  # fmt: skip


def corrections_of(revisions: Sequence[Revision]) -> list[Correction]:
    """How a day's value was restated since it was first seen whole; revisions without a value tell nothing."""
    told = [one for one in settled(revisions) if one.value.value is not None]
    return [
        Correction(former.value.value, later.value.value, later.reason) for former, later in pairwise(told)
    ]


def _side(value: StoredValue | None) -> Side:
    if value is None:
        return NOTHING
    return Side(
        value.value, value.status.value, value.contributions, value.definition_version, value.configuration_version
    )  # fmt: skip


def _members(values: Sequence[StoredValue]) -> list[Member]:
    return [
        Member(str(value.subject.id), value.label, Decimal(str(value.value)), Decimal(value.n))
        for value in values
        if value.value is not None
    ]
