"""Which mail a person wants, kept as suppression: it outlives the person, comes back with no backup, and names nobody.

Whoever has the signed link says it; every change stands in the audit log. Works inside the tenant's scope.
"""

from dataclasses import dataclass

from django.db import transaction

from engage_server.audit.actor import acting_as
from engage_server.audit.log import record
from engage_server.automation.mail_links import AddressLink
from engage_server.suppression.register import Purpose, add_digest, purposes_of, remove_digest


@dataclass(frozen=True, slots=True)
class Preferences:
    """Whether messages and surveys may be sent to an address."""

    messages: bool
    surveys: bool


NOTHING = Preferences(messages=False, surveys=False)


def preferences(link: AddressLink) -> Preferences:
    """What is wanted at the address of a link."""
    unwanted = purposes_of(link.digest)
    return Preferences(messages=Purpose.MAIL not in unwanted, surveys=Purpose.SURVEY not in unwanted)


def choose(link: AddressLink, wanted: Preferences) -> bool:
    """Keep what is wanted at the address of a link, on record; return whether that is a change."""
    chosen = {Purpose.MAIL: wanted.messages, Purpose.SURVEY: wanted.surveys}
    with transaction.atomic():
        changed = [purpose for purpose, is_wanted in chosen.items() if _keep(link, purpose, is_wanted)]
        if changed:
            details = {"messages": wanted.messages, "surveys": wanted.surveys}
            with acting_as(f"person:{link.person}"):
                record("mail.chosen", subject=f"person {link.person}", details=details)
    return bool(changed)


def _keep(link: AddressLink, purpose: Purpose, is_wanted: bool) -> bool:
    if is_wanted:
        return remove_digest(link.digest, purpose)
    return add_digest(link.key, link.digest, purpose)
