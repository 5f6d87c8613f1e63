"""Turns calls into items."""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec

from engage_server.ingest.delivery import Delivery
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import (
    AliasItem,
    EventItem,
    Item,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
)
from engage_server.ingest.limits import MAX_ID_LENGTH, MAX_NAME_LENGTH
from engage_server.ingest.notes import note
from engage_server.ingest.placeholders import without_placeholders
from engage_server.ingest.privacy_filter import CONSENT_TRAIT
from engage_server.ingest.protocols.segment.calls import (
    Call,
    account_of,
    identifier,
    message_id,
    person_key,
    read_call,
    require_person,
)
from engage_server.ingest.protocols.segment.fast_decoder import plain_event
from engage_server.ingest.protocols.segment.groups import read_account
from engage_server.ingest.protocols.segment.ledger import KINDS as LEDGER
from engage_server.ingest.protocols.segment.ledger import read_entry
from engage_server.ingest.protocols.segment.reserved_events import PAGE, PASSIVE_NAMES, SCREEN
from engage_server.ingest.protocols.segment.subscriptions import UPDATED, read_subscription
from engage_server.ingest.protocols.segment.surveys import SURVEYS, read_answer
from engage_server.ingest.timestamps import event_time
from engage_server.ingest.validation import check_traits, decode

ANALYTICS: Final = "analytics"
NO_TIMESTAMP: Final = "none"  # the time of arrival differs between deliveries and must not enter the digest


def translate(raw: bytes, delivery: Delivery) -> list[Item]:
    """The items in one call.

    Raises:
        ItemError: the call cannot be taken; code and message say why.
    """
    if not delivery.kind:
        event = plain_event(
            raw,
            sent_at=delivery.sent_at,
            received_at=delivery.received_at,
            placeholder_ids=delivery.conventions.placeholder_ids,
        )
        if event is not None:
            return [event]
    return translate_call(raw, delivery)


def translate_call(raw: bytes, delivery: Delivery) -> list[Item]:
    """As ``translate``, for any call."""
    call = read_call(raw)
    kind = delivery.kind or call.type
    translator = TRANSLATORS.get(kind or "")
    if translator is None:
        raise ItemError(
            "unknown_type",
            f"The type {str(kind)[:40]!r} is none of {', '.join(TRANSLATORS)}. Remedy: send one of them.",
        )
    items = translator(call, raw, delivery)
    if kind == "group" and len(items) == 1:
        note("missing_user", "The group call has neither userId nor anonymousId: nobody joins the account.")
    return without_placeholders(items, delivery.conventions.placeholder_ids)


def _time(call: Call, delivery: Delivery) -> datetime:
    return event_time(
        timestamp=_reported_time(call),
        sent_at=call.sentAt or delivery.sent_at,
        received_at=delivery.received_at,
    )


def _reported_time(call: Call) -> Any:
    return call.timestamp if call.originalTimestamp is None else call.originalTimestamp


def _identify(call: Call, raw: bytes, delivery: Delivery) -> list[Item]:
    consent = _consent(call.context.consent) if call.context else {}
    traits = {**((call.context and call.context.traits) or {}), **consent, **(call.traits or {})}
    check_traits(traits)
    return [PersonItem(require_person(call), traits=traits, occurred_at=_time(call, delivery))]


def _consent(reported: Any) -> dict[str, bool]:
    """``context.consent`` as a trait: ``{"analytics": …}``, or Segment's ``{"categoryPreferences": {…}}``."""
    if not isinstance(reported, dict):
        return {}
    preferences = reported.get("categoryPreferences", reported)
    if not isinstance(preferences, dict):
        return {}
    given = {category.lower(): allowed for category, allowed in preferences.items()}.get(ANALYTICS)
    return {CONSENT_TRAIT: given} if isinstance(given, bool) else {}


