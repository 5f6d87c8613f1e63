"""Rows for any input, made by a fixed rule: the same on every machine, with every odd thing that real rows have."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import polars as pl

from engage_server.sdk.compute import Window
from engage_server.sdk.inputs import InputSpec
from engage_server.sdk.inputs.activity import Features
from engage_server.sdk.inputs.customers import Accounts
from engage_server.sdk.inputs.metrics import MetricBands, MetricValues, Overrides

ACCOUNTS: Final = 5
PERSONS: Final = 17
FEATURES: Final = 4
ROWS: Final = 60

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "ActiveDays": ("day", "person", "account"),
    "AccountWeeks": ("account", "weeks_ago"),
    "ActivePersons": ("person", "account"),
    "ActiveMinutes": ("person", "account"),
    "ActiveSeries": ("day",),
    "Activation": ("person",),
    "ActivityBy": ("group",),
    "EventCounts": ("person", "account", "event"),
    "EventTotals": ("account", "milestone"),
    "FeatureReach": ("feature",),
    "FeatureUse": ("person", "account", "feature"),
    "FirstSeen": ("person",),
    "FirstUses": ("feature", "days", "used"),
    "MetricBands": ("subject",),
    "MetricValues": ("metric", "subject", "day"),
    "Overrides": ("account",),
    "PersonDays": ("day", "person", "account"),
    "ReleaseReach": ("feature",),
    "Retention": ("cohort", "offset"),
    "Members": ("person", "account"),
    "Seats": ("account", "plan"),
    "SignupActions": ("person", "event", "offset"),
    "SignupDays": ("person", "offset"),
    "SignupMilestones": ("person",),
    "WeightedEvents": ("account", "event"),
}
"""What is unique in the rows of an input, by its name; nothing where they are observations."""

Row = dict[str, Any]
Made = Callable[[random.Random, InputSpec, Window], Any]


def rows_of(spec: InputSpec, window: Window, *, accounts: int = ACCOUNTS, rows: int = ROWS) -> list[Row]:
    """Rows of a specification within its window; of the inputs that list accounts or features, one each."""
    chance = random.Random(type(spec).__name__)
    listed, size = {Accounts: ("account", accounts), Features: ("feature", FEATURES)}.get(
        type(spec), ("", rows)
    )
    made: dict[tuple[Any, ...], Row] = {}
    for number in range(1, size + 1):
        row = {name: _value(name, chance, spec, window) for name in spec.columns}
        for name in {"account", "subject"} & row.keys():
            # The last account has no rows, whatever the number of accounts; where persons act, one may be unknown.
            unknown = [None] if "person" in row else []
            row[name] = chance.choice([*unknown, *range(1, accounts), *range(1, accounts)])
        if "person" in row and number <= PERSONS:
            row["person"] = number
        row |= {listed: number} if listed else {}
        if "feature_name" in row:
            row["feature_name"] = f"Feature {row['feature']}"
        key = tuple(row[name] for name in KEYS.get(type(spec).__name__, ())) or (number,)
        made.setdefault(key, row)
    return list(made.values())


def _value(name: str, chance: random.Random, spec: InputSpec, window: Window) -> Any:
    by_kind = BY_KIND.get(str(spec.columns[name]).partition("(")[0], lambda *_: None)
    return BY_NAME.get(name, by_kind)(chance, spec, window)


def _moment(chance: random.Random, spec: InputSpec, window: Window) -> datetime:
    end = _end(spec, window)
    return end - timedelta(days=getattr(spec, "days", 30)) * chance.random() - timedelta(microseconds=1)


def _end(spec: InputSpec, window: Window) -> datetime:
    return window.end.astimezone(UTC) - timedelta(days=getattr(spec, "ends_before", 0))


def _day(chance: random.Random, spec: InputSpec, window: Window) -> date:
    if isinstance(spec, MetricBands):
        return window.day
    if isinstance(spec, MetricValues):
        return window.day - timedelta(days=chance.choice(spec.ago or range(1, spec.days + 1) or (0,)))
    return window.day - timedelta(days=chance.randrange(max(1, getattr(spec, "days", 30))))


def _metric(chance: random.Random, spec: InputSpec, window: Window) -> str:
    return str(chance.choice(getattr(spec, "metrics", ()) or ("other.metric",)))


def _instrument(chance: random.Random, spec: InputSpec, window: Window) -> str:
    return str(getattr(spec, "instrument", "")).rstrip("*") or "survey"


BY_NAME: Final[Mapping[str, Made]] = {
    "person": lambda chance, *_: chance.choice([None, *range(1, PERSONS + 1)]),
    "feature": lambda chance, *_: chance.randint(1, FEATURES),
    "parent": lambda chance, *_: None,
    "owner": lambda chance, *_: chance.choice([None, 1, 2]),
    "plan": lambda chance, *_: chance.choice([None, "free", "team"]),
    "stage": lambda chance, *_: chance.choice(["CUSTOMER", "CUSTOMER", "TRIAL"]),
    "metric": _metric,
    "subject_kind": lambda chance, spec, *_: getattr(spec, "subject_kind", "account"),
    "status": lambda chance, *_: chance.choice(["OK", "OK", "NO_DATA"]),
    "day": _day,
    "normalised": lambda chance, *_: chance.choice([None, chance.uniform(0, 100)]),
    "instrument": _instrument,
    "scale_min": lambda chance, *_: 0.0,
    "scale_max": lambda chance, *_: 10.0,
    "direction": lambda chance, *_: "UP",
    "score": lambda chance, *_: chance.choice([None, *map(float, range(11))]),
    "dismissed": lambda chance, *_: chance.random() < 0.1,
    "offset": lambda chance, spec, *_: chance.choice(
        [first for first, _ in getattr(spec, "stretches", [(0, 0)])]
    ),
    "users_before": lambda chance, *_: chance.randint(0, 5),
    "users_after": lambda chance, *_: chance.randint(0, 5),
    "active_before": lambda chance, *_: chance.randint(5, 12),
    "active_after": lambda chance, *_: chance.randint(5, 12),
    "size": lambda chance, *_: 8,
    "eligible": lambda chance, *_: chance.choice([0, 5, 8, 8]),
    "retained": lambda chance, *_: chance.randint(0, 5),
    "seats": lambda chance, *_: chance.choice([None, 0, 3, 11]),
    "mrr": lambda chance, *_: chance.choice([None, "0", "10.00", "99.99"]),
    "amount": lambda chance, *_: chance.choice(["0", "10.00", "99.9875"]),
    "kind": lambda chance, spec, *_: chance.choice(getattr(spec, "kinds", ("a", "b"))),
    "currency": lambda chance, *_: "EUR",
    "ends_on": lambda chance, spec, window: (
        window.day + timedelta(days=chance.randint(1, 90)) if isinstance(spec, Overrides) else None
    ),
    "band": lambda chance, *_: chance.choice(["RED", "YELLOW", "GREEN", "UNKNOWN"]),
    "reason": lambda chance, *_: "a reason",
    "author": lambda chance, *_: "user:1",
    "interval_months": lambda chance, *_: chance.choice([1, 3, 12]),
    "subscription": lambda chance, *_: f"s{chance.randrange(10**6)}",
    "valid_from": lambda chance, spec, window: window.day - timedelta(days=chance.randint(0, 400)),
    "valid_until": lambda chance, spec, window: chance.choice([None, None, window.day]),
    # Of features not all have a release; what is asked about releases has.
    "released_on": lambda chance, spec, window: (
        chance.choice([None, window.day - timedelta(days=400)])
        if "known_since" in spec.columns
        else _day(chance, spec, window)
    ),
    "known_since": lambda chance, spec, window: window.day - timedelta(days=chance.randint(0, 300)),
}

BY_KIND: Final[Mapping[str, Made]] = {
    "Int64": lambda chance, *_: chance.randint(0, 12),
    "Int32": lambda chance, *_: chance.randint(0, 12),
    "Float64": lambda chance, *_: chance.choice([0.0, chance.uniform(0, 100)]),
    "Decimal": lambda chance, *_: Decimal(chance.randint(0, 9999)) / 100,
    "Boolean": lambda chance, *_: chance.random() < 0.5,
    "String": lambda chance, *_: chance.choice([None, "a", "b"]),
    "Date": _day,
    "Datetime": _moment,
    "List": lambda chance, *_: [],
}

IDS: Final = frozenset({"account", "person", "feature", "parent", "subject", "owner"})


def zeroed(spec: InputSpec, rows: list[Row]) -> list[Row]:
    """The rows with zero in every figure that is no id; decimals that travel as text as well."""
    zeros: dict[str, Any] = {name: 0 for name, kind in spec.columns.items() if _is_figure(name, kind)}
    zeros |= {name: "0" for name in ("mrr", "amount") if spec.columns.get(name) == pl.String}
    return [row | {name: zeros[name] for name in zeros if row[name] is not None} for row in rows]


def _is_figure(name: str, kind: Any) -> bool:
    is_number = str(kind).partition("(")[0] in {"Int64", "Int32", "Float64", "Decimal"}
    return is_number and name not in IDS | {"scale_min", "scale_max", "interval_months"}  # never 0


def at_the_edges(spec: InputSpec, rows: list[Row], window: Window) -> list[Row]:
    """The rows with every time on the first moment of the window or in its last microsecond."""
    end = _end(spec, window)
    moments = (end - timedelta(days=getattr(spec, "days", 1)), end - timedelta(microseconds=1))
    times = [name for name, kind in spec.columns.items() if str(kind).startswith("Datetime")]
    return [
        row | {name: moments[place % 2] for name in times if row[name] is not None}
        for place, row in enumerate(rows)
    ]
