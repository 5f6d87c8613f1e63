"""The definition card of the hints."""

from typing import Any, Final

from engage_server.sdk import Benchmark, Card, Timing, Vector

SOURCE: Final = "articles on customer engagement; marks: own"


def tenant(metric: str, value: float, n: int, status: str = "OK", **more: Any) -> dict[str, Any]:
    """A value of the tenant's, as a row."""
    known = {"metric": metric, "subject_kind": "tenant", "subject": 0, "value": value, "n": n}
    return {**known, "status": status, **more}


CARD: Final = Card(
    formula="number of rules all of whose conditions hold of the subject's values",
    source=SOURCE,
    edge_rules=(
        "A hint is a question to ask, and no proof.",
        "A rule of which a value is missing, not OK, or of fewer than minimum_n is not judged; n counts those that are.",
        "Of a period that is not over (PARTIAL) the newest OK value of the period_age_days before is judged: last "
        "month's churn, and not that of the month to date.",
        "No rule could be judged: null with NO_DATA, never 0.",
        "A value that equals the mark is neither above nor below.",
    ),
    vectors=(
        Vector(
            "7% of the customers left, with a stickiness of 31%",
            "one hint: price, or a one-time need",
            "An article on customer engagement",
            rows={"tenant": [tenant("churn.logo", 7.0, 100), tenant("stickiness.ratio", 31.0, 500)]},
            measured={"value": 1, "n": 2, "rules": ["price_or_one_time_need"]},
        ),
        Vector(
            "the same in mid-month: 7% left last month, 1% in this one so far, 2% the month before last",
            "one hint: last month is judged",
            "own",
            rows={
                "tenant": [
                    tenant("churn.logo", 1.0, 100, status="PARTIAL", day="2026-06-30"),
                    tenant("stickiness.ratio", 31.0, 500, day="2026-06-30"),
                ],
                "tenant_before": [
                    tenant("churn.logo", 1.0, 100, status="PARTIAL", day="2026-06-29"),
                    tenant("churn.logo", 7.0, 100, day="2026-06-10"),
                    tenant("churn.logo", 2.0, 100, day="2026-06-02"),
                    tenant("stickiness.ratio", 5.0, 500, day="2026-06-29"),
                ],
            },
            measured={"value": 1, "n": 2, "rules": ["price_or_one_time_need"]},
        ),
        Vector(
            "4 of 100 users use a feature",
            "one hint: look whether it is hidden in a sub-menu",
            "An article on customer engagement",
            rows={
                "feature": [
                    {
                        "metric": "adoption.feature_adoption",
                        "subject_kind": "feature",
                        "subject": 3,
                        "value": 4.0,
                        "status": "OK",
                        "n": 100,
                    }
                ]
            },
            measured={"value": 1, "n": 1, "rules": ["hidden_feature"]},
            subject=("feature", 3),
        ),
        Vector(
            "the same of 10 users",
            "not judged",
            "own",
            rows={
                "feature": [
                    {
                        "metric": "adoption.feature_adoption",
                        "subject_kind": "feature",
                        "subject": 3,
                        "value": 4.0,
                        "status": "OK",
                        "n": 10,
                    }
                ]
            },
            measured={"value": None, "status": "NO_DATA"},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Low adoption: check the visibility in sub-menus. High churn with high engagement: price, or a one-time need.",
            "An article on customer engagement",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Softer marks give fewer hints.",
)
