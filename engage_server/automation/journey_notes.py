"""Writes what playbooks say beside the tenant's series. Works inside the tenant's scope."""

from datetime import date

from engage_server.audit.log import record
from engage_server.definitions import store
from engage_server.metrics.annotations import (
    ANNOTATION,
    LONGEST_TEXT,
    AnnotationBody,
    AnnotationKind,
    annotations,
)


def annotate(text: str, day: date) -> int | None:
    """Say something of a day, unless it is said already; return the annotation's number, None where it was."""
    said = " ".join(text.replace("\x00", "").split())[:LONGEST_TEXT]
    if not said:
        return None
    body = AnnotationBody(day=day, text=said, kind=AnnotationKind.OTHER)
    store.lock_definitions()
    if any(one.name == body.name for one in annotations()):
        return None
    number = store.define(ANNOTATION, body.name, body)
    record(
        "annotation.created", subject=f"annotation {number}", details={"version": 1, "day": day.isoformat()}
    )
    return number
