"""Reads how inputs name accounts and persons: by an ``id`` of this API or by the tenant's own."""

from typing import Final

import strawberry

from engage_server.api.context import Context
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.ids import is_global_id, row_of
from engage_server.api.types.subjects import PERSON, account_subject, plain
from engage_server.customers import models
from engage_server.customers.canonical_persons import canonical_person

ACCOUNT_NAMED: Final = "An `id` of this API, or the external id."
PERSON_NAMED: Final = "An `id` of this API, or the tenant's own id of the person."


def account_name(context: Context, given: str) -> str:
    """The external id of the account that is meant; one that nobody has stays as it is.

    Raises:
        BadUserInputError: an id of the API that names no account of the tenant.
    """
    if not is_global_id(given):
        return plain(given)
    number = account_subject(context, strawberry.ID(given)).id
    return models.Account.objects.values_list("external_id", flat=True).get(pk=number)


def person_names(context: Context, given: str) -> dict[str, str]:
    """How a record names the person that is meant: ``person``, or ``anonymous_id`` of who has no other name.

    Raises:
        BadUserInputError: an id of the API that names no person of the tenant, or one that is hidden.
    """
    if not is_global_id(given):
        return {"person": plain(given)}
    number = row_of(given, type_name=PERSON, tenant_id=context.tenant.id)
    row = models.Person.objects.select_related("merged_into").filter(pk=number).first() if number else None
    if row is None or row.is_suppressed or canonical_person(row).is_suppressed:
        raise BadUserInputError(
            f"There is no person {given!r}. Remedy: an `id` as `members` lists it, or the tenant's own id."
        )
    if row.external_id is not None:
        return {"person": row.external_id}
    alias = (
        models.PersonAlias.objects.filter(person=row).order_by("pk").values_list("alias", flat=True).first()
    )
    if alias is None:
        raise BadUserInputError(f"The person {given!r} goes by no name. Remedy: one that does.")
    return {"anonymous_id": alias}


def person_name_of(context: Context, given: str) -> str:
    """The one name of the person that is meant.

    Raises:
        BadUserInputError: as ``person_names``.
    """
    (name,) = person_names(context, given).values()
    return name
