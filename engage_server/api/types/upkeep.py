"""Mutations that put a tenant's records right: when features came out, what stays in quarantine, who is taken in again."""

from datetime import date

import strawberry

from engage_server.access.principal import Permission
from engage_server.activity.exceptions import ActivityError
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.subjects import person_name, plain
from engage_server.api.types.writes import WriteInput, WritePayload, carry_out
from engage_server.ingest.quarantine.store import find_items
from engage_server.operations import event_dictionary, quarantine
from engage_server.operations.writes import Facts
from engage_server.privacy import requests


@strawberry.input(description="When a feature of the dictionary came out.")
class DateFeatureInput(WriteInput):
    feature: str = strawberry.field(description="Its name.")
    released_on: date | None = strawberry.field(description="Null: unknown; its first event counts then.")


@strawberry.type(description="The feature, as it is now.")
class FeaturePayload(WritePayload):
    feature: str
    released_on: date | None = strawberry.field(description="Null: unknown.")


@strawberry.input(
    description="Which refused items are deleted: what is given holds together; one of both is needed."
)
class DiscardQuarantineInput(WriteInput):
    code: str | None = strawberry.field(default=None, description="Refused for this reason.")
    source: str | None = strawberry.field(default=None, description="That came from this source.")


@strawberry.type(description="What was deleted.")
class DiscardedPayload(WritePayload):
    @strawberry.field(description="Items; with `dryRun` those that would be.")
    def discarded(self) -> int:
        return self.number("discarded")


@strawberry.input(description="A suppressed person who comes back of their own will.")
class AdmitPersonInput(WriteInput):
    person: strawberry.ID = strawberry.field(description="User id or anonymous id.")


@strawberry.type(description="Whether somebody is taken in again.")
class AdmittedPayload(WritePayload):
    @strawberry.field(description="False: the person was not suppressed.")
    def admitted(self) -> bool:
        return bool(self.written.facts["admitted"])


@strawberry.type
class UpkeepMutation:
    @strawberry.mutation(
        description="Say when a feature was released; what tells its age is restated.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def date_feature(self, info: Info, input: DateFeatureInput) -> FeaturePayload:
        name = plain(input.feature)

        def change() -> Facts:
            try:
                event_dictionary.set_release_day(name, input.released_on)
            except ActivityError as error:
                raise BadUserInputError(str(error)) from None
            return {}

        return FeaturePayload(feature=name, released_on=input.released_on, **carry_out(info, input, change))

    @strawberry.mutation(
        description="Delete what ingest refused, for good; `dryRun` says how much that is.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def discard_quarantine(self, info: Info, input: DiscardQuarantineInput) -> DiscardedPayload:
        code, source = plain(input.code or ""), plain(input.source or "")
        if not code and not source:
            raise BadUserInputError("Nothing is named. Remedy: `code`, `source` or both.")

        def change() -> Facts:
            return {"discarded": quarantine.discard_items(find_items(code=code, source=source))}

        return DiscardedPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Take in what a suppressed person does again, from now on.",
        extensions=[requires(Permission.PRIVACY_MANAGE)],
    )
    def admit_person(self, info: Info, input: AdmitPersonInput) -> AdmittedPayload:
        name = person_name(input.person)

        def change() -> Facts:
            return {"admitted": requests.unsuppress(name)}

        return AdmittedPayload(**carry_out(info, input, change))
