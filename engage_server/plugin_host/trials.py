"""``python -m engage_server.plugin_host.trials ID …``: tries installed plugins by the kit, in a process of its own.

A trial takes seconds of a processor. In a thread beside requests it would take them from whoever waits for an answer; here
it takes what nobody else wants. Prints a line for each plugin as soon as it is tried: its id and its level.
"""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Final

logger = logging.getLogger(__name__)

LEAST_PRIORITY: Final = 19


def levels_of(plugins: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Id and level of each of these plugins whose trial ended, as they end. The process ends with this one."""
    command = [sys.executable, "-m", __name__, *plugins]
    with subprocess.Popen(  # noqa: S603  # ids of installed plugins
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101  # a pipe was asked for
        for line in process.stdout:
            plugin, _, level = line.strip().partition(" ")
            yield plugin, level


def main() -> None:
    """Try the plugins that are named; of one that cannot be tried the log says why, and the others are."""
    os.nice(LEAST_PRIORITY)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    told, sys.stdout = sys.stdout, sys.stderr  # whatever plugins print is no level
    import django  # noqa: PLC0415  # only the child sets it up

    django.setup()
    # What they import has models, which are there only now.
    from engage_server.plugin_host.quality import quality_of  # noqa: PLC0415
    from engage_server.plugin_host.registry import registry  # noqa: PLC0415

    for plugin in sys.argv[1:]:
        try:
            level = quality_of(registry().get(plugin))
        except (
            Exception,
            SystemExit,
        ):  # foreign code: whatever it raises is its own, and the others are tried
            logger.exception("The trial of the plugin %s raised: its quality stays unknown.", plugin)
        else:
            told.write(f"{plugin} {level}\n")
            told.flush()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
