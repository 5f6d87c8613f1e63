"""``python -m engage_server.plugin_host.trial_process ID …``: tries installed plugins by the kit.

Prints a line for each of them as soon as it is tried, its id and its level; ends as soon as nobody holds its standard input.
"""

import logging
import os
import sys
import threading
from typing import Final

import django

django.setup()  # what plugins import has models, which are there only after it

from engage_server.plugin_host.quality import quality_of  # noqa: E402
from engage_server.plugin_host.registry import registry  # noqa: E402

logger = logging.getLogger(__name__)

LEAST_PRIORITY: Final = 19


def main() -> None:
    """Try the plugins that are named; of one that cannot be tried the log says why, and the others are."""
    os.nice(LEAST_PRIORITY)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    told, sys.stdout = sys.stdout, sys.stderr  # whatever plugins print is no level
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
