"""Describes a tenant's sources of events, on record. Works inside the tenant's scope."""

from django.db import transaction

from engage_server.activity.models import Source
from engage_server.activity.sources import describe_source
from engage_server.audit.log import record


def set_source(name: str, *, side: str | None = None, environment: str | None = None) -> Source:
    """Describe a source; None leaves a field as it is.

    Raises:
        SourceInUseError: the environment of a source with events would change.
        InvalidSourceError: the name is no source's.
    """
    with transaction.atomic():
        source = describe_source(name, side=side, environment=environment)
        record(
            "source.changed", subject=name, details={"side": source.side, "environment": source.environment}
        )
    return source
