"""Reads what a group call says of an account. A trait that cannot be read costs itself, on note."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from engage_server.customers.models import Account
from engage_server.ingest.items import AccountItem
from engage_server.ingest.limits import MAX_ID_LENGTH
from engage_server.ingest.notes import note
from engage_server.ingest.protocols.leniency import id_text
from engage_server.ingest.timestamps import parse_time

LONGEST: Final = {"name": 300, "plan": 100, "owner": 200}


def read_account(external_id: str, traits: Mapping[str, Any], *, at: datetime) -> AccountItem:
    """The account with all of its traits, and those with a meaning here: name, plan, stage, parent, owner, createdAt."""
    return AccountItem(
        external_id,
        name=_text(traits, "name"),
        plan=_text(traits, "plan"),
        stage=_stage(traits),
        parent=_parent(traits),
        owner=_text(traits, "owner"),
        started_at=_start(traits),
        traits=traits,
        occurred_at=at,
    )


def _text(traits: Mapping[str, Any], key: str) -> str | None:
    value = traits.get(key)
    if value is None:
        return None
    text = None if isinstance(value, bool) else id_text(value)
    if text is not None and len(text) <= LONGEST[key]:
        return text
    _note(key, f"a text of at most {LONGEST[key]} characters")
    return None


def _stage(traits: Mapping[str, Any]) -> str | None:
    value = traits.get("stage")
    stage = value.strip().upper() if isinstance(value, str) else value
    if stage in (None, "") or stage in Account.Stage.values:
        return stage or None
    _note("stage", f"one of {', '.join(Account.Stage.values)}")
    return None


def _parent(traits: Mapping[str, Any]) -> str | None:
    value = traits.get("parent")
    if value is None:
        return None
    text = id_text(value)
    if text is not None and len(text) <= MAX_ID_LENGTH:
        return text or None
    _note("parent", "the id of the account above")
    return None


def _start(traits: Mapping[str, Any]) -> datetime | None:
    value = traits.get("createdAt")
    start = parse_time(value)
    if value is not None and start is None:
        _note("createdAt", "a time in ISO 8601, e.g. 2026-01-31T12:00:00Z")
    return start


def _note(key: str, wanted: str) -> None:
    note("invalid_trait", f"The trait {key!r} is kept, but says nothing of the account: it must be {wanted}.")
