"""The program of a plugin's process: confines itself, loads one plugin, answers calls until the server hangs up."""

import importlib.metadata
import math
import resource
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import msgspec

from engage_server.plugin_host.compute_call import call_compute
from engage_server.plugin_host.exceptions import BrokenPluginError, PluginFailedError
from engage_server.plugin_host.isolation import channel, wire
from engage_server.plugin_host.isolation.described import described, specs_of
from engage_server.plugin_host.isolation.sandbox import confine
from engage_server.plugin_host.loading import ENTRY_POINT_GROUP, Candidate, Plugin, broken, load
from engage_server.plugin_host.traces import message_of, trace_of
from engage_server.plugin_host.upgrades import upgraded
from engage_server.sdk import InputSpec

GRACE_S: Final = 5.0
"""The server kills at the limit; this much later the process ends itself, should the server be gone."""


def main() -> None:
    """Serve the socket whose descriptor is the only argument."""
    with socket.socket(fileno=int(sys.argv[1])) as server, suppress(EOFError, ConnectionError):
        server.set_inheritable(False)
        start = wire.decode_start(channel.receive(server))
        walls = confine(memory_bytes=start.memory_bytes, most_processes=start.most_processes)
        try:
            plugin = load(candidate(start))
        except BrokenPluginError as error:
            channel.send(server, wire.encode(wire.Failed(str(error))))
            return
        channel.send(server, manifest_message(plugin, start, walls))
        while True:
            channel.send(server, answer(plugin, wire.decode_request(channel.receive(server))))


def candidate(start: wire.Start) -> Candidate:
    """The plugin that the server means, looked up among this environment's entry points."""

    def imported() -> object:
        for entry in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP, name=start.entry):
            if entry.dist is not None and entry.dist.name == start.distribution:
                return entry.load()
        raise broken(found, "import", "the entry point is not installed", "install it for the server")

    found = Candidate(start.entry, start.distribution, start.version, imported)
    return found


def manifest_message(plugin: Plugin, start: wire.Start, walls: tuple[str, ...]) -> bytes:
    """The encoded manifest, or why it cannot be written down."""
    try:
        return wire.encode(wire.Loaded(described(plugin.manifest), walls))
    except (TypeError, ValueError, msgspec.MsgspecError) as error:
        cause = f"it cannot be written as data: {error}"
        refusal = broken(candidate(start), "engage_manifest", cause, "correct the manifest")
        return wire.encode(wire.Failed(str(refusal)))


def answer(plugin: Plugin, request: wire.Request) -> bytes:
    """The encoded reply to one request."""
    _arm(request.time_s)
    try:
        if isinstance(request, wire.AskInputs):
            return wire.encode(wire.Inputs(specs_of(_inputs(plugin, request))))
        if isinstance(request, wire.AskUpgrade):
            stored = msgspec.json.decode(request.config)
            return wire.encode(wire.Upgraded(msgspec.json.encode(upgraded(plugin, stored))))
        asked = wire.request_of(request, plugin.manifest.config)
        return wire.encode(wire.answer_of(call_compute(plugin, asked, at_most=request.measurements)))
    except PluginFailedError as error:
        return wire.encode(wire.Failed(str(error), error.trace))
    except (MemoryError, ValueError, TypeError, OverflowError, msgspec.MsgspecError) as error:
        return wire.encode(
            wire.Failed(
                f"A call of the plugin {plugin.id!r} cannot be carried out: {type(error).__name__}: {error}"
            )
        )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _inputs(plugin: Plugin, request: wire.AskInputs) -> Mapping[str, InputSpec]:
    config = plugin.manifest.config.model_validate_json(request.config)
    try:
        return plugin.manifest.inputs_for(config)
    except Exception as error:  # foreign code: whatever it raises is its own failure
        raise PluginFailedError(
            f"The plugin {plugin.id!r} raised {message_of(error)} when asked for its inputs",
            trace=trace_of(error),
        ) from error


def _arm(time_s: float) -> None:
    """End this process some time after the limit, in its own time and in the processor's."""
    signal.setitimer(signal.ITIMER_REAL, time_s + GRACE_S)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime + time_s + GRACE_S)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, most))


if __name__ == "__main__":
    main()
