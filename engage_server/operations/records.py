"""Customer data as requests and commands tell it, checked: each becomes the item that any other road would make of it.

Names of fields are those of GraphQL in messages and in JSON (``startsOn``).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar
from uuid import uuid4

import msgspec
from django.conf import settings
from django.utils import timezone
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from engage_server.customers.exceptions import InvalidTagsError
from engage_server.customers.models import Account, LedgerEntry, SurveyResponse
from engage_server.customers.placeholder_ids import is_placeholder
from engage_server.customers.statuses import STATUSES
from engage_server.customers.tags import clean_tags, require_metric_id
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import (
    AccountItem,
    EventItem,
    Item,
    LedgerItem,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
)
from engage_server.ingest.limits import MAX_ID_LENGTH, MAX_ITEM_BYTES, MAX_NAME_LENGTH
from engage_server.ingest.protocols.segment.surveys import MAX_INSTRUMENT_LENGTH, score_direction
from engage_server.ingest.timestamps import EPOCH
from engage_server.ingest.validation import check_traits, check_values
from engage_server.operations.exceptions import RefusedWriteError
from engage_server.tenancy.scope import current_tenant

LONGEST_TEXT: Final = 100_000
MOST_SEATS: Final = 2**31 - 1
MOST_MONTHS: Final = 1_200
FIRST_DAY: Final = EPOCH.date()
RecordT = TypeVar("RecordT", bound="Record")


def _plain(text: str) -> str:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("contains a NUL character or half a surrogate pair; send plain Unicode")
    return text


def _named(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank; give an id")
    if is_placeholder(text, current_tenant().placeholder_ids):
        raise ValueError("stands for nobody, such as `undefined` or `0`; give the real id, or none")
    return text


def _happened(moment: datetime) -> datetime:
    if moment < EPOCH:
        raise ValueError("lies before 1970; say when it was")
    now = timezone.now()
    if moment > now + timedelta(seconds=settings.ENGAGE_FUTURE_TOLERANCE_S):
        raise ValueError("lies ahead; say when it was, or leave it out for now")
    return min(moment, now)


def _day(day: date) -> date:
    if day < FIRST_DAY:
        raise ValueError("lies before 1970; give a day of the tenant's time")
    return day


def _json(traits: dict[str, Any]) -> dict[str, Any]:
    try:
        check_traits(traits)
        check_values(traits)
    except ItemError as error:
        raise ValueError(str(error)) from None
    if len(msgspec.json.encode(traits)) > MAX_ITEM_BYTES:
        raise ValueError(f"is longer than {MAX_ITEM_BYTES} bytes; send less")
    return traits


Text = Annotated[str, AfterValidator(_plain)]
Id = Annotated[Text, Field(max_length=MAX_ID_LENGTH), AfterValidator(_named)]
Name = Annotated[Text, Field(min_length=1, max_length=MAX_NAME_LENGTH)]
Past = Annotated[AwareDatetime, AfterValidator(_happened)]
Day = Annotated[date, AfterValidator(_day)]
Traits = Annotated[dict[str, Any], AfterValidator(_json)]
Amount = Annotated[Decimal, Field(max_digits=20, decimal_places=4)]
Score = Annotated[Decimal, Field(max_digits=9, decimal_places=3)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Record(BaseModel):
    """What somebody tells. ``item`` is what is stored of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)

    def item(self) -> Item:
        """As it goes into the store."""
        raise NotImplementedError


class AccountFacts(Record):
    """What becomes known of an account; None leaves a field as it is. ``at``: since when it is so, None: from now on."""

    external_id: Id
    name: Annotated[Text, Field(max_length=300)] | None = None
    plan: Annotated[Text, Field(max_length=100)] | None = None
    stage: Account.Stage | None = None
    owner: Annotated[Text, Field(max_length=200)] | None = None
    parent: Id | None = None
    traits: Traits | None = None
    started_at: AwareDatetime | None = None
    at: Past | None = None

    @model_validator(mode="after")
    def _is_not_above_itself(self) -> Self:
        if self.parent == self.external_id:
            raise ValueError("parent: the account is its own parent; name the one above it")
        return self

    def item(self) -> AccountItem:
        """Its plan, stage, owner, parent and tracked traits hold from ``at`` on."""
        return AccountItem(
            external_id=self.external_id,
            name=self.name,
            parent=self.parent,
            plan=self.plan,
            stage=None if self.stage is None else str(self.stage.value),
            started_at=self.started_at,
            traits=self.traits or {},
            owner=self.owner,
            occurred_at=self.at,
        )


