"""A disk of a few hundred megabytes that can be filled to the last byte, where this machine lets us mount one."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

CHUNK: Final = b"\0" * 1_000_000


class CannotMountError(Exception):
    """Why there is none."""


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mounted while the block runs.

    Raises:
        CannotMountError: this user or machine does not let us.
    """
    if os.geteuid() != 0:
        raise CannotMountError("only root may mount a small disk")
    with tempfile.TemporaryDirectory(prefix="engage-disk-") as directory:
        Path(directory).chmod(0o755)  # PostgreSQL's own user must get in
        options = f"size={megabytes}m,mode=755"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", directory],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode:
            raise CannotMountError(f"mounting is impossible here: {mounted.stderr.strip()}")
        try:
            yield Path(directory)
        finally:
            subprocess.run(["umount", "--lazy", directory], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a byte is free, while the block runs, but what somebody else gives back."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for chunk in (CHUNK, CHUNK[:4096], CHUNK[:1]):
            _write_until_full(file, chunk)
    try:
        yield
    finally:
        ballast.unlink()


def _write_until_full(file: object, chunk: bytes) -> None:
    try:
        while file.write(chunk) == len(chunk):
            pass
    except OSError:
        return
