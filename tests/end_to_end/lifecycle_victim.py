"""Makes, deletes or restores tenants in processes that kill themselves before a given statement; run with ``-m``.

Arguments: create, delete or restore, the folder for exports or of the backup, then ``slug:statement`` for each process.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402  # after the set-up

from engage_server.operations.backups.archive import open_archive  # noqa: E402
from engage_server.operations.backups.installation import parts_of  # noqa: E402
from engage_server.operations.backups.restoration import restore_tenant  # noqa: E402
from engage_server.operations.tenants import onboard  # noqa: E402
from engage_server.tenancy.removal import remove_tenant  # noqa: E402
from engage_server.tenancy.templates import template_statements  # noqa: E402
from engage_server.tenancy.zones import require_zone  # noqa: E402

ZONE = "UTC"


class KillBefore:
    """An execute wrapper that ends its process before the statement of this number, from 1."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)


def main(action: str, directory: str, *victims: str) -> None:
    """Print each process's slug and how it ended: minus the signal, or its status."""
    # What a process asks once: the statements that are counted are those of the second tenant.
    template_statements()
    require_zone(ZONE)
    connection.close()  # not shared with the children
    for victim in victims:
        slug, _, number = victim.partition(":")
        child = os.fork()
        if child == 0:
            with connection.execute_wrapper(KillBefore(int(number))):
                act(action, slug, Path(directory))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(slug, os.waitstatus_to_exitcode(status))  # noqa: T201


def act(action: str, slug: str, directory: Path) -> None:
    """The whole use case, as the command calls it."""
    if action == "create":
        onboard(slug=slug, name=slug, domain=f"{slug}.localhost", timezone=ZONE)
    elif action == "restore":
        archive = open_archive(directory)
        restore_tenant(archive, parts_of(archive, slug)[0])
    else:
        remove_tenant(slug, export_dir=directory)


if __name__ == "__main__":
    main(*sys.argv[1:])
