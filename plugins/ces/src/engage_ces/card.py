"""The definition card of the customer effort score."""

from typing import Any

from engage_server.sdk import Benchmark, Card, CardText, Vector


def answers(*counts: int, direction: str = "UP") -> list[dict[str, Any]]:
    """Rows of so many answers of 1, 2 and so on; the last one ends the scale."""
    scale = {
        "instrument": "ces",
        "scale_min": 1,
        "scale_max": len(counts),
        "direction": direction,
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
        "A top box has Wilson's interval, net adjusted Wald's; the means have none.",
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
        Vector(
            "the same, as the share of the best scores",
            "46%; Wilson from 42.93 to 49.10",
            "Zonka CES guide (5-7 are positive)",
            rows={"responses": answers(80, 210, 140, 110, 160, 180, 120)},
            measured={"value": 46, "low": 42.932143, "high": 49.098471, "unit": "%"},
            config={"variant": "top_box"},
        ),
        Vector(
            "the same, as % of 6-7 less % of 1-3",
            "-13",
            "CYS support 3000095531: 30 - 43",
            rows={"responses": answers(80, 210, 140, 110, 160, 180, 120)},
            measured={"value": -13, "unit": "points of -100 to 100"},
            config={"variant": "net"},
        ),
        Vector(
            "effort 1.0 of 2010: 4, 3, 2, 1 and 0 answers of 1 to 5, 1 being very low effort",
            "mean 2, good when low; 0-100: 75; top box 70%",
            "Harvard Business Review, July 2010, for the scale; by the formula",
            rows={"responses": answers(4, 3, 2, 1, 0, direction="DOWN")},
            measured={"value": 2, "direction": "DOWN", "normalised": 75, "top_box_share": 0.7},
        ),
        Vector(
            "the same answers where 1 is very high effort",
            "mean 2, good when high; 0-100: 25; top box 10%",
            "requirement R47 (1 = very high effort); by the formula",
            rows={"responses": answers(4, 3, 2, 1, 0)},
            measured={"value": 2, "direction": "UP", "normalised": 25, "top_box_share": 0.1},
        ),
        Vector(
            "one answer of each score of 1 to 10",
            "top 3: 30%",
            "own (boxes of 1-10)",
            rows={"responses": answers(*[1] * 10)},
            measured={"value": 30},
            config={"variant": "top_box"},
        ),
        Vector(
            "a 7 of 1-7 and a 1 of 1-5",
            "null, SUPPRESSED: never averaged across scales",
            "formbricks: cesAverage mixes 1-5 and 1-7",
            rows={"responses": [*answers(0, 0, 0, 0, 0, 0, 1), *answers(1, 0, 0, 0, 0)]},
            measured={"value": None, "status": "SUPPRESSED", "n": 2, "mean": None},
        ),
        Vector(
            "a 7 of 1-7 and a 1 of 1-5, each brought to 0-100",
            "50",
            "by the formula: (100 + 0) / 2",
            rows={"responses": [*answers(0, 0, 0, 0, 0, 0, 1), *answers(1, 0, 0, 0, 0)]},
            measured={"value": 50, "status": "OK"},
            config={"variant": "normalised"},
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
    translations={
        "ko": CardText(
            formula=(
                "평균 = 점수 합 / n(물은 척도의 점수). top_box = 가장 좋은 점수의 비율. net = 1~7 "
                "척도에서 6~7의 비율 − 1~3의 비율. normalised = (평균 − 최소) / (최대 − 최소) "
                "× 100, 낮을수록 좋은 척도는 뒤집습니다."
            ),
            vanity_risk="평균은 어려운 사례를 가립니다. 상위 응답 비율과 분포를 함께 보세요.",
        ),
    },
)
