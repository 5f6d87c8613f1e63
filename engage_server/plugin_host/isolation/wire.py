"""The messages between the server and a plugin's process, as MessagePack; frames travel as Arrow IPC streams."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import polars as pl

from engage_server.plugin_host.isolation.described import ClearConfig, Described, Spec, in_clear
from engage_server.sdk import (
    ComputeRequest,
    Contribution,
    Direction,
    Interval,
    Measurement,
    Number,
    PluginConfig,
    Status,
    Subject,
    Window,
)
from engage_server.sdk.details import encoded

Detail = int | float | str | bool | list[Any] | dict[str, Any] | None


class Start(msgspec.Struct, frozen=True):
    """The first message to a process: which plugin to load, and within which bounds."""

    entry: str
    distribution: str
    version: str
    memory_bytes: int
    most_processes: int


class Call(msgspec.Struct, frozen=True, tag=True):
    """One request to compute. ``config`` is JSON, each input an Arrow IPC stream, both times are UTC.

    ``metrics``: those that are asked for; None: all.
    """

    config: bytes
    day: date
    start: datetime
    end: datetime
    timezone: str
    inputs: dict[str, bytes]
    time_s: float
    measurements: int
    metrics: frozenset[str] | None = None


class AskInputs(msgspec.Struct, frozen=True, tag=True):
    """Which inputs does the plugin ask for under this configuration (JSON)?"""

    config: bytes
    time_s: float


class AskUpgrade(msgspec.Struct, frozen=True, tag=True):
    """What becomes of this configuration (JSON) of an earlier release?"""

    config: bytes
    time_s: float


class Part(msgspec.Struct, frozen=True, array_like=True):
    """A contribution."""

    key: str
    label: str
    value: int | float | Decimal | None
    points: int | float | Decimal | None
    weight: int | float | Decimal | None
    n: int | None
    note: str


class Bounds(msgspec.Struct, frozen=True, array_like=True):
    """An interval."""

    low: int | float | Decimal
    high: int | float | Decimal
    level: float
    method: str


class Measured(msgspec.Struct, frozen=True, array_like=True):
    """A measurement. Details are in the stored form, so that no class of the plugin's is needed to read them.

    Of a metric that declares none, those that are decimals are null there and stand apart.
    """

    metric: str
    kind: str
    id: int
    value: int | float | Decimal | None
    n: int
    status: Status
    window_days: int
    contributions: tuple[Part, ...]
    details: dict[str, Detail] | None
    decimals: dict[str, Decimal]
    interval: Bounds | None
    unit: str | None
    direction: Direction | None
    normalised: int | float | Decimal | None


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """The plugin is ready for calls, and this is its manifest; ``walls`` are those of the kernel around it."""

    described: Described
    walls: tuple[str, ...] = ()


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The plugin could not be loaded, or the call failed; ``reason`` is a sentence, ``trace`` where it happened."""

    reason: str
    trace: str = ""


class Upgraded(msgspec.Struct, frozen=True, tag=True):
    """The configuration that fits this release, as JSON."""

    config: bytes


class Inputs(msgspec.Struct, frozen=True, tag=True):
    """The inputs that were asked for."""

    specs: dict[str, Spec]


class Answered(msgspec.Struct, frozen=True, tag=True):
    """The measurements of a call."""

    measurements: list[Measured]


Request = Call | AskInputs | AskUpgrade
Reply = Loaded | Failed | Answered | Inputs | Upgraded
encode: Final = msgspec.msgpack.Encoder().encode
decode_start: Final = msgspec.msgpack.Decoder(Start).decode
decode_request: Final[Callable[[bytes], Request]] = msgspec.msgpack.Decoder(Request).decode
decode_reply: Final[Callable[[bytes], Reply]] = msgspec.msgpack.Decoder(Reply).decode


def call_of(request: ComputeRequest[Any], *, time_s: float, measurements: int) -> Call:
    """The message that carries a request."""
    return Call(
        config=config_text(request.config),
        day=request.window.day,
        start=request.window.start.astimezone(UTC),
        end=request.window.end.astimezone(UTC),
        timezone=request.window.timezone,
        inputs={name: frame.write_ipc_stream(None).getvalue() for name, frame in request.inputs.items()},
        time_s=time_s,
        measurements=measurements,
        metrics=request.metrics,
    )


def config_text(config: PluginConfig) -> bytes:
    """A configuration as JSON, its secrets in clear."""
    values = config.in_clear() if isinstance(config, ClearConfig) else in_clear(config)
    return msgspec.json.encode(values)


def request_of(call: Call, config: type[PluginConfig]) -> ComputeRequest[Any]:
    """The request that a message carries."""
    zone = ZoneInfo(call.timezone)
    return ComputeRequest(
        config=config.model_validate_json(call.config),
        window=Window(
            day=call.day,
            start=call.start.astimezone(zone),
            end=call.end.astimezone(zone),
            timezone=call.timezone,
        ),
        inputs={name: pl.read_ipc_stream(stream) for name, stream in call.inputs.items()},
        metrics=call.metrics,
    )


def answer_of(measurements: Iterable[Measurement]) -> Answered:
    """The message that carries measurements which keep the contract."""
    return Answered([_measured(measurement) for measurement in measurements])


def measurements_of(answer: Answered) -> tuple[Measurement, ...]:
    """The measurements that a message carries."""
    return tuple(
        Measurement(
            metric=one.metric,
            subject=Subject(one.kind, one.id),
            value=one.value,
            n=one.n,
            status=one.status,
            window_days=one.window_days,
            contributions=tuple(Contribution(*msgspec.structs.astuple(part)) for part in one.contributions),
            details=None if one.details is None else {**one.details, **one.decimals},
            interval=None if one.interval is None else Interval(*msgspec.structs.astuple(one.interval)),
            unit=one.unit,
            direction=one.direction,
            normalised=one.normalised,
        )
        for one in answer.measurements
    )


def _measured(measurement: Measurement) -> Measured:
    details = None if measurement.details is None else encoded(measurement.details)
    interval = measurement.interval
    return Measured(
        metric=measurement.metric,
        kind=measurement.subject.kind,
        id=measurement.subject.id,
        value=_number(measurement.value),
        n=measurement.n,
        status=measurement.status,
        window_days=measurement.window_days,
        contributions=tuple(_part(part) for part in measurement.contributions),
        details=None if details is None else {key: _detail(value) for key, value in details.items()},
        decimals={key: value for key, value in (details or {}).items() if isinstance(value, Decimal)},
        interval=None if interval is None else _bounds(interval),
        unit=measurement.unit,
        direction=measurement.direction,
        normalised=_number(measurement.normalised),
    )


def _part(part: Contribution) -> Part:
    return Part(
        key=part.key,
        label=part.label,
        value=_number(part.value),
        points=_number(part.points),
        weight=_number(part.weight),
        n=part.n,
        note=part.note,
    )


def _bounds(interval: Interval) -> Bounds:
    return Bounds(_plain(interval.low), _plain(interval.high), float(interval.level), interval.method)


def _detail(value: Any) -> Detail:
    if isinstance(value, Decimal):
        return None
    if value is None or isinstance(value, str | bool | list | dict):
        return value
    return int(value) if isinstance(value, int) else float(value)


def _number(value: Number | None) -> Number | None:
    return None if value is None else _plain(value)


def _plain(value: Number) -> Number:
    # Subclasses of int and float (NumPy's) are numbers to us and unknown to the encoder.
    if isinstance(value, Decimal):
        return value
    return int(value) if isinstance(value, int) else float(value)
