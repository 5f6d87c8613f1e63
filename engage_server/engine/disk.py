"""How full the disk of the data directory is: where PostgreSQL is embedded that of the database, else that of exports."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

# Of which the smaller counts: five percent of a large disk are plenty.
LEAST_SHARE: Final = 0.05
LEAST_BYTES: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Disk:
    """In bytes."""

    free: int
    total: int

    @property
    def is_nearly_full(self) -> bool:
        """Whether there is less room than an operator should leave."""
        return self.free < min(LEAST_BYTES, LEAST_SHARE * self.total)


def read_disk() -> Disk:
    """Of this machine; a directory that is yet to be made is on the disk of its parent."""
    directory: Path = settings.ENGAGE_DATA_DIR
    while not directory.exists() and directory != directory.parent:
        directory = directory.parent
    usage = shutil.disk_usage(directory)
    return Disk(free=usage.free, total=usage.total)
