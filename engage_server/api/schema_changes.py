"""What changed between two schemas, and whether what breaks clients was said in the change log."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from graphql import GraphQLSyntaxError, build_schema
from graphql.utilities import BreakingChange, DangerousChange, SafeChangeType, find_schema_changes

from engage_server.api.exceptions import UnreadableSchemaError

# The first name in a sentence of graphql-core that is no word of it: Type, Type.field, Type.field(argument:), @directive.
COORDINATE: Final = re.compile(
    r"(?:@\w+|\b(?!Field\b|Directive\b|Argument\b|Enum\b|An?\b|Description\b|Standard\b|Repeatable\b)[A-Z]\w*)(?:\.\w+)?(?:\(\w+:\))?"
)
UNRELEASED: Final = re.compile(r"^## Unreleased$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
RELEASED: Final = re.compile(r"^## \[?v?(\d+\.\d+\.\d+)", re.MULTILINE)


class Severity(StrEnum):
    """BREAKING: a document that was valid fails, or an answer may be what no client expects. DANGEROUS: it may surprise."""

    BREAKING = "BREAKING"
    DANGEROUS = "DANGEROUS"
    SAFE = "SAFE"


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One change: of what (`Type.field`, say), how grave it is, and in words."""

    coordinate: str
    severity: Severity
    text: str


def changes_between(old: str, new: str) -> list[SchemaChange]:
    """The changes from one SDL to another, the gravest first; descriptions are left out.

    Raises:
        UnreadableSchemaError: one of them is no SDL.
    """
    try:
        found = find_schema_changes(build_schema(old), build_schema(new))
    except (GraphQLSyntaxError, TypeError) as error:
        raise UnreadableSchemaError(
            f"That is no schema: {error} Remedy: name a file that `manage.py schema` wrote."
        ) from error
    changes = [
        SchemaChange(_coordinate(one.description), _severity(one), one.description)
        for one in found
        if one.type is not SafeChangeType.DESCRIPTION_CHANGED
    ]
    return sorted(changes, key=lambda one: ([*Severity].index(one.severity), one.coordinate, one.text))


def unannounced(changes: list[SchemaChange], changelog: str) -> list[SchemaChange]:
    """The breaking changes whose coordinate does not stand in backticks under "Unreleased" in the change log.

    A type that is named announces what breaks inside of it.
    """
    section = UNRELEASED.search(changelog)
    said = set(re.findall(r"`([^`]+)`", section[1] if section else ""))
    return [
        one
        for one in changes
        if one.severity is Severity.BREAKING and said.isdisjoint({one.coordinate, _owner(one.coordinate)})
    ]


def newest_release(changelog: str) -> str | None:
    """The version of the newest release that the change log tells of; None before the first."""
    found = RELEASED.search(changelog)
    return found[1] if found else None


def _severity(change: object) -> Severity:
    if isinstance(change, BreakingChange):
        return Severity.BREAKING
    return Severity.DANGEROUS if isinstance(change, DangerousChange) else Severity.SAFE


def _coordinate(text: str) -> str:
    found = COORDINATE.search(text)
    return found[0] if found else text


def _owner(coordinate: str) -> str:
    return coordinate.partition(".")[0]
