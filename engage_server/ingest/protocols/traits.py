"""Reads the operations on profiles that PostHog, Mixpanel and Amplitude share, and which groups are accounts."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.conf import settings

from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.notes import note
from engage_server.ingest.protocols.leniency import empty_as_object, id_text

SET: Final = "$set"
SET_ONCE: Final = frozenset({"$set_once", "$setOnce"})
UNSET: Final = "$unset"
# To repeat one of these adds once more, and a profile is only erased by command.
UNSUPPORTED: Final = frozenset(
    {
        "$add",
        "$append",
        "$clearAll",
        "$delete",
        "$postInsert",
        "$preInsert",
        "$prepend",
        "$remove",
        "$union",
    }
)


def read_operations(operations: Iterable[tuple[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the operations set, and what they set only where nothing is known; other names and nulls are passed over.

    An operation of the wrong type costs itself, on note.

    Raises:
        ItemError: an operation that cannot be repeated safely.
    """
    traits: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    for name, value in operations:
        if value is None:
            continue
        if name in UNSUPPORTED:
            raise ItemError(
                "unsupported_operation", f"{name} is not supported. Remedy: $set the resulting value."
            )
        if name == SET:
            traits.update(_object(name, value))
        elif name in SET_ONCE:
            defaults.update(_object(name, value))
        elif name == UNSET:
            traits.update(dict.fromkeys(_names(value)))
    return traits, defaults


def without_dollar(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Traits under plain names: Mixpanel's own are $name, $email and their like."""
    return {key.removeprefix("$"): value for key, value in traits.items()}


def is_account(group_type: Any) -> bool:
    """Whether groups of this type are accounts: ENGAGE_ACCOUNT_GROUP_TYPES, also with _id or Id behind them."""
    if not isinstance(group_type, str):
        return False
    stem = group_type.removesuffix("_id").removesuffix("Id").lower()
    return stem in settings.ENGAGE_ACCOUNT_GROUP_TYPES


def require_account(group_type: Any) -> None:
    """Refuse a profile of a group that is no account.

    Raises:
        ItemError: it is none.
    """
    if not is_account(group_type):
        raise ItemError(
            "unknown_group_type",
            f"Groups of the type {str(group_type)[:60]!r} are no accounts here. Remedy: name the type in "
            "ENGAGE_ACCOUNT_GROUP_TYPES, then replay the quarantine.",
        )


def account_in(groups: Any) -> str | None:
    """The id of the first group that is an account; a list stands for its first."""
    if not isinstance(groups, Mapping):
        return None
    for group_type, value in groups.items():
        first = value[0] if isinstance(value, list) and value else value
        if is_account(group_type) and (text := id_text(first)) is not None:
            return text or None
    return None


def _object(name: str, value: Any) -> Mapping[str, Any]:
    value = empty_as_object(value)
    if not isinstance(value, Mapping):
        note("invalid_type", f"{name} is passed over: it must be an object of properties.")
        return {}
    return value


def _names(value: Any) -> list[str]:
    names = list(value) if isinstance(value, list | Mapping) else [value]
    if not all(isinstance(name, str) for name in names):
        note("invalid_type", "$unset is passed over: it must name properties.")
        return []
    return names
