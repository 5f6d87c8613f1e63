"""Has installed plugins tried by the kit in a process of its own.

A trial takes seconds of a processor. In a thread beside requests it would take them from whoever waits for an answer; there
it takes what nobody else wants.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Final

PROGRAM: Final = "engage_server.plugin_host.trial_process"


def levels_of(plugins: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Id and level of each of these plugins whose trial ended, as they end. The process ends with this one."""
    with subprocess.Popen(  # noqa: S603  # ids of installed plugins
        [sys.executable, "-m", PROGRAM, *plugins], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101  # a pipe was asked for
        for line in process.stdout:
            plugin, _, level = line.strip().partition(" ")
            yield plugin, level
