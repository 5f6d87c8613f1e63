"""Rows and configurations of the cards' worked examples."""

from typing import Any, Final

ID: Final = 1
"""The account that most of the examples are of."""


def value(key: str, number: float | None, *, id: int = ID, place: float | None = None) -> dict[str, Any]:
    """A row of the component ``key`` of an account; ``place`` is where its metric says that it lies."""
    known = {"subject_kind": "account", "day": "2026-06-30", "status": "OK", "n": 5}
    return {**known, "metric": f"other.{key}", "subject": id, "value": number, "normalised": place}


def values(*numbers: float | None) -> dict[str, list[dict[str, Any]]]:
    """One customer, and the values of the components a, b and so on, as far as they are there."""
    of_account = [
        value(key, number) for key, number in zip("abc", numbers, strict=False) if number is not None
    ]
    return {"accounts": [{"account": ID, "stage": "CUSTOMER"}], "values": of_account}


LINE: Final = {"kind": "linear", "low": 0, "high": 100}


def component(key: str, weight: float, *, group: str = "usage", **normalisation: Any) -> dict[str, Any]:
    """A component as a configuration names it."""
    named = {"key": key, "label": key, "group": group, "metric": f"other.{key}", "weight": weight}
    return {**named, "normalisation": normalisation or LINE}


WEIGHTED: Final = {"components": [component("a", 20), component("b", 15), component("c", 22)]}
ALIKE: Final = {"components": [component("a", 1), component("b", 1), component("c", 1)]}
ONE: Final = {"components": [component("a", 1)]}


def override(number: float, *, only_lower: bool = False) -> dict[str, Any]:
    """An override of the account that holds on the day of the examples."""
    return {
        "account": ID, "value": number, "only_lower": only_lower, "reason": "their sponsor left",
        "author": "user:7", "starts_on": "2026-06-29", "ends_on": "2026-07-15",
    }  # fmt: skip


def earlier(**scores: float) -> list[dict[str, Any]]:
    """The account's own scores of 7, 30 or 90 days before: ``earlier(d7=60)`` is that of a week ago."""
    days = {"d7": "2026-06-23", "d30": "2026-05-31", "d90": "2026-04-01"}
    return [
        {**value("a", score), "metric": "health_score.score", "day": days[ago]}
        for ago, score in scores.items()
    ]


FAMILY: Final[dict[str, list[dict[str, Any]]]] = {
    "accounts": [{"account": 1, "stage": "CUSTOMER"}, *({"account": id, "stage": "CUSTOMER", "parent": 1} for id in (2, 3))],
    "values": [
        value("a", 10), value("a", 40, id=2), value("a", 90, id=3),
        {**value("mrr", 300, id=2), "metric": "revenue.mrr"}, {**value("mrr", 100, id=3), "metric": "revenue.mrr"},
    ],
}  # fmt: skip
