"""Whom a mail may go to, asked at the moment of sending: the tenant's own people, or the person that a message is about.

Works inside the tenant's scope, in a fixed number of statements for a share of messages.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from engage_server.access.models import Membership
from engage_server.automation.exceptions import UnsendableError
from engage_server.automation.mail_links import SURVEY_TYPES, address_name, preferences_url
from engage_server.customers.canonical_persons import canonical_person
from engage_server.customers.models import Person
from engage_server.suppression.register import Purpose, suppressed_among
from engage_server.tenancy.mail_domains import mail_domains_of
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import current_tenant, shared_scope

ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
LONGEST_ADDRESS: Final = 254
"""RFC 5321, section 4.5.3.1.3, less the brackets."""
ADDRESS_TRAIT: Final = "email"
LANGUAGE_TRAITS: Final = ("language", "locale")
LANGUAGES: Final = ("en", "ko")
NO_ADDRESS: Final = "not sent: the person has no e-mail address in the trait email"
UNSUBSCRIBED: Final = "not sent: the person unsubscribed"
NOT_OF_TENANT: Final = (
    "not sent: {address} is no member's of the tenant, and its domain none that the operator named. Remedy: invite them, or "
    "`manage.py tenant mail-domains`."
)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where a mail goes. Of a person also its ``preferences`` (a URL), in which ``language``, and in whose name."""

    to: tuple[str, ...]
    preferences: str = ""
    language: str = "en"
    tenant_name: str = ""


def language_of(traits: Mapping[str, Any]) -> str:
    """The language of ours that a person's traits name; English where they name none."""
    for trait in LANGUAGE_TRAITS:
        tag = traits.get(trait)
        if isinstance(tag, str) and tag:
            return next((one for one in LANGUAGES if tag.lower().startswith(one)), "en")
    return "en"


def address_of(traits: Mapping[str, Any]) -> str | None:
    """The e-mail address that a person's traits name; None where they name none that mail can go to."""
    address = traits.get(ADDRESS_TRAIT)
    if not isinstance(address, str) or not is_address(address):
        return None
    return address


def is_address(text: str) -> bool:
    """Whether mail can go to it: one address, with nothing that could add a header or a recipient."""
    return len(text) <= LONGEST_ADDRESS and ADDRESS.fullmatch(text) is not None


def require_own(addresses: Iterable[str]) -> None:
    """Go on with addresses of the tenant's own people: its members, and domains that the operator named.

    Raises:
        UnsendableError: one is no address, or nobody's of the tenant.
    """
    own = own_addresses(addresses)
    for address in addresses:
        if not is_address(address):
            raise UnsendableError(f"{address[:100]!r} is no address. Remedy: one such as team@example.com.")
        if address.lower() not in own:
            raise UnsendableError(
                f"{address!r} is no member's of the tenant. Remedy: invite them, or have the server's operator allow the "
                "domain with `manage.py tenant mail-domains`."
            )


def own_addresses(addresses: Iterable[str]) -> frozenset[str]:
    """Those of these addresses that are the tenant's own people's, in lower case."""
    asked = {address.lower() for address in addresses}
    tenant = current_tenant()
    with shared_scope():
        members = Membership.objects.filter(tenant_id=tenant.id, user__is_active=True, user__email__in=asked)
        known = frozenset(members.values_list("user__email", flat=True))
    domains = mail_domains_of(tenant.id) if asked - known else frozenset()
    return known | {address for address in asked if address.rpartition("@")[2] in domains}


def persons_to_tell(persons: Collection[int]) -> dict[int, Person]:
    """By number the canonical persons of those who may be told of: there, not suppressed, with consent."""
    rows = Person.objects.select_related("merged_into").filter(pk__in=persons)
    return {
        row.pk: canonical_person(row)
        for row in rows
        if all(one.consents and not one.is_suppressed for one in (row, canonical_person(row)))
    }


def addressees(wanted: Mapping[int, tuple[str, Person]]) -> dict[int, Addressee | str]:
    """By key whom a message goes to, or why it is not sent.

    Args:
        wanted: by key the type of the message and the person who is to get it, as ``persons_to_tell`` has it.

    Raises:
        UnknownPrivacyKeyError: who unsubscribed cannot be known; nothing may be sent.
    """
    if not wanted:
        return {}
    known = {key: address_of(person.traits) for key, (_, person) in wanted.items()}
    names = {address_name(address) for address in known.values() if address is not None}
    lists = {one: suppressed_among(names, purpose=one) for one in (Purpose.MAIL, Purpose.SURVEY)}
    tenant = current_tenant()
    with shared_scope():
        tenant_name = Tenant.objects.values_list("name", flat=True).get(pk=tenant.id)
    found: dict[int, Addressee | str] = {}
    for key, (type_, person) in wanted.items():
        address = known[key]
        if address is None:
            found[key] = NO_ADDRESS
        elif address_name(address) in lists[_purpose(type_)]:
            found[key] = UNSUBSCRIBED
        else:
            language = language_of(person.traits)
            url = preferences_url(tenant, person.pk, address, language=language)
            found[key] = Addressee((address,), url, language, tenant_name)
    return found


def can_send_mail() -> bool:
    """Whether this server has a mail server, or a provider."""
    return bool(settings.EMAIL_HOST) or not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")


def _purpose(type_: str) -> Purpose:
    return Purpose.SURVEY if type_ in SURVEY_TYPES else Purpose.MAIL
