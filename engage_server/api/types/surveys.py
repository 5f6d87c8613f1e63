"""Surveys in GraphQL: what persons are asked, who was, and how many answered."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.annotations import annotation_number
from engage_server.api.types.channels import channel_number
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.references import PERSON_NAMED, person_name_of
from engage_server.api.types.subjects import plain, segment_number
from engage_server.api.types.writes import (
    EXPECTED_VERSION,
    WRITTEN_NODE,
    IdInput,
    WriteInput,
    WritePayload,
    carry_out,
    carry_out_defined,
    told,
)
from engage_server.automation import surveys as stored
from engage_server.automation.surveys import SurveyKind
from engage_server.operations import surveys as operations
from engage_server.operations.writes import Facts
from engage_server.sdk.graphql import expose_enum

SURVEY: Final = "Survey"
WRITES: Final = requires(Permission.SURVEYS_WRITE)
expose_enum(
    SurveyKind,
    name="SurveyKind",
    description="What is asked. NPS: 0 to 10, how likely one is to recommend. CES_1: 1 to 5, how much effort it took. "
    "CES_2: 1 to 7, whether it was made easy. CSAT_STARS: 1 to 5 stars. CSAT_EMOJI: one of five faces. TEXT: words alone.",
)


@strawberry.type(description="What became of a survey's invitations.")
class SurveyResponseRate:
    asked: int = strawberry.field(description="Invitations, answered or not.")
    answered: int = strawberry.field(description="Of them those that were answered.")
    dismissed: int = strawberry.field(description="Of them those that were dismissed.")


@strawberry.type(name=SURVEY, description="What persons are asked; see docs/surveys.md.")
class SurveyNode(Node):
    number: int = strawberry.field(
        description="Its number within the tenant, by which steps of playbooks name it."
    )
    name: str
    kind: SurveyKind
    instrument: str = strawberry.field(description="By which metrics know its answers.")
    question: str = strawberry.field(description="In English; empty: the usual words.")
    question_ko: str = strawberry.field(description="In Korean; empty: the usual words.")
    asks_why: bool = strawberry.field(description="Whether there is room for words beside the score.")
    cool_down_days: int
    ends_after_days: int = strawberry.field(description="So many days an invitation can be answered.")
    origins: list[str] = strawberry.field(description="Whose pages may show it in a frame.")
    note: str
    version: int
    author: str
    created_at: datetime = strawberry.field(description="When this version was written.")
    responses: SurveyResponseRate = strawberry.field(description="What became of its invitations.")

    @classmethod
    def of(cls, one: stored.Survey, context: Context) -> Self:
        """The node of a survey of the context's tenant."""
        (node,) = cls.of_all([one], context)
        return node

    @classmethod
    def of_all(cls, found: list[stored.Survey], context: Context) -> list[Self]:
        """The nodes of surveys; one statement for what became of them all."""
        responses = operations.response_to([one.number for one in found])
        return [cls._of(one, responses[one.number], context) for one in found]

    @classmethod
    def _of(cls, one: stored.Survey, response: operations.Response, context: Context) -> Self:
        body = one.body
        return cls(
            id=strawberry.ID(ids.global_id(SURVEY, tenant_id=context.tenant.id, pk=one.number)),
            number=one.number,
            name=one.name,
            kind=body.kind,
            instrument=body.answered_as,
            question=body.question,
            question_ko=body.question_ko,
            asks_why=body.asks_why,
            cool_down_days=body.cool_down_days,
            ends_after_days=body.ends_after_days,
            origins=list(body.origins),
            note=body.note,
            version=one.version,
            author=one.author,
            created_at=one.created_at,
            responses=SurveyResponseRate(
                asked=response.asked, answered=response.answered, dismissed=response.dismissed
            ),
        )


@strawberry.input(description="A new survey; what is left out is as usual.")
class CreateSurveyInput(WriteInput):
    name: str
    kind: SurveyKind
    question: str | None = strawberry.field(default=None, description="In English.")
    question_ko: str | None = strawberry.field(default=None, description="In Korean.")
    asks_why: bool | None = strawberry.field(
        default=None, description="Whether there is room for words beside the score."
    )
    instrument: str | None = strawberry.field(default=None, description="By which metrics know its answers.")
    cool_down_days: int | None = None
    ends_after_days: int | None = strawberry.field(
        default=None, description="So many days an invitation can be answered."
    )
    origins: list[str] | None = strawberry.field(
        default=None, description="Whose pages may show it in a frame, such as https://app.example.com."
    )
    note: str | None = None


@strawberry.input(description="What changes of a survey; what is left out stays.")
class SurveyChanges:
    name: str | None = None
    question: str | None = strawberry.field(default=None, description="In English.")
    question_ko: str | None = strawberry.field(default=None, description="In Korean.")
    asks_why: bool | None = strawberry.field(
        default=None, description="Whether there is room for words beside the score."
    )
    cool_down_days: int | None = None
    ends_after_days: int | None = strawberry.field(
        default=None, description="So many days an invitation can be answered."
    )
    origins: list[str] | None = strawberry.field(
        default=None, description="Whose pages may show it in a frame, such as https://app.example.com."
    )
    note: str | None = None


