"""The definition card."""

from engage_server.sdk import Benchmark, Card, Timing, Vector

FIRST, LATER = "2026-06-01T00:00:00+00:00", "2026-06-01T01:00:00+00:00"
BOTH = {"milestones": [{"event": "Recorded"}, {"event": "Shared"}]}

RATE = Card(
    formula="100 x sign-ups of the cohort that reached all milestones within T / sign-ups of the cohort",
    source="activation rate (R63): entrants reaching the activation definition within T / entrants; conjunctions such as "
    "recorded and shared: R148",
    edge_rules=(
        "No sign-up in the cohort: null, NO_DATA.",
        "Both counts come from the same cohort, so the value never exceeds 100.",
        "Several milestones: all of them, in any order; the last to be reached has to be in time.",
        "T is within_days x 24 hours from each person's own sign-up; what happens at its very end is late.",
        "Cohort matured: the newest cohort_days of sign-ups whose time is over, so that the value is final.",
        "Cohort trailing: all sign-ups of the last cohort_days; IMMATURE while one of them may still be activated.",
        "A merged person signs up once. Who was a user before the tenant's events began is no sign-up.",
    ),
    vectors=(
        Vector(
            "10 sign-ups, 4 activated, nobody's time running",
            "40",
            "own: entrants reaching the definition within T / entrants",
            rows={
                "signups": [
                    {"signed_up_at": FIRST, "milestone_1": LATER if n < 4 else None} for n in range(10)
                ]
            },
            measured={"value": 40, "n": 10, "activated": 4, "open": 0, "status": "OK"},
        ),
        Vector(
            "recorded and shared: one did both, one recorded only, one shared only, one neither",
            "25",
            "R148",
            rows={
                "signups": [
                    {"signed_up_at": FIRST, "milestone_1": recorded, "milestone_2": shared}
                    for recorded in (LATER, None)
                    for shared in (LATER, None)
                ]
            },
            measured={"value": 25, "activated": 1},
            config=BOTH,
        ),
    ),
    benchmarks=(
        Benchmark(
            "The activation rate belongs to the goals that a company sets itself and follows",
            "R63",
            published="",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="An easy definition activates everybody; choose one that later retention follows.",
)
