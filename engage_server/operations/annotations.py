"""Makes and changes a tenant's annotations, on record. Works inside the tenant's scope."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from engage_server.activity.exceptions import UnknownFeatureError
from engage_server.activity.models import Feature
from engage_server.audit.log import record
from engage_server.definitions import store
from engage_server.definitions.kinds import read_body
from engage_server.metrics.annotations import ANNOTATION, Annotation, AnnotationBody, annotation
from engage_server.operations.writes import require_version


def create_annotation(body: Mapping[str, Any]) -> Annotation:
    """Say what happened on a day.

    Args:
        body: ``day`` and ``text``; ``kind`` and ``feature`` if wanted.

    Raises:
        DefinitionsError: a field is not valid, or the same is said of the day already.
        UnknownFeatureError: the dictionary has no such feature.
    """
    with transaction.atomic():
        checked = _checked(body)
        made = annotation(store.define(ANNOTATION, checked.name, checked))
        record("annotation.created", subject=f"annotation {made.number}", details=_details(made))
    return made


def change_annotation(
    number: int, changes: Mapping[str, Any], *, expected_version: int | None = None
) -> Annotation:
    """Change fields of an annotation; what is left out stays.

    Raises:
        ConflictError: it has another version by now than the client has seen.
        DefinitionsError, UnknownFeatureError: as for a new one, and where there is none of the number.
    """
    with transaction.atomic():
        store.lock_definitions()
        former = annotation(number)
        require_version(expected_version, former.version, of=f"The annotation {number}")
        checked = _checked({**former.body.model_dump(), **changes})
        if store.redefine(ANNOTATION, number, name=checked.name, body=checked):
            record("annotation.changed", subject=f"annotation {number}", details=_details(annotation(number)))
    return annotation(number)


def retire_annotation(number: int) -> Annotation:
    """Take an annotation back; its versions stay as history.

    Raises:
        UnknownDefinitionError
    """
    with transaction.atomic():
        former = annotation(number)
        store.retire(ANNOTATION, number)
        record("annotation.retired", subject=f"annotation {number}", details=_details(former))
    return former


def _checked(given: Mapping[str, Any]) -> AnnotationBody:
    body = read_body(AnnotationBody, given)
    if body.feature and not Feature.objects.filter(name=body.feature).exists():
        raise UnknownFeatureError(
            f"There is no feature {body.feature!r} in the dictionary. Remedy: one that an event belongs to, or none."
        )
    return body


def _details(made: Annotation) -> dict[str, Any]:
    return {"version": made.version, "kind": made.body.kind.value, "day": made.body.day.isoformat()}