@strawberry.input(description="A survey, and what changes of it.")
class UpdateSurveyInput(WriteInput):
    id: strawberry.ID
    changes: SurveyChanges = strawberry.field(description="What is left out stays.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.input(description="Who is asked, and by which way.")
class InviteToSurveyInput(WriteInput):
    id: strawberry.ID
    person: str = strawberry.field(description=PERSON_NAMED)
    channel: strawberry.ID | None = strawberry.field(
        default=None,
        description="One to persons, by which the link is mailed; default: it is for a page of your own.",
    )


@strawberry.input(description="Which segment is asked about which release.")
class StartSurveyWaveInput(WriteInput):
    id: strawberry.ID
    release: strawberry.ID = strawberry.field(description="An annotation of the kind RELEASE.")
    channel: strawberry.ID
    segment: strawberry.ID
    at_most: int = strawberry.field(description="So many are meant; where there are more nobody is asked.")


@strawberry.type(description="The survey that was written.")
class SurveyPayload(WritePayload):
    survey: SurveyNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type(description="Whether a person was asked, and where it answers.")
class InvitePayload(WritePayload):
    url: str | None = strawberry.field(
        description="Good once, for this person alone; null where it is not asked now: it was lately, or may not be. Of a "
        "request that was only tried, or repeated, it is null as well."
    )

    @strawberry.field(description="The same for a frame in a page of the survey's origins.")
    def frame_url(self) -> str | None:
        return None if self.url is None else f"{self.url}/frame"


@strawberry.type(description="Whom a wave asked.")
class SurveyWavePayload(WritePayload):
    @strawberry.field(description="Members of the segment.")
    def persons(self) -> int:
        return self.number("persons")

    @strawberry.field(description="Of them those who were asked; the others were lately, or may not be.")
    def asked(self) -> int:
        return self.number("asked")


@strawberry.type
class SurveyQuery:
    @strawberry.field(
        description="Surveys in the order in which they were made.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
    def surveys(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[SurveyNode]:
        return numbered(
            stored.surveys(),
            of="surveys",
            asked=page_request(first, after, last, before),
            nodes=lambda page: SurveyNode.of_all(list(page), info.context),
        )


@strawberry.type
class SurveyMutation:
    @strawberry.mutation(description="Make a survey; nobody is asked yet.", extensions=[WRITES])
    def create_survey(self, info: Info, input: CreateSurveyInput) -> SurveyPayload:
        given = {**_given(told(input, "name")), "kind": input.kind.value}
        return _carry_out(info, input, lambda: operations.create_survey(plain(input.name), given))

    @strawberry.mutation(
        description="Change a survey; who was asked answers the version that asked.", extensions=[WRITES]
    )
    def update_survey(self, info: Info, input: UpdateSurveyInput) -> SurveyPayload:
        given = _given(vars(input.changes))
        name = given.pop("name", None)

        def change() -> stored.Survey:
            return operations.change_survey(
                survey_number(info.context, input.id),
                name=name,
                changes=given,
                expected_version=input.expected_version,
            )

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="End a survey: links that are out say so; its history stays.", extensions=[WRITES]
    )
    def retire_survey(self, info: Info, input: IdInput) -> SurveyPayload:
        return _carry_out(
            info, input, lambda: operations.retire_survey(survey_number(info.context, input.id))
        )

    @strawberry.mutation(
        description="Ask a person: by mail where a channel to persons is named, else by a link for your own pages, the same "
        "until it is answered.",
        extensions=[WRITES, requires(Permission.PERSONAL_READ)],
    )
    def invite_to_survey(self, info: Info, input: InviteToSurveyInput) -> InvitePayload:
        by = None if input.channel is None else channel_number(info.context, input.channel)
        number = survey_number(info.context, input.id)
        person = person_name_of(info.context, input.person)
        links: list[str | None] = []

        def change() -> Facts:
            links.append(operations.invite_person(number, person, by=by).url)
            return {"survey": number}  # nothing that leads to a person is kept with a key

        done = carry_out(info, input, change)
        is_done = bool(links) and not done["written"].is_dry_run
        return InvitePayload(**done, url=links[0] if is_done else None)

    @strawberry.mutation(
        description="Ask the members of a segment of persons about a release, each once for it; a dry run counts them.",
        extensions=[WRITES, requires(Permission.PERSONAL_READ)],
    )
    def start_survey_wave(self, info: Info, input: StartSurveyWaveInput) -> SurveyWavePayload:
        number = survey_number(info.context, input.id)
        release, by = (
            annotation_number(info.context, input.release),
            channel_number(info.context, input.channel),
        )
        segment = segment_number(info.context, input.segment)

        def change() -> Facts:
            wave = operations.start_wave(
                number, release=release, by=by, segment=segment, at_most=input.at_most
            )
            return {"persons": wave.persons, "asked": wave.asked}

        return SurveyWavePayload(**carry_out(info, input, change))


def _carry_out(info: Info, given: WriteInput, change: Callable[[], stored.Survey]) -> SurveyPayload:
    return SurveyPayload(
        **carry_out_defined(info, given, change, name="survey", node=SurveyNode.of, stored=stored.surveys)
    )


def survey_number(context: Context, id: str) -> int:
    """The survey of a global id.

    Raises:
        BadUserInputError: the tenant has none; the same answer for another tenant's.
    """
    number = ids.row_of(id, type_name=SURVEY, tenant_id=context.tenant.id)
    # One of another tenant's takes as long as one that nobody has.
    known = {one.number for one in stored.surveys()}
    if number is None or number not in known:
        raise BadUserInputError(
            f"There is no survey {id!r}. Remedy: `surveys {{ id }}` lists those there are."
        )
    return number


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What was given; texts as they may be stored."""
    return {
        field: plain(value)
        if type(value) is str
        else [plain(one) for one in value]
        if isinstance(value, list)
        else value
        for field, value in fields.items()
        if value is not None
    }
