"""The definition cards."""

from typing import Any

from engage_server.sdk import Benchmark, Card, Timing, Vector


def event(name: str, count: int, *, weight: float = 1, polarity: int = 1, account: int = 1) -> dict[str, Any]:
    """A row of weighted events without caps and ageing."""
    known = {"account": account, "event": name, "weight": weight, "polarity": polarity}
    return known | {"count": count, "counted": float(count)}


SCORE = Card(
    formula="w1 x e1 + w2 x e2 + ... + wn x en over the events of the window, after daily caps and ageing",
    source="weight x event for each important event (R11; the source prints the last term as 'wt# + e#', a misprint for "
    "'wt# x e#'); caps and window: Marketo engagement scores; -x% per period: HubSpot score decay, by xcellimark.com; "
    "half-life: own",
    edge_rules=(
        "Every term is a product: the printed plus of the source's last term is not followed.",
        "Weights are the configuration's, else the dictionary's; both may be negative. By the dictionary's weight an "
        "event of polarity -1 counts below zero, whatever the sign of that weight; the configuration's is taken as it is "
        "written.",
        "A daily cap holds for each person, event and day (Marketo caps at 20).",
        "Hard window: all events of the window count alike. Half-life: one of so many days' age counts half. Per period "
        "(HubSpot): points shrink by decay_percent in each decay_days, smoothly and not in a step at each period's end.",
        "Raw and normalised: the value is the points; normalised is their percentile, 0 to 100, among accounts of the same "
        "stage (or plan), null for the tenant and below min_peers. Only accounts of the customer data have peers.",
        "An account without events has 0; a tenant without any has none, NO_DATA.",
        "Leads and trials are scored as customers are; rank is the place among all accounts, 1 for the highest.",
        "The parts are the weightiest events, the others together; they add up to the score.",
    ),
    vectors=(
        Vector(
            "5 points for a finished film, 1 for the watch-list: 3 and 4 of them",
            "5 x 3 + 1 x 4 = 19",
            "Mubi (R97)",
            rows={"events": [event("Film Finished", 3), event("Film Added To Watchlist", 4)]},
            measured={"value": 19},
            config={"weights": {"Film Finished": 5, "Film Added To Watchlist": 1}},
        ),
        Vector(
            "weights 5 and 1, events 3 and 2: sums would give 11",
            "17",
            "R11, without the misprint",
            rows={"events": [event("a", 3, weight=5), event("b", 2)]},
            measured={"value": 17},
        ),
        Vector(
            "login 1, core 10: seven logins and two uses of the core",
            "27",
            "R109",
            rows={"events": [event("login", 7), event("core", 2, weight=10)]},
            measured={"value": 27},
        ),
        Vector(
            "a cancellation asked for, of weight -10 and polarity -1, beside 4 uses",
            "-6",
            "negative weights are legal (R3)",
            rows={"events": [event("Cancellation Requested", 1, weight=-10, polarity=-1), event("use", 4)]},
            measured={"value": -6},
        ),
        Vector(
            "polarity -1 and a weight of 10 in the dictionary, 3 in the configuration",
            "3: the configuration's sign holds; by the dictionary it would be -10",
            "own",
            rows={"events": [event("Downgrade Viewed", 1, weight=10, polarity=-1)]},
            measured={"value": 3},
            config={"weights": {"Downgrade Viewed": 3}},
        ),
        Vector(
            "one person viewed 40 reports on one day and 5 on the next; a cap of 20 a day",
            "20 + 5 = 25",
            "Marketo engagement scores: at most 20 a day",
            rows={"events": [event("Report Viewed", 45) | {"counted": 20.0 + 5.0}]},
            measured={"value": 25},
            config={"daily_caps": {"Report Viewed": 20}},
        ),
        Vector(
            "10 points now and 10 a period of 30 days ago, which lost 20 %",
            "10 + 8 = 18",
            "HubSpot score decay, by xcellimark.com",
            rows={"events": [event("use", 2, weight=10) | {"counted": 1 + 0.8}]},
            measured={"value": 18, "decay": "per_period"},
            config={"decay": "per_period", "decay_percent": 20, "decay_days": 30, "window_days": 60},
        ),
        Vector(
            "ten customers with 1, 2 ... 10 uses, the fifth of them",
            "5 points; 4 below, itself: normalised 45",
            "raw and normalised, by the formula of peer_percentile",
            rows={
                "events": [event("use", id, account=id) for id in range(1, 11)],
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in range(1, 11)],
            },
            measured={"value": 5, "normalised": 45},
            subject=("account", 5),
        ),
    ),
    timing=Timing.LEADING,
    benchmarks=(
        Benchmark(
            "Companies whose customers are engaged have 63% less churn.",
            "R26 (an article on customer engagement)",
            applies_to="a claim to test against the tenant's own churn",
        ),
    ),
    vanity_risk="Many cheap events outweigh a few that matter: cap them, and weigh what predicts staying.",
)

