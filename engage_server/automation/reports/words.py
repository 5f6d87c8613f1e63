"""The words of reports, in English and Korean."""

from collections.abc import Mapping
from typing import Final

Words = Mapping[str, str]
WORDS: Final[Mapping[str, Words]] = {
    "en": {
        "QUARTERLY_REVIEW": "Quarterly review", "PORTFOLIO": "Portfolio", "ROADMAP": "Roadmap review",
        "dated": "Figures of {day}, compared with {before}.", "no_day": "There are no figures yet.",
        "metrics": "Adoption and results", "bridge": "Why {metric} changed", "seats": "Seats and subscriptions",
        "goals": "Goals", "quotes": "What was said", "next": "Next steps",
        "accounts": "Accounts, those that fell most first",
        "signals": "Signals of the last week", "tasks": "To be done", "renewals": "Renewals within 90 days",
        "features": "Features", "sunset": "Candidates to be taken away", "vanity": "How these figures flatter",
        "name": "What", "now": "Now", "before": "Before", "change": "Change",
        "band": "Band", "target": "Target", "due": "By",
        "way": "Done", "state": "State",
        "cause": "Cause", "plan": "Plan", "number": "Seats", "ends": "Until", "day": "Day",
        "text": "Words", "owner": "Owner", "account": "Account", "signal": "Signal",
        "renews": "Renews", "feature": "Feature",
        "since": "Measured since", "metric": "Metric", "risk": "Mind", "none": "Nothing.", "unlimited": "unlimited",
        "withheld": "too few persons", "more": "{n} more are left out.",
        "sunset_note": "Below {share}% for at least {days} days of being measured.",
        "review": "Renewal on {day}", "REACHED": "reached", "AHEAD": "on the way", "BEHIND": "behind", "MISSED": "missed",
        "NO_DATA": "no data",
    },
    "ko": {
        "QUARTERLY_REVIEW": "분기 리뷰", "PORTFOLIO": "포트폴리오", "ROADMAP": "로드맵 리뷰",
        "dated": "{day} 기준 수치이며 {before}과 비교합니다.", "no_day": "아직 수치가 없습니다.",
        "metrics": "활용과 성과", "bridge": "{metric} 변동 이유", "seats": "좌석과 구독",
        "goals": "목표", "quotes": "고객의 말", "next": "다음 할 일", "accounts": "많이 떨어진 순 고객사",
        "signals": "지난주 신호", "tasks": "할 일", "renewals": "90일 안의 갱신",
        "features": "기능", "sunset": "정리 후보", "vanity": "수치를 볼 때 주의할 점",
        "name": "항목", "now": "현재", "before": "이전", "change": "변동", "band": "구간", "target": "목표값", "due": "기한",
        "way": "진행률", "state": "상태", "cause": "원인", "plan": "요금제", "number": "좌석", "ends": "종료", "day": "날짜",
        "text": "내용", "owner": "담당자", "account": "고객사", "signal": "신호", "renews": "갱신일", "feature": "기능",
        "since": "측정 시작", "metric": "지표", "risk": "주의", "none": "없음", "unlimited": "무제한",
        "withheld": "인원이 적음", "more": "{n}건은 생략했습니다.",
        "sunset_note": "측정 {days}일 이상 동안 {share}% 미만입니다.",
        "review": "{day} 갱신", "REACHED": "달성", "AHEAD": "진행 중", "BEHIND": "뒤처짐", "MISSED": "미달성",
        "NO_DATA": "자료 없음",
    },
}  # fmt: skip
# As the dashboard says them; in English they are named as plugins name them.
BANDS: Final[Mapping[str, Words]] = {
    "en": {},
    "ko": {
        "GREEN": "양호", "YELLOW": "주의", "RED": "위험", "UNKNOWN": "미상",
        "UNDER": "미달", "HEALTHY": "적정", "FULL": "가득 참", "OVER_ALLOCATED": "초과 할당",
    },
}  # fmt: skip


def band_in(language: str, band: str) -> str:
    """What a band is called in a language; as its plugin names it where there is no word for it."""
    return BANDS[language].get(band, band)
