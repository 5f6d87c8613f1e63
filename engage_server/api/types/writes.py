"""The one shape of writes: what every input and every payload has, and how a mutation is carried out."""

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Any, Final, Protocol, Self, TypeVar, cast

import strawberry
from pydantic import JsonValue

from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.customers.exceptions import CustomersError
from engage_server.engine.restatement import days_to_restate
from engage_server.operations.writes import Facts, Written, write
from engage_server.plugin_host.registry import registry

# What tells nothing of the change itself.
OF_THE_REQUEST: Final = frozenset({"client_mutation_id", "idempotency_key", "dry_run"})
WRITTEN_NODE: Final = (
    "As it is now; null where a new one was only tried, and where a repeated request finds it no more."
)
EXPECTED_VERSION: Final = "Its `version` as it was read; where it has another by now, that is a CONFLICT."
Made = TypeVar("Made")


class Numbered(Protocol):
    """What people define: it has a number among those of its kind."""

    @property
    def number(self) -> int: ...


Defined = TypeVar("Defined", bound=Numbered)


@strawberry.input
class WriteInput:
    """The fields of every input of a write."""

    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back as it is, for the client to know its answer by."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="1 to 200 characters, a UUID for example. The same once more within 24 hours changes nothing and has "
        "the first answer; with other content it is a CONFLICT.",
    )
    dry_run: bool = strawberry.field(
        default=False, description="Try it and take it back: errors and `restated` are those of the real one."
    )


@strawberry.input(description="One thing, by its `id`.")
class IdInput(WriteInput):
    id: strawberry.ID


@strawberry.type(
    description="What of the past is computed again because of a write; it begins within seconds. Values of the running "
    "day follow with its next run, and what is built on a value that changes follows that."
)
class RestatedDays:
    from_: date | None = strawberry.field(name="from", description="The first of the days; null: none is.")
    to: date | None
    days: int = strawberry.field(description="How many days, whatever is computed of them.")
    metrics: list[strawberry.ID] = strawberry.field(description="Full ids of the metrics.")

    @classmethod
    def of(cls, written: Written) -> Self:
        """What follows from a write, as the tenant's plugins are set now."""
        concerned = days_to_restate(written.changes)
        days = sorted({day for found in concerned.values() for day in found})
        plugins = registry().plugins
        return cls(
            from_=days[0] if days else None,
            to=days[-1] if days else None,
            days=len(days),
            metrics=[
                strawberry.ID(f"{plugin}.{metric.id}")
                for plugin in sorted(concerned)
                for metric in plugins[plugin].manifest.metrics
            ],
        )


@strawberry.interface(description="What every write answers.")
class WritePayload:
    written: strawberry.Private[Written]
    client_mutation_id: str | None = strawberry.field(description="As it was given.")

    @strawberry.field(description="True: it was only tried, and nothing is written.")
    def dry_run(self) -> bool:
        return self.written.is_dry_run

    @strawberry.field(
        description="True: it was done before, under the same idempotency key; what is read here is as it is now."
    )
    def replayed(self) -> bool:
        return self.written.is_replayed

    @strawberry.field(description="What of the past is computed again.")
    def restated(self) -> RestatedDays:
        return RestatedDays.of(self.written)

    def number(self, name: str) -> int:
        """A number among the facts."""
        return cast(int, self.written.facts[name])


def carry_out(info: Info, given: WriteInput, change: Callable[[], Facts]) -> dict[str, Any]:
    """Do what an input asks for; the arguments with which every payload is made.

    Raises:
        BadUserInputError: of persons that are not there.
        RefusedWriteError, KeyReusedError: as ``operations.writes.write``.
    """
    content = {"mutation": info.field_name, **content_of(given)}
    try:
        written = write(change, content=content, idempotency_key=given.idempotency_key, dry_run=given.dry_run)
    except CustomersError as error:
        raise BadUserInputError(str(error)) from None
    return {"written": written, "client_mutation_id": given.client_mutation_id}


def carry_out_one(
    info: Info,
    given: WriteInput,
    change: Callable[[], Made],
    *,
    name: str,
    node: Callable[[Made], Any],
    again: Callable[[Any], Made | None],
    fact: Callable[[Made], JsonValue] = attrgetter("pk"),
) -> dict[str, Any]:
    """Do what an input asks for to one thing; the arguments with which its payload is made, ``name`` among them.

    Args:
        change: does it, and returns the thing.
        node: what the payload shows of the thing.
        fact: what the thing is found by again.
        again: the thing of a fact, for a request that was repeated or only tried; None: it is not there.
    """
    made: list[Made] = []

    def whole() -> Facts:
        made.append(change())
        return {name: fact(made[-1])}

    done = carry_out(info, given, whole)
    written = done["written"]
    # What was tried is taken back by now: nothing may be read of it.
    fresh = made[-1] if made and not written.is_dry_run else again(written.facts[name])
    return {**done, name: None if fresh is None else node(fresh)}


def carry_out_defined(
    info: Info,
    given: WriteInput,
    change: Callable[[], Defined],
    *,
    name: str,
    node: Callable[[Defined, Context], Any],
    stored: Callable[[], Iterable[Defined]],
) -> dict[str, Any]:
    """Do what an input asks for to one of what people define; as ``carry_out_one``. ``stored``: those in force."""
    return carry_out_one(
        info,
        given,
        change,
        name=name,
        node=lambda one: node(one, info.context),
        fact=attrgetter("number"),
        again=lambda number: next((one for one in stored() if one.number == number), None),
    )


def content_of(given: Any) -> dict[str, JsonValue]:
    """What an input asks for, as JSON: the same for the same."""
    return {
        field.name: _as_json(getattr(given, field.name))
        for field in fields(given)
        if field.name not in OF_THE_REQUEST
    }


def told(given: Any, *without: str) -> dict[str, Any]:
    """The fields of an input that were told, by name, for a record; without those of every write and those named."""
    return {
        field.name: value
        for field in fields(given)
        if field.name not in OF_THE_REQUEST | {*without} and (value := getattr(given, field.name)) is not None
    }


def _as_json(value: Any) -> JsonValue:
    if isinstance(value, Enum):
        return _as_json(value.value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return [_as_json(one) for one in value]
    if is_dataclass(value):
        return dict(content_of(value))
    plain: JsonValue = value
    return plain
