"""Warm processes of plugins: one call at a time each, renewed after some calls and after every failure."""

import atexit
import threading
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.plugin_host.isolation.process import PluginProcess
from engage_server.plugin_host.limits import Limits
from engage_server.plugin_host.loading import Plugin
from engage_server.sdk import ComputeRequest, Measurement


@dataclass(frozen=True, slots=True)
class Key:
    """What a warm process was started for."""

    entry: str
    distribution: str
    version: str
    limits: Limits


@dataclass(slots=True)
class Pool:
    """Idle processes, the longest idle first. A process serves one plugin only, so none can spoil another."""

    _idle: list[tuple[Key, PluginProcess]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, key: Key) -> PluginProcess | None:
        """An idle process of this key, or None."""
        with self._lock:
            place = next((n for n, (found, _) in enumerate(self._idle) if found == key), None)
            if place is None:
                return None
            _, process = self._idle.pop(place)
        if process.alive:
            return process
        process.kill()
        return None

    def keep(self, key: Key, process: PluginProcess) -> None:
        """Keep a sound process for later, and end those that are too many."""
        with self._lock:
            self._idle.append((key, process))
            surplus = self._idle[: -settings.ENGAGE_PLUGIN_PROCESSES or None]
            del self._idle[: len(surplus)]
        for _, old in surplus:
            old.kill()

    def close(self) -> None:
        """End all idle processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, process in idle:
            process.kill()


_pool = Pool()
atexit.register(_pool.close)


def compute(plugin: Plugin, request: ComputeRequest[Any], *, limits: Limits) -> tuple[Measurement, ...]:
    """Call a plugin's hook in a process of its own.

    Raises:
        PluginFailedError: says plugin and cause; the process and its descendants are gone.
    """
    key = Key(plugin.entry, plugin.distribution, plugin.version, limits)
    process = _pool.take(key) or _start_process(key, plugin.id)
    try:
        measurements = process.compute(plugin, request)
    except BaseException:
        process.kill()
        raise
    if process.calls < settings.ENGAGE_PLUGIN_CALLS:
        _pool.keep(key, process)
    else:
        process.kill()
    return measurements


def close() -> None:
    """End all idle processes of this process."""
    _pool.close()


def _start_process(key: Key, plugin: str) -> PluginProcess:
    process = PluginProcess(plugin=plugin, limits=key.limits)
    try:
        refusal = process.load(entry=key.entry, distribution=key.distribution, version=key.version)
        if refusal is not None:
            raise PluginFailedError(refusal)
    except BaseException:
        process.kill()
        raise
    return process
