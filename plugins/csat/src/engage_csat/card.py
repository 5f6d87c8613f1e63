"""The definition cards of customer satisfaction."""

from typing import Any

from engage_server.sdk import Benchmark, Card, Timing, Vector


def answers(
    *counts: int, instrument: str = "csat", direction: str = "UP", first: int = 1
) -> list[dict[str, Any]]:
    """Rows of so many answers of the first score, the next one and so on; the last one ends the scale."""
    scale = {
        "account": 1,
        "instrument": instrument,
        "scale_min": first,
        "scale_max": first + len(counts) - 1,
        "direction": direction,
        "dismissed": False,
    }
    return [
        {**scale, "score": score} for score, count in enumerate(counts, start=first) for _ in range(count)
    ]


def dismissals(count: int) -> list[dict[str, Any]]:
    """Rows of surveys that were shown on 1-5 and not answered."""
    return [{**row, "score": None, "dismissed": True} for row in answers(0, 0, 0, 0, count)]


SOURCE = "Formbricks, summary of CSAT ratings: boxes by length of the scale; 0-10: own"
SCALES = (
    "Stars, emojis and numbers are all stored as 1 to k, k being the best unless the direction is DOWN; the instrument's "
    "name tells them apart.",
    "Scale and direction are those stored with the response, never guessed.",
    "Answers on different scales or directions do not mix: SUPPRESSED with a value per instrument.",
    "Dismissed surveys are counted but are no part of n.",
    "Scores that are no whole number of their scale are invalid: counted, no part of n.",
)
SCORE = Card(
    formula=(
        "100 x satisfied answers / n; satisfied is the best score of 3, the best 2 of 4, 5, 6 and 7, the best 3 of 10 "
        "and of 0-10; interval: Wilson"
    ),
    source=f"{SOURCE}; interval: Wilson, JASA 22 (1927)",
    edge_rules=(
        "No answer in the window: null with NO_DATA, never 0.",
        "An account without an answer or a dismissal in the window is absent: it has no value, nor its last one.",
        *SCALES,
        "With pool_scales, satisfied answers of all scales are added up; each answer is judged on its own scale.",
        "Answers on a scale without boxes (such as 0-100) are not comparable: counted, no part of n.",
        "Where low is good, the satisfied scores are the lowest ones.",
    ),
    vectors=(
        Vector(
            "2, 3 and 5 answers of 1 to 3",
            "top 1: 50",
            SOURCE,
            rows={"responses": answers(2, 3, 5)},
            measured={"value": 50, "n": 10, "satisfied": 5},
        ),
        Vector(
            "1, 1, 3, 2 and 3 answers of 1 to 5 stars, and 4 dismissed",
            "top 2: 50, dismissed 4; Wilson from 23.66 to 76.34",
            SOURCE,
            rows={"responses": [*answers(1, 1, 3, 2, 3), *dismissals(4)]},
            measured={"value": 50, "n": 10, "dismissed": 4, "low": 23.659309, "high": 76.340691},
        ),
        *(
            Vector(
                f"one answer of each score of 1 to {length}",
                f"top {boxes}",
                SOURCE,
                rows={"responses": answers(*[1] * length)},
                measured={"value": 100 * boxes / length, "satisfied": boxes},
            )
            for length, boxes in ((4, 2), (6, 2), (7, 2), (10, 3))
        ),
        Vector(
            "4 answers of 5 stars, and 1 of the best of 3 emojis",
            "null, SUPPRESSED: scales differ",
            "formbricks#7985: one type leaked into the other",
            rows={"responses": [*answers(0, 0, 0, 0, 4), *answers(0, 0, 1, instrument="csat_emoji")]},
            measured={"value": None, "status": "SUPPRESSED", "n": 5},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Between 75 and 85 % is common.",
            "attributed to the American Customer Satisfaction Index by many; its index is a mean of 0-100 and no top box",
            low=75,
            high=85,
            applies_to="consumer services in the USA; no published data behind the range",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk=(
        "Asked right after a contact that went well it says little of the product, and nothing of loyalty; read it with n, "
        "dismissed and nps."
    ),
)
MEAN = Card(
    formula="sum of scores / n, in points of the scale asked; normalised = (mean - min) / (max - min) x 100, reversed "
    "where low is good",
    source="mean of the scores as they are stored; requirement R71 (stars or emojis of 1 to 5)",
    edge_rules=(
        "No answer in the window: null with NO_DATA, never 0.",
        *SCALES,
        "Unit and direction are each value's own: points of its scale, good where the scale is.",
        "The normalised value is there for mixed scales, too: the mean of each answer's own.",
    ),
    vectors=(
        Vector(
            "1, 1, 3, 2 and 3 answers of 1 to 5 stars",
            "3.5, normalised 62.5",
            "by the formula: 35 / 10",
            rows={"responses": answers(1, 1, 3, 2, 3)},
            measured={"value": 3.5, "n": 10, "normalised": 62.5, "unit": "points of 1-5"},
        ),
        Vector(
            "1, 1, 3, 2 and 3 answers of 1 to 5, 1 being the best",
            "3.5, normalised 37.5, good when low",
            "by the formula",
            rows={"responses": answers(1, 1, 3, 2, 3, direction="DOWN")},
            measured={"value": 3.5, "normalised": 37.5, "direction": "DOWN"},
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="A mean hides the unhappy ones; read it with the distribution.",
)
