"""What is sent: a message is fixed when it is written into the outbox, so that its key never stands for two contents."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engage_server.automation.exceptions import UnsendableError
from engage_server.automation.quiet_hours import Allowed

REPORT_WRITTEN: Final = "report.written"
LONGEST_SUBJECT: Final = 200
LONGEST_TEXT: Final = 20_000
LONGEST_DATA: Final = 64_000
# Control characters, and separators of lines and paragraphs: each ends a header for somebody.
BREAKING: Final = frozenset({"Cc", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Message:
    """``type`` and ``data`` are for programs, ``subject`` and ``text`` for people; it goes in ``allowed`` hours alone.

    ``account``: the id of the one that it is about, under which the outbox keeps it; no receiver is told.
    """

    type: str
    subject: str
    text: str
    data: Mapping[str, Any]
    allowed: Allowed | None = None
    account: int | None = None

    def __post_init__(self) -> None:
        if any(unicodedata.category(character) in BREAKING for character in self.subject):
            raise UnsendableError(
                "The subject contains a line break or another control character. Remedy: leave it out."
            )
        if "\x00" in self.text:
            raise UnsendableError("The text contains a NUL character. Remedy: leave it out.")
        too_long = len(self.subject) > LONGEST_SUBJECT or len(self.text) > LONGEST_TEXT
        if too_long or len(json.dumps(self.data)) > LONGEST_DATA:
            raise UnsendableError(
                f"A message has at most {LONGEST_SUBJECT} characters of subject, {LONGEST_TEXT} of text and {LONGEST_DATA} "
                "of data. Remedy: send less."
            )

    @property
    def stored(self) -> dict[str, Any]:
        """As the outbox keeps it."""
        told = {"type": self.type, "subject": self.subject, "text": self.text, "data": self.data}
        return told if self.allowed is None else {**told, "allowed": self.allowed.stored}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Message":
        """What the outbox kept."""
        allowed = Allowed.of(stored.get("allowed"))
        return cls(stored["type"], stored["subject"], stored["text"], stored["data"], allowed)
