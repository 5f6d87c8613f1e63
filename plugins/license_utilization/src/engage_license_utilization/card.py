"""The metric and its definition card."""

from typing import Any

from engage_server.sdk import Benchmark, Card, CardText, Timing, Vector

Rows = list[dict[str, Any]]


def users(account: int, *persons: int) -> Rows:
    """Rows of persons who are active in, or belong to, an account."""
    return [{"person": person, "account": account} for person in persons]


def plan(account: int, seats: int | None, *, name: str = "", is_trial: bool = False) -> dict[str, Any]:
    """A row of a subscription; without a number of seats it is unlimited."""
    return {"account": account, "seats": seats, "plan": name, "is_trial": is_trial}


def session(account: int, person: int, start: str, minutes: int) -> dict[str, Any]:
    """A row of a session on 30 June 2026 from HH:MM on."""
    begun = {"started_at": f"2026-06-30T{start}:00Z", "seconds": 60.0 * minutes}
    return {"account": account, "person": person, **begun}


FAMILY: Rows = [{"account": 1, "parent": None}, {"account": 2, "parent": 1}, {"account": 3, "parent": 1}]

UTILIZATION = Card(
    formula="100 x distinct persons active in the window / purchased seats on the day",
    source="active users / licences (R124); bands and over-allocation: revos.ai license-utilization",
    edge_rules=(
        "Seats 0 or no subscription on the day: null, NO_DATA, mode none; active_users is still reported.",
        "An unlimited subscription of the account itself: null, NO_DATA, mode unlimited. One below it takes itself and "
        "its people out (active_without_seat); the value is that of the limited seats.",
        "A person uses a seat of the nearest account upwards that has a licence.",
        "Above 100 is allowed and lies in the band OVER_ALLOCATED.",
        "Bands compare unrounded: UNDER below healthy_low, HEALTHY from it, FULL from healthy_high to 100.",
        "Seats: the sum over subscriptions that count on the day, by the terms of that day. Trials are not purchased: "
        "their seats are trial_seats and their people left out, unless include_trials is on; nothing else: mode trial.",
        "A person named only by events of class NOTICE (a dismissed survey, a removal from the account) is not active.",
        "An account covers the accounts below it unless roll_up_children is off; a person counts once.",
        "Tenant: seats of all accounts without an unlimited subscription, and the persons who use them.",
        "A circle in the hierarchy fails the run and names the accounts.",
        "With users at concurrent_peak: the most sessions that ran at one moment of the window, of who uses a seat, in "
        "place of persons; a session lasts from its first event to its last.",
        "With provisioned at unlimited: where no number of seats is known, members stand in for it (mode provisioned), and "
        "there is no opportunity. At always they stand in for all seats. Members belong to the account at the end of the "
        "day, or were active in it.",
        "With what_if: purchased, entitled and provisioned side by side, always by persons.",
    ),
    vectors=(
        Vector(
            "9 active users, 12 seats",
            "75, HEALTHY",
            "own",
            rows={
                "active": [{"person": person, "account": 1} for person in range(9)],
                "seats": [{"account": 1, "seats": 12, "is_trial": False}],
            },
            measured={"value": 75, "n": 12, "band": "HEALTHY", "spare_seats": 3, "mode": "seats"},
        ),
        Vector(
            "12 active users, 10 seats",
            "120, OVER_ALLOCATED, opportunity",
            "own",
            rows={"active": users(1, *range(12)), "seats": [plan(1, 10)]},
            measured={"value": 120, "band": "OVER_ALLOCATED", "opportunity": True, "spare_seats": -2},
        ),
        Vector(
            "17 of 20 seats",
            "85, FULL, opportunity",
            "bands: revos.ai license-utilization",
            rows={"active": users(1, *range(17)), "seats": [plan(1, 20)]},
            measured={"value": 85, "band": "FULL", "opportunity": True},
        ),
        Vector(
            "16 of 20 seats, with the bands of openmeter.io",
            "80, FULL (with the default bands HEALTHY)",
            "bands: openmeter.io glossary utilization",
            rows={"active": users(1, *range(16)), "seats": [plan(1, 20)]},
            measured={"value": 80, "band": "FULL"},
            config={"healthy_low": 40, "healthy_high": 80},
        ),
        Vector(
            "2 active users, 0 seats",
            "null, NO_DATA",
            "definition: seats 0",
            rows={"active": users(1, 1, 2), "seats": [plan(1, 0)]},
            measured={"value": None, "status": "NO_DATA", "mode": "none", "active_users": 2},
        ),
        Vector(
            "parent with 10 seats, two children with 5 each, one person active in both children",
            "5",
            "own: distinct users / sum of seats",
            rows={
                "active": [*users(2, 7), *users(3, 7)],
                "seats": [plan(1, 10), plan(2, 5), plan(3, 5)],
                "accounts": FAMILY,
            },
            measured={"value": 5, "seats": 20, "active_users": 1},
            subject=("account", 1),
        ),
        Vector(
            "parent with 10 seats and 3 persons, a child with 5 and 2, an unlimited child with 4",
            "33.33, active_without_seat 4",
            "own",
            rows={
                "active": [*users(1, 1, 2, 3), *users(2, 4, 5), *users(3, 6, 7, 8, 9)],
                "seats": [plan(1, 10), plan(2, 5), plan(3, None)],
                "accounts": FAMILY,
            },
            measured={"value": 100 / 3, "active_without_seat": 4},
            subject=("account", 1),
        ),
        Vector(
            "10 purchased seats, 40 on trial, 8 persons, 16 members",
            "80, trial_seats 40; what if: entitled 16, provisioned 50",
            "own",
            rows={
                "active": users(1, *range(8)),
                "members": users(1, *range(16)),
                "seats": [plan(1, 10), plan(1, 40, is_trial=True)],
            },
            measured={
                "value": 80,
                "trial_seats": 40,
                "what_if": [
                    {
                        "denominator": "PURCHASED",
                        "users": 8,
                        "seats": 10,
                        "utilization": 80.0,
                        "band": "HEALTHY",
                    },
                    {
                        "denominator": "ENTITLED",
                        "users": 8,
                        "seats": 50,
                        "utilization": 16.0,
                        "band": "UNDER",
                    },
                    {
                        "denominator": "PROVISIONED",
                        "users": 8,
                        "seats": 16,
                        "utilization": 50.0,
                        "band": "UNDER",
                    },
                ],
            },
            config={"what_if": True},
        ),
        Vector(
            "an unlimited plan, 3 of its 4 provisioned members active",
            "75, mode provisioned, no opportunity",
            "revos.ai license-utilization: unlimited plans by provisioned users",
            rows={"active": users(1, 1, 2, 3), "members": users(1, 1, 2, 3, 4), "seats": [plan(1, None)]},
            measured={"value": 75, "n": 4, "mode": "provisioned", "seats": None, "opportunity": False},
            config={"provisioned": "unlimited"},
        ),
        Vector(
            "3 persons on 4 concurrent seats: 9:00-9:30, 9:20-9:40, 9:40-9:50",
            "peak 2: 50",
            "revos.ai license-utilization: concurrent licences by their peak",
            rows={
                "active": users(1, 1, 2, 3),
                "seats": [plan(1, 4)],
                "sessions": [
                    session(1, 1, "09:00", 30),
                    session(1, 2, "09:20", 20),
                    session(1, 3, "09:40", 10),
                ],
            },
            measured={"value": 50, "peak_users": 2, "active_users": 3},
            config={"users": "concurrent_peak"},
        ),
    ),
    benchmarks=(
        Benchmark(
            "60 to 85 % is healthy", "revos.ai license-utilization", low=60, high=85, applies_to="seats"
        ),
        Benchmark("40 to 80 % is healthy", "openmeter.io glossary utilization", low=40, high=80),
    ),
    timing=Timing.LEADING,
    vanity_risk="One event a month makes a person active; event_class VALUE asks for more.",
    translations={
        "ko": CardText(
            formula="100 × 기간 중 활성 사용자 수(중복 제외) / 그날의 구매 좌석 수",
            vanity_risk="한 달에 이벤트 한 건이면 활성으로 칩니다. event_class VALUE는 더 엄격합니다.",
        ),
    },
)
SEAT_CHANGE = Card(
    formula="seats of the day - seats of change_days before, of subscriptions that count on the day, trials left out",
    source="requirement R132 (changes of scale and diversity)",
    edge_rules=(
        "Off while change_days is 0.",
        "An unlimited plan on either day: null with NO_DATA; the signal says EXPANDED or REDUCED all the same.",
        "Signals: NEW and ENDED where one of the days has no subscription, then EXPANDED and REDUCED by seats, else "
        "PLAN_CHANGED by the names of the plans.",
        "Seats are dated: either day has the terms that held on it.",
        "An account stands for itself; the tenant is the sum.",
    ),
    vectors=(
        Vector(
            "10 seats on team, after 4 on team and 2 on basic",
            "4, EXPANDED; basic dropped",
            "own",
            rows={
                "seats": [plan(1, 10, name="team")],
                "previous": [plan(1, 4, name="team"), plan(1, 2, name="basic")],
            },
            measured={"value": 4, "signal": "EXPANDED", "previous_seats": 6, "plans_dropped": ["basic"]},
            config={"change_days": 30},
        ),
        Vector(
            "5 seats on pro after 5 on team",
            "0, PLAN_CHANGED",
            "own",
            rows={"seats": [plan(1, 5, name="pro")], "previous": [plan(1, 5, name="team")]},
            measured={"value": 0, "signal": "PLAN_CHANGED", "plans_added": ["pro"]},
            config={"change_days": 30},
        ),
    ),
    benchmarks=(
        Benchmark(
            "None is published for seats bought or dropped.", "own", applies_to="compare with its own past"
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Seats bought are no seats used; read it with the utilization.",
    translations={
        "ko": CardText(
            formula="그날의 좌석 − change_days 이전의 좌석. 그날 유효한 구독 기준, 체험 제외",
            vanity_risk="구매한 좌석이 곧 사용한 좌석은 아닙니다. 이용률과 함께 보세요.",
        ),
    },
)
