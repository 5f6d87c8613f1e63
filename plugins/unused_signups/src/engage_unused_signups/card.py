"""The definition card."""

from engage_server.sdk import Benchmark, Card, Timing, Vector

FIRST, LATER = "2026-06-01T00:00:00+00:00", "2026-06-01T01:00:00+00:00"
EIGHT_DAYS_LATER = "2026-06-09T00:00:00+00:00"

SHARE = Card(
    formula="100 x sign-ups of the cohort without an event of value within N days / sign-ups of the cohort",
    source="a wave of sign-ups that is then unused (R73): signups without value event after N days / signups",
    edge_rules=(
        "No sign-up in the cohort: null, NO_DATA.",
        "Used is who did any one of the things of value; by default any event of class VALUE save the sign-up itself.",
        "N days are N x 24 hours from each person's own sign-up; value that comes later leaves the sign-up unused.",
        "Cohort matured: the newest cohort_days of sign-ups whose time is over. Trailing: IMMATURE while one is in time.",
        "A merged person signs up once; value that either of the two had counts.",
    ),
    vectors=(
        Vector(
            "4 sign-ups: one has value after an hour, one after 8 days, two never; N = 7",
            "75",
            "own: signups without value event after N days / signups",
            rows={
                "signups": [
                    {"signed_up_at": FIRST, "milestone_1": milestone}
                    for milestone in (LATER, EIGHT_DAYS_LATER, None, None)
                ]
            },
            measured={"value": 75, "n": 4, "unused": 3, "used": 1},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Many sign-ups that do nothing are a wave without use, whatever they add to the number",
            "R73",
            published="",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="With the dictionary's default class every event is of value and hardly anybody unused: class the others "
    "as PASSIVE, or name the events of value.",
)
