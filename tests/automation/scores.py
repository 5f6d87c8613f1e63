"""Stores an account's scores with the parts that they are made of."""

from datetime import date
from typing import Any

from tests.metrics.values import store

SCORE = "health_score.score"


def parts(usage: float, seats: float) -> list[dict[str, Any]]:
    """The parts of a score."""
    return [
        {"key": "usage", "label": "Features used", "value": usage, "points": usage},
        {"key": "seats", "label": "License utilization", "value": seats, "points": seats},
    ]


def store_scores(account: int, *scores: tuple[date, float, tuple[float, float]]) -> None:
    """Store the day, the score and the points of its parts of each, in the tenant in scope."""
    for day, value, of in scores:
        store(
            SCORE,
            value,
            kind="account",
            subject=account,
            day=day,
            contributions=parts(*of),
            details={"band": "YELLOW"},
        )