class OfPerson(Record):
    """Of a person by the tenant's own id, or by the anonymous id of a device."""

    person: Id | None = None
    anonymous_id: Id | None = None
    names_somebody: ClassVar[bool] = True

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if self.names_somebody and self.person is None and self.anonymous_id is None:
            raise ValueError("person: names nobody; give the person's id")
        return self

    @property
    def key(self) -> PersonKey:
        """How the item names the person."""
        return PersonKey(self.person, self.anonymous_id)


class PersonFacts(OfPerson):
    """Traits to add or replace, and whether the person is counted."""

    traits: Traits | None = None
    is_excluded: bool | None = None

    def item(self) -> PersonItem:
        """Tells nothing of consent, which is a change of its own."""
        return PersonItem(person=self.key, traits=self.traits or {}, is_excluded=self.is_excluded)


class NewMembership(OfPerson):
    """The person belongs to the account from ``starts_at`` (None: now) until ``ends_at`` (None: still)."""

    account: Id
    starts_at: Past | None = None
    ends_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.ends_at is not None and self.ends_at <= (self.starts_at or timezone.now()):
            raise ValueError("endsAt: does not lie after the start; give a later time, or none")
        return self

    def item(self) -> MembershipItem:
        """The end is exclusive."""
        return MembershipItem(self.key, self.account, self.starts_at or timezone.now(), self.ends_at)


class SubscriptionFacts(Record):
    """The whole of a subscription, as it is from ``changed_on`` on (None: from today, or from its start if it is new)."""

    external_id: Id
    account: Id
    starts_on: Day
    ends_on: Day | None = None
    plan: Annotated[Text, Field(max_length=100)] = ""
    seats: Annotated[int, Field(ge=0, le=MOST_SEATS)] | None = None
    amount: Annotated[Amount, Field(ge=0)] = Decimal(0)
    currency: Currency = "USD"
    interval_months: Annotated[int, Field(ge=1, le=MOST_MONTHS)] = 1
    is_trial: bool = False
    status: str = "active"
    channel: Annotated[Text, Field(max_length=100)] = ""
    cancel_reason: Annotated[Text, Field(max_length=200)] = ""
    changed_on: Day | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("endsOn: lies before startsOn; swap or correct them")
        if self.status not in STATUSES:
            raise ValueError(f"status: is none; give one of {', '.join(STATUSES)}")
        return self

    def item(self) -> SubscriptionItem:
        """Seats None: unlimited."""
        return SubscriptionItem(**self.model_dump())


class NewLedgerEntry(Record):
    """A cost, a revenue beside subscriptions, or a stage of an opportunity; what is told last of an entry stands."""

    kind: LedgerEntry.Kind
    external_id: Id | None = None
    amount: Amount
    currency: Currency = "USD"
    occurred_on: Day
    account: Id | None = None
    category: Annotated[Text, Field(max_length=100)] = ""
    stage: Annotated[Text, Field(max_length=100)] = ""
    closes_on: Day | None = None
    included_in_crc: bool = True

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        if self.kind is LedgerEntry.Kind.OPPORTUNITY:
            if self.account is None or not self.stage or self.external_id is None:
                raise ValueError(
                    "stage: an opportunity needs an account, a stage and an id of its own; give all three"
                )
        elif self.stage or self.closes_on is not None:
            raise ValueError(
                "stage: only an opportunity has a stage or a day on which it closes; leave them out"
            )
        return self

    def item(self) -> LedgerItem:
        """Under an id of its own where none is given."""
        given = self.model_dump(exclude={"kind", "external_id"})
        return LedgerItem(kind=str(self.kind.value), external_id=self.external_id or _own_id(), **given)


