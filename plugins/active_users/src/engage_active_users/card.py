"""The definition cards."""

from typing import Any, Final

from engage_server.sdk import Card, Timing, Vector

COUNTED: Final = (
    "Nobody active: 0, which is a count and no missing value.",
    "A person counts once for the tenant, whatever the number of accounts, and once in each account.",
    "Windows overlap, so values of days, and of accounts, do not add up.",
    "Bots and test users never count; events done to a person (class NOTICE) make nobody active.",
    "A calendar week or month that goes on is PARTIAL; its value is that of its last day.",
    "count accounts: the tenant's value are accounts with an active person; an account's stays persons.",
)
ROLLING: Final = (
    "persons with an event on the day, in the trailing 7 or the trailing 30 days: Pendo 15968607780123"
)


def days(*rows: tuple[str, int, int]) -> list[dict[str, Any]]:
    """Rows of active days: day, person, account."""
    return [{"day": day, "person": person, "account": account} for day, person, account in rows]


LISTED: Final = [{"account": 1, "stage": "CUSTOMER"}, {"account": 2, "stage": "TRIAL"}]
JUNE: Final = days(
    ("2026-06-30", 1, 1), ("2026-06-30", 1, 2), ("2026-06-29", 2, 1), ("2026-06-24", 3, 1), ("2026-06-23", 4, 2),
    ("2026-06-01", 5, 2), ("2026-05-31", 6, 2),
)  # fmt: skip


def actives(expected: int, accounts: int, calendar: int, words: str) -> Card:
    """The card of one of the three windows, with what its example measures."""
    rows = {"active": JUNE, "valuable": JUNE[:1], "accounts": LISTED}
    return Card(
        formula=f"distinct persons with at least one qualifying event {words}",
        source=f"{ROLLING}; calendar variant: own, ISO weeks",
        edge_rules=COUNTED,
        vectors=(
            Vector(
                "six persons last active 0, 1, 6, 7, 29 and 30 days ago, the first in two accounts",
                f"{expected} persons of {accounts} accounts",
                "own",
                rows=rows,
                measured={"value": expected, "accounts": accounts, "engaged_persons": 1},
            ),
            Vector(
                "the same by the calendar on Tuesday, the 30th",
                str(calendar),
                "own",
                rows=rows,
                measured={"value": calendar},
                config={"windows": "calendar"},
            ),
            Vector(
                "the same, counting accounts",
                str(accounts),
                "own",
                rows=rows,
                measured={"value": accounts, "persons": expected},
                config={"count": "accounts"},
            ),
        ),
        timing=Timing.LEADING,
        vanity_risk="Being there is not getting value: read it with the engaged persons and with stickiness.",
    )


DAU = actives(1, 2, 1, "on the day")
WAU = actives(3, 2, 2, "in the trailing 7 days, or in the calendar week to date")
MAU = actives(5, 2, 5, "in the trailing 30 days, or in the calendar month to date")