def _group(call: Call, raw: bytes, delivery: Delivery) -> list[Item]:
    account = identifier(call.groupId, "groupId")
    if account is None:
        raise ItemError("missing_group", "The group call has no groupId. Remedy: send the account's id.")
    traits = call.traits or {}
    check_traits(traits)
    at = _time(call, delivery)
    items: list[Item] = [read_account(account, traits, at=at)]
    person = person_key(call)
    if person == PersonKey():
        return items
    return [*items, MembershipItem(person, account, at)]


def _track(call: Call, raw: bytes, delivery: Delivery) -> list[Item]:
    name = (call.event or "").strip()
    if not name:
        raise ItemError("missing_event", "The track call has no event name. Remedy: send it as `event`.")
    if len(name) > MAX_NAME_LENGTH:
        raise ItemError(
            "event_too_long",
            f"The event name has {len(name)} characters, over the limit of {MAX_NAME_LENGTH}.",
        )
    properties = bytes(call.properties)
    event = _event(
        call,
        raw,
        delivery,
        name=name,
        properties=properties,
        # To answer a survey is no use of the product, and must not show as the adoption of a feature.
        passive=name in PASSIVE_NAMES or name in SURVEYS or name == UPDATED or name in LEDGER,
    )
    if name == UPDATED:
        zone = delivery.conventions.zone
        return [event, read_subscription(decode(properties), account=event.account, zone=zone)]
    if name in LEDGER:
        zone = delivery.conventions.zone
        today = event.occurred_at.astimezone(zone).date()
        return [event, read_entry(name, decode(properties), account=event.account, today=today, zone=zone)]
    if name not in SURVEYS:
        return [event]
    answer = read_answer(name, decode(properties), directions=delivery.conventions.survey_directions)
    return [
        event,
        ResponseItem(
            external_id=_response_id(delivery.source, event.message_id),
            instrument=answer.instrument,
            scale_min=answer.scale_min,
            scale_max=answer.scale_max,
            direction=answer.direction,
            score=answer.score,
            text=answer.text,
            occurred_at=event.occurred_at,
            person=event.person,
            account=event.account,
        ),
    ]


def _response_id(source: str, message: str) -> str:
    text = f"{source}:{message}"
    return text if len(text) <= MAX_ID_LENGTH else blake2b(text.encode(), digest_size=32).hexdigest()


def _page(call: Call, raw: bytes, delivery: Delivery) -> list[Item]:
    return [_event(call, raw, delivery, name=PAGE, properties=_with_title(call), passive=True)]


def _screen(call: Call, raw: bytes, delivery: Delivery) -> list[Item]:
    return [_event(call, raw, delivery, name=SCREEN, properties=_with_title(call), passive=True)]


def _with_title(call: Call) -> bytes:
    """The page's name and category among the properties; as event names they would flood the dictionary."""
    titles = {key: text for key, text in (("name", call.name), ("category", call.category)) if text}
    if not titles:
        return bytes(call.properties)
    return msgspec.json.encode({**titles, **decode(bytes(call.properties))})


def _event(
    call: Call, raw: bytes, delivery: Delivery, *, name: str, properties: bytes, passive: bool
) -> EventItem:
    reported, account = _reported_time(call), account_of(call)
    return EventItem(
        message_id=message_id(call, raw),
        name=name,
        person=person_key(call) if account else require_person(call),
        occurred_at=_time(call, delivery),
        received_at=delivery.received_at,
        raw_time=NO_TIMESTAMP if reported is None else str(reported),
        account=account,
        passive=passive,
        properties=properties.decode(),
    )


def _alias(call: Call, raw: bytes, delivery: Delivery) -> list[Item]:
    previous, user = identifier(call.previousId, "previousId"), identifier(call.userId, "userId")
    if previous is None or user is None:
        raise ItemError("missing_user", "The alias call needs previousId and userId. Remedy: send both.")
    return [AliasItem(previous, user)]


TRANSLATORS: Final[Mapping[str, Callable[[Call, bytes, Delivery], list[Item]]]] = {
    "identify": _identify,
    "group": _group,
    "track": _track,
    "page": _page,
    "screen": _screen,
    "alias": _alias,
}
