"""The definition cards."""

from typing import Any, Final

from engage_server.sdk import Benchmark, Card, Timing, Vector

ENOUGH: Final = 10


def terms(
    amount: str, begin: str, until: str | None = None, *, account: int = 1, **columns: Any
) -> dict[str, Any]:
    """Paid terms of an account's one subscription from ``begin`` until ``until`` (exclusive)."""
    known = {"status": "active", "is_paid": True, "currency": "USD", "interval_months": 1}
    own = {"subscription": f"s{account}", "account": account, "amount": amount}
    return known | own | {"valid_from": begin, "valid_until": until} | columns


def entry(amount: str, category: str = "", *, kind: str = "COST", **columns: Any) -> dict[str, Any]:
    """An entry of the ledger, of account 1 unless another or None is named."""
    known = {"kind": kind, "amount": amount, "category": category, "currency": "USD", "day": "2026-06-15"}
    return known | {"account": 1} | columns


def bought(amount: str, account: int) -> dict[str, Any]:
    """A one-off revenue of an account."""
    return entry(amount, kind="REVENUE", account=account)


def plan(account: int, value: str) -> dict[str, Any]:
    """The plan of an account, since ever."""
    return {"account": account, "attribute": "plan", "value": value}


TWO_PLANS: Final = {
    "ledger": [*(bought("300", one) for one in range(1, 6)), *(bought("100", one) for one in range(6, 11))],
    "history": [*(plan(one, "pro") for one in range(1, 6)), *(plan(one, "basic") for one in range(6, 11))],
}
"""Five customers of 300 in plan pro, five of 100 in plan basic."""
WORTH: Final = {
    "ledger": [
        *(bought(str(100 * one), one) for one in range(1, ENOUGH + 1)),
        *(entry(str(one), "support", account=one) for one in range(1, ENOUGH + 1)),
    ]
}
"""Ten customers, of whom who brings more also gets more service."""
RULES: Final = (
    "Recurring revenue by the day (12 / 365.25 of a month's), one-off revenue on its day; trials and free plans are none.",
    "Each entry of the ledger is exchanged at the rate of its own day, subscriptions at that of the computed day.",
)
HISTORICAL = Card(
    formula="revenue per year x duration in years - cost of acquisition and of service",
    source="R46 (an article on customer engagement)",
    edge_rules=(
        *RULES,
        "No revenue ever: the account is absent; nobody has any: null, NO_DATA.",
        "Duration is from the first to the last day with revenue, at least one day.",
        "Costs are those of the account; common_costs equally shares those of nobody among all customers, else left_out "
        "tells them. The tenant's value is the mean over customers.",
        "Of high value are the most valuable high_value_share of the customers, at least one; equal values alike.",
        "normalised is the percentile among the customers, null for fewer than ten.",
        "The histogram has equal steps from the least to the greatest value.",
    ),
    vectors=(
        Vector(
            "1,461 a month for two years (731 days), 1,000 to win it, 500 to serve it",
            "1461 x 731 x 12 / 365.25 - 1500 = 33588 (17,532 a year)",
            "R46, by the formula",
            rows={
                "subscriptions": [terms("1461", "2024-01-01", "2026-01-01")],
                "ledger": [entry("1000", "sales"), entry("500", "support")],
            },
            measured={
                "value": 33588,
                "revenue_per_year": 17532,
                "years": 731 / 365.25,
                "is_high_value": True,
            },
            subject=("account", 1),
        ),
        Vector(
            "customers of 300 and of 100",
            "mean 200, median 200",
            "own",
            rows={"ledger": [bought("300", 1), bought("100", 2)]},
            measured={"value": 200, "n": 2, "median": 200, "high_value_from": 300},
        ),
    ),
    benchmarks=(
        Benchmark(
            "At least three times the cost of acquisition.",
            "David Skok, For Entrepreneurs, SaaS metrics 2.0",
            applies_to="business software; compare with unit_economics.cac",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Grows with age alone, and as long as costs are not entered.",
)
PREDICTIVE = Card(
    formula="revenue a month x gross margin x min(1 / monthly churn, horizon)",
    source="ProfitWell (paddle.com): ARPU x margin / churn, churn = 1 - retention; the horizon of 60 months is our own",
    edge_rules=(
        *RULES[1:],
        "Nobody left, or no month of history: the horizon is the lifetime (is_capped).",
        "Churn is pooled over the trailing months: all that were lost / all that were there at the start of a month.",
        "An account's own revenue a month with the churn of all; who pays nothing is absent.",
        "The interval is that of the churn alone, by Wilson, each bound capped as well.",
    ),
    vectors=(
        Vector(
            "ten customers of 100 over a year, of whom one was lost in the last month, margin 80%",
            "churn 1 / 120, so 100 x 0.8 x 60 = 4800, capped",
            "own, by the formula",
            rows={
                "subscriptions": [
                    terms("100", "2025-01-01", "2026-06-20" if one == 1 else None, account=one)
                    for one in range(1, 11)
                ]
            },
            measured={"value": 4800, "lost": 1, "customer_months": 120, "is_capped": True, "n": 9},
            config={"gross_margin": 0.8},
        ),
        Vector(
            "the same with a horizon of 240 months",
            "100 x 0.8 / (1 / 120) = 9600",
            "ProfitWell",
            rows={
                "subscriptions": [
                    terms("100", "2025-01-01", "2026-06-20" if one == 1 else None, account=one)
                    for one in range(1, 11)
                ]
            },
            measured={"value": 9600, "lifetime_months": 120, "is_capped": False},
            config={"gross_margin": 0.8, "horizon_months": 240},
        ),
        Vector(
            "nobody ever left",
            "100 x 60 months",
            "own: where nobody leaves the horizon is the lifetime",
            rows={"subscriptions": [terms("100", "2025-01-01")]},
            measured={"value": 6000, "monthly_churn": 0, "is_capped": True},
        ),
    ),
    benchmarks=(
        Benchmark(
            "At least three times the cost of acquisition.",
            "David Skok, For Entrepreneurs, SaaS metrics 2.0",
            applies_to="business software; compare with unit_economics.cac",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A single lost month moves it by years where few leave; read it with its interval.",
)
FIT = Card(
    formula=(
        "mean historical value of the other customers that are alike / that of all other customers; 1 = average. The "
        "tenant's is that of its most valuable group"
    ),
    source="R45: ideal customer profile, fit attribute; R139: too little effort, or no fit?",
    edge_rules=(
        "A customer never counts among its own peers.",
        "Fewer than fit_least others alike, or others who are worth nothing: null, NO_DATA.",
        "Several attributes: the mean of their ratios.",
        "Verdict on a customer below the median value: NO_FIT where those alike are worth less than all; else "
        "TOO_LITTLE_EFFORT where its effort is none or below the median, and UNEXPLAINED otherwise.",
        "An attribute without a value makes no group.",
    ),
    vectors=(
        Vector(
            "five customers of 300 in pro, five of 100 in basic",
            "pro 300 / 200 = 1.5",
            "own, by the formula",
            rows=TWO_PLANS,
            measured={"value": 1.5, "n": 5},
        ),
        Vector(
            "one of those in basic",
            "100 / mean of the nine others (1900 / 9) = 0.47: NO_FIT",
            "own, by the formula",
            rows=TWO_PLANS,
            measured={"value": 900 / 1900, "alike": 4, "verdict": "NO_FIT"},
            subject=("account", 6),
        ),
    ),
    benchmarks=(
        Benchmark("Above 1 customers like this are worth more than the others.", "by the formula", low=1),
    ),
    timing=Timing.LEADING,
    vanity_risk="What was sold to whom so far, and not what could be; young groups look poor.",
)
EFFORT = Card(
    formula="Spearman's rank correlation of historical value and own effort over all customers",
    source=(
        "R139; interval: Bonett and Wright, Sample size requirements for estimating correlations, Psychometrika 65 (2000)"
    ),
    edge_rules=(
        "Fewer than ten customers, or all alike in value or in effort: null, NO_DATA; the verdicts are still told.",
        "Effort: the account's costs of service (costs that win customers are none), or contacts with its persons; 0 where "
        "there is none in the trailing days.",
        "The label is correlation: it does not say which comes first.",
    ),
    vectors=(
        Vector(
            "ten customers, of whom who brings more also gets more service",
            "1",
            "own, by the formula",
            rows=WORTH,
            measured={"value": 1, "n": 10, "unknown": 5},
        ),
    ),
    benchmarks=(
        Benchmark(
            "High-value customers are engaged and likely to upgrade.",
            "R140 (an article on customer engagement)",
            applies_to="a claim to test with a segment of customer_value.historical",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Who is worth more may be cared for more, and not the other way round.",
)
