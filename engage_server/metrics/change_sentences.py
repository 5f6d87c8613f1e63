"""Says a change in one sentence, in English or Korean. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from engage_server.metrics.explanation import ZERO, Cause, Explanation, Kind
from engage_server.sdk.catalogues import said_in


def sentence(explanation: Explanation, *, unit: str = "", most: int = 3) -> str:
    """The change in one sentence, with the largest causes by name."""
    was, now, change = explanation.before, explanation.after, explanation.change
    if was is None or now is None or change is None:
        return "No change can be told: there is no value " + (
            "on either day." if was is None and now is None else "before." if was is None else "now."
        )
    # The difference of two shares is no share: from 56 % to 17 % are 39 points, not 39 %.
    of_value, of_change = ("%", " points") if unit == "%" else (f" {unit}" if unit else "",) * 2
    if change == 0:
        told = f"Unchanged at {_figure(now)}{of_value}"
    else:
        direction = "Up" if change > 0 else "Down"
        told = f"{direction} {_figure(abs(change))}{of_change}, from {_end(was, unit)} to {_end(now, unit)}"
    named, rest = _largest(explanation, most)
    texts = [_named(cause) for cause in named] + ([f"all else {_signed(rest)}"] if _shown(rest) else [])
    return f"{told}: {'; '.join(texts)}." if texts else f"{told}."


def korean_sentence(
    explanation: Explanation, *, labels: Mapping[str, str], unit: str = "", most: int = 3
) -> str:
    """As ``sentence``, in Korean; ``labels`` are what the metric's plugin and the server call parts in it."""
    was, now, change = explanation.before, explanation.after, explanation.change
    if was is None or now is None or change is None:
        lacking = "두 날 모두" if was is None and now is None else "이전" if was is None else "현재"
        return f"{lacking} 값이 없어 변화를 설명할 수 없습니다."
    of_value, of_change = ("%", "%p") if unit == "%" else (f" {unit}" if unit else "",) * 2
    if change == 0:
        told = f"변동 없음, {_figure(now)}{of_value}"
    else:
        direction = "상승" if change > 0 else "하락"
        told = f"{_figure(abs(change))}{of_change} {direction}, {_end(was, unit)} → {_end(now, unit)}"
    named, rest = _largest(explanation, most)
    texts = [f"{_korean_name(cause, labels)} {_signed(cause.change)}" for cause in named]
    texts += [f"그 밖 {_signed(rest)}"] if _shown(rest) else []
    return f"{told}: {'; '.join(texts)}." if texts else f"{told}."


def _largest(explanation: Explanation, most: int) -> tuple[list[Cause], Decimal]:
    """The causes that are named, and what all others come to."""
    named = [cause for cause in explanation.causes if cause.change][:most]
    return named, sum((cause.change for cause in explanation.causes if cause not in named), ZERO)


def _end(value: Decimal, unit: str) -> str:
    return f"{_figure(value)}{'%' if unit == '%' else ''}"


def _korean_name(cause: Cause, labels: Mapping[str, str]) -> str:
    label, note = (said_in(labels, text) for text in (cause.label, cause.note))
    return {
        Kind.CAME: f"{label} 새로 생김",
        Kind.WENT: f"{label} 없어짐",
        Kind.WEIGHT: f"{label} 가중치",
        Kind.REWEIGHTED: f"{label} 재가중",
        Kind.CONFIGURATION: f"구성 변경({label})",
        Kind.DEFINITION: f"정의 변경({note})",
        Kind.LATE_DATA: f"이후 정정({note})",
        Kind.ERASED_DATA: f"삭제 요청 후 정정({note})",
        Kind.JOINED: f"{label} 추가",
        Kind.LEFT: f"{label} 제외",
    }.get(cause.kind, label)


def _named(cause: Cause) -> str:
    told = {
        Kind.CAME: f"{cause.label} came",
        Kind.WENT: f"{cause.label} is missing",
        Kind.WEIGHT: f"the weight of {cause.label}",
        Kind.REWEIGHTED: f"{cause.label} reweighted",
        Kind.CONFIGURATION: f"configuration ({cause.label})",
        Kind.DEFINITION: f"a changed definition ({cause.note})",
        Kind.LATE_DATA: f"corrected since ({cause.note})",
        Kind.ERASED_DATA: f"corrected after an erasure ({cause.note})",
        Kind.JOINED: f"{cause.label} joined",
        Kind.LEFT: f"{cause.label} left",
    }.get(cause.kind, cause.label)
    moved = cause.kind is Kind.MOVED and cause.before is not None and cause.after is not None
    values = (
        f" ({_figure(Decimal(str(cause.before)))} to {_figure(Decimal(str(cause.after)))})" if moved else ""
    )
    return f"{told} {_signed(cause.change)}{values}"


def _shown(value: Decimal) -> bool:
    return round(value, 2) != 0


def _figure(value: Decimal) -> str:
    return f"{round(value, 2).normalize():f}" if _shown(value) else "0"


def _signed(value: Decimal) -> str:
    return f"{'+' if value > 0 else '-'}{_figure(abs(value))}"
