"""Events in GraphQL: the timeline of an account or a person."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, Protocol, Self

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.activity.timeline import LONGEST, Happening, Place, Stretch
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import personal, requires
from engage_server.api.types.circular import LazyAccount, LazyPerson, account_or_none, person_or_none
from engage_server.api.types.event_classes import EventClass
from engage_server.api.types.pages import Connection, PageRequest, page
from engage_server.api.types.subjects import plain

USUAL_DAYS: Final = 30
MOST_NAMES: Final = 100


@strawberry.type(description="Something that a person did, or that happened in an account.")
class Event:
    happening: strawberry.Private[Happening]
    name: str = strawberry.field(description="As in the dictionary.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    event_class: EventClass = strawberry.field(description="What the dictionary says of the name.")
    feature: str | None = strawberry.field(description="The feature that the name belongs to.")

    @strawberry.field(description="What the client sent along; null without `personal:read`.")
    def properties(self, info: Info) -> JSON | None:
        return personal(info, JSON(json.loads(self.happening.properties)))

    @strawberry.field(description="Who did it; null where nobody is named, and without `personal:read`.")
    def person(self, info: Info) -> LazyPerson | None:
        number = personal(info, self.happening.person)
        return person_or_none(None if number is None else info.context.persons.find(number), info.context)

    @strawberry.field(
        description="The account that it named, else that of the person at the time.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def account(self, info: Info) -> LazyAccount | None:
        number = self.happening.account
        return account_or_none(None if number is None else info.context.accounts.find(number), info.context)

    @classmethod
    def of(cls, happening: Happening) -> Self:
        """The node of an event."""
        return cls(
            happening=happening,
            name=happening.name,
            occurred_at=happening.occurred_at,
            event_class=EventClass(happening.event_class),
            feature=happening.feature,
        )


class Reader(Protocol):
    """What reads a subject's events of some days."""

    def __call__(self, of: Stretch, *, size: int) -> list[Happening]:
        """At most so many, the newest first."""


@strawberry.input(description="Which events; all that is given holds.")
class EventFilter:
    from_: date | None = strawberry.field(
        name="from", default=None, description=f"The first day; default: {USUAL_DAYS} days up to `to`."
    )
    to: date | None = strawberry.field(default=None, description="The last day, included; default: today.")
    names: list[str] | None = strawberry.field(
        default=None, description="Names of the dictionary, such as those of contacts."
    )


def timeline(
    read: Reader, context: Context, where: EventFilter | None, *, of: str, asked: PageRequest
) -> Connection[Event]:
    """A page of the events that ``read`` finds.

    Raises:
        BadUserInputError: the days are no range or too many, or the cursor is another list's.
    """
    where = where or EventFilter()
    last = where.to or context.today
    first = where.from_ or last - timedelta(days=USUAL_DAYS - 1)
    if not timedelta(0) <= last - first < timedelta(days=LONGEST):
        raise BadUserInputError(
            f"The days from {first} to {last} are no range of 1 to {LONGEST} days. "
            "Remedy: put the earlier day first, and ask for a shorter time."
        )
    if where.names is not None and len(where.names) > MOST_NAMES:
        raise BadUserInputError(f"where.names has {len(where.names)} entries. Remedy: {MOST_NAMES} at most.")
    place = None if asked.cursor is None else _place(ids.text_before(asked.cursor, of=of))
    names = None if where.names is None else [plain(name) for name in where.names]
    found = read(Stretch(first, last, place, names, asked.is_backwards), size=asked.size + 1)
    return page(found, of=of, asked=asked, key=_key, nodes=partial(_nodes, context=context), count=None)


def _nodes(found: Sequence[Happening], *, context: Context) -> list[Event]:
    context.persons.expect(one.person for one in found if one.person is not None)
    context.accounts.expect(one.account for one in found if one.account is not None)
    return [Event.of(one) for one in found]


def _key(one: Happening) -> str:
    return json.dumps([one.occurred_at.isoformat(), one.source, one.message_id], separators=(",", ":"))


def _place(text: str) -> Place:
    try:
        at, source, message = json.loads(text)
        moment = datetime.fromisoformat(at)
    except (ValueError, TypeError):
        raise ids.foreign_cursor() from None
    if moment.tzinfo is None or type(source) is not int or not isinstance(message, str):
        raise ids.foreign_cursor()
    return moment, source, plain(message)
