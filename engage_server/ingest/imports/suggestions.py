"""Guesses, for an error message only, which column a target field could take."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from engage_server.ingest.imports.kinds import Field, Kind

SIMILARITY: Final = 0.7


def suggestion(
    kind: Kind,
    *,
    available: Sequence[str],
    mapped: Mapping[str, tuple[str, ...]],
    constants: Mapping[str, str],
) -> str:
    """Options to paste: what fits stays, the rest is guessed from the columns; ``?`` where nothing is near."""
    maps: list[str] = []
    sets = [f"{target}={value}" for target, value in constants.items()]
    for field in _wanted(kind, mapped, constants):
        sources = mapped.get(field.name, ())
        if sources and all(source in available for source in sources):
            maps.append(f"{field.name}={'+'.join(sources)}")
            continue
        column = _guess(field, available) or next((_near(source, available) for source in sources), None)
        if column is None and field.example:
            sets.append(f"{field.name}={field.example}")
        else:
            maps.append(f"{field.name}={column or '?'}")
    parts = [f"--map {','.join(maps)}"] if maps else []
    return " ".join([*parts, f"--set {','.join(sets)}"] if sets else parts)


def _wanted(kind: Kind, mapped: Mapping[str, tuple[str, ...]], constants: Mapping[str, str]) -> list[Field]:
    open_group: set[str] = set()
    if not any((mapped.keys() | constants.keys()) >= set(group) for group in kind.one_of):
        open_group = set(kind.one_of[0]) if kind.one_of else set()
    return [
        field
        for field in kind.fields
        if field.name not in constants
        and (field.required or field.name in mapped or field.name in open_group)
    ]


def _guess(field: Field, available: Sequence[str]) -> str | None:
    by_lower = {column.lower(): column for column in available}
    for alias in (field.name, *field.aliases):
        if alias in by_lower:
            return by_lower[alias]
    return next(
        (found for alias in (field.name, *field.aliases) if (found := _near(alias, available)) is not None),
        None,
    )


def _near(name: str, available: Sequence[str]) -> str | None:
    by_lower = {column.lower(): column for column in available}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=SIMILARITY)
    return by_lower[near[0]] if near else None
