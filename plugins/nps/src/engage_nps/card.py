"""The definition card of the Net Promoter Score."""

from typing import Any

from engage_server.sdk import Benchmark, Card, Vector


def answers(*scores: int) -> list[dict[str, Any]]:
    """Rows of answers on 0-10 in one account."""
    known = {"account": 1, "scale_min": 0, "scale_max": 10, "direction": "UP", "dismissed": False}
    return [{**known, "score": score} for score in scores]


CARD = Card(
    formula=(
        "100 * (promoters - detractors) / n on a 0-10 scale; promoters answer 9-10, "
        "passives 7-8, detractors 0-6; margin of error = z * 100 * sqrt((p + d - (p - d)^2) / n), for the default "
        "after 3 answers are added, 3/4 of one to promoters and to detractors each"
    ),
    source=(
        "Delighted help centre, article 531 (NPS surveys); formbricks FeedbackRecords.js; "
        "margin: B. Rocks, Interval Estimation for the Net Promoter Score, The American Statistician 70 (2016); "
        "plain Wald: Cross Validated, margin of error in a net promoter score result"
    ),
    edge_rules=(
        "No answer in the window: null with NO_DATA, never 0.",
        "One answer per person, the last as of the window's end, over all instruments read; a later answer does not "
        "change an earlier window. Configurable.",
        "An account without an answer or a dismissal in the window is absent: it has no value, nor its last one.",
        "Dismissed surveys are counted but are no part of n.",
        "Answers on another scale than 0-10 (such as 1-10) are not comparable: counted, no part of n.",
        "Answers that are no whole number from 0 to 10 are invalid: counted, no part of n.",
        "The interval is adjusted Wald, clipped to -100..100 and named in its method. Its middle is the score of "
        "the answers with the added ones, so that for one or two answers it may leave out the score itself.",
        "Plain Wald is a setting: unanimous answers then have margin 0, whatever n.",
        "The mean of accounts leaves out answers of unknown accounts (without_account) and has no margin.",
        "Figures are rounded to 10 decimals so that the contributions add up to the value.",
    ),
    vectors=(
        Vector(
            "1/2 promoters, 1/3 passives, 1/6 detractors",
            "33.33",
            "Delighted help centre, article 531",
            rows={"responses": answers(9, 10, 9, 7, 8, 6)},
            measured={"value": 100 / 3, "n": 6, "promoter_share": 1 / 2, "detractor_share": 1 / 6},
        ),
        Vector(
            "the same shares with n = 100",
            "variance 5/9, plain Wald margin 14.6 points at 95%",
            "Cross Validated",
        ),
        Vector(
            "3 promoters and nobody else",
            "100, adjusted Wald from -6.6 to 100 at 95%",
            "by the formula: 50 +- 1.96 * 100 * sqrt((6 * 4.5 - 3^2) / 6^3)",
            rows={"responses": answers(9, 10, 10)},
            measured={"value": 100, "low": 50 - 100 * 1.959963984540054 / 12**0.5, "high": 100},
        ),
    ),
    benchmarks=(
        Benchmark(
            statement="Above 0 is good, above 20 favourable, above 50 excellent, above 80 world class.",
            source="attributed to Bain & Company by many; no published data",
            low=0,
            high=50,
            applies_to="any industry; levels differ widely between industries and countries",
        ),
        Benchmark(
            statement="A higher score predicts revenue growth.",
            source="requirement R70 (source article S2, line 29)",
            applies_to="a claim to test against the tenant's own revenue",
        ),
    ),
    vanity_risk="Rises when only happy customers are asked or answer; read it with n and dismissed.",
)
