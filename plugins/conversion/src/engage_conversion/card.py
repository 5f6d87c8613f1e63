"""The definition cards."""

from engage_server.sdk import Benchmark, Card, Timing, Vector

ENTRY, CONVERSION = "Signed Up", "Trial Started"


def event(name: str, person: int, hour: int, day: int = 1) -> dict[str, object]:
    """An event of a person at an hour of a day in June."""
    return {"person": person, "event": name, "at": f"2026-06-{day:02}T{hour:02}:00:00+00:00"}


FOUR_ENTER = [event(ENTRY, person, 8) for person in (1, 2, 3, 4)]
EVENTS = [
    *FOUR_ENTER,
    event(ENTRY, 1, 9),
    event(CONVERSION, 1, 10),
    event(CONVERSION, 1, 11),
    event(CONVERSION, 2, 7),
    event(CONVERSION, 3, 9, day=20),
]

RATE = Card(
    formula="100 x who did the converting event often enough after the entry and within T / who entered",
    source="conversions / interactions by a definition of one's own, such as a feature used N times (R55); unique by "
    "default, ordered, in window: own definition",
    edge_rules=(
        "Nobody entered: null, NO_DATA.",
        "Unique by default: a person enters once, with the first entry of the cohort's days. Each entry: every one counts "
        "by itself, with its own time, and one conversion may convert several.",
        "Ordered: what was done before the entry, or at the very same moment, converts nobody.",
        "T is counted in hours from the entry; the conversion that makes the number full has to be in time.",
        "Cohort matured: the newest cohort_days of entries whose time is over. Trailing: IMMATURE while one is in time.",
        "The account is that of the entry. A merged person enters once.",
    ),
    vectors=(
        Vector(
            "four enter; one converts (twice), one did before, one after 19 days, one never; T = 14 days",
            "25",
            "own: converters / entrants, unique, ordered, in window",
            rows={"events": EVENTS},
            measured={"value": 25, "n": 4, "converted": 1, "median_hours": 2},
        ),
        Vector(
            "the same, and it takes two conversions: a feature used N times",
            "25, after 3 hours",
            "R55",
            rows={"events": EVENTS},
            measured={"value": 25, "median_hours": 3},
            config={"conversion_times": 2},
        ),
        Vector(
            "the same, each entry by itself: five entries, two of them converted",
            "40",
            "own: each-entry rule",
            rows={"events": EVENTS},
            measured={"value": 40, "n": 5, "converted": 2},
            config={"entry": "each_entry"},
        ),
    ),
    benchmarks=(
        Benchmark("The conversion rate belongs to the goals that a company follows", "R63", published=""),
    ),
    timing=Timing.LEADING,
    vanity_risk="A narrower entry raises it without one more conversion; read the number of entrants beside it.",
)

EVENT_RATIO = Card(
    formula="100 x converting events / entries, of the trailing cohort_days",
    source="conversions / interactions, as printed (R55)",
    edge_rules=(
        "No entry: null, NO_DATA.",
        "Events are counted and not persons: somebody who converts twice counts twice, so that it may exceed 100.",
        "Nothing is asked about order or time between the two.",
    ),
    vectors=(
        Vector(
            "five entries and four conversions in the trailing 30 days",
            "80",
            "own: event-count variant as the article's formula",
            rows={"events": EVENTS},
            measured={"value": 80, "n": 5, "conversions": 4},
        ),
    ),
    benchmarks=(Benchmark("Conversions / interactions", "R55", published=""),),
    timing=Timing.LEADING,
    vanity_risk="One busy person can lift it alone; the rate of unique persons cannot be lifted so.",
)


def plan(account: int, value: str, first: str | None) -> dict[str, object]:
    """A plan that an account is on from a day (none: as far back as is known)."""
    return {"account": account, "attribute": "plan", "value": value, "first": first}


FREE_TO_PAID = Card(
    formula="100 x accounts on a paid plan within T of their first free one / accounts whose first free plan began in the "
    "cohort's days",
    source="free trial to paid plan (R100), by the history of plans",
    edge_rules=(
        "No account began on a free plan: null, NO_DATA.",
        "An account counts once, by its first free plan; one that paid before is no newcomer and in no cohort.",
        "A first plan of unknown begin counts from the day on which the account started; undated where that is unknown too.",
        "Paid is every plan that is not named as free, or those alone that are named as paid.",
        "T is paid_within_days calendar days of the tenant: a free plan of the 1st has until the 30th for T = 30.",
        "Who falls back to the free plan afterwards has converted all the same.",
    ),
    vectors=(
        Vector(
            "four free accounts of May; one pays after 10 days, one after 40; one paid before; T = 30 days",
            "33.33",
            "R100",
            rows={
                "plans": [
                    *(plan(id, "free", "2026-05-01") for id in (1, 2, 3)),
                    plan(1, "pro", "2026-05-11"),
                    plan(2, "pro", "2026-06-10"),
                    plan(4, "pro", None),
                    plan(4, "free", "2026-05-01"),
                ]
            },
            measured={"value": 100 / 3, "n": 3, "converted": 1, "median_days": 10, "undated": 0},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Compare who is on the free trial with who is on the paid plan to raise it", "R100", published=""
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Fewer free accounts raise it without one more paying one.",
)
