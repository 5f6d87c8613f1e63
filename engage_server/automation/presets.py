"""Playbooks that come with the server, each with the case that it is taken from. They are made off.

They speak of the tenant's own events, which whoever applies one names: nobody's product calls them the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engage_server.automation.exceptions import UnknownPresetError


@dataclass(frozen=True, slots=True)
class Preset:
    """A rule and a playbook after it.

    Args:
        id: by which it is applied.
        title: by language.
        why: the case that it is taken from, by language.
        needs: the events that have to be named: ``after``, ``event`` or both.
        rule: fields of a rule's body; the named events are put in.
        steps: of the playbook; the channel is put in.
    """

    id: str
    title: Mapping[str, str]
    why: Mapping[str, str]
    needs: tuple[str, ...]
    rule: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]


def _message(subject: str, text: str) -> dict[str, Any]:
    return {"type": "message", "subject": subject, "text": text}


PRESETS: Final = (
    Preset(
        id="signup_sequence",
        title={"en": "After the sign-up", "ko": "가입 직후 안내"},
        why={
            "en": "Pipefy writes to who signs up, at first with links to the templates that are used most.",
            "ko": "Pipefy는 가입자에게 가장 많이 쓰이는 템플릿 링크부터 순서대로 메일을 보낸다.",
        },
        needs=("event",),
        rule={"kind": "OPPORTUNITY", "trigger": {"type": "event", "subject": "person"}},
        steps=(
            _message("{{ person.external_id }} signed up", "Send the links to what is used most."),
            {"type": "wait", "days": 3},
            _message(
                "{{ person.external_id }} signed up three days ago", "Send the second part: the next use."
            ),
            {"type": "wait", "days": 4},
            _message("{{ person.external_id }} signed up a week ago", "Ask how it goes."),
        ),
    ),
    Preset(
        id="setup_not_done",
        title={"en": "Set-up not done in the usual time", "ko": "평소 시간 안에 설정을 끝내지 못함"},
        why={
            "en": "Groove knows how long it takes to set up the support address, and writes to who has not done it by then.",
            "ko": "Groove는 지원 메일 설정에 걸리는 평균 시간을 알고, 그때까지 하지 못한 고객에게 메일을 보낸다.",
        },
        needs=("after", "event"),
        rule={"kind": "RISK", "trigger": {"type": "not_done", "within_days": 3}},
        steps=(
            _message("{{ account.name }} has not finished the set-up", "Offer help with the set-up."),
            {"type": "wait", "days": 4},
            {"type": "stop_if_over"},
            _message("{{ account.name }} has still not finished the set-up", "Call them."),
        ),
    ),
    Preset(
        id="no_key_action",
        title={"en": "No key action in seven days", "ko": "7일 동안 핵심 행동 없음"},
        why={
            "en": "Who has not done the key action within seven days of the sign-up hears of it, and again days later.",
            "ko": "가입 후 7일 안에 핵심 행동을 하지 않은 사용자에게 메일을 보내고, 며칠 뒤 다시 보낸다.",
        },
        needs=("after", "event"),
        rule={"kind": "RISK", "trigger": {"type": "not_done", "within_days": 7, "subject": "person"}},
        steps=(
            _message(
                "{{ person.external_id }} has done no key action in a week",
                "Show the way to the first success.",
            ),
            {"type": "wait", "days": 2},
            {"type": "stop_if_over"},
            _message("{{ person.external_id }} has still done no key action", "Send the second message."),
        ),
    ),
    Preset(
        id="renewal_ahead",
        title={"en": "Renewal ahead", "ko": "갱신 예정"},
        why={
            "en": "Two months before a subscription ends its owner hears of it, and once more a month before.",
            "ko": "구독 종료 두 달 전에 담당자에게 알리고, 한 달 전에 다시 알린다.",
        },
        needs=(),
        rule={"kind": "RISK", "trigger": {"type": "renewal", "days_ahead": 60}, "cool_down_days": 90},
        steps=(
            _message(
                "{{ account.name }} renews in {{ signal.evidence.value | round }} days", "Prepare the review."
            ),
            {"type": "wait", "days": 30},
            {"type": "stop_if_over"},
            _message("{{ account.name }} renews in a month", "Is everything settled?"),
        ),
    ),
)


def preset(id: str) -> Preset:
    """The preset of an id.

    Raises:
        UnknownPresetError: there is none; names those there are.
    """
    found = next((one for one in PRESETS if one.id == id), None)
    if found is None:
        known = ", ".join(one.id for one in PRESETS)
        raise UnknownPresetError(f"There is no preset {id[:100]!r}. Remedy: one of these: {known}.")
    return found


def filled(
    one: Preset, *, channel: int, events: Mapping[str, str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The body of its rule and the steps of its playbook, with the tenant's own events and channel.

    Raises:
        UnknownPresetError: an event is not named, or one that it does not need is.
    """
    if set(events) != set(one.needs):
        wanted = " and ".join(one.needs) or "no event"
        raise UnknownPresetError(
            f"The preset {one.id!r} needs {wanted}. Remedy: name what it needs and nothing else."
        )
    trigger = {**one.rule["trigger"], **events}
    steps = [{**step, "channel": channel} if step["type"] == "message" else dict(step) for step in one.steps]
    return {**one.rule, "trigger": trigger}, steps
