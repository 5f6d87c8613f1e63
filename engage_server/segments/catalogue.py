"""Makes and changes segments; refuses what could never be evaluated. Works inside the tenant's scope.

Who has the right to, and that it stands in the audit log, is ``engage_server.operations.segments``' affair.
"""

from collections.abc import Iterable, Mapping
from typing import Final, cast

from django.db import connection, transaction

from engage_server.activity.models import EventName
from engage_server.customers.models import Account
from engage_server.definitions import store
from engage_server.definitions.exceptions import UnknownDefinitionError
from engage_server.definitions.store import Defined
from engage_server.segments import conditions as words
from engage_server.segments.body import SEGMENT, SegmentBody
from engage_server.segments.conditions import ABOUT_ACCOUNTS, ABOUT_PERSONS, Condition, SubjectKind, parts
from engage_server.segments.exceptions import (
    SegmentCycleError,
    SegmentInUseError,
    UnknownAccountError,
    UnknownEventError,
    UnknownSegmentError,
    UnknownTraitError,
    WrongSubjectError,
)
from engage_server.segments.membership import forget_members

Segment = Defined[SegmentBody]
TABLES: Final[Mapping[SubjectKind, str]] = {"account": "customers_account", "person": "customers_person"}
HAS_TRAIT: Final = "SELECT EXISTS (SELECT FROM {table} WHERE traits ? %s)"
KNOWN_TRAITS: Final = """
    SELECT DISTINCT jsonb_object_keys(traits) FROM (SELECT traits FROM {table} ORDER BY id DESC LIMIT 1000) AS newest
    ORDER BY 1 LIMIT 20
"""


def segments() -> list[Segment]:
    """All segments, in the order in which they were made."""
    return store.in_force(SEGMENT, SegmentBody)


def segment(number: int) -> Segment:
    """The segment of a number.

    Raises:
        UnknownSegmentError
    """
    try:
        return store.find(SEGMENT, SegmentBody, number)
    except UnknownDefinitionError:
        raise UnknownSegmentError(
            f"There is no segment of the number {number}. Remedy: `segments` lists those there are."
        ) from None


def segment_named(name: str) -> Segment:
    """The segment of a name.

    Raises:
        UnknownSegmentError
    """
    found = next((one for one in segments() if one.name == name), None)
    if found is None:
        known = ", ".join(repr(one.name) for one in segments()[:20]) or "none so far"
        raise UnknownSegmentError(f"There is no segment {name!r}. Remedy: name one of these: {known}.")
    return found


def make(name: str, body: SegmentBody) -> Segment:
    """Make a segment that keeps to the rules.

    Raises:
        SegmentsError, DefinitionsError: says which rule it breaks.
    """
    with transaction.atomic():
        store.lock_definitions()
        require_sound(body)
        return segment(store.define(SEGMENT, name, body))


def change(number: int, *, name: str | None = None, body: SegmentBody | None = None) -> bool:
    """Bring a segment to another name or body; return whether that is a new version.

    Raises:
        SegmentsError, DefinitionsError: says which rule it would break.
    """
    with transaction.atomic():
        store.lock_definitions()
        return _change(segment(number), name=name, body=body)


def _change(former: Segment, *, name: str | None, body: SegmentBody | None) -> bool:
    number = former.number
    if body is not None:
        if body.subject != former.body.subject and _referring(number):
            raise SegmentInUseError(_in_use(former, "be about something else"))
        require_sound(body, number=number)
    changed = store.redefine(SEGMENT, number, name=name, body=body)
    if body is not None and (body.subject, body.condition) != (former.body.subject, former.body.condition):
        forget_members(number)
    return changed


def retire(number: int) -> Segment:
    """End a segment to which no other refers; return what it was.

    Raises:
        UnknownSegmentError, SegmentInUseError
    """
    with transaction.atomic():
        store.lock_definitions()
        former = segment(number)
        if _referring(number):
            raise SegmentInUseError(_in_use(former, "be removed"))
        store.retire(SEGMENT, number)
        forget_members(number)
    return former


