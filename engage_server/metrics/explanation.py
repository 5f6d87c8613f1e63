"""Splits the change of a value into causes that add up to it, to the last stored digit. Pure: nothing is read.

A part that is weighted changes by its own value and by its weight; what both did together is halved between them. What
the parts leave over is a cause of its own, so that nothing is hidden.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import StrEnum
from typing import Any, Final

PLACES: Final = Decimal("0.0000000001")
# Parts are broken numbers: what they leave over is theirs to carry as long as it is no more than this share.
ROUNDING: Final = Decimal("0.000000001")
SAME: Final = Decimal("0.000001")
ZERO: Final = Decimal(0)
TWO: Final = Decimal(2)
EXACT: Final = Context(prec=60)
LIMITING: Final = ("cap.", "override.")


class Kind(StrEnum):
    """Why a value changed."""

    MOVED = "MOVED"
    WEIGHT = "WEIGHT"
    CONFIGURATION = "CONFIGURATION"
    DEFINITION = "DEFINITION"
    CAME = "CAME"
    WENT = "WENT"
    REWEIGHTED = "REWEIGHTED"
    LIMIT = "LIMIT"
    LATE_DATA = "LATE_DATA"
    ERASED_DATA = "ERASED_DATA"
    JOINED = "JOINED"
    LEFT = "LEFT"
    OTHER = "OTHER"


DESCRIPTIONS: Final[Mapping[Kind, str]] = {
    Kind.MOVED: "A part's, or a member's, own value moved.",
    Kind.WEIGHT: "A part weighs more or less than before.",
    Kind.CONFIGURATION: "The configuration changed, and with it a weight or a value that was stored.",
    Kind.DEFINITION: "The metric's definition changed; values of two definitions cannot be split further.",
    Kind.CAME: "A part that was missing has a value.",
    Kind.WENT: "A part that had a value is missing.",
    Kind.REWEIGHTED: "A part weighs more or less because another one came or went.",
    Kind.LIMIT: "A cap or an override began, ended or moved.",
    Kind.LATE_DATA: "What had been stored for the earlier day was corrected, by data that came late or were mended.",
    Kind.ERASED_DATA: "What had been stored for the earlier day was corrected after an erasure.",
    Kind.JOINED: "A member that was not counted before.",
    Kind.LEFT: "A member that is not counted any more.",
    Kind.OTHER: "What the value's parts do not explain.",
}


@dataclass(frozen=True, slots=True)
class Side:
    """A value with all that explains it, as it is stored. ``parts`` are contributions."""

    value: float | Decimal | None
    status: str
    parts: Sequence[Mapping[str, Any]] = ()
    definition_version: int = 1
    configuration_version: int = 1


@dataclass(frozen=True, slots=True)
class Correction:
    """That a stored value was replaced by another one of the same day, and the reason that was noted."""

    before: float | Decimal | None
    after: float | Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class Member:
    """One of those whose mean or sum a value is. ``weight`` null: each counts the same."""

    key: str
    label: str
    value: Decimal
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Cause:
    """What changed the value, and by how much. ``before`` and ``after`` are the part's own, null where unknown."""

    kind: Kind
    key: str
    label: str
    change: Decimal
    before: float | None = None
    after: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A change and its causes, the largest first; they add up to ``change``, which is null where a value is."""

    before: Decimal | None
    after: Decimal | None
    change: Decimal | None
    causes: tuple[Cause, ...]


def explain(before: Side, after: Side, *, corrections: Sequence[Correction] = ()) -> Explanation:
    """Explain the change from ``before`` to ``after``.

    ``corrections`` are those of the earlier day since it was seen, oldest first, up to ``before``: the change is then
    that from what was seen.
    """
    was = corrections[0].before if corrections else before.value
    with localcontext(EXACT):
        seen, now = _stored(was), _stored(after.value)
        in_force = _stored(before.value)
        if seen is None or now is None or in_force is None:
            return Explanation(seen, now, None, ())
        causes = [*_corrected(corrections), *_between(before, after, now - in_force)]
        return _whole(seen, now, causes)


def explain_mean(before: Sequence[Member], after: Sequence[Member]) -> Explanation:
    """Explain the change of a weighted mean by its members.

    A member adds what it lies above the former mean, by its weight; a joined one that lies on it changes nothing.
    """
    with localcontext(EXACT):
        was, now = mean(before), mean(after)
        if was is None or now is None:
            return Explanation(_stored(was), _stored(now), None, ())
        shares_before, shares_after = _shares(before), _shares(after)
        causes = [
            _member(
                one, other,
                (shares_after[key] * (other.value - was) if other else ZERO)
                - (shares_before[key] * (one.value - was) if one else ZERO),
            )
            for key, one, other in _paired(before, after)
        ]  # fmt: skip
        return _whole(_quantized(was), _quantized(now), causes)


def explain_sum(before: Sequence[Member], after: Sequence[Member]) -> Explanation:
    """Explain the change of a sum by its members."""
    with localcontext(EXACT):
        causes = [
            _member(one, other, (other.value if other else ZERO) - (one.value if one else ZERO))
            for _, one, other in _paired(before, after)
        ]
        return _whole(_quantized(total(before)), _quantized(total(after)), causes)


def explain_members(
    before: Side,
    after: Side,
    members_before: Sequence[Member],
    members_after: Sequence[Member],
    *,
    corrections: Sequence[Correction] = (),
) -> Explanation | None:
    """Explain a value by its members, where on both days it is their mean, their weighted mean or their sum.

    None where it is none of them: then nothing can be said of what a member did.
    """
    if before.value is None or after.value is None:
        return None
    alike = [Member(one.key, one.label, one.value) for one in members_before]
    alike_after = [Member(one.key, one.label, one.value) for one in members_after]
    for whole, split, was, now in (
        (mean, explain_mean, alike, alike_after),
        (mean, explain_mean, members_before, members_after),
        (total, explain_sum, alike, alike_after),
    ):
        if _is_whole(before.value, whole(was)) and _is_whole(after.value, whole(now)):
            with localcontext(EXACT):
                seen = Decimal(str(corrections[0].before if corrections else before.value))
                causes = [*_corrected(corrections), *split(was, now).causes]
                return _whole(_quantized(seen), _quantized(Decimal(str(after.value))), causes)
    return None


# -- causes ------------------------------------------------------------------------------------------------


def _between(before: Side, after: Side, change: Decimal) -> list[Cause]:
    if before.definition_version != after.definition_version:
        note = f"definition version {before.definition_version} to {after.definition_version}"
        return [Cause(Kind.DEFINITION, "definition", "Definition", change, note=note)]
    parts_before = {str(part["key"]): part for part in before.parts}
    parts_after = {str(part["key"]): part for part in after.parts}
    if not all(_adds(side) for side in (parts_before, parts_after)):
        return [_other(change)] if change else []
    is_configured_anew = before.configuration_version != after.configuration_version
    comes_and_goes = _coming(parts_before) != _coming(parts_after)
    of_weight = (
        Kind.CONFIGURATION if is_configured_anew else Kind.REWEIGHTED if comes_and_goes else Kind.WEIGHT
    )
    causes: list[Cause] = []
    for key in dict.fromkeys([*parts_before, *parts_after]):
        causes += _of_part(key, parts_before.get(key), parts_after.get(key), of_weight)
    return causes


def _of_part(
    key: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, of_weight: Kind
) -> list[Cause]:
    """What one part did: at most its own move and that of its weight."""
    was, now = _points(before), _points(after)
    change = now - was
    shown = after or before or {}
    label = str(shown.get("label", key))
    value_before, value_after = _number(before, "value"), _number(after, "value")

    def cause(kind: Kind, part: Decimal) -> Cause:
        return Cause(
            kind,
            key,
            label,
            part,
            _as_float(value_before),
            _as_float(value_after),
            str(shown.get("note", "")),
        )

    if key.startswith(LIMITING):
        return [cause(Kind.LIMIT, change)] if change else []
    if value_before is None and value_after is None:
        return [cause(of_weight, change)] if change else []
    if value_before is None:
        return [cause(Kind.CAME, change)]
    if value_after is None:
        return [cause(Kind.WENT, change)]
    weight_before, weight_after = _weight(before), _weight(after)
    if weight_before is None or weight_after is None or weight_before == weight_after:
        return [cause(Kind.MOVED, change)] if change else []
    moved = (value_after - value_before) * (weight_before + weight_after) / TWO
    weighed = change - moved
    return [
        one
        for one in (cause(Kind.MOVED, moved), cause(of_weight, weighed))
        if one.change
    ]  # fmt: skip


def _corrected(corrections: Iterable[Correction]) -> list[Cause]:
    causes = []
    for one in corrections:
        before, after = _stored(one.before), _stored(one.after)
        if before is None or after is None:
            continue
        causes.append(
            Cause(
                _kind_of(one.reason), "corrected", "Corrected since", after - before, float(before), float(after),
                one.reason,
            )
        )  # fmt: skip
    return causes


def _kind_of(reason: str) -> Kind:
    """What kind of cause a noted reason is."""
    if reason.startswith("configuration"):
        return Kind.CONFIGURATION
    if reason.startswith("definition"):
        return Kind.DEFINITION
    return Kind.ERASED_DATA if "erasure" in reason.lower() else Kind.LATE_DATA


def _member(before: Member | None, after: Member | None, change: Decimal) -> Cause:
    one = after or before
    if one is None:
        raise ValueError("a member is on one side at least")
    kind = Kind.JOINED if before is None else Kind.LEFT if after is None else Kind.MOVED
    was = None if before is None else float(before.value)
    now = None if after is None else float(after.value)
    return Cause(kind, one.key, one.label, change, was, now)


def _other(change: Decimal) -> Cause:
    return Cause(Kind.OTHER, "other", "Not explained by parts", change)


def _whole(before: Decimal, after: Decimal, causes: Iterable[Cause]) -> Explanation:
    """The explanation with causes in stored digits that add up: the largest carries what rounding left over."""
    change = after - before
    rounded = [_with(cause, _quantized(cause.change)) for cause in causes]
    rest = change - sum((cause.change for cause in rounded), ZERO)
    scale = max(abs(before), abs(after), *(abs(cause.change) for cause in rounded), Decimal(1))
    if rounded and abs(rest) <= ROUNDING * scale * (len(rounded) + 1):
        at = max(range(len(rounded)), key=lambda place: abs(rounded[place].change))
        rounded[at] = _with(rounded[at], rounded[at].change + rest)
    elif rest:
        rounded.append(_other(rest))
    ordered = sorted(rounded, key=lambda cause: -abs(cause.change))
    return Explanation(before, after, change, tuple(cause for cause in ordered if cause.change))


def _with(cause: Cause, change: Decimal) -> Cause:
    return Cause(cause.kind, cause.key, cause.label, change, cause.before, cause.after, cause.note)


# -- numbers -----------------------------------------------------------------------------------------------


def _adds(parts: Mapping[str, Mapping[str, Any]]) -> bool:
    return bool(parts) and all(
        part.get("points") is not None or part.get("value") is None for part in parts.values()
    )


def _coming(parts: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(
        key for key, part in parts.items() if part.get("value") is not None and not key.startswith(LIMITING)
    )


def _points(part: Mapping[str, Any] | None) -> Decimal:
    return _number(part, "points") or ZERO


def _number(part: Mapping[str, Any] | None, name: str) -> Decimal | None:
    value = None if part is None else part.get(name)
    return None if value is None else Decimal(str(value))


def _as_float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _stored(value: float | Decimal | None) -> Decimal | None:
    return None if value is None else _quantized(Decimal(str(value)))


def _quantized(value: Decimal) -> Decimal:
    return value.quantize(PLACES, ROUND_HALF_EVEN, context=EXACT)


def mean(members: Sequence[Member]) -> Decimal | None:
    """The weighted mean; null where nothing weighs."""
    with localcontext(EXACT):
        weight = sum((member.weight for member in members), ZERO)
        return sum((member.value * member.weight for member in members), ZERO) / weight if weight else None


def total(members: Sequence[Member]) -> Decimal:
    """The sum of the values."""
    with localcontext(EXACT):
        return sum((member.value for member in members), ZERO)


def _is_whole(value: float | Decimal, whole: Decimal | None) -> bool:
    told = Decimal(str(value))
    return whole is not None and abs(told - whole) <= SAME * max(abs(told), Decimal(1))


def _shares(members: Sequence[Member]) -> dict[str, Decimal]:
    weight = sum((member.weight for member in members), ZERO)
    return {member.key: member.weight / weight for member in members}


def _weight(part: Mapping[str, Any] | None) -> Decimal | None:
    """The part's weight, where its points are its value times that."""
    weight, value, points = (_number(part, name) for name in ("weight", "value", "points"))
    if weight is None or value is None or points is None:
        return None
    return weight if abs(weight * value - points) <= SAME * max(abs(points), Decimal(1)) else None


def _paired(
    before: Sequence[Member], after: Sequence[Member]
) -> list[tuple[str, Member | None, Member | None]]:
    was, now = {member.key: member for member in before}, {member.key: member for member in after}
    return [(key, was.get(key), now.get(key)) for key in dict.fromkeys([*was, *now])]
