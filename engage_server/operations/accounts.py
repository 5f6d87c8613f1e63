"""Makes and changes a tenant's accounts, on record. Works inside the tenant's scope."""

from django.db import transaction

from engage_server.audit.log import record
from engage_server.customers.account_versions import version_of
from engage_server.customers.cache_epoch import lock_epoch
from engage_server.customers.models import Account
from engage_server.operations.exceptions import ConflictError, UnknownRecordError
from engage_server.operations.records import AccountFacts
from engage_server.operations.stored_records import store_record
from engage_server.operations.writes import require_version


def create_account(facts: AccountFacts) -> Account:
    """Make an account.

    Raises:
        ConflictError: there is one of this external id.
        RefusedWriteError: it cannot be kept as told.
    """
    with transaction.atomic():
        lock_epoch()  # Before any row, as everybody who stores does.
        if Account.objects.filter(external_id=facts.external_id).exists():
            raise ConflictError(
                f"There is an account {facts.external_id!r} already. Remedy: change it (`updateAccount`), or another id.",
                field="externalId",
            )
        _require_parent(facts)
        store_record(facts.item())
        made = Account.objects.get(external_id=facts.external_id)
        record("account.created", subject=f"account {made.pk}", details={"fields": [*_told(facts)]})
    return made


def change_account(facts: AccountFacts, *, expected_version: str | None = None) -> Account:
    """Change what is told of a known account; what is left out stays.

    Raises:
        UnknownRecordError: there is none of this external id.
        ConflictError: it has changed since the client read it.
        RefusedWriteError: it cannot be kept as told; nothing was changed.
    """
    with transaction.atomic():
        lock_epoch()
        former = Account.objects.select_for_update(no_key=True).filter(external_id=facts.external_id).first()
        if former is None:
            raise UnknownRecordError(
                f"There is no account {facts.external_id!r}. Remedy: make it (`createAccount`), or the id of a known one.",
                field="account",
            )
        require_version(expected_version, version_of(former), of="The account")
        _require_parent(facts)
        store_record(facts.item())
        record("account.changed", subject=f"account {former.pk}", details={"fields": [*_told(facts)]})
    return Account.objects.get(pk=former.pk)


def require_account(external_id: str, *, field: str = "account") -> int:
    """The number of a known account: who records something by hand means one that is there.

    Raises:
        UnknownRecordError: there is none.
    """
    number = Account.objects.filter(external_id=external_id).values_list("pk", flat=True).first()
    if number is None:
        raise UnknownRecordError(
            f"There is no account {external_id!r}. Remedy: make it first (`createAccount`), or the id of a known one.",
            field=field,
        )
    return number


def _require_parent(facts: AccountFacts) -> None:
    if facts.parent is not None:
        require_account(facts.parent, field="parent")


def _told(facts: AccountFacts) -> list[str]:
    return sorted(facts.model_dump(exclude_none=True, exclude={"external_id"}))
