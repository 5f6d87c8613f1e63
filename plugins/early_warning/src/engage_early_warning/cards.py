"""The definition cards of the early warning."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engage_server.sdk import Benchmark, Card, Timing, Vector

SOURCE: Final = "An article on customer engagement; baseline of an account's own: own"
ARTICLE: Final = Benchmark(
    "Logins and use of features fall weeks or months before an account cancels.",
    "An article on customer engagement",
)
TEN_WEEKS: Final = {"history_weeks": 12}


def use(person_days: Mapping[int, Sequence[int]]) -> list[dict[str, Any]]:
    """Rows of accounts by their person-days a week, the oldest first; each with twice as many events."""
    return [
        {
            "account": account,
            "weeks_ago": len(values) - 1 - place,
            "person_days": value,
            "persons": 1,
            "events": 2 * value,
        }
        for account, values in person_days.items()
        for place, value in enumerate(values)
        if value
    ]


EDGES: Final = (
    "A week is judged by the median of the weeks before the low ones, from the account's first week with use on: never by "
    "what came later.",
    "Accounts with a baseline below minimum_baseline a week, or shorter than baseline_weeks, are not judged.",
    "An alarm lasts while weeks stay below the limit that it began with; a week above it ends it.",
    "An account that has left is not judged: that it uses nothing is no warning.",
    "Holidays that all accounts share lower all of them; look at how many alarm at once.",
)
STEADY: Final = [10] * 8
FALL: Final = Card(
    formula=(
        "100 x (1 - mean of the last alarm_weeks / median of the baseline_weeks before), of the measure that fell most; "
        "alarm: each of the last alarm_weeks at least fall_percent below the baseline"
    ),
    source=SOURCE,
    edge_rules=EDGES,
    vectors=(
        Vector(
            "ten person-days a week for eight weeks, then 4 and 4",
            "a fall of 60% with an alarm since two weeks",
            "own",
            rows={"weeks": use({1: [*STEADY, 4, 4]})},
            measured={"value": 60, "is_alarming": True, "baseline": 10, "recent": 4},
            config=TEN_WEEKS,
            subject=("account", 1),
        ),
        Vector(
            "one week of none, after a week as ever",
            "a fall of 50% without an alarm",
            "own",
            rows={"weeks": use({1: [*STEADY, 10, 0], 2: [1] * 10})},
            measured={"value": 50, "is_alarming": False},
            config=TEN_WEEKS,
            subject=("account", 1),
        ),
    ),
    benchmarks=(ARTICLE,),
    timing=Timing.LEADING,
    vanity_risk="Bots and integrations keep events high while people leave: look at person-days.",
)
ALARMING: Final = Card(
    formula="100 x accounts with an alarm / accounts with a baseline that have not left; interval: Wilson",
    source=SOURCE,
    edge_rules=("No account with a baseline: null with NO_DATA.", *EDGES),
    vectors=(
        Vector(
            "of two accounts one fell to 4 of 10 for two weeks",
            "50%",
            "own",
            rows={"weeks": use({1: [*STEADY, 4, 4], 2: [*STEADY, 10, 10]})},
            measured={"value": 50, "n": 2, "alarming": 1, "judged": 2},
            config=TEN_WEEKS,
        ),
    ),
    benchmarks=(ARTICLE,),
    timing=Timing.LEADING,
    vanity_risk="A lower minimum of the baseline adds accounts that never alarm.",
)
LEAD_TIME: Final = Card(
    formula=(
        "median days from the first alarm within horizon_days before an account left to the day on which it left, of those "
        "that were warned of; beside it who was missed, and right / (right + false) alarms"
    ),
    source="definition: days from first alarm to churn; also report false alarms",
    edge_rules=(
        "Only accounts that left have a lead time, and only alarms raised before that day count.",
        "An account with paid subscriptions left when the last of them ended or was paid no more (canceled, or free), "
        "one without when its stage became CHURNED.",
        "Who left without an alarm is missed where it had a baseline at any time before: one that faded slowly, too.",
        "An alarm is false once horizon_days are over and the account is there; before, it is open.",
        "Nobody left with a warning: null with NO_DATA; missed and false alarms are told all the same.",
    ),
    vectors=(
        Vector(
            "account 1 was low for two weeks and left 20 days later; account 2 was low for the last two and is there",
            "20 days, one open alarm",
            "own",
            rows={
                "weeks": use({1: [*STEADY, 4, 4, 4, 4, 4, 0], 2: [10] * 12 + [4, 4]}),
                "subscriptions": [
                    {"account": 1, "amount": "9", "is_paid": True, "valid_until": "2026-06-22"},
                    {"account": 1, "amount": "9", "status": "canceled", "is_paid": False},
                    {"account": 2, "amount": "9", "is_paid": True},
                ],
            },
            measured={"value": 20, "n": 1, "warned": 1, "missed": 0, "right_alarms": 1, "open_alarms": 1},
            config={"history_weeks": 20},
        ),
        Vector(
            "use fell by less than half of its baseline, week by week, until there was none",
            "missed: it had a baseline once",
            "own",
            rows={
                "weeks": use({1: [round(20 * 0.92**week) for week in range(32)] + [0] * 12, 2: [10] * 44}),
                "subscriptions": [
                    {"account": 1, "amount": "9", "is_paid": True, "valid_until": "2026-04-07"},
                    {"account": 2, "amount": "9", "is_paid": True},
                ],
            },
            measured={"value": None, "status": "NO_DATA", "n": 1, "warned": 0, "missed": 1},
        ),
    ),
    benchmarks=(ARTICLE,),
    timing=Timing.LEADING,
    vanity_risk="A smaller fall warns earlier, and more often for nothing: look at both.",
)
