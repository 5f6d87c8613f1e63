"""Events, the dictionary of their names, and the roll-ups. All in the tenant's schema.

What the roll-ups mean to each other, and how they are kept, is told in ``engage_server.activity.rollups``.
``event`` refers to its dictionary tables by integer without foreign key constraints: PostgreSQL checks those row
by row, which would cost the ingest path more than writing the rows.
"""

from typing import Any, ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

# Persons, or accounts, in one row of a bitmap. PostgreSQL compresses rows above 2 kB, which makes to set a bit three
# times as dear as in a row of this size, and to read one five times.
CHUNK: Final = 4_096


class Source(models.Model):
    """Where events come from: one key, one import, one SDK. Message ids are unique within a source.

    Ingest keys and imports name their source; what follows from side and environment is told in docs/ingest.md.
    """

    class Side(models.TextChoices):
        """SERVER: code of the tenant's own, which is believed. CLIENT: browsers and apps, whose key is no secret."""

        SERVER = "SERVER"
        CLIENT = "CLIENT"

    class Environment(models.TextChoices):
        """TEST: what comes in is checked and shown, and counts nowhere."""

        LIVE = "LIVE"
        TEST = "TEST"

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(max_length=63, unique=True)
    side = models.CharField(max_length=6, choices=Side, db_default=Side.SERVER)
    environment = models.CharField(max_length=4, choices=Environment, db_default=Environment.LIVE)

    def __str__(self) -> str:
        return self.name


class Feature(models.Model):
    """A part of the tenant's product that event names belong to."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=200, unique=True)
    released_on = models.DateField(null=True, help_text="Null: when it was first known counts.")

    def __str__(self) -> str:
        return self.name


class EventName(models.Model):
    """One entry of the event dictionary."""

    class EventClass(models.TextChoices):
        """VALUE: the user got something done. PASSIVE: they were merely there. NOTICE: no activity of theirs."""

        VALUE = "VALUE"
        PASSIVE = "PASSIVE"
        NOTICE = "NOTICE"

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=200, unique=True)
    feature = models.ForeignKey(Feature, null=True, on_delete=models.SET_NULL, related_name="event_names")
    event_class = models.CharField(max_length=7, choices=EventClass, default=EventClass.VALUE)
    polarity = models.SmallIntegerField(default=1, help_text="+1, 0 or -1.")
    weight = models.DecimalField(max_digits=9, decimal_places=3, default=1)
    is_key = models.BooleanField(db_default=False, help_text="One of the two or three that matter most.")
    own_fields = ArrayField(
        models.CharField(max_length=12), null=True, help_text="What the tenant set; presets leave it alone."
    )
    created_at = models.DateTimeField(db_default=Now())
    first_day = models.DateField(null=True, help_text="Of its uses on days that are no longer kept.")

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


class EventDelta(models.Model):
    """What the roll-ups have not taken in yet: one row a batch, written in the batch's own transaction.

    ``persons``, ``accounts`` (null: none named), ``names`` and ``times`` run in parallel, one element an event that
    was stored (``sign`` +1) or removed (-1). ``marked`` are persons to be looked at again, besides those of the
    events; null where none is, those of the events neither.
    """

    id = models.BigAutoField(primary_key=True)
    logged_at = models.DateTimeField(db_default=Now())
    size = models.IntegerField(help_text="Number of events.")
    sign = models.SmallIntegerField(default=1)
    persons = ArrayField(models.IntegerField())
    accounts = ArrayField(models.IntegerField(null=True))
    names = ArrayField(models.IntegerField())
    times = ArrayField(models.DateTimeField())
    marked = ArrayField(models.IntegerField(), null=True)
    received_at = models.DateTimeField(null=True, help_text="When the newest of the events was received.")

    def __str__(self) -> str:
        return f"{self.sign * self.size:+} events"


class PersonState(models.Model):
    """What the roll-ups know of a stored person; ``root`` is the canonical one, as which it counts.

    The stays are the membership periods of the whole merge group, the youngest first; an open one has no end.
    """

    person = models.IntegerField(primary_key=True)
    root = models.IntegerField(db_index=True)
    is_counted = models.BooleanField(help_text="False for bots and test users.")
    stay_accounts = ArrayField(models.IntegerField())
    stay_starts = ArrayField(models.DateTimeField())
    stay_ends = ArrayField(models.DateTimeField(null=True))
    first_at = models.DateTimeField(null=True, help_text="This stored person's first event ever.")
    first_day = models.DateField(
        null=True, help_text="Of a root: the day that bears its bit of the first day."
    )

    def __str__(self) -> str:
        return f"{self.person} as {self.root}"


class PersonDay(models.Model):
    """The events of a stored person on a day of the tenant's calendar, by account; ``times`` in order.

    ``account`` is 0 where none is known. ``is_named``: the events named the account themselves; else the stays
    of the person at each event's time decided, and decide again when they change. A day of very many events has several
    parts, each later than the one before.
    """

    pk = models.CompositePrimaryKey("day", "person", "account", "is_named", "part")
    day = models.DateField()
    person = models.IntegerField(db_index=True)
    account = models.IntegerField()
    is_named = models.BooleanField()
    part = models.SmallIntegerField(db_default=0)
    active_minutes = models.SmallIntegerField(
        help_text="Distinct minutes with an event, less that of the part before."
    )
    names = ArrayField(models.IntegerField())
    times = ArrayField(models.DateTimeField())

    def __str__(self) -> str:
        return f"{self.person} on {self.day}"


class BitmapField(models.Field):  # type: ignore[type-arg]  # generic to the type checker alone
    """A PostgreSQL ``bit`` of CHUNK places."""

    def db_type(self, connection: Any) -> str:
        """The column's type."""
        return f"bit({CHUNK})"


class DayBitmap(models.Model):
    """Who was active on a day: bit ``id % CHUNK`` of row ``id / CHUNK`` stands for the id of a canonical person or account.

    ``event`` is an event name's id, 0 for any event, or -1 for the day of the first event ever (of persons only).
    """

    class Kind(models.IntegerChoices):
        """Whose ids the bits stand for."""

        ROOT = 0
        ACCOUNT = 1

    pk = models.CompositePrimaryKey("kind", "event", "day", "chunk")
    kind = models.SmallIntegerField(choices=Kind)
    event = models.IntegerField()
    day = models.DateField()
    chunk = models.IntegerField()
    bits = BitmapField()

    def __str__(self) -> str:
        return f"event {self.event} on {self.day}"


class RollupState(models.Model):
    """One row, once the roll-ups exist: the calendar that they follow, and how new what they hold is."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    zone = models.CharField(max_length=64)
    received_at = models.DateTimeField(null=True, help_text="When the newest event was received.")

    def __str__(self) -> str:
        return self.zone
