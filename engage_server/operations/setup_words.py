"""What the audit of a set-up says of each item, in English and Korean; what was found is said where it is found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engage_server.activity.event_name_lint import MOST_KEY_EVENTS
from engage_server.metrics.anomalies import LEAST_DAYS


@dataclass(frozen=True, slots=True)
class Said:
    """The same in both languages."""

    en: str
    ko: str


@dataclass(frozen=True, slots=True)
class Words:
    """What an item is called, what it is for, and what to do where it is not done."""

    title: Said
    why: Said
    remedy: Said


WORDS: Final[Mapping[str, Words]] = {
    "dictionary": Words(
        Said("Event dictionary", "이벤트 사전"),
        Said(
            "Which events are worth something decides who counts as active, engaged and activated.",
            "어떤 이벤트에 가치가 있는지에 따라 활성·참여·활성화 사용자가 정해집니다.",
        ),
        Said(
            "Define classes, weights and features: `manage.py dictionary`, or a preset.",
            "분류, 가중치, 기능을 정의하세요: `manage.py dictionary` 또는 기본 사전.",
        ),
    ),
    "key_actions": Words(
        Said("Key actions", "핵심 행동"),
        Said(
            f"One to {MOST_KEY_EVENTS} actions in which customers get their value keep everybody looking at the same thing.",
            f"고객이 가치를 얻는 행동을 1~{MOST_KEY_EVENTS}개로 정하면 모두가 같은 것을 보게 됩니다.",
        ),
        Said(
            f"Mark at most {MOST_KEY_EVENTS} event names as key.",
            f"핵심 이벤트를 최대 {MOST_KEY_EVENTS}개 지정하세요.",
        ),
    ),
    "identity": Words(
        Said("Who is who", "사용자 식별"),
        Said(
            "A person with two names counts twice, and an anonymous one cannot be followed over devices.",
            "이름이 둘인 사람은 두 번 세어지고, 익명 사용자는 기기를 바꾸면 이어지지 않습니다.",
        ),
        Said("Call identify when somebody signs in.", "로그인할 때 identify를 호출하세요."),
    ),
    "membership": Words(
        Said("Persons of accounts", "고객 소속 사용자"),
        Said(
            "Metrics of accounts see those persons alone that belong to one.",
            "고객 지표는 고객에 속한 사용자만 봅니다.",
        ),
        Said(
            "Call group when somebody signs in, or import memberships.",
            "로그인할 때 group을 호출하거나 소속을 가져오세요.",
        ),
    ),
    "account_traits": Words(
        Said("What accounts are", "고객 속성"),
        Said(
            "Plan and traits are the dimensions by which numbers are compared.",
            "요금제와 속성은 숫자를 비교하는 기준입니다.",
        ),
        Said("Send traits with group, or import accounts.", "group으로 속성을 보내거나 고객을 가져오세요."),
    ),
    "north_star": Words(
        Said("North star", "북극성 지표"),
        Said(
            "One number that everybody wants to raise, with a value to reach by a day.",
            "모두가 높이려는 하나의 숫자와, 언제까지 도달할 값입니다.",
        ),
        Said(
            "Choose the metric that stands for the customers' value (`tenant set --primary-metric`), and set a goal on it.",
            "고객 가치를 대표하는 지표를 고르고(`tenant set --primary-metric`) 목표를 정하세요.",
        ),
    ),
    "retention_baseline": Words(
        Said("Retention baseline", "유지율 기준값"),
        Said(
            "Whether anything improves is only seen against how many stay today.",
            "나아지는지는 지금 얼마나 남는지와 견주어야 보입니다.",
        ),
        Said(
            "Enable a plugin that measures retention, and compute it for the past.",
            "유지율을 측정하는 플러그인을 켜고 과거 값을 계산하세요.",
        ),
    ),
    "segments": Words(
        Said("Segments", "세그먼트"),
        Said(
            "A mean over all hides who thrives and who is at risk.",
            "전체 평균은 누가 잘되고 누가 위험한지를 가립니다.",
        ),
        Said(
            "Make segments, and track those that you look at each week.",
            "세그먼트를 만들고, 매주 보는 것은 추적하세요.",
        ),
    ),
    "activity_cohorts": Words(
        Said("Cohorts by what they did", "행동 기준 코호트"),
        Said(
            "Who did a thing, and who did not, are the groups in which retention differs.",
            "어떤 행동을 한 사람과 하지 않은 사람은 유지율이 다릅니다.",
        ),
        Said(
            "Make a segment with the words `did` or `did_not`.",
            "`did` 또는 `did_not` 조건으로 세그먼트를 만드세요.",
        ),
    ),
    "coverage": Words(
        Said("A complete picture", "빠짐없는 그림"),
        Said(
            "Not every metric, but each kind of them: a product that is used and not paid for is seen from one side only.",
            "모든 지표가 아니라 종류별로 필요합니다. 사용만 보고 매출을 보지 않으면 한쪽만 보게 됩니다.",
        ),
        Said("Enable a plugin of each kind that you need.", "필요한 종류마다 플러그인을 하나씩 켜세요."),
    ),
    "consent": Words(
        Said("Consent to what plugins read", "플러그인 읽기 동의"),
        Said(
            "A plugin whose release reads more than was agreed to waits, and its numbers grow old.",
            "동의한 것보다 더 읽는 새 버전의 플러그인은 대기하고, 그 숫자는 오래됩니다.",
        ),
        Said(
            "Look at the reasons in `manage.py plugin list`, and agree or disable.",
            "`manage.py plugin list`에서 이유를 보고 동의하거나 끄세요.",
        ),
    ),
    "history": Words(
        Said("Values of the past", "과거 값"),
        Said(
            f"What is unusual is only known after {LEAST_DAYS} days of values.",
            f"무엇이 이례적인지는 값이 {LEAST_DAYS}일 쌓여야 알 수 있습니다.",
        ),
        Said(
            "Compute the past: `manage.py compute --from`.", "과거를 계산하세요: `manage.py compute --from`."
        ),
    ),
}
