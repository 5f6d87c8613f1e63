"""Events and the dictionary of their names. All in the tenant's schema.

``event`` refers to its dictionary tables by integer without foreign key constraints: PostgreSQL checks those row
by row, which would cost the ingest path more than writing the rows.
"""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Source(models.Model):
    """Where events come from: one key, one import, one SDK. Message ids are unique within a source."""

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(max_length=63, unique=True)

    def __str__(self) -> str:
        return self.name


class Feature(models.Model):
    """A part of the tenant's product that event names belong to."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=200, unique=True)
    released_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.name


class EventName(models.Model):
    """One entry of the event dictionary."""

    class EventClass(models.TextChoices):
        """VALUE: the user got something done. PASSIVE: they were merely there."""

        VALUE = "VALUE"
        PASSIVE = "PASSIVE"

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=200, unique=True)
    feature = models.ForeignKey(Feature, null=True, on_delete=models.SET_NULL, related_name="event_names")
    event_class = models.CharField(max_length=7, choices=EventClass, default=EventClass.VALUE)
    polarity = models.SmallIntegerField(default=1, help_text="+1, 0 or -1.")
    weight = models.DecimalField(max_digits=9, decimal_places=3, default=1)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """Something a person did, once: (source, message id) is the key, however often it is delivered.

    ``account`` is the account that the event itself named; where it is null the person's membership at the
    time decides. ``digest`` tells a repeated delivery from another payload under the same id.
    """

    pk = models.CompositePrimaryKey("source_id", "message_id")
    source = models.ForeignKey(Source, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    message_id = models.CharField(max_length=200)
    digest = models.BigIntegerField()
    name = models.ForeignKey(EventName, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    person = models.ForeignKey(
        "customers.Person", null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    account = models.ForeignKey(
        "customers.Account", null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    properties = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["occurred_at"], name="event_by_time")]

    def __str__(self) -> str:
        return self.message_id
