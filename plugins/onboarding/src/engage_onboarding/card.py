"""The definition cards."""

from typing import Any

from engage_server.sdk import Benchmark, Card, Timing, Vector

STARTED = {"account": 1, "started_at": "2026-06-01T09:00:00+00:00"}
STEPS: list[dict[str, Any]] = [
    {"key": "connect", "title": "Connect your mailbox", "event": "Mailbox Connected", "weight": 3},
    {"key": "invite", "title": "Invite a colleague", "event": "Invite Sent", "skip_event": "Invite Skipped"},
    {"key": "theme", "title": "Choose a theme", "event": "Theme Chosen", "optional": True},
    {"key": "report", "title": "Build a report", "event": "Report Built", "times": 2},
]
CHECKLIST = {"checklists": [{"version": "spring", "steps": STEPS}]}


def did(place: int, *, account: int = 1) -> dict[str, Any]:
    """An account's having reached the milestone of this place: connect 1, invite 2, its skipping 3, theme 4, report 5."""
    return {
        "account": account,
        "milestone": place,
        "count": 2,
        "first_on": "2026-06-02",
        "reached_on": "2026-06-03",
    }


EDGE_RULES = (
    "A step that is optional, or skipped by its event and not done, is in no denominator; done afterwards it counts.",
    "A step for other plans does not apply. The plan is that of the day.",
    "Who began keeps the checklist that was in force on that day; whose begin is unknown has the oldest one.",
    "No step counts: null, NO_DATA.",
    "The first step that counts and is not done is the one that is due.",
)
SOURCE = "weight done / weight of the applicable steps (own definition); clients see their own progress: R68"

PROGRESS = Card(
    formula="100 x sum of the weights of the steps done / sum of the weights of the steps that count",
    source=SOURCE,
    edge_rules=(
        *EDGE_RULES,
        "A step is done by an account when anybody of it has done its event so often, since ever.",
    ),
    vectors=(
        Vector(
            "weights 3, 1 and 1 count; the step of 3 is done, the optional one as well",
            "60, the invitation is due",
            "own: sum of weight done / sum of weight of applicable steps",
            rows={"accounts": [STARTED], "totals": [did(1), did(4)]},
            measured={"value": 60, "n": 3, "done_steps": 1, "counted_steps": 3, "version": "spring"},
            config=CHECKLIST,
            subject=("account", 1),
        ),
        Vector(
            "the same, and the invitation is skipped: it leaves the denominator",
            "75",
            "own: skipped and optional steps leave the denominator",
            rows={"accounts": [STARTED], "totals": [did(1), did(3)]},
            measured={"value": 75, "n": 2, "counted_steps": 2},
            config=CHECKLIST,
            subject=("account", 1),
        ),
        Vector(
            "began before the second version, and does not get its step",
            "100 by the first version",
            "own: checklist versioned",
            rows={"accounts": [STARTED], "totals": [did(1)]},
            measured={"value": 100, "version": "spring"},
            config={
                "checklists": [
                    {"version": "spring", "steps": STEPS[:1]},
                    {"version": "summer", "since": "2026-06-02", "steps": [STEPS[0], STEPS[3]]},
                ]
            },
            subject=("account", 1),
        ),
    ),
    benchmarks=(Benchmark("Show clients how far they are through their onboarding", "R68", published=""),),
    timing=Timing.LEADING,
    vanity_risk="Easy steps fill the bar without any use; weigh those that later retention follows.",
)

AVERAGE = Card(
    formula="Mean onboarding progress of the accounts that started within the trailing cohort_days",
    source=SOURCE + "; variants of the onboarding compared by segment: R25; where they drop off: R104, R138",
    edge_rules=(
        *EDGE_RULES,
        "Accounts of unknown start are in no cohort. No account started: null, NO_DATA.",
        "By variant: the value by a trait that says which variant an account has (groupBy), or by any segment.",
    ),
    vectors=(
        Vector(
            "two accounts, one with 60 % and one with nothing",
            "30, both stuck: one at the invitation, one at the mailbox",
            "own",
            rows={
                "accounts": [STARTED, {**STARTED, "account": 2}],
                "totals": [did(1)],
            },
            measured={"value": 30, "n": 2, "complete": 0, "complete_share": 0},
            config=CHECKLIST,
        ),
    ),
    benchmarks=(Benchmark("Test separate onboardings per segment against each other", "R25", published=""),),
    timing=Timing.LEADING,
    vanity_risk="It rises when fewer accounts begin, since those that are there are further.",
)

OF_PERSONS = Card(
    formula="Mean onboarding progress of the persons who signed up within the trailing cohort_days",
    source=SOURCE,
    edge_rules=(
        *EDGE_RULES,
        "A step is done by a person who has done its event so often from the own sign-up on.",
        "A merged person signs up once. No sign-up: null, NO_DATA.",
    ),
    vectors=(
        Vector(
            "three sign-ups: all steps, the first of weight 3 of 5 alone, none",
            "53.33, one complete",
            "own: user level",
            rows={
                "signups": [
                    {
                        "person": person,
                        "account": 1,
                        "signed_up_at": "2026-06-01T09:00:00+00:00",
                        **{f"milestone_{place}": "2026-06-02T09:00:00+00:00" for place in places},
                    }
                    for person, places in ((1, (1, 2, 5)), (2, (1,)), (3, ()))
                ]
            },
            measured={"value": 160 / 3, "n": 3, "complete": 1},
            config=CHECKLIST,
        ),
    ),
    benchmarks=(
        Benchmark("Where they drop off in onboarding, a guide belongs at that point", "R104", published=""),
    ),
    timing=Timing.LEADING,
    vanity_risk="Easy steps fill the bar without any use; weigh those that later retention follows.",
)
