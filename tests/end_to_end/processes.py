"""Real processes of ours on the test database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


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
    """``manage.py`` with these arguments, killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(**extra),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
