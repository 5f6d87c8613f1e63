"""Guesses, for an error message only, which column a target field could take."""

from collections.abc import Mapping, Sequence, Set
from difflib import get_close_matches
from shlex import quote
from typing import Final

from engage_server.ingest.imports.entries import join_entries
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
    sets = [f"{target}={value}" for target, value in constants.items()]
    kept = {name: sources for name, sources in mapped.items() if set(sources) <= set(available)}
    maps = [f"{name}={'+'.join(sources)}" for name, sources in kept.items()]
    free = [name for name in available if not any(name in sources for sources in kept.values())]
    for field in _wanted(kind, mapped.keys() | constants.keys()):
        if field.name in kept or field.name in constants:
            continue
        column = _guess(field, free) or _nearest(mapped.get(field.name, ()), free)
        if column is None and field.example:
            sets.append(f"{field.name}={field.example}")
            continue
        maps.append(f"{field.name}={column or '?'}")
        free = [name for name in free if name != column]
    parts = [f"--map {quote(join_entries(maps))}"] if maps else []
    return " ".join([*parts, f"--set {quote(join_entries(sets))}"] if sets else parts)


def _wanted(kind: Kind, given: Set[str]) -> list[Field]:
    """What has to be fed: required fields, those the user named, and the first group if no group is whole."""
    names = {field.name for field in kind.fields if field.required} | given
    if kind.one_of and not any(given >= set(group) for group in kind.one_of):
        names |= set(kind.one_of[0])
    return [field for field in kind.fields if field.name in names]


def _guess(field: Field, free: Sequence[str]) -> str | None:
    """A column with one of the field's names, else one whose name is near to one of them."""
    names = (field.name, *field.aliases)
    exact = (column for name in names for column in free if column.lower() == name)
    return next(exact, None) or _nearest(names, free)


def _nearest(names: Sequence[str], free: Sequence[str]) -> str | None:
    by_lower = {column.lower(): column for column in free}
    near = (get_close_matches(name.lower(), by_lower, n=1, cutoff=SIMILARITY) for name in names)
    return next((by_lower[found[0]] for found in near if found), None)
