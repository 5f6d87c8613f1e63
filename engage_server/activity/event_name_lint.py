"""Looks for event names that will cost their readers time. Pure functions over names.

What is looked for follows what the makers of tracking plans advise: one style, one name for one thing, an object and
what was done to it (``Report Exported``), and particulars in the properties.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_KEY_EVENTS: Final = 3
LONGEST: Final = 60  # characters; of longer names no more is looked at
MOST_NAMED: Final = 3  # of the names that say the same, in a message
RESERVED: Final = ("$", "[Amplitude]", "mp_", "engage_")  # libraries and this server name their own events so
WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
# Clients choose event names: no pattern here can backtrack far.
ID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|\d{5,}")
HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F]{8,}")
STYLES: Final = {
    "snake_case": re.compile(r"[a-z0-9]+(_[a-z0-9]+)+"),
    "kebab-case": re.compile(r"[a-z0-9]+(-[a-z0-9]+)+"),
    "camelCase": re.compile(r"[a-z0-9]+([A-Z][a-z0-9]*)+"),
    "PascalCase": re.compile(r"([A-Z][a-z0-9]+){2,}"),
    "CONSTANT_CASE": re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)+"),
    "Title Case": re.compile(r"[A-Z0-9]\S*( [A-Z0-9]\S*)+"),
    "Sentence case": re.compile(r"[A-Z0-9]\S*( [a-z0-9]\S*)+"),
    "lower case": re.compile(r"[a-z0-9]\S*( [a-z0-9]\S*)+"),
}


class Violation(StrEnum):
    """What is wrong with a name."""

    STYLE = "STYLE"
    NEAR_DUPLICATE = "NEAR_DUPLICATE"
    ID = "ID"
    NUMBER = "NUMBER"
    TOO_LONG = "TOO_LONG"
    RESERVED = "RESERVED"
    TOO_MANY_KEY = "TOO_MANY_KEY"
    TOO_MANY_NAMES = "TOO_MANY_NAMES"


@dataclass(frozen=True, slots=True)
class NamingProblem:
    """One fault of one name; ``message`` says the cause and the remedy."""

    name: str
    fault: Violation
    message: str


@dataclass(frozen=True, slots=True)
class EventNameEntry:
    """A name as the dictionary has it; ``is_own``: the tenant's code sends it, rather than a library by itself."""

    name: str
    is_own: bool = True
    is_key: bool = False


def lint(entries: Sequence[EventNameEntry], *, most_key: int = MOST_KEY_EVENTS) -> list[NamingProblem]:
    """The problems of a dictionary, by name; at last the one that concerns no single name."""
    own = sorted((entry.name for entry in entries if entry.is_own), key=str.casefold)
    problems = [*_particulars(own), *_styles(own), *_duplicates(own)]
    problems.sort(key=lambda problem: problem.name.casefold())
    keys = [entry.name for entry in entries if entry.is_key]
    if len(keys) > most_key:
        message = (
            f"{len(keys)} events are key actions, more than {most_key}: {', '.join(sorted(keys))}. "
            "Remedy: keep the two or three by which you know that a customer got value."
        )
        problems.append(NamingProblem("", Violation.TOO_MANY_KEY, message))
    return problems


def too_many(names: int, *, read: int) -> NamingProblem:
    """The problem of a dictionary of which only the first names were read."""
    message = (
        f"There are {names} names, and the first {read} were read. Remedy: send what sets them apart as properties; "
        "`manage.py dictionary lint` reads all."
    )
    return NamingProblem("", Violation.TOO_MANY_NAMES, message)


def words(name: str) -> list[str]:
    """The words of a name in any style, in lower case."""
    return [word.lower() for word in WORDS.findall(name)]


def sense(name: str) -> tuple[str, ...]:
    """What two names for one thing have in common: their words in any order, without the s of a plural.

    Names that are too long anyway are compared by how they begin.
    """
    return tuple(sorted(word.removesuffix("s") if len(word) > 3 else word for word in words(name[:LONGEST])))


def style(name: str) -> str | None:
    """The style that a name of several words is written in; None for one word, and for a style of its own."""
    return next((label for label, pattern in STYLES.items() if pattern.fullmatch(name[:LONGEST])), None)


def _particulars(names: Iterable[str]) -> Iterable[NamingProblem]:
    for name in names:
        if name.startswith(RESERVED):
            message = (
                "It begins as libraries name their own events. Remedy: another beginning, or class PASSIVE."
            )
            yield NamingProblem(name, Violation.RESERVED, message)
        if _holds_id(name[:LONGEST]):
            message = (
                "It holds an id, so every object makes a name of its own. Remedy: send the id as a property."
            )
            yield NamingProblem(name, Violation.ID, message)
        elif any(map(str.isdigit, WORDS.findall(name[:LONGEST]))):
            message = "It holds a number. Remedy: send the number as a property of one name."
            yield NamingProblem(name, Violation.NUMBER, message)
        if len(name) > LONGEST:
            message = f"It has {len(name)} characters, more than {LONGEST}. Remedy: object and action in a few words."
            yield NamingProblem(name, Violation.TOO_LONG, message)


def _holds_id(name: str) -> bool:
    if ID.search(name):
        return True
    # Only letters are a word ("deadbeef"), only figures were looked at above.
    if any(not found.isalpha() for found in HEXADECIMAL.findall(name)):
        return True
    return "@" in name and any(map(_is_address, name.split()))


def _is_address(word: str) -> bool:
    user, _, host = word.rpartition("@")
    return bool(user) and "." in host[1:-1]


def _styles(names: Iterable[str]) -> Iterable[NamingProblem]:
    found = {name: label for name in names if (label := style(name)) is not None}
    if not found:
        return
    usual, _ = Counter(found.values()).most_common(1)[0]
    for name, label in found.items():
        if label != usual:
            yield NamingProblem(
                name, Violation.STYLE, f"It is in {label}, most names are in {usual}. Remedy: one style."
            )


def _duplicates(names: Iterable[str]) -> Iterable[NamingProblem]:
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        alike[sense(name) or (name,)].append(name)
    for group in alike.values():
        for name in group if len(group) > 1 else ():
            others = [repr(other) for other in group[: MOST_NAMED + 1] if other != name][:MOST_NAMED]
            unnamed = len(group) - 1 - len(others)
            shown = ", ".join(others) + (f" and {unnamed} more" if unnamed else "")
            yield NamingProblem(
                name, Violation.NEAR_DUPLICATE, f"It says the same as {shown}. Remedy: send one of them."
            )
