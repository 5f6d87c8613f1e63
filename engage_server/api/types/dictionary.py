"""The event dictionary in GraphQL: which names were seen, what they mean, how they are named."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.activity import event_name_lint, models
from engage_server.activity.definitions import Definition, checked
from engage_server.activity.dictionary import named_entries
from engage_server.activity.event_name_usage import EventNameUsage, usage_of
from engage_server.activity.exceptions import ActivityError
from engage_server.activity.preset_files import preset, preset_ids
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.api import ids
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.event_classes import EventClass
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request, queried
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    WRITTEN_NODE,
    WriteInput,
    WritePayload,
    carry_out,
    carry_out_one,
)
from engage_server.operations import event_dictionary
from engage_server.operations.writes import Facts
from engage_server.sdk.graphql import expose_enum

MOST_LINTED: Final = 5_000  # names a request; a third of a second
expose_enum(event_name_lint.Violation, name="NamingFault", description="What is wrong with an event name.")


@strawberry.type(name="EventName", description="An event name and what it means to the tenant.")
class EventNameNode:
    name: str
    event_class: EventClass
    polarity: int = strawberry.field(description="+1, 0 or -1: is it good that it happens?")
    weight: float = strawberry.field(description="Points towards engagement; may be negative.")
    feature: str | None = strawberry.field(description="The part of the product that it shows the use of.")
    is_key: bool = strawberry.field(description="A key action: one of the two or three that matter most.")
    first_day: date | None = strawberry.field(description="The first day it was seen; null: never.")
    last_day: date | None
    volume: int = strawberry.field(description="Events of persons who count in the last 30 days.")

    @classmethod
    def of(cls, entry: models.EventName, seen: EventNameUsage) -> Self:
        """The node of an entry."""
        return cls(
            name=entry.name,
            event_class=EventClass(entry.event_class),
            polarity=entry.polarity,
            weight=float(entry.weight),
            feature=None if entry.feature is None else entry.feature.name,
            is_key=entry.is_key,
            first_day=seen.first_day,
            last_day=seen.last_day,
            volume=seen.volume,
        )


@strawberry.type(
    description="Why a name will cost its readers time; `name` is empty where it concerns them all."
)
class NamingProblem:
    name: str
    fault: event_name_lint.Violation
    message: str = strawberry.field(description="Cause and remedy.")


@strawberry.type(description="The names that a kind of product usually has, and what they mean there.")
class DictionaryPreset:
    name: str = strawberry.field(description="What `applyDictionaryPreset` takes.")
    title: str
    names: list[str]


@strawberry.input(description="What is to be said of a name; what is left out or null stays as it is.")
class EventNameChanges:
    event_class: EventClass | None = None
    polarity: int | None = None
    weight: float | None = None
    feature: str | None = strawberry.field(default=None, description="Empty: belongs to no feature.")
    is_key: bool | None = None

    def definition(self) -> Definition:
        """The changes as the dictionary takes them."""
        return Definition(
            event_class=self.event_class,
            polarity=self.polarity,
            weight=None if self.weight is None else Decimal(str(self.weight)),
            feature=None if self.feature is None else plain(self.feature),
            is_key=self.is_key,
        )


@strawberry.input(description="An event name, and what is to be said of it.")
class UpdateEventNameInput(WriteInput):
    name: str
    changes: EventNameChanges


@strawberry.type(description="The event name that was written.")
class EventNamePayload(WritePayload):
    event_name: EventNameNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.input(description="The names of a kind of product.")
class ApplyDictionaryPresetInput(WriteInput):
    name: str


@strawberry.type(description="How many names a preset added, changed, and left as they were.")
class DictionaryPresetPayload(WritePayload):
    @strawberry.field
    def added(self) -> int:
        return self.number("added")

    @strawberry.field
    def changed(self) -> int:
        return self.number("changed")

    @strawberry.field
    def kept(self) -> int:
        return self.number("kept")


@strawberry.type
class DictionaryQuery:
    @strawberry.field(
        description="The event dictionary, in the order in which names entered it; `search` looks in the "
        "name, `key` for key actions.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def event_names(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        search: str | None = None,
        key: bool | None = None,
    ) -> Connection[EventNameNode]:
        found = models.EventName.objects.select_related("feature").order_by("id")
        if search:
            found = found.filter(name__icontains=plain(search))
        if key is not None:
            found = found.filter(is_key=key)
        return queried(
            found,
            of="eventNames",
            asked=page_request(first, after, last, before),
            nodes=_nodes,
            count=found.count,
        )

    @strawberry.field(
        description="Names that will cost their readers time; the first of them say when more than "
        "`mostKey` are key actions, and when there are more names than a request reads.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def event_name_problems(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        most_key: int = event_name_lint.MOST_KEY_EVENTS,
    ) -> Connection[NamingProblem]:
        problems = event_name_lint.lint(named_entries(most=MOST_LINTED), most_key=most_key)
        if (names := models.EventName.objects.count()) > MOST_LINTED:
            problems.append(event_name_lint.too_many(names, read=MOST_LINTED))
        # By name, those of no name first: a name that comes to the dictionary meanwhile moves no other one's page.
        problems.sort(key=_place)
        return numbered(
            problems,
            of="eventNameProblems",
            asked=page_request(first, after, last, before),
            key=_place,
            place=ids.text_before,
            nodes=_problems,
        )

    @strawberry.field(
        description="The presets that `applyDictionaryPreset` takes.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def dictionary_presets(self, info: Info) -> list[DictionaryPreset]:
        presets = [preset(preset_id) for preset_id in preset_ids()]
        return [DictionaryPreset(name=one.id, title=one.title, names=list(one.events)) for one in presets]


@strawberry.input(description="When a feature of the dictionary came out.")
class DateFeatureInput(WriteInput):
    feature: str = strawberry.field(description="Its name.")
    released_on: date | None = strawberry.field(description="Null: unknown; its first event counts then.")


@strawberry.type(description="The feature, as it is now.")
class FeaturePayload(WritePayload):
    feature: str
    released_on: date | None = strawberry.field(description="Null: unknown.")


@strawberry.type
class DictionaryMutation:
    @strawberry.mutation(
        description="Say what an event name means. The days on which it occurs are restated where a metric looks at "
        "what changed.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def update_event_name(self, info: Info, input: UpdateEventNameInput) -> EventNamePayload:
        name, definition = plain(input.name), checked_definition(input.changes)

        def change() -> models.EventName:
            with refused_by_dictionary():
                return event_dictionary.define_event(name, definition)

        return EventNamePayload(
            **carry_out_one(
                info,
                input,
                change,
                name="event_name",
                node=lambda entry: _nodes([entry])[0],
                again=lambda pk: models.EventName.objects.select_related("feature").filter(pk=pk).first(),
            )
        )

    @strawberry.mutation(
        description="Bring the names of a kind of product into the dictionary, and define those that are there in any "
        "style. What the tenant defined itself stands.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def apply_dictionary_preset(
        self, info: Info, input: ApplyDictionaryPresetInput
    ) -> DictionaryPresetPayload:
        def change() -> Facts:
            with refused_by_dictionary():
                done = event_dictionary.apply_preset(plain(input.name))
            return {"added": done.added, "changed": done.changed, "kept": done.kept}

        return DictionaryPresetPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Say when a feature was released; what tells its age is restated.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def date_feature(self, info: Info, input: DateFeatureInput) -> FeaturePayload:
        name = plain(input.feature)

        def change() -> Facts:
            with refused_by_dictionary():
                event_dictionary.set_release_day(name, input.released_on)
            return {}

        return FeaturePayload(feature=name, released_on=input.released_on, **carry_out(info, input, change))


def checked_definition(changes: EventNameChanges) -> Definition:
    """What is to be said of a name, as the dictionary takes it.

    Raises:
        BadUserInputError: says what is wrong with it.
    """
    with refused_by_dictionary():
        return checked(changes.definition())


@contextmanager
def refused_by_dictionary() -> Iterator[None]:
    """What the dictionary refuses is the caller's input to mend."""
    try:
        yield
    except ActivityError as error:
        raise BadUserInputError(str(error)) from None


def _nodes(entries: Sequence[models.EventName]) -> list[EventNameNode]:
    with current_rollups():
        seen = usage_of([entry.pk for entry in entries])
    return [EventNameNode.of(entry, seen[entry.pk]) for entry in entries]


def _place(problem: event_name_lint.NamingProblem) -> str:
    return f"{problem.name}\n{problem.fault.name}"


def _problems(found: Sequence[event_name_lint.NamingProblem]) -> list[NamingProblem]:
    return [NamingProblem(name=one.name, fault=one.fault, message=one.message) for one in found]
