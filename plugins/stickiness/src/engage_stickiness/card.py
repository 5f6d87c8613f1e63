"""The definition cards."""

from typing import Any, Final

from engage_server.sdk import Benchmark, Cadence, Card, Timing, Vector


def each_day(*persons: tuple[int, str, str]) -> list[dict[str, Any]]:
    """Active days of persons of account 1 in June 2026: person, first and last day."""
    return [
        {"day": f"2026-06-{day:02}", "person": person, "account": 1}
        for person, first, last in persons
        for day in range(int(first), int(last) + 1)
    ]


FIVE = [{"day": f"2026-06-{30 - 5 * n:02}", "person": n, "account": 1} for n in range(5)]
"""Five persons, each on a day of its own, the last of them on the 30th."""

DAU_MAU: Final = {"numerator_days": 1, "denominator_days": 30}
"""The figures that show DAU/MAU, of which the benchmarks are said."""

RATIO = Card(
    formula="mean over the window's days of 100 x persons active in the short trailing window / in the long one, such as "
    "DAU / MAU; variant point: the last day's ratio alone",
    source="Pendo 360054782691 and 360031864252 (mean of the daily ratios, 30-day rolling MAU); weekends: Pendo "
    "stickiness-metric; days of a month = ratio x 30 (R87); ratio by cadence (R78)",
    edge_rules=(
        "A day on which nobody was active in the long window has no ratio and is no part of the mean.",
        "No day with a ratio: null, NO_DATA, for the tenant; an account is absent.",
        "Weekends out: Saturdays and Sundays are no part of the mean; their persons stay in the long window.",
        "Days a month: the ratio x 30 where days are counted (DAU), x 5/7 of it without weekends; else null.",
        "The days before an account's first activity have no ratio, so that a young account has the mean of its own.",
    ),
    vectors=(
        Vector(
            "five persons, each active on one day of the month, one of them on the last",
            "point 20 %, which is 6 days a month",
            "R87",
            rows={"active": FIVE},
            measured={"value": 20, "implied_days_per_month": 6, "numerator": 1, "denominator": 5},
            config={"method": "point"},
        ),
        Vector(
            "one person on all of the last three days, another on the last alone",
            "mean of 1, 1, 1: both have been there for as long as they are counted",
            "by the formula",
            rows={"active": each_day((1, "28", "30"), (2, "30", "30"))},
            measured={"value": 100, "measured_days": 3},
        ),
        Vector(
            "one person on the last three days, another on the first of them alone",
            "mean of 2/2, 1/2, 1/2 = 66.67 %",
            "by the formula",
            rows={"active": each_day((1, "28", "30"), (2, "28", "28"))},
            measured={"value": 200 / 3, "measured_days": 3, "numerator": 1, "denominator": 2},
        ),
        Vector(
            "the same; the 28th is a Sunday",
            "without weekends 1/2, 15 x 5/7 days a month",
            "by the formula",
            rows={"active": each_day((1, "28", "30"), (2, "28", "28"))},
            measured={"value": 50, "measured_days": 2, "implied_days_per_month": 75 / 7},
            config={"weekends": False},
        ),
        Vector(
            "nobody in the month",
            "null",
            "definition: MAU 0 is null",
            rows={"active": []},
            measured={"value": None, "status": "NO_DATA"},
        ),
    ),
    benchmarks=(
        Benchmark(
            "At least 20 % is fine in B2B",
            "an article on customer engagement (R110)",
            low=20,
            applies_to="B2B products that are not needed every day",
            cadences=(Cadence.WEEKLY, Cadence.MONTHLY),
            details=DAU_MAU,
        ),
        Benchmark(
            "More than 20 %",
            "an article on customer engagement (R91)",
            low=20,
            applies_to="high-frequency tools",
            cadences=(Cadence.DAILY,),
            details=DAU_MAU,
        ),
        Benchmark(
            "50 % and more",
            "an article on customer engagement (R110)",
            low=50,
            applies_to="tools that are used every day",
            cadences=(Cadence.DAILY,),
            details=DAU_MAU,
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="It rises when those who seldom come leave for good: read it with MAU.",
)

ACTIVE_DAYS = Card(
    formula="active days in the window / persons with any, and how many persons had 1, 2, 3 ... of them",
    source="PostHog stickiness_query_runner.py: persons by number of active days",
    edge_rules=(
        "Nobody active: null, NO_DATA, for the tenant; an account is absent.",
        "A day in two accounts is one day of the person for the tenant, and one in each account.",
        "Weekends out: activity on Saturdays and Sundays makes no active day.",
    ),
    vectors=(
        Vector(
            "one person on three days, another on one of them",
            "2 days on the average; one person with 1 day, one with 3",
            "by the formula",
            rows={"active": each_day((1, "28", "30"), (2, "28", "28"))},
            measured={
                "value": 2,
                "n": 2,
                "histogram": [{"active_days": 1, "persons": 1}, {"active_days": 3, "persons": 1}],
            },
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A mean of very many and very few days fits nobody: look at the histogram.",
)

FEATURE = Card(
    formula="100 x days on which its users used the feature / (users in the window x days of the window): mean DAU / MAU",
    source="is a key feature sticky (R142); DAU/MAU of the feature with the window's users as denominator",
    edge_rules=(
        "Nobody used it in the window: the feature is absent.",
        "A person's days in several accounts are a union, never their sum.",
        "The denominator is that of the whole window on each of its days, so that days of use suffice; weekends count.",
    ),
    vectors=(
        Vector(
            "two users, on 9 and on 3 of 30 days",
            "12 / 60 = 20 %, 6 days of 30 each",
            "by the formula",
            rows={
                "uses": [
                    {"person": 1, "account": 1, "feature": 7, "person_days": 9},
                    {"person": 1, "account": 2, "feature": 7, "person_days": 9},
                    {"person": 2, "account": 1, "feature": 7, "person_days": 3},
                ]
            },
            measured={"value": 20, "users": 2, "days_per_user": 6},
            subject=("feature", 7),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A feature that only its few lovers use is very sticky: read it with its adoption.",
)
