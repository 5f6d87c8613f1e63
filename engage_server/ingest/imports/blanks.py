"""Words that stand for null in files whose values cannot be null, or were made of such files."""

from collections.abc import Collection
from typing import Final

import polars as pl

MOST_SPACES: Final = 8  # around a word; what is longer is not looked at, for speed


def without_words(column: pl.Series, words: Collection[str]) -> pl.Series:
    """The column with null wherever the whole value is one of the words, apart from a few spaces around it."""
    if not words:
        return column
    if column.dtype == pl.Object:
        values = [
            None if isinstance(value, str) and value.strip() in words else value for value in column.to_list()
        ]
        return pl.Series(column.name, values, dtype=pl.Object)
    if column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    if column.dtype != pl.String:
        return column
    if not (column.str.len_bytes() <= max(map(len, words)) + MOST_SPACES).any():
        return column
    found = column.str.strip_chars().is_in(list(words))
    return column.set(found, None) if found.any() else column