PERCENTILE = Card(
    formula="percentile of the mean actions a day over 14 full days among accounts of the same stage: 100 x "
    "(accounts below + "
    "half of the equal ones) / accounts",
    source="Totango 203166195 (14 days, mean actions a day, percentile among accounts of the same status, less "
    "than one action "
    "a day is 0); minimum of peers: own",
    edge_rules=(
        "Fewer than 10 peers, itself among them: null, NO_DATA.",
        "Equal accounts share the middle of their ranks.",
        "Less than one action a day: 0, though the account counts among the peers of the others.",
        "Accounts younger than the window are compared over their own days, since start or first activity.",
        "Each stage is a group of its own: leads, trials, customers and churned accounts; or each plan.",
        "peer_measure score ranks points a day in place of actions; the rule of one action stays.",
    ),
    vectors=(
        Vector(
            "ten customers with 14, 28 ... 140 actions in 14 days, the fifth of them",
            "4 below, itself: 45",
            "Totango 203166195",
            rows={
                "actions": [event("use", 14 * id, account=id) for id in range(1, 11)],
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in range(1, 11)],
            },
            measured={"value": 45, "peers": 10, "actions_per_day": 5},
            subject=("account", 5),
        ),
        Vector(
            "the same where the first did only 13",
            "less than one action a day: 0",
            "Totango 203166195",
            rows={
                "actions": [event("use", 14 * id - (id == 1), account=id) for id in range(1, 11)],
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in range(1, 11)],
            },
            measured={"value": 0, "actions_per_day": 13 / 14},
            subject=("account", 1),
        ),
        Vector(
            "ten customers of whom the two most active did the same, one of these",
            "8 below, half of 2: 90",
            "ties share the middle of their ranks: own",
            rows={
                "actions": [event("use", 14 * min(id, 9), account=id) for id in range(1, 11)],
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in range(1, 11)],
            },
            measured={"value": 90, "peers": 10, "actions_per_day": 9},
            subject=("account", 10),
        ),
        Vector(
            "nine customers",
            "null: too few peers",
            "own",
            rows={
                "actions": [event("use", 14 * id, account=id) for id in range(1, 10)],
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in range(1, 10)],
            },
            measured={"value": None, "status": "NO_DATA", "peers": 9},
            subject=("account", 5),
        ),
    ),
    benchmarks=(
        Benchmark(
            "60 and more is good, below 20 poor",
            "own",
            low=60,
            applies_to="accounts of one stage among each other",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Somebody is always last: a rank falls though nothing got worse when the others improve.",
)

FOUR = Card(
    formula="weighted mean of four percentiles among accounts of the same stage: active days, active minutes a "
    "day per active "
    "person, active persons, licence utilization (at most 100 %)",
    source="the four measures in one comparable score (R135, R119, R120); percentiles instead of targets: own",
    edge_rules=(
        "Fewer than 10 peers with a measure: the measure is missing.",
        "No number of seats (none bought, or unlimited): licences are missing.",
        "A missing measure leaves its weight to the others; below min_coverage of the weights: null, NO_DATA.",
        "Days are the last 14 full ones, of a young account its own.",
        "The parts are the measures with their own values; their points add up to the score.",
    ),
    vectors=(
        Vector(
            "ten customers: the n-th has n persons on n days, one minute a day each, and 10 seats",
            "the tenth is above nine in all four: 95",
            "by the formula",
            rows={
                "active": [
                    {"day": f"2026-06-{day:02}", "person": 100 * id + n, "account": id}
                    for id in range(1, 11)
                    for n in range(id)
                    for day in range(31 - id, 31)
                ],
                "minutes": [
                    {"person": 100 * id + n, "account": id, "active_minutes": id, "active_days": id}
                    for id in range(1, 11)
                    for n in range(id)
                ],
                "seats": [{"account": id, "seats": 10} for id in range(1, 11)],
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in range(1, 11)],
            },
            measured={"value": 95, "coverage": 1, "active_users": 10, "licenses": 100},
            subject=("account", 10),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Big accounts have more active persons: compare by plan where sizes differ much.",
)
