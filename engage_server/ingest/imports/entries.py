"""Entries of an option, such as ``target=column``, separated by commas and quoted as in CSV (RFC 4180)."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from engage_server.ingest.imports.exceptions import MappingError


def split_entries(arguments: Iterable[str]) -> list[str]:
    """The entries of all arguments in their order; an entry with a comma, or a quote in front, stands in quotes.

    Raises:
        MappingError: a quote is not closed, or something follows it.
    """
    found: list[str] = []
    for argument in arguments:
        try:
            for line in csv.reader(StringIO(argument, newline=""), strict=True, skipinitialspace=True):
                found += line
        except csv.Error as error:
            raise MappingError(
                f"Cannot read {argument!r} ({error}). Remedy: quote an entry as in CSV, a quote inside doubled, "
                'e.g. "score=Say ""yes"", or no".'
            ) from None
    return found


def join_entries(parts: Sequence[str]) -> str:
    """One argument that gives these entries."""
    stream = StringIO()
    csv.writer(stream, lineterminator="").writerow(parts)
    return stream.getvalue()
