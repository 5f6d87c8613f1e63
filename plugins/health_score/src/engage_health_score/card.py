"""The definition cards: what a reader needs to trust the two numbers."""

from typing import Any, Final

from engage_server.sdk import Benchmark, Card, Timing, Vector


def _value(key: str, id: int, place: float) -> dict[str, Any]:
    known = {"subject_kind": "account", "day": "2026-06-30", "status": "OK", "n": 5}
    return {**known, "metric": f"other.{key}", "subject": id, "value": place}


def values(*places: float) -> dict[str, list[dict[str, Any]]]:
    """One customer, and the values of the components a, b and so on, as far as they go."""
    of_account = [_value(key, 1, place) for key, place in zip("abc", places, strict=False)]
    return {"accounts": [{"account": 1, "stage": "CUSTOMER"}], "values": of_account}


LINE: Final = {"kind": "linear", "low": 0, "high": 100}
WEIGHTED: Final = {
    "components": [
        {
            "key": key,
            "label": key,
            "group": "usage",
            "metric": f"other.{key}",
            "weight": weight,
            "normalisation": LINE,
        }
        for key, weight in (("a", 20), ("b", 15), ("c", 22))
    ]
}

SCORE = Card(
    formula=(
        "Σ w·s / Σ w over the components that have a value; s = the component's metric brought to 0..100. "
        "With group weights the mean is taken within each group first, then over the groups. "
        "Model worst_of: the lowest s. A cap that holds lowers the result to its limit."
    ),
    source=(
        "Weighted mean and groups: Gainsight, Calculation of Group Scores and Overall Scores; "
        "Totango 4410017625748. "
        "Worst-of and exclusion of missing components: Totango 360030899812. Bands, coverage and caps: ours."
    ),
    edge_rules=(
        "Bands are half-open and leave no gap: red [0, 50), yellow [50, 75), green [75, 100]; "
        "the unrounded score is compared.",
        "The stored score is unrounded; details.rounded is rounded once, half up, for display.",
        "A value that is NO_DATA, SUPPRESSED or older than max_age_days is a missing component.",
        "Missing components: left out and the rest reweighted (default), 0, 50, or no score at all; "
        "the mode is in details.missing_mode.",
        "Coverage = weight with values / configured weight. Below min_coverage, or without any component: "
        "null, NO_DATA and the band UNKNOWN, never red.",
        "Percentiles: ties share the middle rank; among fewer than min_peers accounts: missing.",
        "A cap looks at components that have a value; of several caps the lowest decides. "
        "It appears as a contribution with negative points; details.before_caps keeps the computed score.",
        "An account without any input is reported as UNKNOWN rather than left out.",
        "Only accounts of the configured stages have a score, by default customers: leads, trials and accounts that left "
        "are absent, and a score that they had is no longer shown.",
        "Normalisation measured takes the metric's own word for where its value lies between 0 and 100: no scale is "
        "assumed. Where it says nothing the component is missing.",
    ),
    vectors=(
        Vector(
            "weights 20, 15, 22; scores 47, 59, 21",
            "40.12, shown as 40",
            "Gainsight [GSC]",
            rows=values(47, 59, 21),
            measured={"value": 2287 / 57, "rounded": 40, "coverage": 1, "band": "RED"},
            config=WEIGHTED,
            subject=("account", 1),
        ),
        Vector(
            "the same, the third missing (reweighted)",
            "52.14",
            "ours",
            rows=values(47, 59),
            measured={"value": 1825 / 35, "coverage": 35 / 57, "band": "YELLOW"},
            config=WEIGHTED,
            subject=("account", 1),
        ),
        Vector(given="effort 4.08 on 1-7, measured", expected="51.33", source="(4.08 - 1) / (7 - 1) * 100"),
        Vector(
            given="scores 90, 80, 30; worst_of",
            expected="30: red because one is red",
            source="Totango [TOTA]",
        ),
    ),
    benchmarks=(
        Benchmark(
            statement="Bands at 50 and 75 are a starting point; set them where churn begins with you.",
            source="ours",
            low=50,
            high=75,
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk=(
        "Weights can be tuned until everybody is green. Compare the bands with the accounts that left, "
        "and watch the coverage: a score over one good component looks like health."
    ),
)

PORTFOLIO_QUALITY = Card(
    formula="Mean over the scored accounts with a known band of: green 100, yellow 60, red 40.",
    source="Totango 360032136152, portfolio quality",
    edge_rules=(
        "Unknown accounts are not in the mean; details.unknown counts them.",
        "No account with a known band: null and NO_DATA.",
    ),
    vectors=(
        Vector("5 green, 3 yellow, 2 red", "76", "Totango [TOTP]"),
        Vector(
            "one account in each band, and one of which nothing is known",
            "66.67",
            "by the formula",
            rows={
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in (1, 2, 3, 4)],
                "values": [_value("a", id, place) for id, place in ((1, 90), (2, 60), (3, 10))],
            },
            measured={"value": 200 / 3, "n": 3, "green": 1, "yellow": 1, "red": 1, "unknown": 1},
            config={"components": WEIGHTED["components"][:1]},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Every account weighs the same; one large red customer hides behind many small green ones.",
)
