"""The same rows under other ids, and beside them: what has to give the same values, since ids mean nothing."""

from collections.abc import Callable
from typing import Any, Final

from engage_server.sdk.compute import Subject
from engage_server.sdk.testing.samples import Row
from engage_server.sdk.testing.trial import Answers, Rows

ACCOUNT: Final = "account"
TWIN: Final = 10_000
"""How far a twin's ids lie behind those of its original."""


def with_twins(rows: Rows) -> Rows:
    """Each row that is about an account or a person, and the same about a twin of it, beside all other rows."""
    return {
        name: [*of_input, *(twin for row in of_input if (twin := _numbered(row, _behind)) != row)]
        for name, of_input in rows.items()
    }


def twins(answers: Answers) -> tuple[Answers, Answers]:
    """What was measured of the accounts, and of their twins under the accounts' own ids."""
    of_accounts = {key: one for key, one in answers.items() if key[1].kind == ACCOUNT}
    return (
        {key: one for key, one in of_accounts.items() if key[1].id < TWIN},
        {
            (metric, Subject(ACCOUNT, subject.id - TWIN)): one
            for (metric, subject), one in of_accounts.items()
            if subject.id >= TWIN
        },
    )


def under_other_ids(rows: Rows) -> Rows:
    """The rows with ids of accounts that have gaps, in the same order."""
    return {
        name: [_numbered(row, _spread, persons=False) for row in of_input] for name, of_input in rows.items()
    }


def under_first_ids(answers: Answers) -> Answers:
    """What was measured of rows ``under_other_ids``, by the ids that the accounts had before."""
    return {
        (metric, Subject(ACCOUNT, subject.id // TWIN) if subject.kind == ACCOUNT else subject): one
        for (metric, subject), one in answers.items()
    }


def _behind(id: int) -> int:
    return id + TWIN


def _spread(id: int) -> int:
    return id * TWIN + id


def _numbered(row: Row, number: Callable[[int], int], *, persons: bool = True) -> Row:
    """The row with other ids for the accounts, and for the persons, that it names."""
    columns = [ACCOUNT, "parent", *(["person"] if persons else [])]
    if row.get("subject_kind") == ACCOUNT:
        columns.append("subject")
    changed: dict[str, Any] = {name: number(row[name]) for name in columns if row.get(name) is not None}
    return {**row, **changed}
