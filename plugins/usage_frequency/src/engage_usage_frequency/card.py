"""The definition cards."""

from typing import Any

from engage_server.sdk import Card, Timing, Vector


def days(number: int, *, account: int = 1, person: int = 1) -> list[dict[str, Any]]:
    """So many active days of June 2026, every one to the 30th."""
    return [
        {"day": f"2026-06-{30 - back:02}", "person": person, "account": account} for back in range(number)
    ]


def vector(number: int, kind: str, **config: Any) -> Vector:
    """An account with so many active days, and its class."""
    window = config.get("window_days", 14)
    return Vector(
        f"{number} active days of {window}",
        kind,
        "R121 and definition: daily from 10, weekly 2 to 9, infrequent 1, none 0 of 14",
        rows={"active": days(number), "accounts": [{"account": 1}]},
        measured={"value": number, "frequency": kind, "observed_days": window},
        config=config,
        subject=("account", 1),
    )


ACTIVE_DAYS = Card(
    formula="distinct days with activity of the account among the last 14 full days; daily from 10, weekly from 2, "
    "infrequent below, none 0",
    source="usage frequency over about 14 days, in four classes (R121), over any period (R146); thresholds: own",
    edge_rules=(
        "An account without activity has 0 days, class NONE; it is measured like all others.",
        "Another window: active days x 14 / days observed are compared with the thresholds, exactly.",
        "An account younger than the window is compared over its own full days; it began with its start, or with its first "
        "activity where that is earlier. One whose start is unknown has the whole window.",
        "Any person makes the account's day active; min_persons asks for more. The running day is PARTIAL.",
        "low marks INFREQUENT and NONE, for an alert to the team.",
    ),
    vectors=(
        vector(14, "DAILY"),
        vector(10, "DAILY"),
        vector(9, "WEEKLY"),
        vector(2, "WEEKLY"),
        vector(1, "INFREQUENT"),
        vector(0, "NONE"),
        vector(20, "DAILY", window_days=28),
        vector(3, "INFREQUENT", window_days=28),
        Vector(
            "an account of 5 days, active on 4",
            "DAILY by its own age",
            "definition: accounts younger than 14 days use their own age",
            rows={
                "active": days(4),
                "accounts": [{"account": 1, "started_at": "2026-06-26T08:00:00+00:00"}],
            },
            measured={"value": 4, "frequency": "DAILY", "observed_days": 5},
            subject=("account", 1),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="One person, or a machine's account, can keep every day active.",
)

REGULAR = Card(
    formula="100 x accounts used daily or weekly / accounts; persons alike in the details",
    source="own, of the classes of R121",
    edge_rules=(
        "No account: null, NO_DATA.",
        "Only accounts of the stages CUSTOMER and TRIAL count; leads and churned ones have no use to be regular.",
        "The parts are the four classes in per cent; daily and weekly make the value.",
        "Persons have the whole window; only who was active is known, so that none of them is of class NONE.",
    ),
    vectors=(
        Vector(
            "four accounts with 10, 2, 1 and 0 active days",
            "2 of 4 are regular",
            "by the formula",
            rows={
                "active": [*days(10), *days(2, account=2, person=2), *days(1, account=3, person=3)],
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in (1, 2, 3, 4)],
            },
            measured={"value": 50, "daily": 1, "weekly": 1, "infrequent": 1, "none": 1, "n": 4},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="It rises when accounts that are not used are marked as churned.",
)
