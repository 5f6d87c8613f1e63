"""The definition cards."""

from typing import Any, Final

from engage_server.sdk import Benchmark, Card, Timing, Vector


def terms(amount: str, begin: str, *, account: int = 1, channel: str = "", **columns: Any) -> dict[str, Any]:
    """Paid terms of an account's one subscription from ``begin`` on."""
    known = {"status": "active", "is_paid": True, "currency": "USD", "interval_months": 1}
    own = {"subscription": f"s{account}", "account": account, "amount": amount, "channel": channel}
    return known | own | {"valid_from": begin} | columns


def cost(amount: str, category: str, day: str = "2026-06-15", **columns: Any) -> dict[str, Any]:
    """A cost of the ledger."""
    known = {"kind": "COST", "amount": amount, "category": category, "currency": "USD", "day": day}
    return known | {"entry": f"{category}-{day}", "included_in_crc": True} | columns


def stage(entry: str, name: str, day: str, amount: str = "1000") -> dict[str, Any]:
    """A stage that an opportunity reached."""
    known = {"kind": "OPPORTUNITY", "currency": "USD"}
    return known | {"entry": entry, "stage": name, "day": day, "amount": amount}


CUSTOMERS: Final = [
    *(terms("50", "2026-01-01", account=one) for one in range(1, 7)),
    terms("100", "2026-05-10", account=7, channel="paid"),
    *(terms("100", "2026-05-20", account=one) for one in (8, 9, 10)),
]
"""Six customers since January, four new ones, of whom one came through the paid channel; 700 a month."""
COSTS: Final = [
    cost("1500", "sales"),
    cost("500", "Advertising"),
    cost("300", "cs_wages"),
    cost("100", "onboarding"),
    cost("250", "hosting", included_in_crc=False),
]
LEDGER: Final = {"subscriptions": CUSTOMERS, "ledger": COSTS}
DEALS: Final = [
    *(stage(f"won{one}", "open", "2026-04-21") for one in range(5)),
    *(stage(f"won{one}", "won", "2026-06-10") for one in range(5)),
    *(stage(f"lost{one}", "open", "2026-04-21") for one in range(15)),
    *(stage(f"lost{one}", "lost", "2026-06-10") for one in range(15)),
    *(stage(f"open{one}", "open", "2026-06-01", "99") for one in range(20)),
]
RULES: Final = (
    "Nothing is guessed: without an entry of such a cost the figure is null, NO_DATA, and not 0.",
    "Categories are compared in any case. What is no acquisition and included_in_crc is retention, the rest service.",
    "Each entry of the ledger is exchanged at the rate of its own day, subscriptions at that of the computed day.",
)
CAC = Card(
    formula="sales and marketing spend / new customers; the spend may lie lag_days before its customers",
    source="R1; ProfitWell (paddle.com), customer acquisition cost: blended and paid, with lag",
    edge_rules=(
        *RULES,
        "No new customer: null, NO_DATA; the spend is still told.",
        "A new customer is an account that pays for the first time ever; who comes back is none.",
        "paid: spend of the paid categories / new customers whose first subscription was sold through a paid channel; "
        "null where no cost of a paid category is known.",
    ),
    vectors=(
        Vector(
            "1,500 of wages, four new customers, of them one through a paid channel",
            "375; paid null: nobody entered what the channel cost",
            "own, by the rule that nothing is guessed",
            rows={"subscriptions": CUSTOMERS, "ledger": COSTS[:1]},
            measured={"value": 375, "paid": None, "paid_customers": 1},
        ),
        Vector(
            "2,000 spent, four new customers, of them one by 500 of advertising",
            "500; paid 500",
            "own, by the formula",
            rows=LEDGER,
            measured={"value": 500, "n": 4, "paid": 500, "paid_customers": 1},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Lifetime value at least three times the cost of acquisition.",
            "David Skok, For Entrepreneurs, SaaS metrics 2.0",
            applies_to="business software; compare with customer_value",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Blended, it falls when customers come by themselves, whatever advertising costs; read paid beside it.",
)
CRC = Card(
    formula="costs of keeping customers / active customers, for the days of the window",
    source="R51 to R53 (an article on customer engagement): average CRC = total / active customers",
    edge_rules=(
        *RULES,
        "Active customers are the accounts that pay at the end of the day; none: null, NO_DATA.",
        "A cost that is marked included_in_crc = false is left out, such as the cost of keeping the product running.",
        "Categories as the tenant names them, such as cs_wages, cs_training, cs_management, cs_tools, onboarding and "
        "customer_marketing.",
    ),
    vectors=(
        Vector(
            "400 of wages and onboarding, 250 of hosting left out, ten customers",
            "40",
            "own, by R53",
            rows=LEDGER,
            measured={"value": 40, "n": 10},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Keeping a customer costs a fifth of winning one.",
            "R44 (an article on customer engagement)",
            applies_to="a claim to test against cac_to_crc",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Falls when nobody cares for the customers; read it with churn.",
)
CAC_TO_CRC = Card(
    formula="cost of winning one customer / cost of keeping one for the days of the window",
    source="R44 (an article on customer engagement) and R51: keep both in balance",
    edge_rules=(*RULES, "Either is null, or keeping costs nothing: null, NO_DATA."),
    vectors=(
        Vector(
            "500 to win one, 40 to keep one for 90 days",
            "12.5; all spend on keeping is 0.2 of that on winning",
            "own, by the formula",
            rows=LEDGER,
            measured={"value": 12.5, "retention_to_acquisition": 0.2},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Acquiring costs five times as much as retaining.",
            "R44 (an article on customer engagement)",
            low=5,
            high=5,
            applies_to="a claim to test against the cost of a year of keeping",
            figure="to_yearly_crc",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="The longer the window, the more keeping costs; compare like windows.",
)
PAYBACK = Card(
    formula="CAC / (ARPU x gross margin), in months; ARPU = monthly recurring revenue / paying accounts",
    source="PulseRevOps, CAC payback (q422)",
    edge_rules=(
        *RULES,
        "ARPU or margin 0: null, NO_DATA and never, for the cost does not come back.",
        "The gross margin is a setting, 1 unless the tenant knows it.",
    ),
    vectors=(
        Vector(
            "500 to win one, 70 a month, margin 80%",
            "8.93 months",
            "own, by the formula",
            rows=LEDGER,
            measured={"value": 500 / 56, "never": False, "arpu": 70},
            config={"gross_margin": 0.8},
        ),
        Vector(
            "the same at margin 0",
            "never",
            "PulseRevOps, q422",
            rows=LEDGER,
            measured={"value": None, "status": "NO_DATA", "never": True},
            config={"gross_margin": 0},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Below 12 months is good.",
            "David Skok, For Entrepreneurs, SaaS metrics 2.0",
            low=0,
            high=12,
            applies_to="business software",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Who leaves before it never pays back; read it with churn.",
)
VELOCITY = Card(
    formula="opportunities x mean deal size x win rate / mean cycle in days: revenue a day",
    source="Glencoyne, sales velocity; R1",
    edge_rules=(
        "Opportunities are those open on some day of the window; deal size and cycle are of those won in it.",
        "The win rate is over closed ones only: won / (won + lost).",
        "Nothing won: null, NO_DATA, and a note. A deal that is won on its first day took one day.",
        "An opportunity stands at its latest stage; of two on one day the closing one is later.",
        "The interval is that of the win rate alone, by Wilson; deal size and cycle are taken as they are.",
    ),
    vectors=(
        Vector(
            "40 opportunities, 5 won and 15 lost, 1,000 each, 50 days",
            "200 a day",
            "own, by the formula",
            rows={"opportunities": DEALS},
            measured={"value": 200, "opportunities": 40, "win_rate": 0.25, "cycle_days": 50, "n": 20},
        ),
        Vector(
            "one lost and none won",
            "null, NO_DATA",
            "own",
            rows={"opportunities": [stage("a", "open", "2026-06-01"), stage("a", "lost", "2026-06-05")]},
            measured={"value": None, "status": "NO_DATA", "win_rate": 0, "n": 1},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Compare with earlier quarters of one's own; deal sizes differ too much for a level.",
            "Glencoyne, sales velocity",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Rises with opportunities that will never close; close what is dead.",
)
PROFITABILITY = Card(
    formula="revenue - costs of winning, keeping and serving customers, with the share of costs of no account",
    source="R24: revenue - allocated CAC, CRC and service cost, per segment",
    edge_rules=(
        RULES[1],
        RULES[2],
        "Recurring revenue by the day (12 / 365.25 of a month), one-off revenue on its day.",
        "Costs without an account: of winning shared equally by the new customers of the window, all others by the accounts "
        "with revenue in it; where there is none of these, by the next wider group; by nobody: the tenant's alone.",
        "The accounts' and the segments' values add up to the tenant's, but for revenue without an account.",
        "Of a slice the common costs are no part; the tenant's segments have their share.",
    ),
    vectors=(
        Vector(
            "1,461 a month for 90 days, 400 of wages of that account, 100 of hosting of nobody",
            "3820",
            "own: 1461 x 90 x 12 / 365.25 - 400 - 100",
            rows={
                "subscriptions": [terms("1461", "2026-01-01")],
                "ledger": [cost("400", "cs_wages", account=1), cost("100", "hosting", included_in_crc=False)],
            },
            measured={"value": 3820, "margin": 3820 / 4320},
        ),
    ),
    benchmarks=(Benchmark("Above 0 in every segment.", "own: below it the segment costs money", low=0),),
    timing=Timing.LAGGING,
    vanity_risk="High as long as costs are not entered.",
)
