"""Warm processes of plugins: one call at a time each, renewed after some calls and after every failure."""

import atexit
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from django.conf import settings

from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.plugin_host.isolation.described import Spec
from engage_server.plugin_host.isolation.process import PluginProcess
from engage_server.plugin_host.limits import Limits
from engage_server.plugin_host.loading import Plugin
from engage_server.sdk import ComputeRequest, Measurement
from engage_server.tenancy.scope import current_scope

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a plugin is found in its process."""

    entry: str
    distribution: str
    version: str


@dataclass(frozen=True, slots=True)
class Key:
    """What a warm process was started for: a plugin, and one tenant, whose rows none of another tenant's calls meets."""

    address: Address
    tenant: int | None
    limits: Limits


@dataclass(slots=True)
class Pool:
    """Idle processes, the longest idle first. A process serves one plugin of one tenant: nothing of another is in it."""

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
    address = Address(plugin.entry, plugin.distribution, plugin.version)
    return _call(address, limits, lambda process: process.compute(plugin, request))


def ask_inputs(address: Address, config: Mapping[str, Any], *, limits: Limits) -> dict[str, Spec]:
    """Ask a plugin in a process of its own for its inputs under a configuration.

    Raises:
        PluginFailedError: as ``compute``.
    """
    text = msgspec.json.encode(config)
    return _call(address, limits, lambda process: process.ask_inputs(text))


def ask_upgrade(address: Address, config: Mapping[str, Any], *, limits: Limits) -> Any:
    """Ask a plugin in a process of its own what becomes of a configuration of an earlier release.

    Raises:
        PluginFailedError: as ``compute``.
    """
    text = msgspec.json.encode(config)
    return msgspec.json.decode(_call(address, limits, lambda process: process.ask_upgrade(text)))


def _call(address: Address, limits: Limits, call: Callable[[PluginProcess], AnswerT]) -> AnswerT:
    scope = current_scope()
    tenant = scope.tenant.id if scope is not None and scope.tenant is not None else None
    key = Key(address, tenant, limits)
    process = _pool.take(key) or _start_process(key)
    try:
        answer = call(process)
    except BaseException:
        # It may still be amid an answer, of which the next call would read the rest.
        process.kill()
        raise
    if process.calls < settings.ENGAGE_PLUGIN_CALLS:
        _pool.keep(key, process)
    else:
        process.kill()
    return answer


def close() -> None:
    """End all idle processes of this process."""
    _pool.close()


def _start_process(key: Key) -> PluginProcess:
    found = key.address
    process = PluginProcess(plugin=found.entry, limits=key.limits)
    try:
        reply = process.load(entry=found.entry, distribution=found.distribution, version=found.version)
        if isinstance(reply, str):
            raise PluginFailedError(reply)
    except BaseException:
        # Nobody else knows of it, so that nobody else would end it.
        process.kill()
        raise
    return process
