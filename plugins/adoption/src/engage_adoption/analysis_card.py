"""The definition cards of the analyses: breadth, releases, time to the first use."""

from engage_server.sdk import Benchmark, Card, Timing, Vector

BREADTH = Card(
    formula="100 x sum over the features in use of their users / (active persons x features in use)",
    source="own definition; asked by segment it is the matrix of features and segments that R22 asks for",
    edge_rules=(
        "Nobody active, or no feature used: null, NO_DATA.",
        "A feature that nobody of the segment used is not in its row: its share is 0.",
        "The listed features are the contributions, which with all others add up to the value.",
    ),
    vectors=(
        Vector(
            "4 active persons; feature 1 has 4 users, feature 2 has 1",
            "62.5 %: 5 of 8 pairs of a person and a feature",
            "own",
            rows={
                "uses": [
                    *({"person": person, "feature": 1, "feature_name": "board"} for person in range(1, 5)),
                    {"person": 1, "feature": 2, "feature_name": "export"},
                ],
                "active": [{"person": person} for person in range(1, 5)],
            },
            measured={"value": 62.5, "n": 4, "features_in_use": 2, "features_per_user": 1.25},
        ),
    ),
    benchmarks=(
        Benchmark(
            "Which features matter most differs by segment.",
            "an article on customer engagement (R22)",
            applies_to="a claim to test with groupBy",
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="One curious day touches every feature once.",
)

RELEASE = Card(
    formula="100 x (users / active persons of the days from the release on - users / active persons of those before)",
    source="updates are judged by adoption (R60); interval: R. Newcombe, Interval Estimation for the Difference "
    "Between Independent Proportions, Statistics in Medicine 17 (1998), method 10",
    edge_rules=(
        "Nobody active on one of the sides: null, NO_DATA.",
        "IMMATURE while the days after the release are fewer than those before.",
        "A feature without a day of release in the dictionary has no value; an update is a release of its feature.",
        "Many are on both sides; the interval takes them as independent and so is rather too wide.",
    ),
    vectors=(
        Vector(
            "before: 10 of 100 active persons; after: 30 of 120",
            "15 points",
            "own",
            rows={
                "releases": [
                    {
                        "feature": 7,
                        "released_on": "2026-05-20",
                        "days_after": 30,
                        "users_before": 10,
                        "active_before": 100,
                        "users_after": 30,
                        "active_after": 120,
                    }
                ]
            },
            measured={"value": 15, "share_before": 0.1, "share_after": 0.25, "status": "OK"},
            subject=("feature", 7),
        ),
        Vector(
            "released ten days ago: 0 of 100 before, 30 of 60 after",
            "50 points, IMMATURE",
            "own",
            rows={
                "releases": [
                    {
                        "feature": 7,
                        "released_on": "2026-06-21",
                        "days_after": 10,
                        "users_before": 0,
                        "active_before": 100,
                        "users_after": 30,
                        "active_after": 60,
                    }
                ]
            },
            measured={"value": 50, "status": "IMMATURE"},
            subject=("feature", 7),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="A tour that opens the feature for everybody makes users of all of them once.",
)

TIME_TO_ADOPT = Card(
    formula="median days from when a person could use the feature (first event, or the release) to the first use, by "
    "Kaplan-Meier over the persons first seen in the window",
    source="median days from eligible to first use: ithemesky.com; E. Kaplan, P. Meier, JASA 53 (1958); "
    "interval: R. Brookmeyer, J. Crowley, Biometrics 38 (1982)",
    edge_rules=(
        "Who has not used it stays in the denominator for as long as they were seen (right-censored), and is counted.",
        "Fewer than half reached it by the estimate: null with NO_DATA, not reached; the details say how many did.",
        "A first use on the day itself takes 0 days; one before the release as well.",
        "Whether those who used it still do so later is not told: no input knows the last use of a feature.",
        "new_users_days 0: the metric is off.",
    ),
    vectors=(
        Vector(
            "4 persons used it after 0, 2, 2 and 5 days; 2 have waited for 3 days and 1 for 9",
            "5 days, since after 2 days 4 of 7 still wait; 4 reached it",
            "own",
            rows={
                "first_uses": [
                    {"feature": 7, "days": days, "used": used, "persons": persons}
                    for days, used, persons in (
                        (0, True, 1),
                        (2, True, 2),
                        (5, True, 1),
                        (3, False, 2),
                        (9, False, 1),
                    )
                ]
            },
            measured={"value": 5, "n": 7, "users": 4, "waiting": 3, "share_reached": 4 / 7},
            subject=("feature", 7),
        ),
        Vector(
            "1 of 3 used it on the first day, 2 wait",
            "null: not reached",
            "own",
            rows={
                "first_uses": [
                    {"feature": 7, "days": 0, "used": True, "persons": 1},
                    {"feature": 7, "days": 9, "used": False, "persons": 2},
                ]
            },
            measured={"value": None, "status": "NO_DATA", "users": 1, "waiting": 2},
            subject=("feature", 7),
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Quick first uses that nobody repeats; read it beside the adopters.",
)
