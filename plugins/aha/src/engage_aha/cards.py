"""The definition cards of the search for early actions."""

from typing import Any

from engage_server.sdk import Benchmark, Card, Timing, Vector

SOURCES = (
    "phi, precision, recall, lift and share reaching: kubit (prediction), supercooldata (aha moments); correction: "
    "Benjamini and Hochberg, JRSS B 57 (1995)"
)
SOFTR = Benchmark(
    "Softr: who publishes in the first week stays; onboarding was changed to lead there.",
    "An article on customer engagement",
    applies_to="products in which something is built and published",
)


def signups(*groups: tuple[int, int, tuple[str, ...]]) -> list[dict[str, Any]]:
    """Rows of sign-ups on 1 March: for each (number, days they came back, what they did on the first day)."""
    rows: list[dict[str, Any]] = []
    person = 0
    for number, back_days, events in groups:
        for _ in range(number):
            person += 1
            rows += [
                {
                    "person": person,
                    "account": person,
                    "signed_up_at": "2026-03-01T09:00:00+00:00",
                    "event": event,
                    "offset": 0,
                    "count": 1,
                    "back_days": back_days,
                }
                for event in events
            ]
    return rows


PUBLISHED = signups(
    (18, 1, ("Signed Up", "Published")),
    (2, 0, ("Signed Up", "Published")),
    (4, 1, ("Signed Up",)),
    (16, 0, ("Signed Up",)),
)
ONE_TRY = {"window_days": [7], "thresholds": [1]}
SEARCHED = (
    "It is a correlation: who would have stayed anyway may do more. An experiment says whether to lead people there helps.",
    "Only whose outcome is over is observed, and the outcome lies after the days whose actions are tried.",
    "Without a signup_event users of long standing are told by settling_days alone: at 0 they count as sign-ups.",
    "An action is tried where at least minimum_cell did it and as many did not, and chance would put 5 into each cell.",
    "All tries count in the correction, those of one action with other thresholds and windows too.",
    "Nothing found: null with NO_DATA; the strongest tries are told all the same.",
    "Intervals have the level 1 - rate x found / tries, so that those of what was picked out of many are not too short.",
)
RETENTION = Card(
    formula=(
        "phi of the strongest of all found (action, at least so often, within so many first days) against coming back on "
        "a day from back_from to back_to; found: p of the chi-square test (Yates) after Benjamini-Hochberg over all tries "
        "at most the false discovery rate, phi above 0"
    ),
    source=SOURCES,
    edge_rules=(
        *SEARCHED,
        "Days are those of the tenant's calendar, counted from each person's own first; the first is day 0.",
    ),
    vectors=(
        Vector(
            "18 of 20 who published in week one came back, and 4 of 20 others",
            "phi 280 / sqrt(20 x 20 x 22 x 18) = 0.7035, lift 0.9 / 0.55",
            "own",
            rows={"actions": PUBLISHED},
            measured={
                "value": 280 / (20 * 20 * 22 * 18) ** 0.5,
                "n": 40,
                "found": 1,
                "tries": 1,
                "outcome_share": 0.55,
                "best": "Published at least once within the first 7 days",
            },
            config=ONE_TRY,
        ),
        Vector(
            "10 of 20 who published came back, and 10 of 20 others",
            "nothing found: null",
            "own",
            rows={
                "actions": signups(
                    (10, 1, ("Signed Up", "Published")),
                    (10, 0, ("Signed Up", "Published")),
                    (10, 1, ("Signed Up",)),
                    (10, 0, ("Signed Up",)),
                )
            },
            measured={"value": None, "status": "NO_DATA", "n": 40, "found": 0, "tries": 1},
            config=ONE_TRY,
        ),
    ),
    benchmarks=(SOFTR,),
    timing=Timing.LEADING,
    vanity_risk=(
        "To push everybody through the action does not make them stay: the share reaching rises, the precision falls."
    ),
    refresh_cadence="weekly",
)
UPGRADE = Card(
    formula=(
        "as retention, of new accounts: phi of the strongest found action of their sign-ups in the account's first days "
        "against beginning to pay within upgrade_within_days"
    ),
    source=SOURCES,
    edge_rules=(
        *SEARCHED,
        "An account is one observation, whatever the number of its persons; its first day is that of its first sign-up.",
        "Who paid before the first days were over is left out; so are accounts that started before the observed days.",
        "To pay is to have a price above 0 that is paid: no trial, and no draft or pending subscription.",
    ),
    vectors=(
        Vector(
            "18 of 20 accounts that published began to pay, and 4 of 20 others; the rest have drafts",
            "phi 0.7035",
            "own",
            rows={
                "actions": PUBLISHED,
                "accounts": [
                    {"account": number, "started_at": "2026-03-01T09:00:00+00:00"} for number in range(1, 41)
                ],
                "subscriptions": [
                    {
                        "account": number,
                        "amount": "20",
                        "status": "active" if is_paid else "draft",
                        "is_paid": is_paid,
                        "valid_from": "2026-03-20",
                    }
                    for is_paid, numbers in (
                        (True, (*range(1, 19), *range(21, 25))),
                        (False, (*range(19, 21), *range(25, 41))),
                    )
                    for number in numbers
                ],
            },
            measured={"value": 280 / (20 * 20 * 22 * 18) ** 0.5, "n": 40, "found": 1},
            config=ONE_TRY,
        ),
    ),
    benchmarks=(SOFTR,),
    timing=Timing.LEADING,
    vanity_risk="Discounts make accounts begin to pay whatever they did.",
    refresh_cadence="weekly",
)
LOYAL = Card(
    formula=(
        "actions of the first days that at least common_share of the most loyal did, and the others less: p of the "
        "chi-square test (Yates) after Benjamini-Hochberg over all actions at most the false discovery rate; the most "
        "loyal are the loyal_share with most days from back_from to back_to, ties with the last of them included"
    ),
    source="An article on customer engagement; correction: Benjamini and Hochberg, JRSS B 57 (1995)",
    edge_rules=(
        "Fewer loyal, or fewer others, than minimum_cell: null with NO_DATA.",
        "Who never came back is not loyal, however few came back.",
        "What everybody does (such as signing up) is nothing that the loyal have in common apart from the others.",
        "It is a correlation.",
    ),
    vectors=(
        Vector(
            "20 came back on 5 days, of whom 18 published; of 80 others 8 did",
            "1 common action: 90% of the loyal against 10%",
            "own",
            rows={
                "actions": signups(
                    (18, 5, ("Signed Up", "Published")),
                    (2, 5, ("Signed Up",)),
                    (8, 1, ("Signed Up", "Published")),
                    (72, 0, ("Signed Up",)),
                )
            },
            measured={"value": 1, "n": 20, "loyal": 20, "loyal_back_days": 5, "observed": 100},
        ),
    ),
    benchmarks=(SOFTR,),
    timing=Timing.LEADING,
    vanity_risk="It tells what the loyal did, and not what made them loyal.",
    refresh_cadence="weekly",
)
