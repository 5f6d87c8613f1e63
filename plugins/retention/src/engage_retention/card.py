"""The definition cards."""

from typing import Any

from engage_server.sdk import Benchmark, Card, CardText, Timing, Vector

MODES = (
    "on (exact): active in period k; on_or_after (unbounded): in it or later; on_or_before: in any of 1 to k; streak: in "
    "each of them"
)
SOURCE = "docs.mixpanel.com, retention; help.mixpanel.com 360045484191; averages: community.mixpanel.com 5409"
MEAN = (
    "The value is the mean over complete cells, weighted by the cohorts' sizes: an unfinished cell is in no mean. "
    "So means over different periods are of different cohorts, and unbounded ones need not fall.",
    "No complete cell: null, NO_DATA.",
)
BIRTH = (
    "First-time is first ever, and not the first in the window (PostHog#2371).",
    "The events of birth and of return may be different ones (PostHog#14239).",
    "Period 0 begins with the day of the birth, or at its moment by the rolling clock.",
    "A cohort that the window cuts is left out; all that are shown have all their members.",
    "A merged person is born when the first of them was; persons that count nowhere are in no cohort.",
)


def cell(offset: int, size: int, retained: int, **more: Any) -> dict[str, Any]:
    """A row of the counts; complete where nothing else is said."""
    counted = {"cohort": "2026-05-04", "offset": offset, "size": size, "eligible": size, "retained": retained}
    return counted | more


MIXED = [
    cell(1, 10, 5),
    cell(1, 30, 3, cohort="2026-05-11"),
    cell(1, 100, 40, cohort="2026-05-18", eligible=40),
]
WEIGHTED = Vector(
    "10 members of whom 5 came back, 30 of whom 3 did, and a cohort of 100 of which 40 had the period",
    "20 %: 8 of 40; the unfinished cohort is in no mean",
    "community.mixpanel.com, unbounded-retention-going-up-5409",
    rows={"cohorts": MIXED},
    measured={"value": 20, "n": 40, "low": 10.499989725437702, "high": 34.75730634639949},
)

DAY = Card(
    formula="100 x members active in day k after their birth / members of cohorts that have had the day whole; "
    + MODES,
    source=SOURCE,
    edge_rules=(
        *MEAN,
        *BIRTH,
        "Calendar: day k is the k-th day in the tenant's zone after that of the birth; days on which clocks change have 23 "
        "or 25 hours. Rolling: day k is the k-th 24 hours after the very moment (PostHog#29958).",
    ),
    vectors=(
        WEIGHTED,
        Vector(
            "signed up at 23:45, came back at 00:01; by the calendar",
            "100 %: day 1",
            "PostHog#29958",
            rows={"cohorts": [cell(1, 1, 1)]},
            measured={"value": 100, "n": 1, "clock": "own"},
        ),
        Vector(
            "signed up at 23:45, came back at 00:01; by the rolling clock",
            "0 %: still day 0",
            "PostHog#29958",
            rows={"cohorts": [cell(1, 1, 0)]},
            measured={"value": 0, "n": 1, "clock": "rolling"},
            config={"clock": "rolling"},
        ),
        Vector(
            "nobody's day is over",
            "null, NO_DATA",
            "own",
            rows={"cohorts": [cell(1, 4, 0, eligible=0)]},
            measured={"value": None, "status": "NO_DATA", "n": 0},
        ),
    ),
    benchmarks=(
        Benchmark(
            "20 to 30 % of new users come back on the next day",
            "an article on customer engagement (R91)",
            low=20,
            high=30,
            applies_to="products that are used every day",
            details={"headline": 1, "period_unit": "day", "mode": "on"},
        ),
    ),
    timing=Timing.LEADING,
    vanity_risk="Rises when fewer, keener persons sign up; read it beside the size of the cohorts.",
    translations={
        "ko": CardText(
            formula="100 × 시작 후 k일째에 활성인 구성원 / 그날을 온전히 지난 코호트의 구성원",
            vanity_risk="가입자가 줄고 열성적일수록 올라갑니다. 코호트 크기와 함께 보세요.",
        ),
    },
)

