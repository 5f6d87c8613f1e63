"""Makes a Plugin of one that runs nowhere but in processes of its own: the server imports nothing of it."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import msgspec

from engage_server.plugin_host.exceptions import BrokenPluginError, PluginFailedError
from engage_server.plugin_host.isolation import pool, verdicts
from engage_server.plugin_host.isolation.described import Described, inputs_of, manifest_of
from engage_server.plugin_host.isolation.foreign_config import ForeignConfig, config_class
from engage_server.plugin_host.isolation.pool import Address
from engage_server.plugin_host.isolation.process import PluginProcess
from engage_server.plugin_host.limits import limits
from engage_server.plugin_host.loading import Candidate, Plugin, broken, check_manifest
from engage_server.sdk import InputSpec

REMEMBERED: Final = 1_000
log = logging.getLogger("engage.plugins")


def load_foreign(candidate: Candidate) -> Plugin:
    """The plugin as it describes itself in a process of its own, held against the contract here.

    Raises:
        BrokenPluginError: says what it did instead.
    """
    verdict = verdicts.remembered(candidate) or verdicts.remember(candidate, _examined(candidate))
    if verdict.refusal:
        raise BrokenPluginError(verdict.refusal)
    address = Address(candidate.name, candidate.distribution, candidate.version)
    try:
        described = msgspec.msgpack.decode(verdict.described, type=Described)
        config = config_class(candidate.name, described.schema, described.defaults)
        inputs = _ForeignInputs(
            address, default=described.defaults, under_default=inputs_of(described.inputs)
        )
        manifest = manifest_of(described, config=config, inputs=inputs, upgrade=_ForeignUpgrade(address))
    except (ValueError, TypeError) as error:
        raise broken(
            candidate, "engage_manifest", f"it cannot be read: {error}", "correct the manifest"
        ) from error
    check_manifest(candidate, manifest)
    return Plugin(
        manifest=manifest,
        distribution=candidate.distribution,
        version=candidate.version,
        compute=_elsewhere,
        contribution=None,
        entry=candidate.name,
        foreign=True,
    )


def _examined(candidate: Candidate) -> verdicts.Verdict:
    process = PluginProcess(plugin=candidate.name, limits=limits())
    try:
        reply = process.load(
            entry=candidate.name, distribution=candidate.distribution, version=candidate.version
        )
    except PluginFailedError as error:
        refusal = broken(candidate, "import", str(error), "see the plugin's own documentation")
        return verdicts.Verdict(refusal=str(refusal))
    finally:
        process.kill()
    if isinstance(reply, str):
        return verdicts.Verdict(refusal=reply)
    return verdicts.Verdict(described=msgspec.msgpack.encode(reply.described))


def _elsewhere(*_: object, **__: object) -> NoReturn:
    raise PluginFailedError("A foreign plugin is called in a process of its own only.")


@dataclass(frozen=True, slots=True)
class _ForeignUpgrade:
    """The plugin's function that upgrades configurations, asked in its process."""

    address: Address

    def __call__(self, stored: Mapping[str, Any]) -> Any:
        """What becomes of a configuration.

        Raises:
            PluginFailedError: it cannot be asked.
        """
        return pool.ask_upgrade(self.address, stored, limits=limits())


@dataclass(slots=True)
class _ForeignInputs:
    """The plugin's inputs as a function of its configuration: asked in its process, once per configuration."""

    address: Address
    default: Mapping[str, Any]
    under_default: Mapping[str, InputSpec]
    _known: OrderedDict[bytes, Mapping[str, InputSpec]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, config: ForeignConfig) -> Mapping[str, InputSpec]:
        """The specifications under a configuration.

        Raises:
            PluginFailedError: the plugin gave none.
        """
        values = config.in_clear()
        if values == self.default:
            return self.under_default
        key = msgspec.json.encode(values, order="deterministic")
        with self._lock:
            if key in self._known:
                return self._known[key]
        specs = pool.ask_inputs(self.address, values, limits=limits())
        try:
            found = inputs_of(specs)
        except ValueError as error:
            raise PluginFailedError(
                f"The plugin {self.address.entry!r} cannot be asked for its inputs: {error}. "
                "Remedy: correct its configuration, or the plugin."
            ) from error
        with self._lock:
            self._known[key] = found
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found
