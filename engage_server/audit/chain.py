"""The chain of digests: how an entry's is made, and whether a log still has the one it was written with."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from engage_server.audit.models import AuditEntry

START: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found. ``broken_at`` is the first position that does not fit, or None.

    ``entries`` is the position of the last entry that fits: how many there are up to it.
    ``head`` is the digest of the last entry that fits, in hexadecimal: kept elsewhere, it shows later whether the
    end was cut off or the whole was rewritten.
    """

    entries: int
    head: str
    broken_at: int | None = None
    reason: str = ""


def digest_of(entry: AuditEntry) -> bytes:
    """SHA-256 over the previous digest and the entry's fields in a canonical form."""
    fields = [
        entry.position,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.subject,
        entry.request,
        entry.details,
    ]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(bytes(entry.previous) + text.encode()).digest()


def check(entries: Iterable[AuditEntry], *, behind: int = 0, head: bytes = START) -> Verdict:
    """Follow the chain behind a position, whose digest is ``head``, on; stops at the first entry that does not fit."""
    position = behind
    for entry in entries:
        reason = _fault(entry, position=position + 1, previous=head)
        if reason:
            return Verdict(position, head.hex(), broken_at=entry.position, reason=reason)
        position, head = entry.position, bytes(entry.digest)
    return Verdict(position, head.hex())


def _fault(entry: AuditEntry, *, position: int, previous: bytes) -> str:
    if entry.position != position:
        return f"Entry {position} is missing."
    if bytes(entry.previous) != previous:
        return "It does not follow the entry before it."
    if bytes(entry.digest) != digest_of(entry):
        return "Its content is not what was recorded."
    return ""
