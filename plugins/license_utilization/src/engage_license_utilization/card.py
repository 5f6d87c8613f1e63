"""The metric and its definition card."""

from engage_server.sdk import Benchmark, Card, Timing, Vector

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
        "Provisioned users (for unlimited plans) and concurrent peaks are left out: no input knows them.",
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
        Vector("12 active users, 10 seats", "120, OVER_ALLOCATED, opportunity", "own"),
        Vector("17 of 20 seats; 16 of 20 seats", "85, FULL, opportunity; 80, HEALTHY", "own"),
        Vector(
            "parent with 10 seats, two children with 5 each, one person active in both children", "5", "own"
        ),
        Vector(
            "parent with 10 seats and 3 persons, a child with 5 and 2, an unlimited child with 4",
            "33.33, active_without_seat 4",
            "own",
        ),
        Vector("10 purchased seats, 40 on trial, 8 persons", "80, trial_seats 40", "own"),
    ),
    benchmarks=(
        Benchmark(
            "60 to 85 % is healthy", "revos.ai license-utilization", low=60, high=85, applies_to="seats"
        ),
        Benchmark("40 to 80 % is healthy", "openmeter.io glossary utilization", low=40, high=80),
    ),
    timing=Timing.LEADING,
    vanity_risk="One event a month makes a person active; event_class VALUE asks for more.",
)
