"""Card of the forecast."""

from engage_revenue.cards.rows import terms
from engage_server.sdk import Benchmark, Card, Timing, Vector

FORECAST = Card(
    formula=(
        "MRR + months ahead x mean monthly change of the last months; interval: MRR x quantiles of the relative errors "
        "of the same forecast made at every month of the past"
    ),
    source="Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2 and 5.8; R41",
    edge_rules=(
        "Fewer than twelve months with revenue: null, NO_DATA, and a note says how many there are.",
        "A month is a step of a calendar month back from the day; at most sixty are looked at.",
        "Fewer than eight forecasts of the past: no interval.",
        "The forecast and its bounds are never below 0.",
        "back_test holds the errors of the past against those of the forecast that nothing changes, and counts how often "
        "an interval from what was known by then held what came.",
        "Past months are at the rates of exchange of the computed day.",
    ),
    vectors=(
        Vector(
            "10 more in each of 24 months up to 240",
            "270 in three months, without error in the past",
            "own, by the formula",
            rows={
                "subscriptions": [
                    terms(f"s{month}", "10", f"{2024 + (month + 6) // 12}-{(month + 6) % 12 + 1:02}-01")
                    for month in range(24)
                ]
            },
            measured={"value": 270, "low": 270, "high": 270, "n": 24, "beats_no_change": True},
        ),
    ),
    benchmarks=(
        Benchmark("The interval holds 80% of what comes; covered says how many it held.", "by the formula"),
    ),
    timing=Timing.LEADING,
    vanity_risk="Continues what was; it knows of no cancelled contract and no price change ahead.",
)
