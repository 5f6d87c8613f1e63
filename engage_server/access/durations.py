"""Reads lengths of time as people write them on the command line."""

import argparse
import re
from datetime import timedelta
from typing import Final

UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LENGTH: Final = re.compile(r"([0-9]{1,6})([smhd])")


def duration(text: str) -> timedelta:
    """``90d``, ``24h``, ``30m`` or ``45s``; for argparse's ``type``.

    Raises:
        argparse.ArgumentTypeError: it is none of these.
    """
    match = LENGTH.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no length of time. Remedy: write 90d, 24h, 30m or 45s."
        )
    return timedelta(**{UNITS[match[2]]: int(match[1])})