class NewAnswer(OfPerson):
    """An answer to a survey; without a score it was shown and dismissed."""

    names_somebody: ClassVar[bool] = False

    external_id: Id | None = None
    instrument: Annotated[Text, Field(min_length=1, max_length=MAX_INSTRUMENT_LENGTH)]
    scale_min: Score
    scale_max: Score
    score: Score | None = None
    direction: SurveyResponse.Direction | None = None
    account: Id | None = None
    text: Annotated[Text, Field(max_length=LONGEST_TEXT)] = ""
    tags: list[Text] = Field(default_factory=list)
    metric: str = ""
    occurred_at: Past | None = None

    @model_validator(mode="after")
    def _lies_on_its_scale(self) -> Self:
        if self.scale_min >= self.scale_max:
            raise ValueError("scaleMax: is not above scaleMin; give both ends of the scale")
        if self.score is not None and not self.scale_min <= self.score <= self.scale_max:
            raise ValueError(f"score: lies outside of the scale from {self.scale_min} to {self.scale_max}")
        return self

    def item(self) -> ResponseItem:
        """With the direction that the answer says, else the tenant, else the instrument's definition.

        Raises:
            RefusedWriteError: nobody says the direction, or the tags or the metric are none.
        """
        told = {} if self.direction is None else {"direction": str(self.direction.value)}
        try:
            direction = score_direction(self.instrument, told, dict(current_tenant().survey_directions))
            tags, metric = clean_tags(self.tags), require_metric_id(self.metric) if self.metric else ""
        except ItemError:
            raise RefusedWriteError(
                "Nobody says whether a high score of this survey is good. Remedy: send `direction`, or set it once by "
                "`updateConventions(input: {surveyDirections: …})`.",
                field="direction",
            ) from None
        except InvalidTagsError as error:
            raise RefusedWriteError(str(error), field="tags") from None
        return ResponseItem(
            external_id=self.external_id or _own_id(),
            instrument=self.instrument,
            scale_min=self.scale_min,
            scale_max=self.scale_max,
            occurred_at=self.occurred_at or timezone.now(),
            direction=direction,
            score=self.score,
            person=self.key,
            account=self.account,
            text=self.text,
            tags=tags,
            metric=metric,
        )


class NewTouch(OfPerson):
    """One of the tenant's own people was in touch with the account: an event of one of the channels of contact."""

    names_somebody: ClassVar[bool] = False

    external_id: Id | None = None
    event: Name
    account: Id
    properties: Traits | None = None
    occurred_at: Past | None = None

    def item(self) -> EventItem:
        """Passive: it is no use of the product."""
        now = timezone.now()
        return EventItem(
            message_id=self.external_id or _own_id(),
            name=self.event.strip(),
            person=self.key,
            occurred_at=(self.occurred_at or now).astimezone(UTC),
            received_at=now,
            account=self.account,
            passive=True,
            properties=msgspec.json.encode(self.properties or {}).decode(),
        )


def read_record(model: type[RecordT], given: Mapping[str, Any]) -> RecordT:
    """The record in what was told.

    Raises:
        RefusedWriteError: names the field and says what is wrong with it.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        said = first["msg"].removeprefix("Value error, ")
        named, colon, rest = said.partition(": ")
        place = ".".join(str(part) for part in first["loc"])
        if not place and colon:
            place, said = named, rest
        field = to_camel(place.partition(".")[0])
        remedy = "" if "; " in said else " Remedy: correct it."
        raise RefusedWriteError(f"The field {field} {_sentence(said)}{remedy}", field=field) from None


def _sentence(said: str) -> str:
    cause, semicolon, remedy = said.partition("; ")
    if semicolon:
        return f"{cause}. Remedy: {remedy}."
    return f"is not valid: {cause}."


def _own_id() -> str:
    return f"api:{uuid4()}"