ENGAGED = Card(
    formula="distinct persons with an event of class VALUE in the trailing 30 days (calendar: in the month to date)",
    source="active is who shows up, engaged who does something valuable (R81, R82, R108)",
    edge_rules=(
        "What is valuable the tenant's dictionary says: class VALUE; a sign-in or a page viewed is PASSIVE.",
        "Nobody engaged: 0. Nobody active: the share is null.",
        "An engaged person is active, so the value never exceeds mau.",
    ),
    vectors=(
        Vector(
            "two persons active, one of whom recorded a video",
            "1 engaged, half of the active ones",
            "R81",
            rows={
                "active": days(("2026-06-30", 1, 1), ("2026-06-30", 2, 1)),
                "valuable": days(("2026-06-30", 1, 1)),
                "accounts": LISTED,
            },
            measured={"value": 1, "active_persons": 2, "engaged_share": 0.5},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A dictionary that calls every event valuable makes everybody engaged.",
)

VOLATILITY = Card(
    formula="100 x standard deviation (n - 1) of daily active persons / their mean, over full days",
    source="coefficient of variation; fluctuating use asks for onboarding or contact (R123)",
    edge_rules=(
        "Fewer than 7 days to compare, or nobody active on any: null, NO_DATA.",
        "Days without anybody count as 0.",
        "Saturdays and Sundays are left out by default, since the week's rhythm would hide everything else.",
        "A young account is compared over the days since its start, or its first activity if that is earlier.",
    ),
    vectors=(
        Vector(
            "two persons on every second weekday of 14 days, one on the others",
            "mean 1.5, standard deviation 0.527, 35.1 %",
            "own",
            rows={
                "active": [
                    {"day": f"2026-06-{day}", "person": person, "account": 1}
                    for day in range(17, 31)
                    for person in range(1, 2 + day % 2)
                ]
            },
            measured={
                "value": 35.13641844631533,
                "mean": 1.5,
                "observed_days": 10,
                "lowest": 1,
                "highest": 2,
            },
            config={"volatility_days": 14},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A steady decline looks steady: read it with the trend of the actives.",
)

GAP = Card(
    formula="100 x (1 - DAU / MAU), against its median over the 28 days before, of weekdays or of weekends",
    source="MAU is the benchmark, DAU the indicator, and a gap wider than usual the warning (R74); the baseline is ours: "
    "modified z-score, B. Iglewicz and D. C. Hoaglin, How to Detect and Handle Outliers (1993)",
    edge_rules=(
        "MAU 0: null, NO_DATA. DAU and MAU are rolling, whatever the setting of windows.",
        "A warning needs both: gap_z deviations and gap_points percentage points above the usual gap.",
        "A weekday is compared with weekdays and a Saturday or Sunday with those.",
        "Without 28 days of history, on each of which somebody was active in its month: no baseline and no warning.",
        "A baseline that never moved has no z; then the points decide.",
    ),
    vectors=(
        Vector(
            "1 of 4 persons of the month on the day",
            "75, no baseline yet",
            "by the formula",
            rows={"active": days(*[("2026-06-30" if p == 1 else "2026-06-20", p, 1) for p in range(1, 5)])},
            measured={"value": 75, "dau": 1, "mau": 4, "usual_gap": None, "is_warning": None},
        ),
        Vector(
            "4 persons on every day of two months, and then 1 alone",
            "75, usually 0: a warning",
            "own",
            rows={
                "active": [
                    {"day": f"2026-{month:02}-{day:02}", "person": person, "account": 1}
                    for month, last in ((5, 31), (6, 30))
                    for day in range(1, last + 1)
                    for person in range(1, 2 if (month, day) == (6, 30) else 5)
                ]
            },
            measured={
                "value": 75,
                "usual_gap": 0,
                "wider_by": 75,
                "z": None,
                "is_warning": True,
                "baseline_days": 20,
            },
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A product that is needed weekly has a wide gap and is well: hold it against its own past alone.",
)

LIFECYCLE = Card(
    formula="new + resurrecting - dormant persons of the period: its active persons less those of the period before",
    source="PostHog lifecycle_query_runner.py: new, returning, resurrecting, dormant; net change: own",
    edge_rules=(
        "New: the first event ever lies in the period, in whatever account it was.",
        "Dormant persons were active in the period before and are not now: they count below zero.",
        "In an account, who acted elsewhere before and comes to it is resurrecting, and who went elsewhere is dormant.",
        "Nobody in both periods: null, NO_DATA, for the tenant; an account is absent.",
        "A calendar period that goes on is PARTIAL, and so far all who have not come yet are dormant.",
    ),
    vectors=(
        Vector(
            "person 1 in both weeks, 2 for the first time, 3 back after a pause, 4 and 5 only last week",
            "1 + 1 - 2 = 0",
            "by PostHog's definition",
            rows={
                "active": days(
                    ("2026-06-30", 1, 1), ("2026-06-20", 1, 1), ("2026-06-29", 2, 1), ("2026-06-28", 3, 1),
                    ("2026-06-23", 4, 1), ("2026-06-17", 5, 1), ("2026-06-16", 3, 1),
                ),
                "first_seen": [{"person": 2, "account": 1, "first_at": "2026-06-29T10:00:00+00:00"}],
            },
            measured={"value": 0, "new": 1, "returning": 1, "resurrecting": 1, "dormant": -2},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Many new persons hide that as many leave: look at the dormant by themselves.",
)  # fmt: skip

COLLABORATION = Card(
    formula="days of the trailing 30 on which at least two persons of the account had an event of class VALUE",
    source="creating and collaborating prove engagement, viewing does not (R82); days of it: own",
    edge_rules=(
        "Persons need not act on the same thing, but on the same day of the tenant's calendar.",
        "An account without a shared day has 0, whatever its single users did.",
    ),
    vectors=(
        Vector(
            "two persons on the 29th, one on the 30th, two on the 1st",
            "2 shared days, 3 collaborators",
            "own",
            rows={
                "valuable": days(
                    ("2026-06-30", 1, 1), ("2026-06-29", 1, 1), ("2026-06-29", 2, 1), ("2026-06-01", 2, 1),
                    ("2026-06-01", 3, 1),
                ),
                "accounts": LISTED,
            },
            measured={"value": 2, "collaborators": 3, "engaged_persons": 3},
            subject=("account", 1),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Colleagues may work on one day without working together.",
)  # fmt: skip
