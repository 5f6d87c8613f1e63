"""The definition cards."""

from engage_server.sdk import Benchmark, Card, Timing, Vector

KEYED = {"attempt_property": "task_id"}


def event(
    name: str, person: int, hour: int, task: str | None = None, *, minute: int = 0
) -> dict[str, object]:
    """An event of the 20th of June, with the name of the attempt where one is given."""
    row: dict[str, object] = {
        "person": person,
        "event": f"Task {name}",
        "at": f"2026-06-20T{hour:02}:{minute:02}:00+00:00",
    }
    return row if task is None else {**row, "properties.task_id": task}


EVENTS = [
    event("Started", 1, 8, "a"),
    event("Started", 1, 9, "a"),
    event("Completed", 1, 10, "a"),
    event("Started", 1, 9, "b", minute=30),
    event("Started", 2, 8, "c"),
    event("Completed", 2, 8, "c", minute=30),
    event("Started", 3, 8, "d"),
]
EDGE_RULES = (
    "No attempt: null, NO_DATA.",
    "An attempt begins with a start and runs until it is completed or T is over; further ones of the same key are retries.",
    "The key is the person and the property that names the attempt; without one a person does one task at a time.",
    "T is within_hours from the first start, not from the last retry; a completion at its very end is late.",
    "Starts that do not name their attempt, though a property is configured, are counted apart as unnamed.",
    "Cohort matured: attempts whose T is over. Trailing: IMMATURE while one is in time.",
    "The account is that of the first start.",
)

RATE = Card(
    formula="100 x attempts completed within T / attempts begun",
    source="task completion beside session duration, since a long session may mean confusion (R92); retries: own",
    edge_rules=EDGE_RULES,
    vectors=(
        Vector(
            "four tasks: one completed after a retry, one at once, two never; T = 24 hours",
            "50, 2 abandoned, 1 retried",
            "own: completed / started within T, retry = same attempt key, abandoned after T",
            rows={"events": EVENTS},
            measured={"value": 50, "started": 4, "abandoned": 2, "retried": 1, "unnamed": 0},
            config=KEYED,
        ),
        Vector(
            "the same without names: the first person's three starts are one task",
            "66.67",
            "own",
            rows={
                "events": [
                    {name: value for name, value in row.items() if name != "properties.task_id"}
                    for row in EVENTS
                ]
            },
            measured={"value": 200 / 3, "started": 3, "retried": 1},
        ),
    ),
    benchmarks=(
        Benchmark("A long session may mean confusion: show task completion beside it", "R92", published=""),
    ),
    timing=Timing.LEADING,
    vanity_risk="A task that is split into easy ones is completed more often.",
)

TIME_ON_TASK = Card(
    formula="Median minutes from the first start to the completion, of attempts completed within T",
    source="time on task of those who complete; read with the completion rate (R92)",
    edge_rules=(
        *EDGE_RULES,
        "Who does not complete has no time on task: the share completed stands beside it.",
    ),
    vectors=(
        Vector(
            "completed after 120 minutes (with a retry) and after 30",
            "75, half of the tasks completed",
            "own: time on task of completers",
            rows={"events": EVENTS},
            measured={"value": 75, "n": 2, "mean": 75, "p90": 111, "completed_share": 0.5},
            config=KEYED,
        ),
    ),
    benchmarks=(
        Benchmark("A long session may mean confusion: show task completion beside it", "R92", published=""),
    ),
    timing=Timing.LEADING,
    vanity_risk="It falls when those give up who would have taken long.",
)
