"""Computes the worked examples of the cards."""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from engage_server.sdk.compute import Measurement, Subject
from engage_server.sdk.details import encoded
from engage_server.sdk.inputs import InputSpec
from engage_server.sdk.manifest import Metric, Vector
from engage_server.sdk.testing.findings import Finding
from engage_server.sdk.testing.requests import request_for
from engage_server.sdk.testing.trial import Trial

TOLERANCE: Final = 1e-6


def vectors_hold(trial: Trial) -> Iterator[Finding]:
    """Each worked example that is given as data, computed."""
    for metric in trial.manifest.metrics:
        for vector in metric.card.vectors:
            if vector.measured:
                yield from _held(trial, metric, vector)


def vectors_there(trial: Trial) -> Iterator[Finding]:
    """Whether each metric has one."""
    for metric in trial.manifest.metrics:
        if not any(vector.measured for vector in metric.card.vectors):
            yield Finding(
                "vectors",
                f"The card of {metric.id} has no worked example that is data.",
                "give a Vector its rows and what is measured",
            )


def measured_by(trial: Trial, metric: Metric, vector: Vector) -> Measurement | None:
    """What the plugin measures of the example's subject.

    Raises:
        ValueError: the example names an input, a column or a configuration that there is not.
    """
    config = trial.manifest.config(**vector.config)
    specs = trial.manifest.inputs_for(config)
    own = metric.inputs_for(config) or specs
    rows = {_key(name, own, specs): rows for name, rows in vector.rows.items()}
    request = request_for(trial.manifest, rows, config=config)
    subject = Subject(*vector.subject)
    found = (m for m in trial.measure(request) if (m.metric, m.subject) == (metric.id, subject))
    return next(found, None)


def _key(name: str, own: Mapping[str, InputSpec], specs: Mapping[str, InputSpec]) -> str:
    """Under which name the plugin reads what the metric calls so."""
    spec = own.get(name)
    return next((key for key, known in specs.items() if spec is not None and known == spec), name)


def _held(trial: Trial, metric: Metric, vector: Vector) -> Iterator[Finding]:
    where = f"The example {vector.given!r} of {metric.id}"
    try:
        measured = measured_by(trial, metric, vector)
    except (Exception, SystemExit) as error:  # of foreign code, or of an example that does not fit it
        yield Finding(
            "vectors-hold", f"{where} raised {type(error).__name__}: {error}.", "correct the example"
        )
        return
    said = {} if measured is None else _said(measured)
    for name, expected in vector.measured.items():
        if name not in said:
            yield Finding("vectors-hold", f"{where} measures no {name}.", "name value, n, status or a detail")
        elif not _agree(said[name], expected):
            yield Finding(
                "vectors-hold",
                f"{where}: {name} is {said[name]!r}, not {expected!r}.",
                "correct one of the two",
            )


def _said(measured: Measurement) -> dict[str, Any]:
    own = {
        name: getattr(measured, name) for name in ("value", "n", "status", "unit", "direction", "normalised")
    }
    bounds = measured.interval
    limits = {} if bounds is None else {"low": bounds.low, "high": bounds.high, "method": bounds.method}
    return {**encoded(measured.details), **limits, **own}


def _agree(measured: Any, expected: Any) -> bool:
    if isinstance(measured, int | float | Decimal) and isinstance(expected, int | float | Decimal):
        return math.isclose(measured, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(measured == expected)
