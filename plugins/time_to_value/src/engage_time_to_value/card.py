"""The definition cards."""

from engage_server.sdk import Benchmark, Card, Timing, Vector

FIRST = "2026-06-01T00:00:00+00:00"
NOT_IN_90_DAYS = "2026-03-01T00:00:00+00:00"
EDGE_RULES = (
    "No sign-up: null, NO_DATA.",
    "Who did not come to it does not vanish: they count as looked at until the end of the day, or of within_days.",
    "Fewer than half come to it: null with median NOT_REACHED, and the share that came.",
    "Several events have to be done all; the last of them to be reached counts.",
    "A sign-up's time is counted in hours and not in calendar days, so that a change of the clocks moves nothing.",
    "A merged person signs up once, with the first of the joined sign-ups.",
    "The interval is left out where its upper bound is open; details show the lower one.",
)
SOURCE = (
    "time to the first aha (R89); those who do not come to it: tival.io on censored data, breakground.io; Kaplan and "
    "Meier, JASA 53 (1958); interval: Brookmeyer and Crowley, Biometrics 38 (1982)"
)
SPREAD = (
    {"signed_up_at": FIRST, "milestone_1": "2026-06-02T00:00:00+00:00"},
    {"signed_up_at": FIRST, "milestone_1": "2026-06-03T00:00:00+00:00"},
    {"signed_up_at": FIRST, "milestone_1": "2026-06-05T00:00:00+00:00"},
    {"signed_up_at": FIRST},
)

TIME = Card(
    formula="Days by which half of the sign-ups have had their first value, by Kaplan-Meier's estimate",
    source=SOURCE,
    edge_rules=EDGE_RULES,
    vectors=(
        Vector(
            "values after 1, 2 and 4 days; the fourth sign-up waits since 30 days",
            "median 2, p90 not reached, 3 of 4 reached; the three alone would have said 2 as well",
            "R89, survivor bias: tival.io",
            rows={"signups": SPREAD},
            measured={
                "value": 2,
                "n": 4,
                "share_reached": 0.75,
                "p90": None,
                "waiting": 1,
                "median": "REACHED",
                "median_of_reached": 2,
                "low": 1,
            },
        ),
        Vector(
            "one of four has its value after a day, three never within 90 days",
            "no median, NOT_REACHED, share 0.25; those who came alone would have said 1 day",
            "R89, survivor bias: breakground.io",
            rows={
                "signups": [
                    {"signed_up_at": FIRST, "milestone_1": "2026-06-02T00:00:00+00:00"},
                    *({"signed_up_at": NOT_IN_90_DAYS} for _ in range(3)),
                ]
            },
            measured={
                "value": None,
                "status": "NO_DATA",
                "median": "NOT_REACHED",
                "share_reached": 0.25,
                "median_of_reached": 1,
                "waiting": 0,
            },
        ),
    ),
    benchmarks=(
        Benchmark(
            "The first visible return belongs into the onboarding: the faster, the better",
            "R129",
            published="",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="An easy event of value makes it short; and with the dictionary's default class every event is one. "
    "Choose what later retention follows.",
)

SETUP_TIME = Card(
    formula="Days by which half of the sign-ups are set up, by Kaplan-Meier's estimate; mean of those who are beside it",
    source="average time to set up, with a mail to who did not within the usual time (R18); " + SOURCE,
    edge_rules=(
        *EDGE_RULES,
        "Overdue: not set up, and signed up more than setup_within_days x 24 hours before the day ends.",
        "No event of set-up named: the metric is off.",
    ),
    vectors=(
        Vector(
            "set up after 1, 2 and 4 days; the fourth sign-up waits since 30 days",
            "usual time 2 days, mean of the three 2.33, 1 overdue after 7 days",
            "R18",
            rows={"signups": SPREAD},
            measured={"value": 2, "mean_of_reached": 7 / 3, "overdue": 1, "share_reached": 0.75},
            config={"setup": [{"event": "Mailbox Connected"}]},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Who is not set up after the average time gets a mail",
            "R18: Groove, support e-mail",
            published="",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A set-up that others did for the customer is quick and says nothing of the product.",
)
