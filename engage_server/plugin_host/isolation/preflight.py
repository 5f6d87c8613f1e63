"""Loads a foreign plugin in a process of its own before the server imports it."""

from dataclasses import replace

from engage_server.plugin_host.exceptions import BrokenPluginError, PluginFailedError
from engage_server.plugin_host.isolation.process import PluginProcess
from engage_server.plugin_host.limits import is_foreign, limits
from engage_server.plugin_host.loading import Candidate, broken


def examined_first(candidate: Candidate) -> Candidate:
    """The candidate as it is where it is trusted; else one whose loading begins with an examination."""
    if not is_foreign(candidate.distribution):
        return candidate

    def load() -> object:
        examine(candidate)
        return candidate.load()

    return replace(candidate, load=load)


def examine(candidate: Candidate) -> None:
    """Return where the plugin loads within its limits and keeps the contract.

    Raises:
        BrokenPluginError: says what it did instead.
    """
    process = PluginProcess(plugin=candidate.name, limits=limits())
    try:
        refusal = process.load(
            entry=candidate.name, distribution=candidate.distribution, version=candidate.version
        )
    except PluginFailedError as error:
        raise broken(
            candidate, "import", str(error).rstrip("."), "see the plugin's own documentation"
        ) from error
    finally:
        process.kill()
    if refusal is not None:
        raise BrokenPluginError(refusal)
