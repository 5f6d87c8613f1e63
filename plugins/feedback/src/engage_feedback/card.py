"""The definition cards of feedback."""

from typing import Any

from engage_server.sdk import Benchmark, Card, Timing, Vector


def texts(
    count: int, *tags: str, given_by: str = "CUSTOMER", metric: str = "", account: int | None = 1
) -> list[dict[str, Any]]:
    """Rows of so many texts with these tags."""
    row = {"account": account, "given_by": given_by, "metric": metric, "tags": list(tags)}
    return [row] * count


NONE = Benchmark(
    statement="None is published: how much is said depends on how often and where it is asked.",
    source="own",
    applies_to="compare with the tenant's own windows before",
)
VOLUME = Card(
    formula="number of texts in the window: survey answers in words, imported feedback and notes of staff",
    source="requirement R58 (qualitative feedback from customers or own staff)",
    edge_rules=(
        "A dismissed survey and an answer without a word are no text.",
        "No text is 0 for the tenant: all that was said is known. An account without a text is absent.",
        "Words of customers and of the tenant's own people are told apart (customer_share, staff_share).",
        "A text with several tags counts for each of them, once; without one it is untagged.",
        "Words of no known account count for the tenant alone; those of bots, staff and test users not at all.",
        "The words themselves are not read.",
    ),
    vectors=(
        Vector(
            "3 of customers, of which 2 on billing, and 1 of staff on billing and speed about nps.score",
            "4 texts; billing 0.75, speed 0.25; customers 0.75",
            "own",
            rows={
                "texts": [
                    *texts(2, "billing"),
                    *texts(1),
                    *texts(1, "billing", "speed", given_by="STAFF", metric="nps.score"),
                ]
            },
            measured={
                "value": 4,
                "n": 4,
                "customer_share": 0.75,
                "staff_share": 0.25,
                "untagged": 1,
                "tags": [
                    {"name": "billing", "count": 3, "share": 0.75},
                    {"name": "speed", "count": 1, "share": 0.25},
                ],
                "metrics": [{"name": "nps.score", "count": 1, "share": 0.25}],
            },
        ),
    ),
    benchmarks=(NONE,),
    timing=Timing.LEADING,
    vanity_risk="Rises with every form that asks; what is said matters, not how much.",
)
CHANGE = Card(
    formula="100 x (texts in the window / texts in the window of the same length before - 1); interval: Wilson's of the "
    "split between the two windows, brought back to their ratio; significant where it excludes 0",
    source="J. Przyborowski and H. Wilenski, Homogeneity of Results in Testing Samples from Poisson Series, Biometrika 31 "
    "(1940); Wilson, JASA 22 (1927)",
    edge_rules=(
        "No text in the window before: null with NO_DATA.",
        "Significant is said only where the interval excludes 0, at the configured confidence.",
        "Texts count as independent; a wave of the same complaint is no chance and shows as significant.",
    ),
    vectors=(
        Vector(
            "30 texts after 20",
            "+50%, not significant",
            "by the formula",
            rows={"texts": texts(30), "previous": texts(20)},
            measured={"value": 50, "n": 50, "previous_texts": 20, "significant": False},
        ),
        Vector(
            "300 texts after 200",
            "+50%, significant",
            "by the formula",
            rows={"texts": texts(300), "previous": texts(200)},
            measured={"value": 50, "significant": True},
        ),
    ),
    benchmarks=(NONE,),
    timing=Timing.LEADING,
    vanity_risk="A new form, or more customers, raises it as well.",
)
