"""Cards of the averages and of one-off revenue."""

from engage_revenue.cards.rows import terms
from engage_server.sdk import Benchmark, Card, Timing, Vector

PAYING = {"subscriptions": [terms("a", "60", "2026-01-01"), terms("b", "30", "2026-01-01", account=2)]}
PERSONS = [{"person": person, "account": 1} for person in range(1, 10)]
COMPARE = Benchmark(
    "Compare with competitors of the same market and price; there is no level for all.",
    "R54 (an article on customer engagement)",
    applies_to="a claim to fill with figures of the tenant's own market",
)
ARPU = Card(
    formula="revenue / users; users are persons active in the trailing days",
    source="R54: ARPU = revenue / users",
    edge_rules=(
        "No user or no revenue data: null, NO_DATA.",
        "The denominator is that of the end of the day and is named in divided_by.",
        "arpu_revenue all adds the one-off revenue of the period to date.",
        "A segment's average divides the segment's revenue by the segment's users.",
    ),
    vectors=(
        Vector(
            "90 a month, nine active persons",
            "10",
            "own, by the formula",
            rows={**PAYING, "active": PERSONS},
            measured={"value": 10, "n": 9},
        ),
    ),
    benchmarks=(COMPARE,),
    timing=Timing.LAGGING,
    vanity_risk="Rises when users who pay nothing leave.",
)
ARPA = Card(
    formula="revenue / accounts at the stage CUSTOMER, whether they pay or not",
    source="Baremetrics, average revenue per account; R54",
    edge_rules=(
        "No customer or no revenue data: null, NO_DATA.",
        "The denominator is that of the end of the day and is named in divided_by.",
        "arpu_revenue all adds the one-off revenue of the period to date.",
    ),
    vectors=(
        Vector(
            "90 a month, three customers of whom two pay",
            "30",
            "own, by the formula",
            rows={**PAYING, "accounts": [{"account": id, "stage": "CUSTOMER"} for id in (1, 2, 3)]},
            measured={"value": 30, "n": 3},
        ),
    ),
    benchmarks=(COMPARE,),
    timing=Timing.LAGGING,
    vanity_risk="Rises when small customers leave.",
)
ARPPU = Card(
    formula="MRR / accounts that pay; cross-check: MRR = subscribers x average (R42)",
    source="Baremetrics, average revenue per user; R42: MRR = monthly subscribers x ARPU",
    edge_rules=(
        "Nobody pays: null, NO_DATA.",
        "Paying accounts are those at the end, or by average_over the mean of start and end of the period; divided_by says.",
        "The cross-check takes subscribers and their average, in cents, from the subscriptions of the day, which is another "
        "statement than that of the terms; it agrees within half a cent a subscriber.",
    ),
    vectors=(
        Vector(
            "60 and 30 a month",
            "45; two subscribers x 45 = 90",
            "own, by the formula",
            rows={
                **PAYING,
                "seats": [
                    {"account": 1, "mrr": "60", "currency": "USD", "is_trial": False},
                    {"account": 2, "mrr": "30", "currency": "USD", "is_trial": False},
                ],
            },
            measured={
                "value": 45,
                "cross_check": {
                    "subscribers": 2,
                    "average": "45.00",
                    "product": "90.00",
                    "difference": "0E-10",
                    "agrees": True,
                },
            },
        ),
    ),
    benchmarks=(COMPARE,),
    timing=Timing.LAGGING,
    vanity_risk="Rises when small customers leave.",
)
ONE_OFF = Card(
    formula="sum of the ledger's revenues in the period up to the day",
    source="R128: transactions; own",
    edge_rules=(
        "No entry in the period: null, NO_DATA.",
        "Refunds are negative entries and are in the value; refunds tells them apart.",
        "Each entry is exchanged at the rate of its own day.",
        "Entries without an account are in the tenant's value alone (without_account).",
    ),
    vectors=(
        Vector(
            "a sale of 100, one of 50 without account and a refund of 20",
            "130",
            "own",
            rows={
                "ledger": [
                    {
                        "kind": "REVENUE",
                        "account": 1,
                        "amount": "100",
                        "currency": "USD",
                        "day": "2026-06-02",
                    },
                    {"kind": "REVENUE", "amount": "50", "currency": "USD", "day": "2026-06-03"},
                    {
                        "kind": "REVENUE",
                        "account": 1,
                        "amount": "-20",
                        "currency": "USD",
                        "day": "2026-06-30",
                    },
                ]
            },
            measured={"value": 130, "n": 3, "customers": 1},
        ),
    ),
    benchmarks=(COMPARE,),
    timing=Timing.LAGGING,
    vanity_risk="A single large sale makes a month.",
)
