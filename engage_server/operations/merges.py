"""Merges persons by an operator's word and takes merges back, with all that follows: roll-ups, restatement, audit.

Works inside the tenant's scope. The roll-ups tell which days have to be restated once they have taken a change in.
"""

from dataclasses import dataclass

from django.db import transaction

from engage_server.activity.merge_impact import MergeImpact, count_impact
from engage_server.activity.rollups.deltas import log_persons
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.audit.log import record
from engage_server.customers.cache_epoch import lock_epoch
from engage_server.customers.canonical_persons import merged_into
from engage_server.customers.erasure import hidden_among
from engage_server.customers.exceptions import NotMergeableError, UnknownPersonError
from engage_server.customers.identifiers import Identifier, find_identifiers
from engage_server.customers.identity import IdentifierUsage, plan_merges, resolve_identifiers
from engage_server.customers.merging import lock_identity
from engage_server.customers.unmerge import UnmergeResult, unmerge


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What merging one name into another would move. ``persons`` count as ``into``; all by number."""

    persons: tuple[int, ...]
    into: int
    moved: MergeImpact


def preview_merge(previous: str, into: str) -> MergePreview:
    """What ``merge`` would do; changes nothing.

    Raises:
        UnknownPersonError, NotMergeableError: it would do nothing.
    """
    found = _require_mergeable(previous, into)
    plan = plan_merges(_alias(previous, into), found)
    joined = set(plan.joined)
    persons = sorted(joined | set(plan.detached) | merged_into(joined))
    with current_rollups():
        return MergePreview(tuple(persons), found[into].canonical, count_impact(persons))


def merge(previous: str, into: str) -> MergePreview:
    """From now on the person known as ``previous`` counts as the one known as ``into``, as after an alias call.

    Raises:
        UnknownPersonError: nobody is known under one of the names.
        NotMergeableError: both are one person already, or ``into`` has no user id.
    """
    with transaction.atomic():
        lock_epoch()  # A suppression of either waits, or is seen below.
        lock_identity()
        preview = preview_merge(previous, into)
        resolve_identifiers(_alias(previous, into))
        log_persons([*preview.persons, preview.into])
        record("persons.merged", subject=f"person {preview.into}", details={"persons": list(preview.persons)})
    return preview


def undo_merge(person: int) -> UnmergeResult:
    """Take the merge of the person of this number back; see ``engage_server.customers.unmerge``.

    Raises:
        NotMergedError: it is not merged into anybody.
    """
    with transaction.atomic():
        result = unmerge(person)
        log_persons([*result.persons, result.former_canonical])
        record(
            "merge.undone",
            subject=f"person {result.former_canonical}",
            details={"persons": list(result.persons)},
        )
    return result


def person_known_as(name: str) -> int:
    """The number of the person that a name itself stands for, merged or not.

    Raises:
        UnknownPersonError: nobody is known under it, or somebody who is suppressed: the answers are the same. It does not
            repeat the name, which was looked up where the client sent an id of the API.
    """
    number = _find_person(name)
    if number is None:
        raise UnknownPersonError(
            "Nobody is known under the person's name. Remedy: a user id, or the anonymous id of a device."
        )
    return number


def _find_person(name: str) -> int | None:
    found = find_identifiers([name]).get(name)
    return None if found is None or hidden_among([found.person, found.canonical]) else found.person


def _require_mergeable(previous: str, into: str) -> dict[str, Identifier]:
    for name in (previous, into):
        if _find_person(name) is None:
            raise UnknownPersonError(
                f"Nobody is known as {name!r}. Remedy: a user id, or the anonymous id of a device."
            )
    found = find_identifiers([previous, into])
    if found[previous].canonical == found[into].canonical:
        raise NotMergeableError(f"{previous!r} and {into!r} are one person already. Remedy: nothing to do.")
    if not found[into].has_user_id:
        raise NotMergeableError(
            f"{into!r} is a device without a user id. Remedy: merge it into the person with the user id instead."
        )
    return found


def _alias(previous: str, into: str) -> IdentifierUsage:
    return IdentifierUsage(aliases=((previous, into),))
