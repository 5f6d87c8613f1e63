"""What the dictionary says of event names, as an enumeration of GraphQL."""

from engage_server.activity import models
from engage_server.sdk.graphql import expose_enum

expose_enum(
    models.EventName.EventClass,
    name="EventClass",
    description="VALUE: the user got something done. PASSIVE: they were merely there. "
    "NOTICE: no activity of theirs.",
)
EventClass = models.EventName.EventClass
