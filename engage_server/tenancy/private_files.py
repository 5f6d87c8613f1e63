"""Files and folders with personal data: readable for their owner alone, whatever the process's umask says."""

import os
from pathlib import Path
from stat import S_ISREG
from typing import IO, Final

OWNER_READS: Final = 0o600
OWNER_ENTERS: Final = 0o700


def create_private(path: Path) -> IO[bytes]:
    """Open a file for writing from its beginning; one that is there already becomes private too."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_READS)
    if S_ISREG(os.fstat(descriptor).st_mode):
        os.fchmod(descriptor, OWNER_READS)
    return os.fdopen(descriptor, "wb")


def create_private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing.

    Raises:
        FileExistsError: it is there already.
    """
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in [*reversed(missing), path]:
        folder.mkdir(OWNER_ENTERS)
