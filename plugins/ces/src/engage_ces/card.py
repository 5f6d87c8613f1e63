"""The definition card of the customer effort score."""

from typing import Any

from engage_server.sdk import Benchmark, Card, Vector


def answers(*counts: int) -> list[dict[str, Any]]:
    """Rows of so many answers of 1, 2 and so on, on a scale where a high score means little effort."""
    scale = {
        "instrument": "ces",
        "scale_min": 1,
        "scale_max": len(counts),
        "direction": "UP",
        "dismissed": False,
    }
    return [{**scale, "score": score} for score, count in enumerate(counts, start=1) for _ in range(count)]


CARD = Card(
    formula=(
        "mean = sum of scores / n, in points of the scale asked; top_box = % of the best scores; "
        "net = % of 6-7 less % of 1-3 on 1-7; normalised = (mean - min) / (max - min) * 100, "
        "reversed where low is good"
    ),
    source=(
        "CYS support 3000095529 and 3000095531 (effort 2.0, mean and net); Zonka CES guide (top box 5-7); "
        "form of 2010: Dixon, Freeman and Toman, Harvard Business Review, July 2010"
    ),
    edge_rules=(
        "No answer in the window: null with NO_DATA, never 0.",
        "An account without an answer or a dismissal in the window is absent: it has no value, nor its last one.",
        "Unit and direction are each value's own (unit, direction): a mean is in points of its scale and "
        "good where the scale is, a falling one where low is good; the other variants are always better when higher.",
        "Scale and direction are those stored with the response, never guessed.",
        "Answers on different scales or directions are never averaged: SUPPRESSED with a value per instrument; "
        "only the variant normalised combines them.",
        "A variant that the scale does not define (net off 1-7, top box without boxes): SUPPRESSED.",
        "Boxes and net follow the direction: where low is good they are the lowest scores.",
        "Dismissed surveys are counted but are no part of n.",
        "Scores that are no whole number of their scale are invalid: counted, no part of n.",
        "Every response counts by default, since an effort survey follows one interaction. Configurable: each person's "
        "last one, over all instruments of one scale and direction.",
        "Figures are rounded to 10 decimals so that the contributions add up to the value.",
    ),
    vectors=(
        Vector(
            "80, 210, 140, 110, 160, 180, 120 answers of 1 to 7",
            "mean 4.08; net -13; top box 46%; normalised 51.33",
            "CYS support 3000095529 and 3000095531",
            rows={"responses": answers(80, 210, 140, 110, 160, 180, 120)},
            measured={"value": 4.08, "n": 1000, "net": -13, "top_box_share": 0.46, "normalised": 154 / 3},
        ),
    ),
    benchmarks=(
        Benchmark(
            statement="96% of customers with a high-effort service interaction become more disloyal, against 9% "
            "with a low-effort one.",
            source="Dixon, Toman and DeLisi, The Effortless Experience (2013); repeated by Gartner (2019)",
            applies_to="service interactions",
        ),
    ),
    vanity_risk="A mean hides the hard cases; read it with the top-box share and the distribution.",
)
