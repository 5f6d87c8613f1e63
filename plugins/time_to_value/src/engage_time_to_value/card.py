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

RETURN = Card(
    formula="100 x (events of worth in the trailing 30 days x worth - monthly price) / monthly price",
    source="visible return on investment soon after the start (R129); the worth of an event is the tenant's own estimate",
    edge_rules=(
        "No price (no subscription, or trials alone): null, NO_DATA.",
        "The price is that of the subscriptions of the day, a month's; yearly ones are shared out over their months.",
        "Prices in other currencies are brought into that of the worth, at the rate of the day; a missing one is an error.",
        "The tenant's value is that of all accounts together and not the mean of theirs.",
        "No event of worth named: the metric is off.",
    ),
    vectors=(
        Vector(
            "30 reports of 10 EUR each in 30 days; the subscription costs 100 EUR a month",
            "200 %",
            "own",
            rows={
                "uses": [{"account": 1, "person": 1, "event": "Report Built", "count": 30}],
                "seats": [{"account": 1, "mrr": "100.0000", "currency": "EUR", "is_trial": False}],
            },
            measured={"value": 200, "n": 30, "gained": "300", "currency": "EUR"},
            config={"worth_event": "Report Built", "worth": "10", "currency": "EUR"},
        ),
    ),
    benchmarks=(Benchmark("The return has to be visible soon after the onboarding", "R129", published=""),),
    timing=Timing.LEADING,
    vanity_risk="It is as good as the worth that somebody put on an event.",
)
