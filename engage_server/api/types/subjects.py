"""Turns what clients write into subjects and safe texts, or refuses it."""

from enum import StrEnum

import strawberry

from engage_server import sdk
from engage_server.api.context import Context
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.ids import is_global_id, row_of
from engage_server.api.permissions import require_whole_tenant
from engage_server.sdk.graphql import expose_enum
from engage_server.segments import catalogue
from engage_server.segments.exceptions import UnknownSegmentError

ACCOUNT = "Account"
PERSON = "Person"
SEGMENT = "Segment"


class SubjectKind(StrEnum):
    """The words of ``sdk.compute.SUBJECT_KINDS``."""

    TENANT = "tenant"
    ACCOUNT = "account"
    PERSON = "person"
    SEGMENT = "segment"
    FEATURE = "feature"


expose_enum(SubjectKind, name="SubjectKind", description="What a value, a rule or a signal is about.")


def account_subject(context: Context, id: strawberry.ID | None) -> sdk.Subject:
    """The account of a global id; the tenant where there is none.

    Raises:
        BadUserInputError: the tenant has no such account; the same answer for another tenant's.
        NotPermittedError: the principal sees one account alone and named none.
    """
    if id is None:
        require_whole_tenant(context.principal, "The tenant's own value")
        return sdk.TENANT
    pk = row_of(id, type_name=ACCOUNT, tenant_id=context.tenant.id)
    if pk is None or not context.accounts.visible().filter(pk=pk).exists():
        raise BadUserInputError(
            f"There is no account {id!r}. Remedy: pass an account's `id`; `account(externalId: …) {{ id }}` tells it."
        )
    return sdk.account(pk)


def stored_subject(
    context: Context, account: strawberry.ID | None, segment: strawberry.ID | None
) -> sdk.Subject:
    """The account or the segment of a global id; the tenant where there is neither.

    Raises:
        BadUserInputError: both are given, or the tenant has no such account.
        UnknownSegmentError: the tenant has no such segment.
        NotPermittedError: the principal sees one account alone and named none.
    """
    if segment is None:
        return account_subject(context, account)
    if account is not None:
        raise BadUserInputError("account and segment exclude each other. Remedy: leave one out.")
    require_whole_tenant(context.principal, "A segment's value")
    return sdk.Subject("segment", segment_number(context, segment))


def segment_number(context: Context, id: str) -> int:
    """The segment of a global id.

    Raises:
        UnknownSegmentError: the tenant has none; the same answer for another tenant's.
    """
    number = row_of(id, type_name=SEGMENT, tenant_id=context.tenant.id)
    if number is None:
        raise UnknownSegmentError(
            f"There is no segment {id!r}. Remedy: `segments {{ id }}` lists those there are."
        )
    return catalogue.segment(number).number


def person_name(person: str) -> str:
    """The name of a person, as the tenant's own systems know it.

    Raises:
        BadUserInputError: it is an id of this API, which is no name: nobody would be found by it, or somebody made who
            is nobody.
    """
    if is_global_id(person):
        raise BadUserInputError(
            "This is an id of the API. Remedy: pass the user id or the anonymous id of the person, `externalId`."
        )
    return plain(person)


def plain(text: str) -> str:
    """``text``, if PostgreSQL can hold it.

    Raises:
        BadUserInputError: it contains a NUL character or half of a surrogate pair.
    """
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise BadUserInputError(
            "The text contains a NUL character or half a surrogate pair. Remedy: send plain Unicode."
        )
    return text
