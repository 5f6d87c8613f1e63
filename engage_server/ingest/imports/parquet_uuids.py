"""Finds the columns of a Parquet file that hold UUIDs, which polars gives as bytes like any other.

The schema stands in the file's last bytes, in Thrift's compact protocol; no more of it is read than the schema.
"""

from collections.abc import Iterator
from os import SEEK_END
from pathlib import Path
from typing import Any, Final

from engage_server.ingest.imports.exceptions import UnreadableFileError

# Of FileMetaData: the schema; of SchemaElement: name, number of children, logical type; of LogicalType: UUID.
SCHEMA, NAME, CHILDREN, LOGICAL_TYPE, UUID = 2, 4, 5, 10, 14
TAIL_BYTES: Final = 8  # the footer's length and PAR1
STOP, TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12


def uuid_columns(path: Path) -> frozenset[str]:
    """Names of the columns of UUIDs, not counting those inside structs and lists.

    Raises:
        UnreadableFileError: the schema is damaged.
    """
    try:
        return _columns_in(_footer(path))
    except (LookupError, TypeError, ValueError, StopIteration) as error:
        raise UnreadableFileError(f"The schema of {path.name} is damaged. Remedy: fetch it again.") from error


def _footer(path: Path) -> bytes:
    with path.open("rb") as file:
        end = file.seek(-TAIL_BYTES, SEEK_END)
        length = int.from_bytes(file.read(4), "little")
        file.seek(end - length)
        return file.read(length)


def _columns_in(footer: bytes) -> frozenset[str]:
    root, *others = _Compact(footer).field(SCHEMA)
    remaining = iter(others)
    found = set()
    for _ in range(root[CHILDREN]):
        element = next(remaining)
        if UUID in element.get(LOGICAL_TYPE, {}):
            found.add(element[NAME].decode())
        _pass_over(element.get(CHILDREN, 0), remaining)
    return frozenset(found)


def _pass_over(children: int, remaining: Iterator[dict[int, Any]]) -> None:
    while children:
        children += next(remaining).get(CHILDREN, 0) - 1


class _Compact:
    """Reads values of Thrift's compact protocol; a struct becomes a dictionary by field number."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def field(self, wanted: int) -> Any:
        """The field of the struct that stands here, without reading on behind it."""
        for number, value in self._fields():
            if number == wanted:
                return value
        raise KeyError(wanted)

    def _fields(self) -> Iterator[tuple[int, Any]]:
        number = 0
        while (head := self._byte()) & 15 != STOP:
            number = number + (head >> 4) if head >> 4 else self._integer()
            yield number, self._value(head & 15)

    def _value(self, kind: int) -> Any:
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind == BYTE:
            return self._byte()
        if kind == DOUBLE:
            return self._bytes(8)
        if kind == BINARY:
            return self._bytes(self._unsigned())
        if kind in (LIST, SET):
            head = self._byte()
            count = head >> 4 if head >> 4 < 15 else self._unsigned()
            return [self._element(head & 15) for _ in range(count)]
        if kind == MAP:
            count = self._unsigned()
            kinds = self._byte() if count else 0
            return [(self._element(kinds >> 4), self._element(kinds & 15)) for _ in range(count)]
        return dict(self._fields()) if kind == STRUCT else self._integer()

    def _element(self, kind: int) -> Any:
        return self._byte() == TRUE if kind in (TRUE, FALSE) else self._value(kind)

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _bytes(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def _unsigned(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    def _integer(self) -> int:
        folded = self._unsigned()
        return folded >> 1 ^ -(folded & 1)
