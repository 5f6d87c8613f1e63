"""The definition cards."""

from typing import Any

from engage_server.sdk import Benchmark, Card, CardText, Timing, Vector

JUNE = "2026-06-01T00:00:00+00:00"
LATE = "2026-06-28T00:00:00+00:00"
ACTIVE = [{"person": person, "account": 1, "day": "2026-06-30"} for person in range(1, 13)]


def use(person: int, uses: int = 1, days: int = 1, *, account: int = 1) -> dict[str, Any]:
    """So many uses of feature 7 by a person in an account; ``days`` are those of all accounts together."""
    return {"person": person, "account": account, "feature": 7, "uses": uses, "person_days": days}


def listed(released: str) -> dict[str, Any]:
    """Feature 7 in the dictionary."""
    return {"feature": 7, "feature_name": "export", "released_on": released, "known_since": released}


FEATURE_ADOPTION = Card(
    formula="100 x eligible persons who used the feature at least once in the window / eligible persons",
    source="users of A / active users x 100 (R86); eligible users as the denominator: "
    "ooligo.com feature-adoption-rate; adopted against trial users: gradientgrowth.com",
    edge_rules=(
        "No eligible person: null, NO_DATA.",
        "Eligible is everybody active in the window, or of a class of events, or regularly, as eligible says; of a feature "
        "that entitlements name only persons of accounts whose plan on the day has it. Since when a plan has it is not "
        "known, so that an entitlement counts for the whole window.",
        "Released within the window: eligible is who was active on the day of the release or later. Who was active only "
        "before is in neither part; of the others all uses of the window count.",
        "A person counts once, however many accounts and uses stand behind it.",
        "A feature of the dictionary that nobody used in the window, or ever, has the value 0.",
        "Adopted: at least adopted_min_uses uses on adopted_min_days days; all others are trial users.",
        "Active days of a person in several accounts: the distinct days of all of them, never their sum.",
        "The hint compares unrounded: exactly 5 % is no candidate for removal, exactly 30 % is on target.",
        "Age: days since the release that the tenant named, else since the first use or the name's entry in the "
        "dictionary. Below removal_after_days the hint is TOO_YOUNG instead of CONSIDER_REMOVAL.",
    ),
    vectors=(
        Vector(
            "3 of 12 active persons used the feature",
            "25",
            "R86",
            rows={
                "uses": [use(person) for person in (1, 2, 3)],
                "active": ACTIVE,
            },
            measured={"value": 25, "n": 12, "trial_users": 3, "adopters": 0},
            subject=("feature", 7),
        ),
        Vector(
            "released 5 days ago; 100 persons active in 30 days, 60 of them since, 30 used it",
            "30 / 60 = 50",
            "ooligo.com: entitled users from the feature's release on",
            rows={
                "features": [listed("2026-06-25")],
                "uses": [use(person) for person in range(1, 31)],
                "active": [
                    {"person": person, "account": 1, "day": "2026-06-26" if person <= 60 else "2026-06-24"}
                    for person in range(1, 101)
                ],
            },
            measured={"value": 50, "n": 60, "users": 30, "feature_age_days": 5},
            subject=("feature", 7),
        ),
        Vector(
            "uses 5 on 3 days, 2 on 1 day, 1 on 1 day; k=2, m=2",
            "1 adopter, 2 trial users",
            "own",
            rows={"uses": [use(1, 5, 3), use(2, 2, 1), use(3)], "active": ACTIVE[:3]},
            measured={"value": 100, "adopters": 1, "trial_users": 2},
            subject=("feature", 7),
        ),
        Vector(
            "nobody used it; released 181 days ago",
            "0: TOO_YOUNG",
            "own",
            rows={"features": [listed("2025-12-31")], "active": ACTIVE},
            measured={"value": 0, "hint": "TOO_YOUNG", "feature_age_days": 181},
            subject=("feature", 7),
        ),
        Vector(
            "nobody used it; released 182 days ago",
            "0: CONSIDER_REMOVAL",
            "own",
            rows={"features": [listed("2025-12-30")], "active": ACTIVE},
            measured={"value": 0, "hint": "CONSIDER_REMOVAL", "feature_age_days": 182},
            subject=("feature", 7),
        ),
        Vector(
            "one use in each of two accounts on two days; k=2, m=2",
            "1 adopter",
            "own",
            rows={"uses": [use(1, 1, 2), use(1, 1, 2, account=2)], "active": ACTIVE[:1]},
            measured={"value": 100, "adopters": 1, "trial_users": 0, "accounts": 2},
            subject=("feature", 7),
        ),
    ),
    benchmarks=(
        Benchmark("Core features reach more than 30 %", "R91", low=30, applies_to="core features"),
        Benchmark(
            "Below 5 % after six months: consider removal",
            "R106",
            high=5,
            applies_to="features of six months or more",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Rises without a new user when fewer persons are active; read it beside active_users.",
    translations={
        "ko": CardText(
            vanity_risk="활성 사용자가 줄면 새 사용자 없이도 올라갑니다. active_users와 함께 보세요.",
        ),
    },
)

FEATURES_USED = Card(
    formula="100 x features that the account used in the window / features that anybody used in the window",
    source="own definition, for the list of unused features that R130 asks for",
    edge_rules=(
        "No feature used anywhere in the window: null, NO_DATA.",
        "An account that used nothing has the value 0.",
        "The contributions are the features used (the value) and, with 0 points, unused ones by name, the one with most "
        "users in the tenant first.",
    ),
    vectors=(
        Vector(
            "the account uses 2 of the 8 features in use",
            "25, 6 unused",
            "own",
            rows={"uses": [{"person": 1, "account": 1 + (id > 2), "feature": id} for id in range(1, 9)]},
            measured={"value": 25, "used_features": 2, "unused_features": 6},
            subject=("account", 1),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="One curious person can touch every feature of an account once.",
    translations={
        "ko": CardText(
            formula="100 × 기간 중 고객이 사용한 기능 수 / 누구든 사용한 기능 수",
            vanity_risk="호기심 많은 한 사람이 모든 기능을 한 번씩 눌러 볼 수 있습니다.",
        ),
    },
)

PRODUCT_ADOPTION = Card(
    formula="100 x sign-ups of the cohort that were activated in time / sign-ups of the cohort",
    source="newly activated / sign-ups, activation by frequency or milestone (R60)",
    edge_rules=(
        "No sign-up in the cohort: null, NO_DATA.",
        "Both counts come from the same cohort, so the value never exceeds 100.",
        "Time for activation: activation_within_days x 24 hours from each person's own sign-up.",
        "Cohort matured: the newest cohort_days of sign-ups whose time is over.",
        "Cohort trailing: all sign-ups of the last cohort_days; IMMATURE while one may still activate.",
        "No activation_event: the metric is off and no value is stored.",
        "No signup_event: a sign-up is a person's first event, but for those first seen in the first "
        "existing_users_days of the tenant's events, who were users before.",
    ),
    vectors=(
        Vector(
            "10 sign-ups, 4 activated, nobody's time running",
            "40, OK",
            "own",
            rows={
                "signups": [
                    {"signed_up_at": JUNE, "activated_at": JUNE if n < 4 else None} for n in range(10)
                ]
            },
            measured={"value": 40, "status": "OK", "activated": 4, "open": 0},
            config={"activation_event": "report_created"},
        ),
        Vector(
            "trailing: 2 sign-ups, 1 activated, the other's time running",
            "50, IMMATURE, open 1",
            "own",
            rows={"signups": [{"signed_up_at": LATE, "activated_at": at} for at in (LATE, None)]},
            measured={"value": 50, "status": "IMMATURE", "activated": 1, "open": 1},
            config={"activation_event": "report_created", "cohort": "trailing"},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="An easy activation event makes everybody adopted; choose one that later retention follows.",
    translations={
        "ko": CardText(
            vanity_risk="활성화 이벤트가 쉬우면 모두가 도입한 것이 됩니다. 이후 유지로 이어지는 이벤트를 고르세요.",
        ),
    },
)
