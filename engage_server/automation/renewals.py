"""When paid subscriptions renew: for people, and as a calendar that calendars subscribe to. Inside the tenant's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from icalendar import Calendar, Event

from engage_server.automation.observations import SPEAKS, observe
from engage_server.automation.rules import RuleBody, SignalKind
from engage_server.automation.triggers import Renewal
from engage_server.customers.models import Account
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import current_tenant

MOST_DAYS: Final = 366
MAKER: Final = "-//Engage//Renewals//EN"


@dataclass(frozen=True, slots=True)
class Renewing:
    """An account and the day on which its next paid subscription renews."""

    account: int
    name: str
    owner: str
    day: date


def renewals(day: date, *, days: int = MOST_DAYS) -> list[Renewing]:
    """The renewals within so many days of a day, the next first: as a rule would judge it, by two statements."""
    body = RuleBody(kind=SignalKind.RISK, trigger=Renewal(type="renewal", days_ahead=days))
    found = {
        one.subject: day + timedelta(days=int(one.evidence["value"]))
        for one in observe(body, first=day, last=day)
        if one.state == SPEAKS
    }
    rows = Account.objects.filter(pk__in=found).values_list("pk", "name", "external_id", "owner")
    renewing = [Renewing(pk, name or external_id, owner, found[pk]) for pk, name, external_id, owner in rows]
    return sorted(renewing, key=lambda one: (one.day, one.name))


def calendar(found: Sequence[Renewing]) -> bytes:
    """The renewals as iCalendar (RFC 5545): a day each, under a name that stays as long as the day does."""
    tenant = current_tenant()
    made = Calendar()
    made.add("prodid", MAKER)
    made.add("version", "2.0")
    made.add("x-wr-calname", "Renewals")
    made.add("x-published-ttl", "PT12H")
    for one in found:
        event = Event()
        event.add("uid", f"renewal-{tenant.id}-{one.account}-{one.day:%Y%m%d}@engage")
        event.add("dtstamp", database_now())
        event.add("dtstart", one.day)
        event.add("dtend", one.day + timedelta(days=1))
        event.add("summary", f"{one.name} renews")
        event.add("transp", "TRANSPARENT")
        if one.owner:
            event.add("description", f"Owner: {one.owner}")
        made.add_component(event)
    written: bytes = made.to_ical()
    return written
