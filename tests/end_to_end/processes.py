"""Real processes of ours on the test database."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
SHOWN = 8_000


def environment(**extra: str) -> dict[str, str]:
    """The environment under which a command works on the test database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "engage_server.settings.testing",
        "ENGAGE_DATABASE": str(connection.settings_dict["NAME"]),
        "ENGAGE_DATA_DIR": str(settings.ENGAGE_DATA_DIR),
        **extra,
    }


@contextmanager
def running(*arguments: str, **extra: str) -> Iterator[subprocess.Popen[bytes]]:
    """``manage.py`` with these arguments, killed at the end. Where the block fails, the end of what it logged is shown.

    It logs into a file: in a pipe that nobody reads, a process that has much to say of an outage stands still.
    """
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment(**extra),
            stdout=subprocess.DEVNULL,
            stderr=told,
        )
        try:
            yield process
        except AssertionError:
            told.seek(max(0, told.seek(0, os.SEEK_END) - SHOWN))
            sys.stderr.write(told.read().decode("utf-8", "replace"))
            raise
        finally:
            process.kill()
            process.wait()
