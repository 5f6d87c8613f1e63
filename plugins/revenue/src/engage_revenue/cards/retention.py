"""Cards of gross and net revenue retention."""

from engage_revenue.cards.recurring import RECURRING_RULES
from engage_revenue.cards.rows import MOVES, terms
from engage_server.sdk import Benchmark, Card, Timing, Vector

RULES = (
    "Nothing was paid at the start: null, NO_DATA.",
    "The cohort is closed: who paid at the start of the period. New accounts are in neither part.",
    "Benchmarks of a year are held against the trailing twelve months, whatever the period; null before them.",
    "Who left and came back within the period was kept, by what is paid at the end.",
    "Variants side by side: cohort; movements (start less contraction and churn, net with expansion); "
    "movements_with_reactivation (ChartMogul's net churn). Movements count all accounts and every step within the period.",
    *RECURRING_RULES[3:6],
)
SOURCE = (
    "SaaS Metrics Standards Board, gross and net revenue retention; variants by movements: ChartMogul help centre, "
    "articles 203359341 and 4414075567250"
)
GRR = Card(
    formula="100 x sum of min(start, end) of the accounts that paid at the start / sum of their start; at most 100",
    source=SOURCE,
    edge_rules=RULES,
    vectors=(
        Vector(
            "100 at the start, 10 contracted, 10 churned, 10 expanded, 30 new",
            "80",
            "ChartMogul, article 203359341, as retention",
            rows={"subscriptions": MOVES},
            measured={"value": 80, "n": 3},
        ),
        Vector(
            "one of two accounts doubles",
            "100",
            "own",
            rows={
                "subscriptions": [
                    terms("a", "50", "2026-01-01"),
                    terms("b", "50", "2026-01-01", account=2),
                    terms("c", "50", "2026-06-02", account=2),
                ]
            },
            measured={"value": 100},
        ),
        Vector(
            "of 40 a year ago 10 left in March; nothing moved in June",
            "100 over the month, 75 over the trailing year",
            "own",
            rows={
                "subscriptions": [
                    terms("a", "10", "2025-01-01", "2026-03-01"),
                    terms("b", "30", "2025-01-01", account=2),
                ]
            },
            measured={"value": 100, "yearly_gross": 75, "yearly_net": 75},
        ),
    ),
    benchmarks=(
        Benchmark(
            "90 to 93% a year at the median, by size of contract.",
            "SaaS Capital, Research Brief 28, 2023 B2B SaaS Retention Benchmarks, survey of 1,500 companies",
            low=90,
            high=93,
            applies_to="business customers, a year",
            figure="yearly_gross",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="A month's looks high: 97% a month is 69% a year.",
)
NRR = Card(
    formula="100 x sum of what the accounts that paid at the start pay at the end / sum of what they paid at the start",
    source=SOURCE,
    edge_rules=RULES,
    vectors=(
        Vector(
            "100 at the start, 10 contracted, 10 churned, 10 expanded, 30 new",
            "90",
            "ChartMogul, article 203359341, as retention",
            rows={"subscriptions": MOVES},
            measured={"value": 90, "n": 3},
        ),
    ),
    benchmarks=(
        Benchmark(
            "100 to 110% a year at the median, by size of contract; above 100% the customers there are grow by themselves.",
            "SaaS Capital, Research Brief 28, 2023 B2B SaaS Retention Benchmarks, survey of 1,500 companies",
            low=100,
            high=110,
            applies_to="business customers, a year",
            figure="yearly_net",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="A few accounts that grow hide many that leave; read it with the gross one and with logo churn.",
)
