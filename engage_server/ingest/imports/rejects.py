"""The file of rows that were not taken: what they said and why, one JSON object a line.

A line has the row's own columns and ``_row`` (from 1), ``_code`` and ``_message``. Corrected, the file can be
imported with the same mapping, since additional columns are ignored. It holds personal data, so it is readable for
its owner alone; and it is no CSV, so that no spreadsheet runs a value as a formula.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import IO, Self

import msgspec

from engage_server.ingest.items import Reject
from engage_server.tenancy.private_files import create_private


class RejectFile:
    """Is created with the first reject, and not at all without."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rejects: Iterable[Reject]) -> None:
        """Append rejects whose payload is the row as a JSON object."""
        for reject in rejects:
            if self._file is None:
                self._file = create_private(self.path)
            self._file.write(line_of(reject))


def line_of(reject: Reject) -> bytes:
    """A reject whose payload is the row as a JSON object, as a line of the file."""
    record = msgspec.json.decode(reject.payload)
    why = {"_row": reject.index + 1, "_code": reject.code, "_message": reject.message}
    return msgspec.json.encode({**record, **why}) + b"\n"