def require_sound(body: SegmentBody, *, number: int | None = None) -> None:
    """Go on with a body that can be evaluated.

    Args:
        body: the new one.
        number: of the segment that it is to be of; None where it is new.

    Raises:
        SegmentsError: a condition is about something else, or refers to what there is not, or to itself.
    """
    if body.condition is None:
        return
    found = list(parts(body.condition, body.subject))
    for part, subject in found:
        _require_subject(part, subject)
        match part:
            case words.Trait():
                _require_trait(part.name, subject)
            case words.Did() | words.DidNot():
                _require_event(part.event)
            case words.Under():
                _require_accounts([part.account])
            case words.Listed():
                _require_accounts(part.any_of)
            case words.OfSegment():
                _require_segment(part.segment, subject, number=number)
            case _:
                pass


def reaching(number: int) -> frozenset[int]:
    """The segment and all that it refers to, by way of others too."""
    bodies = {one.number: one.body for one in segments()}
    found: set[int] = set()
    waiting = [number]
    while waiting:
        current = waiting.pop()
        if current not in found and current in bodies:
            found.add(current)
            waiting += references(bodies[current])
    return frozenset(found)


def references(body: SegmentBody) -> list[int]:
    """The numbers of the segments that the body refers to."""
    if body.condition is None:
        return []
    return [
        part.segment for part, _ in parts(body.condition, body.subject) if isinstance(part, words.OfSegment)
    ]


def metrics_of(body: SegmentBody) -> list[tuple[str, SubjectKind]]:
    """Full ids of the metrics whose values the body asks for, each with whose."""
    if body.condition is None:
        return []
    return [
        (part.metric, subject)
        for part, subject in parts(body.condition, body.subject)
        if isinstance(part, words.MetricValue | words.Band)
    ]


def _referring(number: int) -> list[Segment]:
    return [one for one in segments() if number in references(one.body)]


def _in_use(former: Segment, what: str) -> str:
    users = ", ".join(repr(one.name) for one in _referring(former.number)[:5])
    return (
        f"The segment {former.name!r} cannot {what}, since {users} refers to it. Remedy: change that first."
    )


def _require_subject(part: Condition, subject: SubjectKind) -> None:
    wrong = ABOUT_ACCOUNTS if subject == "person" else ABOUT_PERSONS
    if isinstance(part, wrong):
        other = "accounts" if subject == "person" else "persons"
        bridge = "belongs_to" if subject == "person" else "has_persons"
        raise WrongSubjectError(
            f"The condition {part.type!r} is about {other} and stands where {subject}s are asked for. "
            f"Remedy: put it inside of a condition {bridge!r}."
        )


def _require_trait(name: str, subject: SubjectKind) -> None:
    table = TABLES[subject]
    with connection.cursor() as cursor:
        cursor.execute(HAS_TRAIT.format(table=table), [name])
        if cursor.fetchone() == (True,):
            return
        cursor.execute(KNOWN_TRAITS.format(table=table))
        known = ", ".join(repr(key) for (key,) in cursor.fetchall()) or "none so far"
    raise UnknownTraitError(
        f"No {subject} has a trait {name!r}. Remedy: send it first, or ask for one of these: {known}."
    )


def _require_event(name: str) -> None:
    if not EventName.objects.filter(name=name).exists():
        raise UnknownEventError(
            f"The dictionary has no event {name!r}. Remedy: `eventNames` lists those there are; spelling counts."
        )


def _require_accounts(external_ids: Iterable[str]) -> None:
    wanted = set(external_ids)
    known = Account.objects.filter(external_id__in=wanted).values_list("external_id", flat=True)
    missing = sorted(wanted - set(known))
    if missing:
        raise UnknownAccountError(
            f"There is no account {missing[0]!r}"
            + (f", nor {len(missing) - 1} others of those named" if len(missing) > 1 else "")
            + ". Remedy: use external ids as they were sent."
        )


def _require_segment(wanted: int, subject: SubjectKind, *, number: int | None) -> None:
    referred = segment(wanted)
    if referred.body.subject != subject:
        raise WrongSubjectError(
            f"The segment {referred.name!r} is about {referred.body.subject}s and {subject}s are asked for. "
            f"Remedy: put it inside of {'belongs_to' if subject == 'person' else 'has_persons'!r}."
        )
    if number is not None and number in reaching(wanted):
        raise SegmentCycleError(
            f"The segment would refer to itself by way of {referred.name!r}. Remedy: leave that condition out."
        )


def subject_kind(text: str) -> SubjectKind:
    """The subject that a client named, in any case.

    Raises:
        WrongSubjectError: it is none.
    """
    word = text.lower()
    if word not in TABLES:
        raise WrongSubjectError(f"{text!r} is no subject. Remedy: ACCOUNT or PERSON.")
    return cast(SubjectKind, word)
