"""The definition cards of the score and of the portfolio: what a reader needs to trust the numbers."""

from engage_health_score.examples import ALIKE, ID, ONE, WEIGHTED, component, override, value, values
from engage_server.sdk import Benchmark, Card, CardText, Timing, Vector

SCORE = Card(
    formula=(
        "Σ w·s / Σ w over the components that have a value; s = the component's metric brought to 0..100. "
        "With group weights the mean is taken within each group first, then over the groups. "
        "Model worst_of: the lowest s. A cap that holds lowers the result to its limit. "
        "An override of the day takes its place, or with only_lower where it is lower."
    ),
    source=(
        "Weighted mean and groups: Gainsight, Calculation of Group Scores and Overall Scores; "
        "Totango 4410017625748. "
        "Worst-of and exclusion of missing components: Totango 360030899812. Override that only lowers: Gainsight "
        "community 14622. Bands, coverage and caps: ours."
    ),
    edge_rules=(
        "Bands are half-open and leave no gap: red [0, 50), yellow [50, 75), green [75, 100]; "
        "the unrounded score is compared.",
        "The stored score is unrounded; details.rounded is rounded once, half up, for display.",
        "A value that is NO_DATA, SUPPRESSED or older than max_age_days is a missing component.",
        "Missing components: left out and the rest reweighted (default), 0, 50, or no score at all; "
        "the mode is in details.missing_mode.",
        "Coverage = weight with values / configured weight. Below min_coverage, or without any component: "
        "null, NO_DATA and the band UNKNOWN, never red.",
        "Percentiles of components: ties share the middle rank; among fewer than min_peers accounts: missing.",
        "A cap looks at components that have a value; of several caps the lowest decides. "
        "It appears as a contribution with negative points; details.before_caps keeps the computed score.",
        "An override has a reason, an author and an expiry; details.computed keeps the score without it. One that may "
        "only lower leaves a lower score and an unknown one alone.",
        "The first profile that fits an account scores it; details.profile says which.",
        "An account without any input is reported as UNKNOWN rather than left out.",
        "Only accounts of the configured stages have a score, by default customers: leads, trials and accounts that left "
        "are absent, and a score that they had is no longer shown.",
        "Normalisation measured takes the metric's own word for where its value lies between 0 and 100: no scale is "
        "assumed. Where it says nothing the component is missing.",
    ),
    vectors=(
        Vector(
            "weights 20, 15, 22; scores 47, 59, 21",
            "40.12, shown as 40",
            "Gainsight [GSC]",
            rows=values(47, 59, 21),
            measured={"value": 2287 / 57, "rounded": 40, "coverage": 1, "band": "RED", "computed": 2287 / 57},
            config=WEIGHTED,
            subject=("account", ID),
        ),
        Vector(
            "the same, the third missing (reweighted)",
            "52.14",
            "ours",
            rows=values(47, 59),
            measured={"value": 1825 / 35, "coverage": 35 / 57, "band": "YELLOW"},
            config=WEIGHTED,
            subject=("account", ID),
        ),
        Vector(
            "the same, the third missing, counted as 0",
            "32.02",
            "own: missing component: ZERO",
            rows=values(47, 59),
            measured={"value": 1825 / 57, "coverage": 35 / 57, "missing_mode": "ZERO"},
            config={**WEIGHTED, "missing": "ZERO"},
            subject=("account", ID),
        ),
        Vector(
            "the same, the third missing, counted as 50",
            "51.32",
            "own: missing component: NEUTRAL",
            rows=values(47, 59),
            measured={"value": 2925 / 57, "missing_mode": "NEUTRAL"},
            config={**WEIGHTED, "missing": "NEUTRAL"},
            subject=("account", ID),
        ),
        Vector(
            "the same, the third missing, blocking",
            "unknown, not red",
            "own: missing component: BLOCK",
            rows=values(47, 59),
            measured={"value": None, "status": "NO_DATA", "band": "UNKNOWN"},
            config={**WEIGHTED, "missing": "BLOCK"},
            subject=("account", ID),
        ),
        Vector(
            "the third alone: 22 of 57 of the weight has a value",
            "unknown, not red: below the coverage of a half",
            "ours; Totango has an unknown health as well",
            rows=values(None, None, 21),
            measured={"value": None, "status": "NO_DATA", "band": "UNKNOWN", "coverage": 22 / 57},
            config=WEIGHTED,
            subject=("account", ID),
        ),
        Vector(
            "two levels: usage of 100 (weight 1) and 0 (weight 3), advocacy of 75, groups alike",
            "25 and 75 give 50, which is yellow",
            "Gainsight [GSC], Totango [TOTH]",
            rows=values(100, 0, 75),
            measured={"value": 50, "band": "YELLOW"},
            config={
                "components": [component("a", 1), component("b", 3), component("c", 5, group="advocacy")],
                "group_weights": {"usage": 1, "advocacy": 1},
            },
            subject=("account", ID),
        ),
        Vector(
            "a score of 49.7",
            "shown as 50, and red: the unrounded score is compared",
            "own; Gainsight's edge of 50 is red as well [GSF], ChurnZero's is in the better band [CZF]",
            rows=values(49.7),
            measured={"value": 49.7, "rounded": 50, "band": "RED"},
            config=ONE,
            subject=("account", ID),
        ),
        Vector(
            "effort 4.08 on 1-7, as its own metric places it",
            "51.33",
            "(4.08 - 1) / (7 - 1) * 100",
            rows={**values(), "values": [value("a", 4.08, place=308 / 6)]},
            measured={"value": 308 / 6},
            config={"components": [component("a", 1, kind="measured")]},
            subject=("account", ID),
        ),
        Vector(
            "Totango's steps: one good, one average, one poor",
            "(100 + 60 + 0) / 3 = 53.33",
            "Totango [TOTH]",
            rows=values(80, 50, 49.9),
            measured={"value": 160 / 3},
            config={
                "components": [component(key, 1, kind="steps", good_at=80, average_at=50) for key in "abc"]
            },
            subject=("account", ID),
        ),
        Vector(
            "scores 90, 80, 30; worst_of",
            "30: red because one is red",
            "Totango [TOTA]",
            rows=values(90, 80, 30),
            measured={"value": 30, "band": "RED", "model": "worst_of", "driver": "c"},
            config={**ALIKE, "model": "worst_of"},
            subject=("account", ID),
        ),
        Vector(
            "scores 90, 80, 75; worst_of",
            "75: green because all are green",
            "Totango [TOTA]",
            rows=values(90, 80, 75),
            measured={"value": 75, "band": "GREEN"},
            config={**ALIKE, "model": "worst_of"},
            subject=("account", ID),
        ),
        Vector(
            "scores 100, 100, 10, and a cap: c below 20 keeps the total at 40",
            "40 instead of 70",
            "own: cap rules",
            rows=values(100, 100, 10),
            measured={"value": 40, "before_caps": 70, "band": "RED", "driver": "c"},
            config={**ALIKE, "caps": [{"component": "c", "below": 20, "at_most": 40}]},
            subject=("account", ID),
        ),
        Vector(
            "a computed score of 80, set to 30 by hand",
            "30, the computed 80 beside it",
            "Gainsight [GC3004]: the computed score is kept",
            rows={**values(80), "overrides": [override(30)]},
            measured={"value": 30, "computed": 80, "band": "RED"},
            config=ONE,
            subject=("account", ID),
        ),
        Vector(
            "a computed score of 20, and an override to 30 that may only lower",
            "20: it does not raise",
            "Gainsight [GC14622]",
            rows={**values(20), "overrides": [override(30, only_lower=True)]},
            measured={"value": 20, "computed": 20},
            config=ONE,
            subject=("account", ID),
        ),
    ),
    benchmarks=(
        Benchmark(
            statement="Bands at 50 and 75 are a starting point; set them where churn begins with you.",
            source="ours",
            low=50,
            high=75,
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk=(
        "Weights can be tuned until everybody is green. Compare the bands with the accounts that left (backtest), "
        "and watch the coverage: a score over one good component looks like health."
    ),
    translations={
        "ko": CardText(
            formula=(
                "값이 있는 구성 요소의 Σ w·s / Σ w. s는 구성 요소 지표를 0~100으로 옮긴 값입니다. 그룹 "
                "가중치가 있으면 그룹 안에서 먼저, 다음으로 그룹끼리 평균을 냅니다. worst_of 모델은 가장 낮은 "
                "s입니다. 적용되는 상한은 결과를 그 값으로 낮춥니다. 그날의 수동 지정은 점수를 대신하며, "
                "only_lower이면 더 낮을 때만 그렇습니다."
            ),
            vanity_risk=(
                "가중치를 조정하면 모두를 녹색으로 만들 수 있습니다. 상태를 떠난 고객과 견주어 보고(backtest), "
                "커버리지를 확인하세요. 좋은 요소 하나만으로도 건강해 보입니다."
            ),
        ),
    },
)

PORTFOLIO_QUALITY = Card(
    formula="Mean over the scored accounts with a known band of: green 100, yellow 60, red 40.",
    source="Totango 360032136152, portfolio quality",
    edge_rules=(
        "Unknown accounts are not in the mean; details.unknown counts them.",
        "No account with a known band: null and NO_DATA.",
    ),
    vectors=(
        Vector(
            "5 green, 3 yellow, 2 red",
            "76",
            "Totango [TOTP]",
            rows={
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in range(1, 11)],
                "values": [
                    value("a", number, id=id)
                    for id, number in enumerate([90, 90, 90, 90, 75, 50, 60, 74, 10, 49], start=1)
                ],
            },
            measured={"value": 76, "n": 10, "green": 5, "yellow": 3, "red": 2, "unknown": 0},
            config=ONE,
        ),
        Vector(
            "one account in each band, and one of which nothing is known",
            "66.67",
            "by the formula",
            rows={
                "accounts": [{"account": id, "stage": "CUSTOMER"} for id in (1, 2, 3, 4)],
                "values": [value("a", number, id=id) for id, number in ((1, 90), (2, 60), (3, 10))],
            },
            measured={"value": 200 / 3, "n": 3, "green": 1, "yellow": 1, "red": 1, "unknown": 1},
            config=ONE,
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Every account weighs the same; one large red customer hides behind many small green ones.",
    translations={
        "ko": CardText(
            vanity_risk="모든 고객의 비중이 같아서, 큰 적색 고객 하나가 작은 녹색 고객 여럿 뒤에 가려집니다.",
        ),
    },
)
