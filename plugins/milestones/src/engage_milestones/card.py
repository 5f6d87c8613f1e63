"""The definition cards."""

from typing import Any

from engage_server.sdk import Benchmark, Card, Timing, Vector


def total(account: int, count: int, reached_on: str | None = None) -> dict[str, Any]:
    """The events of an account since the 1st of June."""
    return {
        "account": account,
        "milestone": 1,
        "count": count,
        "first_on": "2026-06-01",
        "reached_on": reached_on,
    }


SLACK = Benchmark("Teams that have passed 2,000 messages rarely churn", "R107: Slack", published="")
EDGE_RULES = (
    "Events count since ever and for the account that they happened in; those of bots and test users do not.",
    "An account that did nothing has 0, and no expected day.",
    "A level counts from the event that makes the number full; progress never exceeds 100.",
    "Events that are deleted by the tenant's rules of retention count no more.",
    "Events that name an account and no person are not counted.",
)

PROGRESS = Card(
    formula="100 x min(events since ever, last level) / last level",
    source="account-level cumulative milestone with progress (R107)",
    edge_rules=EDGE_RULES,
    vectors=(
        Vector(
            "1,500 of 2,000 messages in 30 days: 50 a day, 500 are lacking",
            "75; expected 10 days on",
            "R107",
            rows={"totals": [total(1, 1500)]},
            measured={
                "value": 75,
                "n": 1500,
                "remaining": 500,
                "next_level": 2000,
                "expected_on": "2026-07-10",
            },
            subject=("account", 1),
        ),
        Vector(
            "2,500 messages, the 2,000th on the 20th of June",
            "100, reached",
            "R107",
            rows={"totals": [total(1, 2500, "2026-06-20")]},
            measured={"value": 100, "remaining": 0, "reached_on": "2026-06-20", "expected_on": None},
            subject=("account", 1),
        ),
    ),
    benchmarks=(SLACK,),
    timing=Timing.LEADING,
    vanity_risk="A number since ever never falls: an account that has stopped keeps its milestone.",
)

REACHED = Card(
    formula="100 x accounts past the last level / accounts",
    source="R107",
    edge_rules=("No account: null, NO_DATA.", *EDGE_RULES),
    vectors=(
        Vector(
            "four accounts: one past 2,000 today, one with 1,700, one with 100, one with nothing",
            "25, 1 near",
            "R107",
            rows={
                "accounts": [{"account": id} for id in (1, 2, 3, 4)],
                "totals": [total(1, 2000, "2026-06-30"), total(2, 1700), total(3, 100)],
            },
            measured={"value": 25, "n": 4, "reached": 1, "near": 1, "reached_today": 1},
        ),
    ),
    benchmarks=(SLACK,),
    timing=Timing.LEADING,
    vanity_risk="Old accounts have had longer to come so far; compare accounts of one age.",
)
