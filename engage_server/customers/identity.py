"""Resolves the names that items give persons, and joins the persons of names that belong together.

One rule makes the grouping a function of the items received, in whatever order they came:
- a name is *identified* if it was ever used as a user id or took part in an alias call; alias calls join identified names;
- any other name is a device's: it belongs to the user of the earliest item that bears both (ties in time are
  broken by the user id), so that a second user of a shared device never joins the first.

Rows keep the person of the name they came under; who counts is the canonical one of these (see ``canonical_persons``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final

from engage_server.customers.identifiers import Identifier, create_identifiers, find_identifiers
from engage_server.customers.merging import Attachment, MergePlan, apply_plan, lock_identity, lock_persons

IS_IDENTIFIED: Final = attrgetter("is_identified")
HAS_USER_ID: Final = attrgetter("has_user_id")


@dataclass(frozen=True, slots=True)
class DeviceLink:
    """An item of this time bore both names."""

    anonymous: str
    user: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IdentifierUsage:
    """What a batch says about names.

    ``aliases`` are pairs (previous name, user id). ``written`` are names whose person the caller is about to change:
    their rows are locked along with the rest, in one order, so that two batches never wait for each other.
    """

    users: frozenset[str] = frozenset()
    anonymous: frozenset[str] = frozenset()
    ties: tuple[DeviceLink, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    written: frozenset[str] = frozenset()

    @property
    def user_ids(self) -> frozenset[str]:
        """Names used as a user id."""
        if not self.ties and not self.aliases:
            return self.users
        return self.users | {tie.user for tie in self.ties} | {user for _, user in self.aliases}

    @property
    def identified(self) -> frozenset[str]:
        """Names that the batch itself makes identified."""
        return (
            self.user_ids if not self.aliases else self.user_ids | {previous for previous, _ in self.aliases}
        )

    def ordered(self) -> list[str]:
        """Every name, in the order in which rows are made and locked."""
        return sorted(self.identified | self.anonymous | {tie.anonymous for tie in self.ties})


@dataclass(frozen=True, slots=True)
class Resolution:
    """The person of each name of a batch, and whether a name or person that was there before has changed."""

    identifiers: dict[str, Identifier]
    has_changes: bool


def resolve_identifiers(use: IdentifierUsage) -> dict[str, Identifier]:
    """Find the person of each name of the batch; see ``resolve``."""
    return resolve(use).identifiers


def resolve(use: IdentifierUsage) -> Resolution:
    """Find whom each name of the batch stands for; unknown ones get a person. Runs inside the caller's transaction.

    A batch of known names costs one statement; joining persons takes the tenant's identity lock until the commit.
    """
    names = use.ordered()
    if not names:
        return Resolution({}, has_changes=False)
    found = find_identifiers(names)
    missing = [name for name in names if name not in found]
    changes = changes_anything(use, found)
    if changes:
        lock_identity()
    if missing:
        found |= create_identifiers(missing, users=use.user_ids)
    if changes:
        found = find_identifiers(names)
    elif others := [name for name in missing if name not in found]:
        found |= find_identifiers(others)
    if not changes and changes_anything(use, found):
        # A name that was missing has meanwhile been made by another transaction, as something else.
        changes = True
        lock_identity()
        found = find_identifiers(names)
    return Resolution(_write(use, found) if changes else _lock_written(use, found), has_changes=changes)


def changes_anything(use: IdentifierUsage, found: Mapping[str, Identifier]) -> bool:
    """Whether storing the batch changes names or persons, or joins any, given what is known of its names."""
    if not all(map(IS_IDENTIFIED, [found[name] for name in use.identified if name in found])):
        return True
    if not all(map(HAS_USER_ID, [found[name] for name in use.user_ids if name in found])):
        return True
    if any(
        previous not in found or user not in found or found[previous].canonical != found[user].canonical
        for previous, user in use.aliases
    ):
        return True
    return any(
        _is_news(tie, found.get(tie.anonymous)) for tie in use.ties if tie.anonymous not in use.identified
    )


def _is_news(tie: DeviceLink, name: Identifier | None) -> bool:
    if name is None:
        return True
    return not name.is_identified and (name.tie is None or (tie.at, tie.user) < name.tie)


def _lock_written(use: IdentifierUsage, found: dict[str, Identifier]) -> dict[str, Identifier]:
    if use.written:
        lock_persons(
            {number for name in use.written for number in (found[name].person, found[name].canonical)}
        )
    return found


def _write(use: IdentifierUsage, found: dict[str, Identifier]) -> dict[str, Identifier]:
    plan = plan_merges(use, found)
    touched = use.identified | use.written | set(plan.attached)
    numbers = {number for name in touched for number in (found[name].person, found[name].canonical)}
    lock_persons(numbers | set(plan.joined.values()), merged_into=plan.joined)
    apply_plan(plan)
    return find_identifiers(use.ordered())


def plan_merges(use: IdentifierUsage, found: Mapping[str, Identifier]) -> MergePlan:
    """What the batch changes, given what is known: identified names part from their ties, aliases join, then ties."""
    plan = MergePlan()
    canonical = {name.person: name.canonical for name in found.values()}
    for text in sorted(use.identified):
        name = found[text]
        if not name.is_identified:
            plan.newly_identified.append(text)
            if name.canonical != name.person:
                plan.detached.append(name.person)
                canonical[name.person] = name.person
        if text in use.user_ids and not name.has_user_id:
            plan.named[name.person] = text
    parents: dict[int, int] = {}
    for previous, user in use.aliases:
        former = _follow(parents, canonical[found[previous].person])
        joined = _follow(parents, canonical[found[user].person])
        if former != joined:
            parents[former] = joined
    plan.steps.update(parents)
    plan.joined.update({former: _follow(parents, former) for former in parents})
    for text, tie in _earliest(use, found).items():
        owner = found[tie.user].person
        plan.attached[text] = Attachment(
            person=found[text].person, user=owner, canonical=_follow(parents, canonical[owner]), at=tie.at
        )
    return plan


def _earliest(use: IdentifierUsage, found: Mapping[str, Identifier]) -> dict[str, DeviceLink]:
    best: dict[str, DeviceLink] = {}
    for tie in use.ties:
        known = best.get(tie.anonymous)
        if (
            tie.anonymous not in use.identified
            and _is_news(tie, found[tie.anonymous])
            and (known is None or (tie.at, tie.user) < (known.at, known.user))
        ):
            best[tie.anonymous] = tie
    return best


def _follow(parents: Mapping[int, int], person: int) -> int:
    while person in parents:
        person = parents[person]
    return person
