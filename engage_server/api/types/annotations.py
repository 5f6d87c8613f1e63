"""Annotations in GraphQL: what happened on a day, by themselves and beside series."""

from collections.abc import Callable
from datetime import date, datetime
from operator import attrgetter
from typing import Annotated, Any, Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.activity.exceptions import UnknownFeatureError
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    EXPECTED_VERSION,
    WRITTEN_NODE,
    IdInput,
    WriteInput,
    WritePayload,
    carry_out_defined,
    told,
)
from engage_server.metrics import annotations as stored
from engage_server.metrics.annotations import AnnotationKind
from engage_server.operations import annotations as operations
from engage_server.sdk.graphql import expose_enum

ANNOTATION: Final = "Annotation"
expose_enum(AnnotationKind, name="AnnotationKind", description="What kind of thing happened.")
From = Annotated[date | None, strawberry.argument(name="from")]


@strawberry.type(name=ANNOTATION, description="What happened on a day that a reader of a series should know.")
class AnnotationNode(Node):
    day: date
    text: str
    kind: AnnotationKind
    feature: str | None = strawberry.field(
        description="The feature that it is about; null: the whole product."
    )
    version: int
    author: str = strawberry.field(description="Who wrote this version, as in the audit log.")
    created_at: datetime = strawberry.field(description="When this version was written.")

    @classmethod
    def of(cls, annotation: stored.Annotation, context: Context) -> Self:
        """The node of an annotation of the context's tenant."""
        body = annotation.body
        return cls(
            id=strawberry.ID(ids.global_id(ANNOTATION, tenant_id=context.tenant.id, pk=annotation.number)),
            day=body.day,
            text=body.text,
            kind=body.kind,
            feature=body.feature or None,
            version=annotation.version,
            author=annotation.author,
            created_at=annotation.created_at,
        )


@strawberry.input(description="What happened on a day.")
class CreateAnnotationInput(WriteInput):
    day: date
    text: str
    kind: AnnotationKind = AnnotationKind.OTHER
    feature: str = ""


@strawberry.input(description="What changes of an annotation; what is left out stays.")
class AnnotationChanges:
    day: date | None = None
    text: str | None = None
    kind: AnnotationKind | None = None
    feature: str | None = strawberry.field(default=None, description="Empty: the whole product.")


@strawberry.input(description="An annotation, and what changes of it.")
class UpdateAnnotationInput(WriteInput):
    id: strawberry.ID
    changes: AnnotationChanges
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.type(description="The annotation that was written.")
class AnnotationPayload(WritePayload):
    annotation: AnnotationNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class AnnotationQuery:
    @strawberry.field(
        description="Annotations in the order in which they were made; of a range of days, both included, "
        "or of a feature where named.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def annotations(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        *,
        from_: From = None,
        to: date | None = None,
        feature: str | None = None,
    ) -> Connection[AnnotationNode]:
        found = [
            one
            for one in sorted(info.context.annotations.all, key=attrgetter("number"))
            if (from_ is None or one.body.day >= from_)
            and (to is None or one.body.day <= to)
            and feature in (None, one.body.feature)
        ]
        return numbered(
            found,
            of="annotations",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [AnnotationNode.of(one, info.context) for one in page],
        )


@strawberry.type
class AnnotationMutation:
    @strawberry.mutation(
        description="Say what happened on a day; series of that day show it.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def create_annotation(self, info: Info, input: CreateAnnotationInput) -> AnnotationPayload:
        return _carry_out(info, input, lambda: operations.create_annotation(_given(input)))

    @strawberry.mutation(
        description="Change an annotation; what is left out stays.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def update_annotation(self, info: Info, input: UpdateAnnotationInput) -> AnnotationPayload:
        def change() -> stored.Annotation:
            return operations.change_annotation(
                annotation_number(info.context, input.id),
                _given(input.changes),
                expected_version=input.expected_version,
            )

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="Take an annotation back; its history stays.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def retire_annotation(self, info: Info, input: IdInput) -> AnnotationPayload:
        return _carry_out(
            info, input, lambda: operations.retire_annotation(annotation_number(info.context, input.id))
        )


def annotation_number(context: Context, id: str) -> int:
    """The annotation of a global id.

    Raises:
        BadUserInputError: the tenant has none; the same answer for another tenant's.
    """
    number = ids.row_of(id, type_name=ANNOTATION, tenant_id=context.tenant.id)
    if number is None or all(one.number != number for one in stored.annotations()):
        raise BadUserInputError(
            f"There is no annotation {id!r}. Remedy: `annotations {{ id }}` lists those there are."
        )
    return number


def _given(fields: CreateAnnotationInput | AnnotationChanges) -> dict[str, Any]:
    # An enumeration that is a text, too, is none of the client's.
    return {name: plain(value) if type(value) is str else value for name, value in told(fields).items()}


def _carry_out(info: Info, given: WriteInput, change: Callable[[], stored.Annotation]) -> AnnotationPayload:
    try:
        done = carry_out_defined(
            info, given, change, name="annotation", node=AnnotationNode.of, stored=stored.annotations
        )
    except UnknownFeatureError as error:
        raise BadUserInputError(str(error)) from None
    return AnnotationPayload(**done)
