"""The words of the pages that customers read, in English and Korean."""

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Your progress", "dated": "Figures of {day}.", "no_day": "There are no figures yet.",
        "metrics": "Where you are", "goals": "Goals", "steps": "{title}: in detail", "name": "What", "value": "Now",
        "band": "Band",
        "day": "Of", "target": "Target", "due": "By", "way": "Done", "state": "State", "part": "Part",
        "none": "Nothing is shown here yet.", "withheld": "too few persons to be shown", "REACHED": "reached",
        "AHEAD": "on the way",
        "BEHIND": "behind", "MISSED": "missed", "NO_DATA": "no data",
        "gone": "Nothing is shared at this address, or not any more. Ask who gave it to you for a new one.",
    },
    "ko": {
        "title": "진행 상황", "dated": "{day} 기준 수치입니다.", "no_day": "아직 수치가 없습니다.",
        "metrics": "현재 상태", "goals": "목표", "steps": "{title}: 상세", "name": "항목", "value": "현재",
        "band": "구간",
        "day": "기준일", "target": "목표값", "due": "기한", "way": "진행률", "state": "상태", "part": "내용",
        "none": "아직 표시할 내용이 없습니다.", "withheld": "인원이 적어 표시하지 않음", "REACHED": "달성",
        "AHEAD": "진행 중",
        "BEHIND": "뒤처짐", "MISSED": "미달성", "NO_DATA": "자료 없음",
        "gone": "이 주소에는 공유된 내용이 없거나 기간이 끝났습니다. 주소를 준 담당자에게 새 주소를 요청하세요.",
    },
}  # fmt: skip
