"""Takes in what one of the tenant's own people was told, on record. Works inside the tenant's scope."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from pydantic import JsonValue

from engage_server.audit.log import record
from engage_server.customers.models import Account, SurveyResponse
from engage_server.customers.placeholder_ids import is_placeholder
from engage_server.customers.tags import clean_tags, require_metric_id
from engage_server.ingest.items import PersonKey, ResponseItem
from engage_server.ingest.limits import MAX_ID_LENGTH
from engage_server.ingest.store import store_items
from engage_server.ingest.timestamps import EPOCH
from engage_server.operations.exceptions import FeedbackRefusedError
from engage_server.tenancy.scope import current_tenant

INSTRUMENT: Final = "feedback"
LONGEST_TEXT: Final = 100_000


def record_feedback(
    text: str,
    *,
    given_by: SurveyResponse.GivenBy,
    account: str | None = None,
    person: str | None = None,
    anonymous_id: str | None = None,
    tags: Iterable[str] = (),
    metric: str = "",
    occurred_at: datetime | None = None,
) -> SurveyResponse:
    """Store a text about an account, or of a person, and the past day that it changes.

    Args:
        text: what was said.
        given_by: whose words these are.
        account: its external id.
        person: who said it, by the tenant's own id.
        anonymous_id: likewise, of who has no other name.
        tags: what it is about.
        metric: full id of the metric that it is about; empty: none.
        occurred_at: when it was said; None: now.

    Raises:
        InvalidTagsError: of the tags, or of the metric's id.
        FeedbackRefusedError: the text is empty or too long, its time names no zone or lies ahead or before 1970,
            the account is unknown, the person's id is none or stands for nobody, or the person does not consent to be
            measured; nothing was stored.
    """
    now = timezone.now()
    at = occurred_at or now
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise FeedbackRefusedError(
            f"The text is empty or too long. Remedy: give 1 to {LONGEST_TEXT:,} characters."
        )
    if at.tzinfo is None:
        raise FeedbackRefusedError(
            "The time names no zone. Remedy: end it with Z, or with its distance from UTC."
        )
    if at < EPOCH:
        raise FeedbackRefusedError("The time lies before 1970. Remedy: say when it was said.")
    if at > now:
        raise FeedbackRefusedError(
            "The time lies ahead. Remedy: say when it was said, or leave the time out."
        )
    if account is not None and not Account.objects.filter(external_id=account).exists():
        raise FeedbackRefusedError("There is no such account. Remedy: give the external id of a known one.")
    for name in (person, anonymous_id):
        if name is not None:
            _require_id_of_somebody(name)
    item = ResponseItem(
        external_id=f"{INSTRUMENT}:{uuid4()}",
        instrument=INSTRUMENT,
        scale_min=None,
        scale_max=None,
        occurred_at=at,
        person=PersonKey(user_id=person, anonymous_id=anonymous_id),
        account=account,
        text=text,
        given_by=given_by,
        tags=clean_tags(tags),
        metric=require_metric_id(metric) if metric else "",
    )
    with transaction.atomic():
        (outcome,) = store_items([item], source=INSTRUMENT)
        if outcome.is_rejected:
            raise FeedbackRefusedError(f"The feedback was not taken: {outcome.message}")
        stored = SurveyResponse.objects.get(external_id=item.external_id)
        details: dict[str, JsonValue] = {
            "given_by": str(given_by),
            "metric": item.metric,
            "tags": len(item.tags),
        }
        record("feedback.recorded", subject=f"feedback {stored.pk}", details=details)
    return stored


def _require_id_of_somebody(person: str) -> None:
    """Hold the id against what ingestion takes: who does not exist yet is made under it."""
    if not person.strip() or len(person) > MAX_ID_LENGTH:
        raise FeedbackRefusedError(
            f"The person's id is empty or too long. Remedy: give 1 to {MAX_ID_LENGTH} characters, or none."
        )
    if is_placeholder(person, current_tenant().placeholder_ids):
        raise FeedbackRefusedError(
            "The person's id stands for nobody, such as `undefined` or `0`. Remedy: give the real id, or none."
        )
