"""The statement's part that reads a revision with all that explains it, and the value that its row makes.

Of most values a screen shows the figure alone: the rest of a row is read as text, and taken apart when it is asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from engage_server.metrics.layouts import unpack
from engage_server.metrics.stored_details import as_said
from engage_server.sdk import Status, Subject
from engage_server.sdk.graphql import StoredValue

# Of ``series``, and of ``stored`` with what is joined to it.
COLUMNS: Final = """
    series.metric, series.subject_kind, stored.subject_id, stored.day, measured.value::float8, measured.status,
    measured.n, computation.window_starts ->> measured.window_days::text, computation.window_end::text,
    computation.timezone, measured.definition_version, computation.configuration_version, stored.revision,
    computation.computed_at::text, computation.data_as_of::text, layout.body::text, measured.figures
"""
JOINED: Final = """
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    JOIN metrics_wording AS layout ON layout.id = measured.layout_id
    JOIN metrics_computation AS computation ON computation.id = stored.computation_id
"""


STATUSES: Final = {status.value: status for status in Status}
EXPLAINED: Final = ("contributions", "details", "unit", "direction", "interval", "normalised")


class StoredRow(StoredValue):
    """A stored value whose row is taken apart as it is asked for; in all else an ordinary one."""

    __slots__ = ("row",)

    row: Sequence[Any]

    def __new__(cls, *args: Any, **given: Any) -> Any:
        """A copy with other fields (``dataclasses.replace``) is an ordinary value."""
        return StoredValue(*args, **given) if args or given else super().__new__(cls)

    def __init__(self) -> None:
        """Nothing: ``as_stored_value`` makes it."""

    def __getattr__(self, name: str) -> Any:
        """What was not asked for before."""
        if name in EXPLAINED:
            self._explain()
            return getattr(self, name)
        if name not in LATER:
            raise AttributeError(name)
        value = LATER[name](self.row)
        object.__setattr__(self, name, value)
        return value

    def __eq__(self, other: object) -> bool:
        """Whether the fields are the same."""
        if not isinstance(other, StoredValue):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in FIELDS)

    __hash__ = None  # type: ignore[assignment]  # details are mappings, which have none either

    def _explain(self) -> None:
        contributions, stored = unpack(self.row[15], self.row[16])
        said = as_said(stored)
        object.__setattr__(self, "contributions", contributions)
        for name in EXPLAINED[1:]:
            object.__setattr__(self, name, getattr(said, name))


FIELDS: Final = tuple(field.name for field in fields(StoredValue))
LATER: Final[Mapping[str, Callable[[Sequence[Any]], Any]]] = {
    "subject": lambda row: Subject(row[1], row[2]),
    "day": lambda row: row[3],
    "window_start": lambda row: datetime.fromisoformat(row[7]),
    "window_end": lambda row: datetime.fromisoformat(row[8]),
    "timezone": lambda row: row[9],
    "definition_version": lambda row: row[10],
    "configuration_version": lambda row: row[11],
    "revision": lambda row: row[12],
    "computed_at": lambda row: datetime.fromisoformat(row[13]),
    "data_as_of": lambda row: None if row[14] is None else datetime.fromisoformat(row[14]),
}


def _setter(name: str) -> Callable[[StoredRow, Any], None]:
    set_it: Callable[[StoredRow, Any], None] = vars(StoredValue)[name].__set__
    return set_it


_set_metric, _set_label, _set_value = _setter("metric"), _setter("label"), _setter("value")
_set_status, _set_n = _setter("status"), _setter("n")
_set_row: Final = vars(StoredRow)["row"].__set__
_new: Final = object.__new__


def as_stored_value(row: Sequence[Any], *, label: str = "") -> StoredValue:
    """The value of a row that begins with ``COLUMNS``."""
    made = _new(StoredRow)
    _set_row(made, row)
    _set_metric(made, row[0])
    _set_label(made, label)
    _set_value(made, row[4])
    _set_status(made, STATUSES[row[5]])
    _set_n(made, row[6])
    return made
