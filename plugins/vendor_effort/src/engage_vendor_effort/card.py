"""The definition cards of both metrics."""

from typing import Any, Final

from engage_server.sdk import Benchmark, Card, Timing, Vector

TOUCHED: Final[list[dict[str, Any]]] = [
    {"day": "2026-06-10", "person": 1, "account": 1, "channel": "call", "touches": 1},
    {"day": "2026-06-28", "person": 1, "account": 1, "channel": "email", "touches": 2},
    {"day": "2026-06-28", "person": 2, "account": 1, "channel": "email", "touches": 1},
]
KEY: Final = "properties.ticket_id"


def event(name: str, at: str, ticket: str, account: int | None = 1) -> dict[str, Any]:
    """One request or answer of June 2026."""
    return {"person": 1, "account": account, "event": name, "at": f"2026-06-{at}+00:00", KEY: ticket}


ASKED: Final = [
    event("Ticket Created", "10T08:00", "a"),
    event("Ticket Answered", "10T10:00", "a"),
    event("Ticket Answered", "11T10:00", "a"),
    event("Ticket Created", "12T08:00", "b"),
    event("Ticket Answered", "12T14:00", "b", account=None),
    event("Ticket Created", "20T08:00", "c"),
    event("Ticket Created", "30T20:00", "d"),
]

TOUCHES = Card(
    formula="Number of events of the channels of contact in the trailing days; parts: by channel.",
    source="Requirement 28: health is a relationship, and its effort is that of both sides.",
    edge_rules=(
        "An event that belongs to two channels counts in both.",
        "An account without a contact in the window has no value: 0 would say that contacts are recorded.",
    ),
    vectors=(
        Vector(
            "a call, and three mails on one day",
            "4 contacts on 2 days, the last one 2 days ago",
            "by the formula",
            rows={"touches": TOUCHED},
            measured={"value": 4, "contact_days": 2, "days_since_last": 2},
        ),
    ),
    benchmarks=(
        Benchmark(
            statement="No published figure fits every product; compare the accounts that renewed with those that left.",
            source="ours",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Many contacts can be many complaints: read the number beside the effort and the answers of the customer.",
)

RESPONSE_HOURS = Card(
    formula=(
        "Median over the requests of the trailing days of the hours from the request to the first answer with the same "
        "key; a request without an answer counts with patience_hours once it waited as long."
    ),
    source="Requirement 28: vendor effort is response time and contacts.",
    edge_rules=(
        "Unanswered requests do not vanish: those that waited for patience_hours count with it, others wait on.",
        "An answer after more than patience_hours counts as patience_hours, so that a late answer is no better than none.",
        "An answer before the request is none; the first request and the first answer of a key count.",
        "An answer belongs to its request by the key alone, whoever it is recorded for.",
        "Only waiting requests: null, NO_DATA, with their number in the details.",
    ),
    vectors=(
        Vector(
            "answered after 2 and 6 hours, one unanswered for ten days, one asked 4 hours ago",
            "median of 2, 6 and 72: 6 hours; one overdue, one waiting",
            "by the formula",
            rows={"events": ASKED},
            measured={"value": 6, "n": 3, "answered": 2, "overdue": 1, "waiting": 1},
        ),
    ),
    benchmarks=(
        Benchmark(
            statement="A day is a common promise for business support; what customers were promised is the mark.",
            source="ours",
            high=24,
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="An automatic acknowledgement is no answer: record the answer of a person.",
)
