"""What the pages for the tenant's customers say, by language."""

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "name": "English",
        "bad_link_heading": "This link does not work",
        "bad_link_text": "It is incomplete, or was not made here. Nothing was changed. Open it as it stands in the mail.",
        "foreign_host_heading": "Not at this address",
        "foreign_host_text": "The link belongs to another address. Nothing was changed. Open it as it stands in the mail.",
        "foreign_origin_heading": "Not from this page",
        "foreign_origin_text": "Another web page sent this. Nothing was stored. Open the link itself.",
        "bad_form_heading": "This was not understood",
        "bad_form_text": "What was sent is not what this page sends. Nothing was stored. Open the link again.",
        "mail_heading": "Mail from {name}",
        "mail_intro": "Which mail do you want at the address that this link was sent to?",
        "mail_messages": "Messages about your use of the product",
        "mail_surveys": "Surveys",
        "mail_save": "Save",
        "mail_none": "Unsubscribe from everything",
        "mail_saved_both": "Saved. You get messages and surveys.",
        "mail_saved_messages": "Saved. You get messages, and no surveys.",
        "mail_saved_surveys": "Saved. You get surveys, and no messages.",
        "mail_saved_none": "You are unsubscribed. {name} sends you no more mail by this server.",
    },
    "ko": {
        "name": "한국어",
        "bad_link_heading": "사용할 수 없는 링크입니다",
        "bad_link_text": "온전하지 않거나 여기서 만든 링크가 아닙니다. 바뀐 것은 없습니다. 메일의 링크를 열어 주세요.",
        "foreign_host_heading": "이 주소에서는 열 수 없습니다",
        "foreign_host_text": "다른 주소의 링크입니다. 아무것도 바뀌지 않았습니다. 메일에 있는 링크를 그대로 열어 주세요.",
        "foreign_origin_heading": "이 페이지에서는 보낼 수 없습니다",
        "foreign_origin_text": "다른 웹 페이지에서 보낸 요청입니다. 아무것도 저장되지 않았습니다. 링크를 직접 열어 주세요.",
        "bad_form_heading": "내용을 이해할 수 없습니다",
        "bad_form_text": "이 페이지에서 보낸 내용이 아닙니다. 아무것도 저장되지 않았습니다. 링크를 다시 열어 주세요.",
        "mail_heading": "{name}의 메일",
        "mail_intro": "이 링크를 받은 주소로 어떤 메일을 받으시겠습니까?",
        "mail_messages": "제품 이용에 관한 메시지",
        "mail_surveys": "설문",
        "mail_save": "저장",
        "mail_none": "모든 메일 수신 거부",
        "mail_saved_both": "저장했습니다. 메시지와 설문을 모두 받습니다.",
        "mail_saved_messages": "저장했습니다. 메시지만 받고 설문은 받지 않습니다.",
        "mail_saved_surveys": "저장했습니다. 설문만 받고 메시지는 받지 않습니다.",
        "mail_saved_none": "수신 거부되었습니다. {name}에서 더 이상 메일을 보내지 않습니다.",
    },
}
