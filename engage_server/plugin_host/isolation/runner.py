"""The program of a plugin's process: confines itself, loads one plugin, answers calls until the server hangs up."""

import importlib.metadata
import math
import resource
import signal
import socket
import sys
from contextlib import suppress
from typing import Final

import msgspec
import psutil

from engage_server.plugin_host.compute_call import call_compute
from engage_server.plugin_host.exceptions import BrokenPluginError, PluginFailedError
from engage_server.plugin_host.isolation import channel, wire
from engage_server.plugin_host.loading import ENTRY_POINT_GROUP, Candidate, Plugin, broken, load

GRACE_S: Final = 5.0
"""The server kills at the limit; this much later the process ends itself, should the server be gone."""


def main() -> None:
    """Serve the socket whose descriptor is the only argument."""
    with socket.socket(fileno=int(sys.argv[1])) as server, suppress(EOFError, ConnectionError):
        server.set_inheritable(False)
        start = wire.decode_start(channel.receive(server))
        confine(start)
        try:
            plugin = load(candidate(start))
        except BrokenPluginError as error:
            channel.send(server, wire.encode(wire.Failed(str(error))))
            return
        channel.send(server, wire.encode(wire.Loaded()))
        while True:
            reply = answer(plugin, wire.decode_call(channel.receive(server)))
            channel.send(server, reply)


def confine(start: wire.Start) -> None:
    """Bound the memory, files and processes of this process and its descendants for good."""
    memory = psutil.Process().memory_info().vms + start.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_NPROC)
    allowed = start.most_processes if most == resource.RLIM_INFINITY else min(start.most_processes, most)
    resource.setrlimit(resource.RLIMIT_NPROC, (allowed, allowed))


def candidate(start: wire.Start) -> Candidate:
    """The plugin that the server means, looked up among this environment's entry points."""

    def imported() -> object:
        for entry in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP, name=start.entry):
            if entry.dist is not None and entry.dist.name == start.distribution:
                return entry.load()
        raise broken(found, "import", "the entry point is not installed", "install it for the server")

    found = Candidate(start.entry, start.distribution, start.version, imported)
    return found


def answer(plugin: Plugin, call: wire.Call) -> bytes:
    """The encoded reply to one call."""
    _arm(call.time_s)
    try:
        request = wire.request_of(call, plugin.manifest.config)
        return wire.encode(wire.answer_of(call_compute(plugin, request, at_most=call.measurements)))
    except PluginFailedError as error:
        return wire.encode(wire.Failed(str(error)))
    except (MemoryError, ValueError, TypeError, OverflowError, msgspec.MsgspecError) as error:
        return wire.encode(
            wire.Failed(
                f"A call of the plugin {plugin.id!r} cannot be carried out: {type(error).__name__}: {error}"
            )
        )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _arm(time_s: float) -> None:
    """End this process some time after the limit, in its own time and in the processor's."""
    signal.setitimer(signal.ITIMER_REAL, time_s + GRACE_S)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime + time_s + GRACE_S)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, most))


if __name__ == "__main__":
    main()
