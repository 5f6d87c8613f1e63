"""Which components a score begins with, by how often the product is meant to be used.

A product of every day shows its health in sessions and frequency, one of now and then in what of it is used
(requirement 32). Groups hold the effort of both sides, and what a healthy customer does: renews, advocates, uses often
and long, and upgrades (requirements 28 and 29).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from engage_health_score.component import Component
from engage_health_score.normalisation import Linear, Measured, Normalisation


class Cadence(StrEnum):
    """How often a person who uses the product as meant comes."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


def _component(
    key: str,
    label: str,
    metric: str,
    *,
    group: str,
    weight: float,
    normalisation: Normalisation,
    age: int = 7,
) -> Component:
    return Component(
        key=key,
        label=label,
        metric=metric,
        group=group,
        weight=weight,
        normalisation=normalisation,
        max_age_days=age,
    )


def _licenses(weight: float, *, group: str = "usage") -> Component:
    return _component(
        "licenses",
        "License utilization",
        "license_utilization.utilization",
        group=group,
        weight=weight,
        normalisation=Linear(low=0, high=85),
    )


def _frequency(weight: float) -> Component:
    return _component(
        "frequency",
        "Share of days with use",
        "stickiness.ratio",
        group="usage",
        weight=weight,
        normalisation=Linear(low=0, high=50),
    )


def _steadiness(weight: float) -> Component:
    """Use that fluctuates goes before leaving (requirement 123)."""
    return _component(
        "steadiness",
        "Fluctuation of use",
        "active_users.volatility",
        group="retention",
        weight=weight,
        normalisation=Linear(low=0, high=100, good="DOWN"),
    )


def _features(weight: float) -> Component:
    return _component(
        "features",
        "Features used",
        "adoption.features_used",
        group="usage",
        weight=weight,
        normalisation=Linear(low=0, high=50),
    )


def _effort(weight: float) -> Component:
    return _component(
        "effort",
        "Customer effort",
        "ces.effort_score",
        group="customer_effort",
        weight=weight,
        normalisation=Measured(),
    )


def _nps(weight: float) -> Component:
    return _component(
        "nps",
        "Net Promoter Score",
        "nps.score",
        group="advocacy",
        weight=weight,
        normalisation=Linear(low=-100, high=100),
    )


def _vendor_effort(weight: float) -> tuple[Component, ...]:
    """What the vendor does for the customer: it answers within a day, and is in touch some times a month."""
    return (
        _component(
            "response_time",
            "Time to our first response",
            "vendor_effort.response_hours",
            group="vendor_effort",
            weight=weight / 2,
            normalisation=Linear(low=1, high=48, good="DOWN"),
        ),
        _component(
            "touches",
            "Contacts with the customer",
            "vendor_effort.touches",
            group="vendor_effort",
            weight=weight / 2,
            normalisation=Linear(low=0, high=4),
        ),
    )


STANDARD: Final = (_licenses(35), _features(30), _effort(20), _nps(15))
"""For a tenant that names no cadence: the metrics that every tenant has."""

OCCASIONAL: Final = (
    _features(30),
    _steadiness(10),
    _licenses(20, group="expansion"),
    _effort(15),
    _nps(15),
    *_vendor_effort(10),
)
"""For products of every week or month: what of them is used tells more than how often."""

TEMPLATES: Final[Mapping[Cadence, tuple[Component, ...]]] = {
    Cadence.DAILY: (
        _frequency(20),
        _features(15),
        _steadiness(10),
        _licenses(20, group="expansion"),
        _effort(10),
        _nps(15),
        *_vendor_effort(10),
    ),
    Cadence.WEEKLY: OCCASIONAL,
    Cadence.MONTHLY: OCCASIONAL,
}
