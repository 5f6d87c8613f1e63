"""Answers that a resolver has as JSON already."""

from typing import Final


class ReadyJson:
    """The whole answer of a field of the root, as JSON text of exactly what it selects, null never being it.

    It stands in the result's data as it is; who writes the result puts the text in its place. ``rows`` says how many rows
    of a page are in it, where whoever pays for them wants to know.
    """

    __slots__ = ("rows", "text")

    def __init__(self, text: str, *, rows: int | None = None) -> None:
        self.text: Final = text
        self.rows: Final = rows
