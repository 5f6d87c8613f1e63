"""One process that has loaded one plugin: started fresh, asked, killed with all its descendants."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import psutil

from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.plugin_host.isolation import channel, wire
from engage_server.plugin_host.isolation.channel import Deadline, MessageTooLongError
from engage_server.plugin_host.isolation.described import Spec
from engage_server.plugin_host.limits import MIB, Limits
from engage_server.plugin_host.loading import Plugin
from engage_server.sdk import ComputeRequest, Measurement

MORE_PROCESSES: Final = 256
"""The kernel counts a user's processes, not a program's: what the plugin may add to those there are."""
DYING_S: Final = 2.0
LONGEST_MANIFEST: Final = 4 * MIB
WantedT = TypeVar("WantedT", wire.Inputs, wire.Upgraded)


class PluginProcess:
    """A process of a plugin. After a PluginFailedError it must be killed: nobody knows what state it is in."""

    def __init__(self, *, plugin: str, limits: Limits) -> None:
        self._plugin = plugin
        self._limits = limits
        self.calls = 0
        self._peer, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "engage_server.plugin_host.isolation.runner",
                    str(theirs.fileno()),
                ],
                cwd="/",
                env=environment(),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def load(self, *, entry: str, distribution: str, version: str) -> wire.Loaded | str:
        """Load the plugin; what it says of itself, or the sentence that says what is wrong with it.

        Raises:
            PluginFailedError: it passed a limit or ended its process.
        """
        start = wire.Start(
            entry=entry,
            distribution=distribution,
            version=version,
            memory_bytes=self._limits.memory_bytes,
            most_processes=_processes_of_this_user() + MORE_PROCESSES,
        )
        reply = self._ask(
            start, seconds=self._limits.load_s, setting="ENGAGE_PLUGIN_LOAD_S", at_most=LONGEST_MANIFEST
        )
        if isinstance(reply, wire.Loaded):
            return reply
        if isinstance(reply, wire.Failed):
            return reply.reason
        raise self._failed("sent an answer that was not asked for")

    def ask_inputs(self, config: bytes) -> dict[str, Spec]:
        """The inputs that the plugin asks for under a configuration, not yet held against the SDK.

        Raises:
            PluginFailedError: says plugin and cause.
        """
        ask = wire.AskInputs(config, time_s=self._limits.load_s)
        return self._ask_of_config(ask, wire.Inputs).specs

    def compute(self, plugin: Plugin, request: ComputeRequest[Any]) -> tuple[Measurement, ...]:
        """The measurements of one call, not yet held against the contract.

        Raises:
            PluginFailedError: says plugin and cause.
        """
        self.calls += 1
        limits = self._limits
        try:
            call = wire.call_of(request, time_s=limits.time_s, measurements=limits.measurements)
        except ValueError as error:  # its configuration writes itself, with the plugin's own code
            raise self._failed(f"has a configuration that cannot be written as JSON: {error}") from error
        reply = self._ask(
            call, seconds=limits.time_s, setting="ENGAGE_PLUGIN_TIME_S", at_most=limits.answer_bytes
        )
        if isinstance(reply, wire.Failed):
            raise PluginFailedError(reply.reason, trace=reply.trace)
        if not isinstance(reply, wire.Answered) or len(reply.measurements) > limits.measurements:
            raise self._failed("sent an answer that was not asked for")
        return wire.measurements_of(reply)

    def ask_upgrade(self, config: bytes) -> bytes:
        """What becomes of a configuration of an earlier release, both as JSON.

        Raises:
            PluginFailedError: says plugin and cause.
        """
        ask = wire.AskUpgrade(config, time_s=self._limits.load_s)
        return self._ask_of_config(ask, wire.Upgraded).config

    def _ask_of_config(self, ask: wire.AskInputs | wire.AskUpgrade, wanted: type[WantedT]) -> WantedT:
        self.calls += 1
        reply = self._ask(
            ask, seconds=self._limits.load_s, setting="ENGAGE_PLUGIN_LOAD_S", at_most=LONGEST_MANIFEST
        )
        if isinstance(reply, wire.Failed):
            raise PluginFailedError(reply.reason, trace=reply.trace)
        if not isinstance(reply, wanted):
            raise self._failed("sent an answer that was not asked for")
        return reply

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process and every process it left in its session."""
        self._peer.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _ask(
        self, message: wire.Start | wire.Request, *, seconds: float, setting: str, at_most: int
    ) -> wire.Reply:
        deadline = Deadline.after(seconds)
        try:
            channel.send(self._peer, wire.encode(message), deadline=deadline)
            return wire.decode_reply(channel.receive(self._peer, at_most=at_most, deadline=deadline))
        except TimeoutError:
            raise self._failed(
                f"was killed after {seconds:g} s, its limit of time. "
                f"Remedy: let it do less, or raise {setting}"
            ) from None
        except MessageTooLongError as error:
            raise self._failed(
                f"answered with {error.length / MIB:.0f} MiB where {at_most / MIB:g} are allowed. "
                "Remedy: let it measure less, or raise ENGAGE_PLUGIN_ANSWER_MB"
            ) from None
        except msgspec.MsgspecError as error:
            raise self._failed(f"answered with what is no answer: {error}") from None
        except (EOFError, ConnectionError):
            raise self._failed(f"ended its process {self._ending()}") from None

    def _ending(self) -> str:
        try:
            code = self._process.wait(timeout=DYING_S)
        except subprocess.TimeoutExpired:
            return "no further than its connection"
        if code >= 0:
            return f"with exit status {code}"
        return f"by the signal {signal.Signals(-code).name}"

    def _failed(self, what: str) -> PluginFailedError:
        return PluginFailedError(f"The plugin {self._plugin!r} {what}.")


def environment() -> dict[str, str]:
    """The whole environment of a plugin's process: where modules are found, and nothing of the server's."""
    folders = [str(Path.cwd()) if folder == "" else folder for folder in sys.path]
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(folders),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        # One thread and one arena: address space is what the memory limit counts.
        "POLARS_MAX_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
    }


def _processes_of_this_user() -> int:
    user = os.getuid()
    found = psutil.process_iter(["uids", "num_threads"])
    return sum(
        process.info["num_threads"] or 0
        for process in found
        if process.info["uids"] is not None and process.info["uids"].real == user
    )