MONTH = Card(
    formula="100 x members active in month k after their birth / members of cohorts that have had the month whole; "
    + MODES,
    source="customer retention rate after 1, 3 and 6 months (R88); " + SOURCE,
    edge_rules=(
        *MEAN,
        *BIRTH,
        "Own months: month k begins k months after the member's own day, on the last of a month that is too short: of "
        "31 January month 1 begins on the last day of February. Calendar: the k-th calendar month after the birth's.",
    ),
    vectors=(
        WEIGHTED,
        Vector(
            "born on 31 January, came back on 28 February alone",
            "100 %: month 1 begins on the last day of February",
            "own",
            rows={"cohorts": [cell(1, 1, 1, cohort="2026-01-01")]},
            measured={"value": 100, "n": 1, "clock": "own"},
        ),
    ),
    benchmarks=(
        Benchmark(
            "About 39 % are there after a month",
            "an article on customer engagement (R90)",
            low=39,
            high=39,
            applies_to="software in general",
            details={"headline": 1, "mode": "on"},
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="A return can be a glance; name a return event that is worth something.",
    translations={
        "ko": CardText(
            formula="100 × 시작 후 k개월째에 활성인 구성원 / 그 달을 온전히 지난 코호트의 구성원",
            vanity_risk="복귀가 단순한 방문일 수 있습니다. 가치 있는 복귀 이벤트를 지정하세요.",
        ),
    },
)

BRACKET = Card(
    formula="100 x members active on any day of the bracket / members of cohorts that have had the bracket whole",
    source=SOURCE,
    edge_rules=(*MEAN, *BIRTH, "Brackets do not overlap; such a configuration is refused."),
    vectors=(
        WEIGHTED,
        Vector(
            "brackets of days 1-7 and 8-30; 20 members, of whom 12 and 5 came back",
            "60 %, and 0.25 in the second",
            "own",
            rows={"cohorts": [cell(1, 20, 12), cell(8, 20, 5)]},
            measured={"value": 60, "n": 20},
            config={"brackets": [[1, 7], [8, 30]]},
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="The longer a bracket, the higher its share.",
    translations={
        "ko": CardText(
            formula="100 × 구간 중 하루라도 활성인 구성원 / 구간을 온전히 지난 코호트의 구성원",
            vanity_risk="구간이 길수록 비율이 높아집니다.",
        ),
    },
)

ACCOUNTS = Card(
    formula="100 x accounts with an active person in month k after the account's first event / accounts of cohorts that "
    "have had the month whole; " + MODES,
    source="as for persons, with accounts as members (R88)",
    edge_rules=(
        *MEAN,
        *BIRTH,
        "An account is active where anybody in it is; it is born with its first event.",
    ),
    vectors=(WEIGHTED,),
    timing=Timing.LAGGING,
    vanity_risk="One person keeps an account of hundreds; read it beside the retention of persons.",
    translations={
        "ko": CardText(
            formula="100 × 고객의 첫 이벤트 후 k개월째에 활성 사용자가 있는 고객 / 그 달을 온전히 지난 코호트의 고객",
            vanity_risk="수백 명 중 한 사람만으로도 고객이 유지됩니다. 사용자 유지율과 함께 보세요.",
        ),
    },
)

COHORTS = Card(
    formula="of each cohort the share active in each calendar period after it; the value is the mean of the first; "
    + MODES,
    source="cohort analysis by the month of sign-up (R99); " + SOURCE,
    edge_rules=(*MEAN, *BIRTH, "Period 0 is the cohort's own: all of it where no event of return is named."),
    vectors=(
        Vector(
            "committers first seen in February 2014: 82, of whom 37 were active in March",
            "45.12 %",
            "public histories of nine OpenStack projects",
            rows={"cohorts": [cell(0, 82, 82, cohort="2026-05-01"), cell(1, 82, 37, cohort="2026-05-01")]},
            measured={"value": 100 * 37 / 82, "n": 82},
        ),
    ),
    timing=Timing.LAGGING,
    vanity_risk="The youngest cohorts have only their easiest periods.",
    translations={
        "ko": CardText(
            formula="각 코호트에서 이후 달력 기간마다 활성인 비율. 값은 첫 기간의 평균입니다.",
            vanity_risk="가장 젊은 코호트는 가장 쉬운 기간만 있습니다.",
        ),
    },
)
