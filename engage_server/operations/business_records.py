"""Takes in what accounts pay, cost and answer, told by hand and on record. Works inside the tenant's scope."""

from django.db import transaction

from engage_server.audit.log import record
from engage_server.customers.cache_epoch import lock_epoch
from engage_server.customers.models import LedgerEntry, SurveyResponse
from engage_server.operations.accounts import require_account
from engage_server.operations.exceptions import ConflictError
from engage_server.operations.records import NewAnswer, NewLedgerEntry, NewTouch, SubscriptionFacts
from engage_server.operations.stored_records import store_record


def record_subscription(facts: SubscriptionFacts) -> int:
    """Keep the whole of a subscription as it is from a day on; return the account's number.

    Raises:
        UnknownRecordError: there is no such account.
        RefusedWriteError: it cannot be kept.
    """
    with transaction.atomic():
        lock_epoch()
        account = require_account(facts.account)
        store_record(facts.item())
        details = {
            "status": facts.status,
            "starts_on": facts.starts_on.isoformat(),
            "ends_on": None if facts.ends_on is None else facts.ends_on.isoformat(),
        }
        record("subscription.recorded", subject=f"account {account}", details=details)
    return account


def record_ledger_entry(entry: NewLedgerEntry) -> LedgerEntry:
    """Keep a cost, a revenue or a stage of an opportunity; what is told last of an entry stands.

    Raises:
        UnknownRecordError: there is no such account.
        RefusedWriteError: it cannot be kept.
    """
    with transaction.atomic():
        lock_epoch()
        if entry.account is not None:
            require_account(entry.account)
        item = entry.item()
        store_record(item)
        kept = LedgerEntry.objects.get(kind=item.kind, external_id=item.external_id, stage=item.stage)
        details = {"kind": kept.kind, "day": kept.occurred_on.isoformat()}
        record("ledger.recorded", subject=f"ledger entry {kept.pk}", details=details)
    return kept


def record_answer(answer: NewAnswer) -> SurveyResponse:
    """Keep an answer to a survey.

    Raises:
        UnknownRecordError: there is no such account.
        ConflictError: an answer of this id is kept already.
        RefusedWriteError: it cannot be kept, or its person does not consent to be measured.
    """
    with transaction.atomic():
        lock_epoch()
        if answer.account is not None:
            require_account(answer.account)
        item = answer.item()
        if not store_record(item):
            raise ConflictError(
                f"An answer {item.external_id!r} is kept already, and the first stands. Remedy: another id, or none.",
                field="externalId",
            )
        kept = SurveyResponse.objects.get(external_id=item.external_id)
        record("answer.recorded", subject=f"answer {kept.pk}", details={"instrument": kept.instrument})
    return kept


def record_touch(touch: NewTouch) -> tuple[int, str]:
    """Keep that one of the tenant's own people was in touch with an account: an event of its channel of contact.

    Returns the account's number and the event's message id.

    Raises:
        UnknownRecordError: there is no such account.
        ConflictError: an event of this id is kept already.
        RefusedWriteError: it cannot be kept.
    """
    with transaction.atomic():
        lock_epoch()
        account = require_account(touch.account)
        item = touch.item()
        if not store_record(item):
            raise ConflictError(
                f"An event {item.message_id!r} is kept already, and the first stands. Remedy: another id, or none.",
                field="externalId",
            )
        details = {"event": item.name, "at": item.occurred_at.isoformat()}
        record("touch.recorded", subject=f"account {account}", details=details)
    return account, item.message_id
