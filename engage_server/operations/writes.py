"""What every write by request has in common: it is done once for each idempotency key, or tried without being done, and
tells what of the past is computed again. Works inside the tenant's scope."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, TypeVar

from django.db import transaction
from pydantic import JsonValue

from engage_server.audit import idempotency
from engage_server.engine.models import AffectedDay
from engage_server.engine.restatement import Noted, hearing_changes
from engage_server.operations.exceptions import ConflictError, RefusedWriteError

LONGEST_KEY: Final = 200
Facts = Mapping[str, JsonValue]
Version = TypeVar("Version", int, str)


@dataclass(frozen=True, slots=True)
class Written:
    """What a write has done.

    Args:
        facts: numbers and public ids of which an answer is made, the same at every repetition.
        changes: past days whose data changed, for ``engine.restatement.days_to_restate``.
        is_dry_run: it was tried, and everything is as it was.
        is_replayed: it was done earlier, under the same idempotency key.
    """

    facts: Facts
    changes: Sequence[Noted] = field(default=())
    is_dry_run: bool = False
    is_replayed: bool = False


def write(
    change: Callable[[], Facts], *, content: Facts, idempotency_key: str | None = None, dry_run: bool = False
) -> Written:
    """Do a change in one transaction, or do nothing where it was done under the same key.

    Args:
        change: does it, and returns the facts.
        content: all that was asked for; a key stands for this alone.
        idempotency_key: the client's, 1 to 200 characters; None: every request is a change of its own.
        dry_run: whether to try it and take it back; its key is not used up.

    Raises:
        RefusedWriteError: the key is empty or too long; or of ``change``, which was not done then.
        KeyReusedError: the key came with other content.
    """
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= LONGEST_KEY:
        raise RefusedWriteError(
            f"The idempotency key has {len(idempotency_key)} characters. Remedy: 1 to {LONGEST_KEY}, a UUID for example.",
            field="idempotencyKey",
        )
    key = None if dry_run else idempotency_key
    with transaction.atomic():
        former = None if key is None else idempotency.claim(key, content)
        if former is not None:
            return _replayed(former)
        with hearing_changes() as heard:
            facts = change()
        if key is not None:
            idempotency.keep(key, {"facts": dict(facts), "changes": [_packed(noted) for noted in heard]})
        if dry_run:
            transaction.set_rollback(True)
    return Written(facts, tuple(heard), is_dry_run=dry_run)


def require_version(expected: Version | None, present: Version, *, of: str) -> None:
    """Go on where the client has seen what is there; None: whatever is there.

    Raises:
        ConflictError: somebody has changed it since; bears the present version.
    """
    if expected is not None and expected != present:
        raise ConflictError(
            f"{of} has changed since: version {present} is in force, and {expected} was expected. "
            "Remedy: read it again, and send the change with its version.",
            field="expectedVersion",
            version=present,
        )


def _packed(noted: Noted) -> dict[str, JsonValue]:
    spans: list[JsonValue] = [[first.isoformat(), last.isoformat()] for first, last in _spans(noted.days)]
    return {"cause": str(noted.cause.value), "plugin": noted.plugin, "why": noted.why, "spans": spans}


def _replayed(kept: Mapping[str, Any]) -> Written:
    changes = [
        Noted(
            AffectedDay.Cause(one["cause"]),
            tuple(day for first, last in one["spans"] for day in _days(first, last)),
            one["plugin"],
            one["why"],
        )
        for one in kept["changes"]
    ]
    return Written(kept["facts"], tuple(changes), is_replayed=True)


def _spans(days: Iterable[date]) -> list[tuple[date, date]]:
    """Runs of days that follow each other; the days rise."""
    spans: list[tuple[date, date]] = []
    for day in days:
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


def _days(first: str, last: str) -> Iterable[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return (start + timedelta(days=later) for later in range((end - start).days + 1))
