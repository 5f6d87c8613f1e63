"""The definition card of the correlations over accounts."""

from typing import Any, Final

from engage_server.sdk import Benchmark, Card, Timing, Vector

SOURCE: Final = (
    "An article on customer engagement (NPS predicts revenue); Spearman (1904); "
    "interval: Bonett and Wright, Psychometrika 65 (2000)"
)


def values(metric: str, numbers: list[float], status: str = "OK") -> list[dict[str, Any]]:
    """Rows of a metric of accounts 1, 2 and so on."""
    return [
        {
            "metric": metric,
            "subject_kind": "account",
            "subject": account,
            "value": number,
            "status": status,
            "n": 5,
        }
        for account, number in enumerate(numbers, 1)
    ]


RISING: Final = [float(number) for number in range(1, 21)]
SWAPPED: Final = [number + 1 if number % 2 else number - 1 for number in RISING]
CARD: Final = Card(
    formula=(
        "Spearman's rank correlation of two metrics over the accounts that have both on the day, of the first pair; p by "
        "Fisher's z with the variance of the interval, corrected by Benjamini-Hochberg over all pairs"
    ),
    source=SOURCE,
    edge_rules=(
        "It is a correlation: neither metric is known to move the other.",
        "Fewer than minimum_accounts with both values: null with NO_DATA.",
        "Values count that are OK or PARTIAL: those of a period that is not over, such as the monthly revenue, are as far "
        "for all accounts.",
        "Ties have their middle rank; a metric that is the same for all correlates 0.",
        "Accounts count once each, however large; accounts without revenue or without answers are left out.",
    ),
    vectors=(
        Vector(
            "20 accounts in mid-month, each second pair of neighbours swapped",
            "1 - 6 x 20 / (20 x 399) = 0.985",
            "own",
            rows={"values": [*values("nps.score", RISING), *values("revenue.mrr", SWAPPED, "PARTIAL")]},
            measured={"value": 1 - 6 * 20 / (20 * 399), "n": 20},
        ),
        Vector(
            "19 accounts",
            "null",
            "own",
            rows={"values": [*values("nps.score", RISING[:19]), *values("revenue.mrr", SWAPPED[:19])]},
            measured={"value": None, "status": "NO_DATA", "n": 19},
        ),
    ),
    benchmarks=(
        Benchmark(
            "A higher share of promoters goes with faster growth of revenue.",
            "An article on customer engagement",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Large customers are asked more often: both values may follow size alone.",
)
