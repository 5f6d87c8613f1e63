"""The definition cards."""

from typing import Any

from engage_server.sdk import Benchmark, Card, Timing, Vector

NOON = "2026-06-30T12:{:02}:{:02}+00:00"


def session(seconds: float, events: int = 2, *, minute: int = 0, person: int = 1) -> dict[str, Any]:
    """A session of account 1 that began at so many minutes past noon."""
    at = NOON.format(minute, 0)
    return {"person": person, "account": 1, "started_at": at, "seconds": seconds, "events": events}


def view(second: int, *, minute: int = 0, person: int = 1, event: str = "Page Viewed") -> dict[str, Any]:
    """An event at so many seconds of a minute past noon."""
    return {"person": person, "account": 1, "event": event, "at": NOON.format(minute, second)}


ACTIVE_MINUTES = Card(
    formula="distinct minutes with at least one event of a person, added up over persons; variant gaps: sum of the gaps "
    "between events that are at most idle_minutes",
    source="Pendo 360032203171 and 360031863232 (minutes with an interaction, union over tabs and devices); idle "
    "limit of the "
    "variant: PostHog's, 5 minutes; time without idling as the sum of active intervals (R122)",
    edge_rules=(
        "Nobody active: null, NO_DATA, for the tenant; an account is absent.",
        "An open tab without an event is idle and counts nothing.",
        "All devices and tabs of a person are one: a minute spent on two of them counts once.",
        "Events of all sources count, those that a tenant's own servers send among them: Pendo has these off by "
        "default, and there is no setting for it. Send to another tenant, or not at all, what no person does.",
        "A minute in two accounts counts in each, and so twice for the tenant.",
        "Gaps: two events 3 minutes apart are 3 minutes, a single event is none; all of a stretch without idling "
        "is of the "
        "account in which it began.",
    ),
    vectors=(
        Vector(
            "events at 00:00:50, 00:01:30 and 00:02:01",
            "3 minutes",
            "Pendo 360031863232",
            rows={"minutes": [{"person": 1, "account": 1, "active_minutes": 3, "active_days": 1}]},
            measured={"value": 3, "persons": 1, "minutes_per_person": 3},
        ),
        Vector(
            "the same by gaps",
            "40 s and 31 s are 1.18 minutes",
            "by the formula",
            rows={"stretches": [session(71, 3)]},
            measured={"value": 71 / 60},
            config={"method": "gaps"},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Much time may be much trouble: read it with task completion.",
)

SESSIONS = Card(
    formula="sessions that began in the window; one ends after 30 minutes without an event, or 24 hours after its first",
    source="PostHog manual, sessions; late events may join two of them, and the day is computed again",
    edge_rules=(
        "No session: null, NO_DATA, for the tenant; an account is absent.",
        "A pause of exactly 30 minutes does not end a session.",
        "A session across midnight is of the day on which it began, and of the account of its first event.",
    ),
    vectors=(
        Vector(
            "three sessions of two persons",
            "3, 1.5 of each",
            "by the formula",
            rows={"sessions": [session(60), session(0, 1, minute=40), session(30, person=2)]},
            measured={"value": 3, "persons": 2, "sessions_per_person": 1.5},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A shorter idle limit makes more sessions of the same use.",
)

DURATION = Card(
    formula="mean over sessions of the time from the first to the last event; median and 90th percentile beside it",
    source="definition: mean of last - first event, single-event sessions 0 s; percentiles by linear interpolation; task "
    "completion beside it (R92)",
    edge_rules=(
        "No session counted: null, NO_DATA, for the tenant; an account is absent.",
        "Sessions of one event last 0 s and are part of the mean; exclude leaves them out, and says how many they are.",
        "Which way is good is the tenant's to say: long for films, short for searches; TARGET by default.",
        "completion is the value of completion_metric on the day or the week before, null where it is not measured.",
    ),
    vectors=(
        Vector(
            "sessions of 0, 60, 120 and 420 seconds",
            "mean 150, median 90, 90th percentile 330",
            "by the formula",
            rows={
                "sessions": [
                    session(0, 1),
                    session(60, minute=1),
                    session(120, minute=3),
                    session(420, minute=9),
                ]
            },
            measured={
                "value": 150,
                "median": 90,
                "p90": 330,
                "single_event_sessions": 1,
                "counted_sessions": 4,
            },
        ),
        Vector(
            "the same without sessions of one event",
            "mean 200",
            "by the formula",
            rows={
                "sessions": [
                    session(0, 1),
                    session(60, minute=1),
                    session(120, minute=3),
                    session(420, minute=9),
                ]
            },
            measured={"value": 200, "median": 120, "counted_sessions": 3},
            config={"single_event_sessions": "exclude"},
        ),
    ),
    benchmarks=(
        Benchmark(
            "2 to 3 minutes",
            "an article on customer engagement (R56)",
            low=120,
            high=180,
            applies_to="web sites; by itself a vanity figure, to be read with bounce and adoption",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Long may mean lost: vanity alone, to be read with bounce, adoption and task completion (R56, R92).",
)

PAGES = [
    view(5),
    view(20, minute=1),
    view(25, minute=1),
    view(5, minute=2),
    view(6, minute=2, event="$autocapture"),
]
FOUR = [session(10, 1), session(40, 2, minute=1), session(8, 2, minute=2), session(5, 1, minute=3)]

BOUNCE = Card(
    formula="100 x bounces / sessions; single_page: sessions of one page / sessions with a page. posthog: at most "
    "one page, no "
    "captured click and less than 10 s / sessions with a page. ga4: sessions of at most 10 s, without key event and "
    "with fewer "
    "than 2 pages / all sessions",
    source="single-page visits / sessions (R59); posthog/hogql/database/schema/sessions_v2.py; support.google.com "
    "12798876",
    edge_rules=(
        "A session without a page is null and in neither part; GA4 knows none such and counts all sessions.",
        "No session in either part: null, NO_DATA, for the tenant; an account is absent.",
        "GA4: more than 10 seconds, a key event, or two pages engage a session; exactly 10 do not.",
        "PostHog: a session of exactly 10 seconds is no bounce; all below the limit are.",
        "The interval takes sessions as independent; where few persons have many of them it is too narrow.",
    ),
    vectors=(
        Vector(
            "four sessions: one page; two pages; one page and a click in 8 s; no page in 5 s",
            "2 of 3 have a single page",
            "R59",
            rows={"sessions": FOUR, "events": PAGES},
            measured={"value": 200 / 3, "counted_sessions": 3, "bounces": 2, "null_sessions": 1},
        ),
        Vector(
            "the same by PostHog's rule, the first in 9 s",
            "the click is no bounce: 1 of 3",
            "sessions_v2.py",
            rows={"sessions": [session(9, 1), *FOUR[1:]], "events": PAGES},
            measured={"value": 100 / 3, "counted_sessions": 3, "bounces": 1, "null_sessions": 1},
            config={"bounce": "posthog"},
        ),
        Vector(
            "one page, and exactly 10 seconds, by PostHog's rule",
            "no bounce: it is not below the limit",
            "sessions_v2.py",
            rows={"sessions": FOUR[:1], "events": PAGES[:1]},
            measured={"value": 0, "counted_sessions": 1, "bounces": 0},
            config={"bounce": "posthog"},
        ),
        Vector(
            "the same by GA4's",
            "a bounce: it is not above the limit",
            "support.google.com 12798876",
            rows={"sessions": FOUR[:1], "events": PAGES[:1]},
            measured={"value": 100, "counted_sessions": 1, "bounces": 1},
            config={"bounce": "ga4"},
        ),
        Vector(
            "the four sessions by GA4's rule",
            "3 of 4 are not engaged",
            "support.google.com 12798876",
            rows={"sessions": FOUR, "events": PAGES},
            measured={"value": 75, "counted_sessions": 4, "bounces": 3, "null_sessions": 0},
            config={"bounce": "ga4"},
        ),
    ),
    benchmarks=(
        Benchmark(
            "26 to 40 %",
            "an article on customer engagement (R59)",
            low=26,
            high=40,
            applies_to="web sites",
            details={"variant": "single_page"},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="An answer that is found on the first page is a bounce, too: combine it with feedback.",
)
