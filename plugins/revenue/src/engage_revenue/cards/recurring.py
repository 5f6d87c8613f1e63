"""Cards of the monthly and yearly recurring revenue and of the quick ratio."""

from engage_revenue.cards.rows import MOVES, terms
from engage_server.sdk import Benchmark, Card, CardText, Timing, Vector

RECURRING_RULES = (
    "Price / months of its interval, to ten decimals, once for each terms; the rest is addition and exact.",
    "Trials, terms of a status that is not paid for, and one-off revenue are no part of it. Amounts are what was "
    "imported: import them without tax.",
    "No paid terms ever: null, NO_DATA. Everybody left: 0.",
    "All amounts are at the rates of exchange of the computed day; what moved rates make of the opening is exchange, "
    "and no movement.",
    "An amount in a currency without a rate fails the run and names the currency.",
    "The changes of an account on one day are one movement; of several subscriptions one that ends is contraction.",
    "A subscription moved to another account is churn of one and new of the other.",
)
MRR = Card(
    formula=(
        "sum of the monthly amounts of paid subscriptions at the end of the day = opening + exchange + new + expansion + "
        "reactivation + contraction + churn; a new account pays for the first time ever"
    ),
    source=(
        "ChartMogul help centre, articles 203299912 (movements), 201244842 (normalising) and 4416682609426 (grouping, "
        "exchange); Baremetrics, monthly recurring revenue; R43: movements by marketing channel"
    ),
    edge_rules=RECURRING_RULES,
    vectors=(
        Vector(
            "four seats at 500 a year",
            "166.67",
            "ChartMogul, article 201244842",
            rows={"subscriptions": [terms(f"s{one}", "500", "2026-01-01", months=12) for one in range(4)]},
            measured={"value": 2000 / 12, "subscriptions": 4, "subscribers": 1},
        ),
        Vector(
            "100 at the start of the month, 10 contracted, 10 churned, 10 expanded, 30 new",
            "120",
            "own",
            rows={"subscriptions": MOVES},
            measured={"value": 120, "opening": "100.0000000000", "subscribers": 3, "net_new": 20},
        ),
        Vector(
            "a trial of 50 beside a paid plan of 20",
            "20",
            "own, after ChartMogul, article 201244842",
            rows={
                "subscriptions": [
                    terms("paid", "20", "2026-01-01"),
                    terms("trial", "50", "2026-01-01", status="trialing", is_paid=False, is_trial=True),
                ]
            },
            measured={"value": 20, "subscriptions": 1},
        ),
        Vector(
            "100 EUR at 1.1 USD, at 1.3 since 10 June",
            "130, of which 20 are exchange and nothing is expansion",
            "ChartMogul, article 4416682609426: moved rates are no movement",
            rows={"subscriptions": [terms("a", "100", "2026-01-01", currency="EUR")]},
            measured={"value": 130, "exchange": "20.0000000000", "expansion": "0", "net_new": 0},
            config={
                "currency": "USD",
                "exchange_rates": [
                    {"currency": "EUR", "since": "2026-01-01", "rate": "1.1"},
                    {"currency": "EUR", "since": "2026-06-10", "rate": "1.3"},
                ],
            },
        ),
    ),
    benchmarks=(
        Benchmark(
            "Net new recurring revenue above 0 in every month.",
            "own: below it the business shrinks",
            low=0,
            figure="net_new",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Grows by discounts that end and by contracts that are cancelled already; read it with the movements.",
    translations={
        "ko": CardText(
            formula=(
                "하루가 끝날 때 유료 구독의 월 금액 합 = 시작 + 환율 + 신규 + 확장 + 재활성 + 축소 + 이탈. "
                "신규 고객은 처음으로 결제한 고객입니다."
            ),
            vanity_risk="할인이 끝나거나 이미 해지된 계약으로도 늘어납니다. 변동 내역과 함께 보세요.",
        ),
    },
)
ARR = Card(
    formula="12 x MRR; growth = (ARR - ARR a year before) / ARR a year before",
    source="Baremetrics, annual recurring revenue; R41: ARR for the comparison of years",
    edge_rules=(
        "A year before is the same day of the year, the last of February for the 29th.",
        "Before the first paid terms there is no year before: null. Nothing was paid then: growth is null.",
        *RECURRING_RULES[:5],
    ),
    vectors=(
        Vector(
            "100 a month since a year and a half, 20 more since January",
            "1440, growth 20%",
            "own",
            rows={"subscriptions": [terms("a", "100", "2025-01-01"), terms("b", "20", "2026-01-01")]},
            measured={"value": 1440, "growth": 0.2},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Growth of a year and profit margin together above 40%.",
            "Brad Feld, The Rule of 40% for a Healthy SaaS Company (2015)",
            applies_to="growth plus margin of companies with recurring revenue",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Twelve times a month is a promise only where contracts last a year.",
    translations={
        "ko": CardText(
            formula="12 × MRR. 성장 = (ARR − 1년 전 ARR) / 1년 전 ARR",
            vanity_risk="월 금액의 열두 배는 계약이 1년일 때만 약속입니다.",
        ),
    },
)
QUICK_RATIO = Card(
    formula="(new + expansion) / (contraction + churn) of the period",
    source="Baremetrics, SaaS quick ratio; R43",
    edge_rules=(
        "Nothing lost: null, NO_DATA, and a note says so; gained and lost are still told.",
        "Reactivation is no part of the published ratio; with_reactivation has it among the gains.",
        *RECURRING_RULES[3:6],
    ),
    vectors=(
        Vector(
            "10 contracted, 10 churned, 10 expanded, 30 new",
            "2",
            "own, by the formula",
            rows={"subscriptions": MOVES},
            measured={"value": 2, "with_reactivation": 2},
        ),
        Vector(
            "30 new and nothing lost",
            "null, NO_DATA, with a note",
            "own",
            rows={"subscriptions": [terms("joins", "30", "2026-06-25")]},
            measured={"value": None, "status": "NO_DATA", "with_reactivation": None},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Above 4 is good.",
            "Mamoon Hamid, SaaS quick ratio (2015), by Baremetrics",
            low=4,
            applies_to="young companies that grow fast",
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="High at small losses, however little was gained.",
    translations={
        "ko": CardText(
            formula="해당 기간의 (신규 + 확장) / (축소 + 이탈)",
            vanity_risk="손실이 작으면 얻은 것이 적어도 높습니다.",
        ),
    },
)
