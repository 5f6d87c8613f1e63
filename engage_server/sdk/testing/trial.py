"""One plugin under trial: calls its hooks, and compares what it answers."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Self

import pluggy

from engage_server.sdk import hookspecs
from engage_server.sdk.compute import ComputeRequest, Measurement, Subject
from engage_server.sdk.contract import measurement_problems
from engage_server.sdk.inputs import InputSpec
from engage_server.sdk.manifest import Manifest, PluginConfig
from engage_server.sdk.testing.findings import Finding
from engage_server.sdk.testing.requests import DAY, request_for, window_for
from engage_server.sdk.testing.samples import ACCOUNTS, ROWS, Row, rows_of

TOLERANCE: Final = 1e-9
LINE: Final = "\n"
Rows = dict[str, list[Row]]
Answers = dict[tuple[str, Subject], Measurement]


@dataclass(frozen=True, slots=True)
class Trial:
    """A plugin whose hooks and manifest are sound enough to be called."""

    manifest: Manifest
    hooks: Any
    config: PluginConfig
    specs: Mapping[str, InputSpec]

    @classmethod
    def of(cls, plugin: object) -> Self:
        """Register the plugin by itself."""
        manager = pluggy.PluginManager(hookspecs.PROJECT)
        manager.add_hookspecs(hookspecs)
        manager.register(plugin)
        (manifest,) = manager.hook.engage_manifest()
        config = manifest.config()
        return cls(manifest, manager.hook, config, manifest.inputs_for(config))

    def rows(self, day: date = DAY, zone: str = "UTC", *, accounts: int = ACCOUNTS, rows: int = ROWS) -> Rows:
        """Sample rows of every input."""
        window = window_for(day, zone)
        return {
            name: rows_of(spec, window, accounts=accounts, rows=rows) for name, spec in self.specs.items()
        }

    def request(self, rows: Rows, day: date = DAY, zone: str = "UTC") -> ComputeRequest[Any]:
        """A request with rows under the default configuration."""
        return request_for(self.manifest, rows, config=self.config, day=day, timezone=zone)

    def measure(self, request: ComputeRequest[Any]) -> list[Measurement]:
        """What the plugin answers; an absence of an answer is an empty one."""
        returned = self.hooks.engage_compute(request=request)
        return list(returned[0]) if returned else []

    def answers(self, request: ComputeRequest[Any]) -> Answers:
        """What the plugin measures, by metric and subject."""
        return {(m.metric, m.subject): m for m in self.measure(request)}

    def tried(self, rule: str, request: ComputeRequest[Any], given: str) -> Iterator[Finding]:
        """What is wrong with the answer to a request of which the rule says that it must be a sound one."""
        try:
            measured = self.measure(request)
        except (Exception, SystemExit) as error:  # whatever foreign code raises is its own finding
            yield raised(rule, error, given)
            return
        for one in measured:
            for problem in measurement_problems(self.manifest, one):
                yield Finding.of(rule, f"{problem} Given {given}." if "Remedy:" not in problem else problem)


def raised(rule: str, error: BaseException, given: str) -> Finding:
    """The finding that the computation raised."""
    return Finding(
        rule,
        f"engage_compute raised {type(error).__name__}: {str(error).partition(LINE)[0]}. Given {given}.",
        "answer with null and NO_DATA where there is nothing to measure",
    )


def difference(one: Answers, other: Answers) -> str:
    """The first metric and subject on which two answers differ, and how; empty where they agree."""
    for key in sorted(one.keys() | other.keys(), key=repr):
        first, second = one.get(key), other.get(key)
        if first is None or second is None:
            there = first or second
            if there is not None and not there.is_absence:
                return f"{key[0]} of {key[1].kind} {key[1].id} is measured only once"
            continue
        for name in ("value", "status", "n", "interval", "details", "contributions"):
            if not is_alike(getattr(first, name), getattr(second, name)):
                return (
                    f"{key[0]} of {key[1].kind} {key[1].id}: {name} is {getattr(first, name)!r} "
                    f"and then {getattr(second, name)!r}"
                )
    return ""


def is_alike(one: Any, other: Any) -> bool:
    """Whether two values are the same but for what floats may err, whatever is nested in them."""
    if (
        is_dataclass(one)
        and is_dataclass(other)
        and not isinstance(one, type)
        and not isinstance(other, type)
    ):
        return type(one) is type(other) and is_alike(asdict(one), asdict(other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_alike, one, other))
    if isinstance(one, float | Decimal) and isinstance(other, int | float | Decimal):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE) or repr(one) == repr(other)
    return bool(one == other)
