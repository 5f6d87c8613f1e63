"""The definition cards of the Net Promoter Score, of its change and of its coverage."""

from typing import Any

from engage_server.sdk import Benchmark, Card, CardText, Timing, Vector


def answers(*scores: int) -> list[dict[str, Any]]:
    """Rows of answers on 0-10 in one account."""
    known = {"account": 1, "scale_min": 0, "scale_max": 10, "direction": "UP", "dismissed": False}
    return [{**known, "score": score} for score in scores]


def dismissals(count: int) -> list[dict[str, Any]]:
    """Rows of surveys on 0-10 that were shown and not answered, each to another person."""
    return [
        {**row, "score": None, "dismissed": True, "person": n} for n, row in enumerate(answers(*[0] * count))
    ]


EXAMPLE = answers(9, 10, 9, 7, 8, 6)
"""Half promoters, a third passives, a sixth detractors."""
SCORE = Card(
    formula=(
        "100 * (promoters - detractors) / n on a 0-10 scale; promoters answer 9-10, "
        "passives 7-8, detractors 0-6; margin of error = z * 100 * sqrt((p + d - (p - d)^2) / n), for the default "
        "after 3 answers are added, 3/4 of one to promoters and to detractors each"
    ),
    source=(
        "Delighted help centre, article 531 (NPS surveys); formbricks FeedbackRecords.js; "
        "margin: B. Rocks, Interval Estimation for the Net Promoter Score, The American Statistician 70 (2016); "
        "plain Wald: Cross Validated, margin of error in a net promoter score result"
    ),
    edge_rules=(
        "No answer in the window: null with NO_DATA, never 0.",
        "One answer per person, the last as of the window's end, over all instruments read; a later answer does not "
        "change an earlier window. Configurable.",
        "An account without an answer or a dismissal in the window is absent: it has no value, nor its last one.",
        "Dismissed surveys are counted but are no part of n.",
        "Answers on another scale than 0-10 (such as 1-10) are not comparable: counted, no part of n; their instruments "
        "are named.",
        "Answers that are no whole number from 0 to 10 are invalid: counted, no part of n.",
        "The interval is adjusted Wald, clipped to -100..100 and named in its method. Its middle is the score of "
        "the answers with the added ones, so that for one or two answers it may leave out the score itself.",
        "Plain Wald is a setting: unanimous answers then have margin 0, whatever n.",
        "The mean of accounts leaves out answers of unknown accounts (without_account) and has no margin.",
        "Worst and best case: the score if all who dismissed the survey and gave no answer were detractors, or promoters. "
        "Who was asked and reacted in no way is not known, and in neither.",
        "Several instruments read by a star are one survey: one answer per person over all of them.",
        "Figures are rounded to 10 decimals so that the contributions add up to the value.",
    ),
    vectors=(
        Vector(
            "1/2 promoters, 1/3 passives, 1/6 detractors",
            "33.33",
            "Delighted help centre, article 531",
            rows={"responses": EXAMPLE},
            measured={"value": 100 / 3, "n": 6, "promoter_share": 1 / 2, "detractor_share": 1 / 6},
        ),
        Vector(
            "the same shares with n = 100",
            "variance 5/9, plain Wald margin 14.6 points at 95% (margin_at_100)",
            "Cross Validated",
            rows={"responses": EXAMPLE},
            measured={"margin_at_100": 1.959963984540054 * 100 * (5 / 9 / 100) ** 0.5},
        ),
        Vector(
            "the same shares with n = 600, plain Wald",
            "33.33 +- 5.96 points at 95%",
            "by the formula: 1.96 * 100 * sqrt(5 / 9 / 600)",
            rows={"responses": EXAMPLE * 100},
            measured={"n": 600, "margin_of_error": 1.959963984540054 * 100 * (5 / 9 / 600) ** 0.5},
            config={"interval": "wald"},
        ),
        Vector(
            "the same shares with n = 6, and 4 who did not answer",
            "response rate 0.6; from -20 to 60 whatever the four would have said",
            "Manski, Partial Identification of Probability Distributions (2003), chapter 1: (2 -+ 4) / 10",
            rows={"responses": EXAMPLE + dismissals(4)},
            measured={
                "value": 100 / 3,
                "unanswered": 4,
                "response_rate": 0.6,
                "worst_case": -20,
                "best_case": 60,
            },
        ),
        Vector(
            "a 10 on 0-10, and a 10 of an instrument that asks 1-10",
            "100 of n = 1; the other is not comparable, its instrument is named",
            "requirement R35 (articles ask 1 to 10, with detractors 0 to 6)",
            rows={"responses": [*answers(10), {**answers(10)[0], "scale_min": 1, "instrument": "nps_1_10"}]},
            measured={
                "value": 100,
                "n": 1,
                "not_comparable": 1,
                "not_comparable_instruments": ["nps_1_10"],
            },
        ),
        Vector(
            "9 detractors in one account, a promoter in another",
            "-80; as the mean of accounts 0",
            "own",
            rows={"responses": [*answers(*[0] * 9), {**answers(10)[0], "account": 2}]},
            measured={"value": 0, "n": 10, "accounts": 2},
            config={"account_mode": "mean_of_accounts"},
        ),
        Vector(
            "a 9, an 8.5 and a survey that was dismissed",
            "100 of n = 1; one invalid answer, one dismissed",
            "own: only whole numbers are on the scale",
            rows={"responses": [*answers(9), {**answers(8)[0], "score": 8.5}, *dismissals(1)]},
            measured={"value": 100, "n": 1, "invalid": 1, "dismissed": 1},
        ),
        Vector(
            "3 promoters and nobody else",
            "100, adjusted Wald from -6.6 to 100 at 95%",
            "by the formula: 50 +- 1.96 * 100 * sqrt((6 * 4.5 - 3^2) / 6^3)",
            rows={"responses": answers(9, 10, 10)},
            measured={"value": 100, "low": 50 - 100 * 1.959963984540054 / 12**0.5, "high": 100},
        ),
    ),
    benchmarks=(
        Benchmark(
            statement="Above 0 is good, above 20 favourable, above 50 excellent, above 80 world class.",
            source="attributed to Bain & Company by many; no published data",
            low=0,
            high=50,
            applies_to="any industry; levels differ widely between industries and countries",
        ),
        Benchmark(
            statement="A higher score predicts revenue growth.",
            source="requirement R70 (an article on customer engagement)",
            applies_to="a claim to test against the tenant's own revenue",
        ),
    ),
    vanity_risk="Rises when only happy customers are asked or answer; read it with n and dismissed.",
    translations={
        "ko": CardText(
            formula=(
                "0~10 척도에서 100 × (추천 − 비추천) / n. 추천은 9~10, 중립은 7~8, 비추천은 "
                "0~6. 오차 범위 = z × 100 × √((p + d − (p − d)²) / n)이며, 기본값은 응답 "
                "3개를 더한 뒤(추천과 비추천에 각각 3/4) 계산합니다."
            ),
            vanity_risk="만족한 고객에게만 묻거나 그들만 답하면 올라갑니다. n과 거절 수를 함께 보세요.",
        ),
    },
)
CHANGE = Card(
    formula=(
        "score of the window - score of the window of the same length before; interval: z * sqrt of the sum of both "
        "adjusted Wald variances around the difference of the adjusted scores; significant where it excludes 0"
    ),
    source="B. Rocks, Interval Estimation for the Net Promoter Score, The American Statistician 70 (2016)",
    edge_rules=(
        "No answer in one of the windows: null with NO_DATA, never 0.",
        "Significant is said only where the interval excludes 0, at the configured confidence.",
        "Who answered in both windows counts in both: the windows are taken as independent samples, which is on the safe "
        "side where the same persons answer alike.",
        "The mean of accounts has a change and no interval; its significance is null.",
        "n is the smaller number of answers of the two windows.",
        "Off unless compare_windows is on.",
    ),
    vectors=(
        Vector(
            "6 promoters after 6 detractors",
            "200, significant: from 75.7 to 191.0",
            "by the formula: 200 * 6 / 9 +- 1.96 * sqrt(2) * 100 * sqrt((9 * 7.5 - 36) / 729)",
            rows={"responses": answers(*[10] * 6), "previous": answers(*[0] * 6)},
            measured={
                "value": 200,
                "n": 6,
                "significant": True,
                "low": 400 / 3 - 1.959963984540054 * 100 * (2 * 31.5 / 729) ** 0.5,
            },
            config={"compare_windows": True},
        ),
        Vector(
            "promoter, promoter, detractor after promoter, passive, detractor",
            "33.33, not significant",
            "by the formula",
            rows={"responses": answers(10, 9, 3), "previous": answers(10, 8, 3)},
            measured={"value": 100 / 3, "significant": False, "previous_score": 0},
            config={"compare_windows": True},
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="Of many changes looked at, one of twenty is significant at 95% by chance alone.",
)
COVERAGE = Card(
    formula="100 x accounts with a valid answer / accounts; beside it the same of their monthly recurring revenue",
    source="own; why it matters: a score of few and small accounts is not the customers' score",
    edge_rules=(
        "Accounts of the configured stages on the day (customers, by default). None: null with NO_DATA.",
        "Revenue is that of the subscriptions that count on the day, trials left out; by currency, never added up.",
        "A subsidiary's answer is its own, not its parent's.",
        "Off unless measure_coverage is on.",
    ),
    vectors=(
        Vector(
            "4 customers of 70, 20, 10 and 0 a month, of which the first and the last answered; a lead answered too",
            "50; 0.7 of the revenue",
            "own",
            rows={
                "responses": [{**row, "account": id} for row in answers(9) for id in (1, 4, 5)],
                "accounts": [
                    {"account": id, "stage": "LEAD" if id == 5 else "CUSTOMER"} for id in range(1, 6)
                ],
                "seats": [
                    {"account": id, "mrr": mrr, "currency": "EUR", "is_trial": False}
                    for id, mrr in ((1, "70.00"), (2, "20.00"), (3, "10.00"))
                ],
            },
            measured={"value": 50, "n": 4, "answered_accounts": 2, "mrr_share": 0.7},
            config={"measure_coverage": True},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Rises with more invitations, whatever customers think.",
    translations={
        "ko": CardText(
            formula="100 × 유효한 응답이 있는 고객 / 고객. 옆에 월 반복 매출 기준의 같은 비율",
            vanity_risk="고객의 생각과 상관없이 초대를 늘리면 올라갑니다.",
        ),
    },
)
