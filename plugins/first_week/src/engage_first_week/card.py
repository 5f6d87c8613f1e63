"""The definition card."""

from engage_server.sdk import Benchmark, Card, Timing, Vector

FIRST, SECOND = "2026-06-01T10:00:00+00:00", "2026-06-02T10:00:00+00:00"
LAST_OF_WEEK, AFTER_WEEK = "2026-06-07T23:59:59+00:00", "2026-06-08T00:00:00+00:00"


def active(person: int, offset: int, value_events: int, minutes: int = 10) -> dict[str, object]:
    """An active day of a sign-up."""
    return {
        "person": person,
        "account": 1,
        "signed_up_at": FIRST,
        "offset": offset,
        "events": 10,
        "value_events": value_events,
        "active_minutes": minutes,
    }


def signup(person: int, aha: str | None) -> dict[str, object]:
    """A sign-up of the first of June."""
    return {"person": person, "account": 1, "signed_up_at": FIRST, "milestone_1": aha}


SCORE = Card(
    formula="Mean over sign-ups of: weighted mean of min(active days / target, 1), min(events of value / target, 1), last "
    "active day / 6, and whether the aha was reached, x 100; of the first seven days",
    source="first-week engagement from the purchase on: activity days, value events, drop-off, aha; there is no single "
    "published formula (R57), so that weights and targets are our own, and the tenant's to set",
    edge_rules=(
        "No sign-up: null, NO_DATA.",
        "The week is made of seven calendar days of the tenant's zone; the day of the sign-up is the first, day 0.",
        "IMMATURE until seven full days have passed: an account whose sign-ups are all younger shows what there is so far.",
        "As soon as one sign-up's week is over, the value is that of such sign-ups alone, of the last cohort_days.",
        "Aha: all of its events within the first seven days, in any order.",
        "Dropped off: last seen on drop_off_day or before.",
        "Alarm: the score is below alarm_below; before the week is over below as much of it as days have passed.",
        "A merged person signs up once. Names of the class NOTICE make no day active.",
    ),
    vectors=(
        Vector(
            "one sign-up: active on days 0, 1 and 6, 5 events of value, aha on the second day",
            "100",
            "own",
            rows={
                "signups": [signup(1, SECOND)],
                "days": [active(1, 0, 2), active(1, 1, 3), active(1, 6, 0)],
            },
            measured={
                "value": 100,
                "status": "OK",
                "active_days": 3,
                "value_events": 5,
                "last_active_day": 6,
                "aha_share": 1,
                "dropped_share": 0,
                "alarm": False,
            },
        ),
        Vector(
            "another one came for two minutes on the first day and never again: (33.3 + 0 + 0 + 0) / 4, and a mean of 54.17",
            "54.17, half dropped off, before the aha and after a short time",
            "own: D0-D6 with active days, value events, last-active day, aha reached",
            rows={
                "signups": [signup(1, SECOND), signup(2, None)],
                "days": [active(1, 0, 2), active(1, 1, 3), active(1, 6, 0), active(2, 0, 0, minutes=2)],
            },
            measured={
                "value": (100 + 100 / 12) / 2,
                "n": 2,
                "dropped_share": 0.5,
                "dropped_before_aha": 0.5,
                "dropped_after_short": 0.5,
            },
        ),
        Vector(
            "an aha in the last second of the seventh day counts, one on the eighth does not",
            "half",
            "own",
            rows={"signups": [signup(1, LAST_OF_WEEK), signup(2, AFTER_WEEK)]},
            measured={"aha_share": 0.5},
        ),
        Vector(
            "signed up three days ago, active on the first two of them",
            "IMMATURE",
            "own: IMMATURE until 7 full days",
            rows={
                "signups": [{"person": 1, "account": 1, "signed_up_at": "2026-06-28T10:00:00+00:00"}],
                "days": [active(1, 0, 1), active(1, 1, 0)],
            },
            measured={"status": "IMMATURE", "days_passed": 3, "dropped_share": None},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Enthusiasm peaks at the start: take a weak first week for an alarm, with a low threshold",
            "R67",
            applies_to="above all brands that nobody knows yet",
            published="",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Curiosity fills the first days of anybody; what of it is of value and lasts to the end of the week counts.",
)
