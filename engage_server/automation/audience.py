"""How many a playbook may speak of, so that nobody switches one on for everybody by mistake. Inside the tenant's scope."""

from typing import Final

from engage_server.automation.exceptions import UnconfirmedAudienceError
from engage_server.automation.rules import Rule, subject_kind
from engage_server.customers.models import Account, Person
from engage_server.segments.membership import stored_members
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import current_tenant

MANY: Final = 100
"""Up to so many need no confirmation."""


def audience(of: Rule) -> int:
    """The accounts or persons that a rule may speak of today: its segment's members, else all; 1 where it is the tenant."""
    kind = subject_kind(of.body)
    if of.body.segment is not None:
        today = database_now().astimezone(current_tenant().zone).date()
        return len(stored_members(of.body.segment, today))
    if kind == "account":
        return Account.objects.count()
    if kind == "person":
        return Person.objects.filter(merged_into=None, consents=True, is_suppressed=False).count()
    return 1


def require_confirmed(of: Rule, at_most: int | None) -> None:
    """Go on where few are spoken of, or as many as whoever switches the playbook on said.

    Raises:
        UnconfirmedAudienceError: there are many, and more than were meant.
    """
    size = audience(of)
    if size > max(MANY, at_most or 0):
        meant = (
            "nobody has said that so many are meant" if at_most is None else f"{at_most} were meant at most"
        )
        raise UnconfirmedAudienceError(
            f"The rule {of.name!r} may speak of {size}, and {meant}. Remedy: a segment for the rule, or say atMost: {size}."
        )
