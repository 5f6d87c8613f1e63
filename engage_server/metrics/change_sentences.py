"""Says a change in one sentence. Pure."""

from decimal import Decimal

from engage_server.metrics.explanation import ZERO, Cause, Explanation, Kind


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
        ends = (f"{_figure(end)}{'%' if unit == '%' else ''}" for end in (was, now))
        told = f"{direction} {_figure(abs(change))}{of_change}, from {' to '.join(ends)}"
    named = [cause for cause in explanation.causes if cause.change][:most]
    rest = sum((cause.change for cause in explanation.causes if cause not in named), ZERO)
    texts = [_named(cause) for cause in named] + ([f"all else {_signed(rest)}"] if _shown(rest) else [])
    return f"{told}: {'; '.join(texts)}." if texts else f"{told}."


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
