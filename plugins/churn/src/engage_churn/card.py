"""The definition cards."""

from typing import Any, Final

from engage_server.sdk import Benchmark, Card, Timing, Vector

GOOD_MONTH: Final = 1 - 0.99**12
"""A churn of 1% a month, over a year."""


def terms(
    amount: str, begin: str, until: str | None = None, *, account: int = 1, **columns: Any
) -> dict[str, Any]:
    """Paid terms of an account's one subscription from ``begin`` until ``until`` (exclusive)."""
    known = {
        "status": "active",
        "is_paid": True,
        "currency": "USD",
        "cancel_reason": "",
        "interval_months": 1,
    }
    days = {"valid_from": begin, "valid_until": until}
    return known | {"subscription": f"s{account}", "account": account, "amount": amount} | days | columns


TEN: Final = [
    terms("10", "2026-01-01", "2026-06-15" if one == 1 else None, account=one) for one in range(1, 11)
]
LOSSES: Final = [
    terms("70", "2026-01-01"),
    terms("10", "2026-06-20", subscription="more"),
    terms("20", "2026-01-01", "2026-06-10", account=2),
    terms("10", "2026-06-10", account=2),
    terms("10", "2026-01-01", "2026-06-15", account=3, cancel_reason="price"),
]
"""100 at the start of June, 10 churned, 10 contracted, 10 expanded."""
RULES: Final = (
    "A customer is an account that pays: trials and free plans are none. One of several subscriptions that ends is "
    "contraction and no lost customer.",
    "The denominator is frozen when the period begins; nothing there: null, NO_DATA.",
    "Lost is recognised when the subscription ends, or by recognition cancellation on the day on which its status says "
    "that notice was given; where that day is unknown, at the end.",
    "A month's value is that of its last day, PARTIAL before.",
    "yearly compounds: 1 - (1 - rate)^12 of a month.",
    "A segment's churn is that of its accounts: ask with segment or groupBy.",
)
LOGO = Card(
    formula="100 x customers at the start of the period who pay nothing at its end / customers at its start",
    source=(
        "R40: lost in month / customers at month start; joined and left: Baremetrics changelog (counts them), ChartMogul "
        "help centre (does not); R38: inspect churning segments"
    ),
    edge_rules=(
        *RULES,
        "Who joins and leaves inside the period is not lost, but counted beside it; count_joined_and_left adds them.",
        "Who leaves and comes back inside the period was not lost (returned).",
        "The interval is Wilson's; there is none where the variant loses more than there were at the start.",
    ),
    vectors=(
        Vector(
            "10 customers, one leaves in June",
            "10%, yearly 1 - 0.9^12 = 71.8%",
            "R40",
            rows={"subscriptions": TEN},
            measured={"value": 10, "n": 10, "lost": 1, "yearly": 1 - 0.9**12},
        ),
        Vector(
            "100 customers, one leaves in June",
            "1%, yearly 1 - 0.99^12 = 11.4%: more than a claim of 5 to 7% a year",
            "R38, R90",
            rows={
                "subscriptions": [
                    terms("10", "2026-01-01", "2026-06-15" if one == 1 else None, account=one)
                    for one in range(1, 101)
                ]
            },
            measured={"value": 1, "n": 100, "yearly": GOOD_MONTH},
        ),
        Vector(
            "10 customers as above, and one who joins on the 5th and leaves on the 20th",
            "10% by default, 20% with count_joined_and_left",
            "Baremetrics changelog",
            rows={"subscriptions": [*TEN, terms("5", "2026-06-05", "2026-06-20", account=11)]},
            measured={"value": 20, "lost": 1, "joined_and_left": 1, "rate": 0.1},
            config={"count_joined_and_left": True},
        ),
        Vector(
            "notice in June, end in July: by recognition cancellation lost in June",
            "10%",
            "ChartMogul help centre, churn recognition",
            rows={
                "subscriptions": [
                    *TEN[1:],
                    terms("10", "2026-01-01", "2026-06-15"),
                    terms("10", "2026-06-15", "2026-07-15", status="non_renewing"),
                ]
            },
            measured={"value": 10, "lost": 1},
            config={"recognition": "cancellation"},
        ),
        Vector(
            "one of two subscriptions of an account ends",
            "0: contraction",
            "ChartMogul help centre, article 203299912",
            rows={
                "subscriptions": [
                    terms("10", "2026-01-01"),
                    terms("4", "2026-01-01", "2026-06-09", subscription="t"),
                ]
            },
            measured={"value": 0, "lost": 0, "n": 1},
        ),
    ),
    benchmarks=(
        Benchmark(
            "5 to 7% a year are acceptable.",
            "R38 (an article on customer engagement)",
            low=0.05,
            high=0.07,
            figure="yearly",
            applies_to="software as a service, a year; about 0.4 to 0.6% a month",
        ),
        Benchmark(
            "Below 1% a month is good, above 3 to 5% an alarm.",
            "R90 (an article on customer engagement)",
            low=0,
            high=GOOD_MONTH,
            figure="yearly",
            applies_to="business customers, a month; 1% a month is 11.4% a year, which the yearly claim calls too much",
        ),
        Benchmark(
            "About 39% are still there after the first month.",
            "R90 (an article on customer engagement)",
            applies_to="retention of users in their first month, of any product: a claim to test",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Low where many new customers are too young to leave, and where small ones leave it says nothing of money.",
)
SOURCE: Final = (
    "ChartMogul help centre, articles 203359341 and 4414075567250; R39: churn is also a loss of revenue"
)
REVENUE_RULES: Final = (
    *RULES,
    "The movements of all accounts within the period count, as ChartMogul counts them; of the closed cohort of those who "
    "paid at the start, see gross and net revenue retention.",
    "All amounts are at the rates of exchange of the computed day, so that a moved rate loses nothing.",
)
GROSS = Card(
    formula="100 x (churn + contraction) / monthly recurring revenue at the start",
    source=SOURCE,
    edge_rules=REVENUE_RULES,
    vectors=(
        Vector(
            "100 at the start, 10 churned, 10 contracted, 10 expanded",
            "20%",
            "ChartMogul help centre, article 203359341",
            rows={"subscriptions": LOSSES},
            measured={"value": 20, "n": 3},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Below 1% a month is good, above 3 to 5% an alarm.",
            "R90 (an article on customer engagement), said of customers",
            low=0,
            high=GOOD_MONTH,
            figure="yearly",
            applies_to="business customers, a month",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Counts no customer that leaves a small contract.",
)
NET = Card(
    formula="100 x (churn + contraction - expansion - reactivation) / monthly recurring revenue at the start",
    source=SOURCE,
    edge_rules=(*REVENUE_RULES, "Negative where more was gained of the customers there were than lost."),
    vectors=(
        Vector(
            "100 at the start, 10 churned, 10 contracted, 10 expanded",
            "10%",
            "ChartMogul help centre, article 203359341",
            rows={"subscriptions": LOSSES},
            measured={"value": 10, "n": 3},
        ),
        Vector(
            "50 at the start, 20 expanded",
            "-40%",
            "own, by the formula",
            rows={
                "subscriptions": [
                    terms("50", "2026-01-01"),
                    terms("20", "2026-06-09", subscription="more"),
                ]
            },
            measured={"value": -40, "yearly": 1 - 1.4**12},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Below 0 the customers there are grow faster than others leave.",
            "ChartMogul help centre, article 203359341",
            high=0,
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Expansion of a few hides that many leave; read it with logo churn.",
)
