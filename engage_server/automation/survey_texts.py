"""What surveys ask where a tenant has no words of its own, by language."""

from collections.abc import Mapping
from typing import Final

from engage_server.automation.surveys import SurveyBody, SurveyKind

QUESTIONS: Final[Mapping[str, Mapping[SurveyKind, str]]] = {
    "en": {
        SurveyKind.NPS: "How likely are you to recommend {name} to a friend or colleague?",
        SurveyKind.CES_1: "How much effort did you personally have to put forth to handle your request?",
        SurveyKind.CES_2: "{name} made it easy for me to handle my issue.",
        SurveyKind.CSAT_STARS: "How satisfied are you with {name}?",
        SurveyKind.CSAT_EMOJI: "How satisfied are you with {name}?",
        SurveyKind.TEXT: "What should {name} do better?",
    },
    "ko": {
        SurveyKind.NPS: "{name} 제품을 친구나 동료에게 추천할 의향이 얼마나 있습니까?",
        SurveyKind.CES_1: "요청을 처리하는 데 본인이 얼마나 많은 노력을 들여야 했습니까?",
        SurveyKind.CES_2: "{name} 덕분에 문제를 쉽게 해결할 수 있었습니다.",
        SurveyKind.CSAT_STARS: "{name}에 얼마나 만족하십니까?",
        SurveyKind.CSAT_EMOJI: "{name}에 얼마나 만족하십니까?",
        SurveyKind.TEXT: "{name}에서 무엇을 더 잘하면 좋겠습니까?",
    },
}
MAILS: Final = {
    "en": "{question}\n\nAnswer here; the link is yours alone and good once: {url}",
    "ko": "{question}\n\n아래 링크에서 답해 주세요. 본인만 한 번 사용할 수 있습니다: {url}",
}


def question(body: SurveyBody, language: str, *, tenant_name: str) -> str:
    """What a survey asks in a language."""
    return body.question_in(language) or QUESTIONS[language][body.kind].format(name=tenant_name)
