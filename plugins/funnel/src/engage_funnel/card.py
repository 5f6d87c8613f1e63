"""The definition card."""

from typing import Any

from engage_server.sdk import Benchmark, Card, Timing, Vector

STEPS = ("Signed Up", "Project Created", "Report Shared")
HOURS = {"steps": list(STEPS), "within_hours": 24}


def person(number: int, *hours: int, account: int = 1) -> dict[str, Any]:
    """A row of who came to so many steps, at these hours of 1 June."""
    times = {f"step_{step}": f"2026-06-01T{hour:02}:00:00+00:00" for step, hour in enumerate(hours, 1)}
    return {"person": number, "account": account, "until": "2026-06-02T00:00:00+00:00", **times}


CARD = Card(
    formula="100 x persons who did all steps in order and in time / persons who did the first",
    source="ordered funnels in a conversion window: posthog.com/docs/product-analytics/funnels; the step with the largest "
    "drop is the place for guidance (R104)",
    edge_rules=(
        "A step counts when it is first done after the one before; the first, when it is first done in the window.",
        "Events of one time are apart: neither comes after the other; or, by configuration, together. Their order of "
        "reading decides nothing.",
        "Two steps of one name need two events.",
        "All steps are done within within_hours of the first; a step may have a time of its own after the one before, "
        "which is judged on the first time that it was done.",
        "The largest drop is the step before which most persons were lost, of several alike the first; null where nobody.",
        "Nobody did the first step: null, NO_DATA. No steps configured: the metric is off.",
        "Cohort matured: the newest first steps whose time is over. Trailing: those of the last days; IMMATURE while open.",
        "An account's persons are those who did the first step in it.",
    ),
    vectors=(
        Vector(
            "4 signed up, 3 of them created a project, 1 of these shared a report",
            "25 %; the largest drop, of 2, is before the report",
            "own",
            rows={"reached": [person(1, 1, 2, 3), person(2, 1, 2), person(3, 1, 5), person(4, 1)]},
            measured={
                "value": 25,
                "n": 4,
                "entrants": 4,
                "converted": 1,
                "largest_drop": 3,
                "largest_drop_event": "Report Shared",
                "largest_drop_lost": 2,
            },
            config=HOURS,
        ),
        Vector(
            "2 signed up, one was lost before the project, one before the report",
            "0 %; of drops alike the first",
            "own",
            rows={"reached": [person(1, 1, 2), person(2, 1)]},
            measured={"value": 0, "largest_drop": 2, "largest_drop_event": "Project Created"},
            config=HOURS,
        ),
        Vector(
            "nobody signed up",
            "null, NO_DATA",
            "own",
            rows={"reached": []},
            measured={"value": None, "status": "NO_DATA", "n": 0},
            config=HOURS,
        ),
    ),
    benchmarks=(
        Benchmark(
            "Where people drop off in onboarding, a tutorial belongs.",
            "an article on customer engagement (R104)",
            applies_to="steps of an onboarding",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="An easy last step makes everybody convert; choose one that is worth something.",
)
