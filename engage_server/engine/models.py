"""Schedules and the run ledger, in the shared schema: what is due is found without visiting any tenant."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models.functions import Now

from engage_server.tenancy.models import Tenant


class Schedule(models.Model):
    """When a tenant's plugin is computed: a cron expression in the tenant's time zone.

    ``next_run_at`` is the first time after ``planned_after`` at which ``cron`` fires in ``timezone``; where the
    tenant has moved to another zone since, it is planned again from there, so that no day falls between. ``enabled``
    follows the plugin; a tenant's people pause.
    """

    class Misfire(models.TextChoices):
        """What becomes of the times that passed while nobody dispatched (see docs/engine.md)."""

        RUN_ALL = "RUN_ALL"
        RUN_ONCE = "RUN_ONCE"
        SKIP = "SKIP"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="schedules")
    plugin = models.CharField(max_length=50)
    cron = models.CharField(max_length=100)
    misfire = models.CharField(max_length=8, choices=Misfire, default=Misfire.RUN_ALL)
    enabled = models.BooleanField(default=True)
    is_paused = models.BooleanField(default=False, db_default=False)
    timezone = models.CharField(max_length=64, default="UTC")
    planned_after = models.DateTimeField(db_default=Now())
    next_run_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "plugin"], name="schedule_once")]
        indexes: ClassVar = [
            models.Index(fields=["next_run_at"], condition=models.Q(enabled=True), name="schedule_due"),
        ]

    def __str__(self) -> str:
        return f"{self.plugin} of tenant {self.tenant_id}: {self.cron}"


class Run(models.Model):
    """The ledger: one computation of one plugin for one tenant and day. The queue only executes it.

    ``token`` fences: it rises with every claim, and results are written only under the token of the claim.
    A RUNNING run is leased by a worker; ``started_at`` is null until its turn comes in that worker's hands.
    """

    class State(models.TextChoices):
        """PENDING waits (perhaps for a retry), RUNNING is leased, the others are final."""

        PENDING = "PENDING"
        RUNNING = "RUNNING"
        SUCCEEDED = "SUCCEEDED"
        FAILED = "FAILED"
        QUARANTINED = "QUARANTINED"

    class Priority(models.IntegerChoices):
        """Higher goes first: what is due today never waits behind a backfill."""

        BACKFILL = -10
        SCHEDULED = 0

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="runs", db_index=False)
    plugin = models.CharField(max_length=50)
    scheduled_for = models.DateTimeField()
    day = models.DateField(help_text="The day computed, in the tenant's zone.")
    priority = models.SmallIntegerField(choices=Priority, db_default=Priority.SCHEDULED)
    state = models.CharField(max_length=11, choices=State, default=State.PENDING)
    attempt = models.SmallIntegerField(default=0, help_text="How often it was started.")
    deaths = models.SmallIntegerField(db_default=0, help_text="How many of these took their worker along.")
    token = models.IntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    values_written = models.IntegerField(null=True)
    reason = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Why a day is computed once more."
    )
    error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "plugin", "scheduled_for", "day"], name="run_once"),
        ]
        indexes: ClassVar = [
            # A tenant's waiting runs in the order in which they are claimed.
            models.Index(
                fields=["tenant", "-priority", "day", "id"],
                include=["not_before"],
                condition=models.Q(state="PENDING"),
                name="run_waiting",
            ),
            models.Index(fields=["lease_until"], condition=models.Q(state="RUNNING"), name="run_leased"),
            # A tenant's runs, the newest first.
            models.Index(fields=["tenant", "id"], name="run_of_tenant"),
            # What is open (null) or ended lately, for those who watch.
            models.Index(fields=["finished_at"], name="run_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.plugin} of tenant {self.tenant_id} for {self.day}"


class AffectedDay(models.Model):
    """A day of a tenant's calendar whose data changed after it may have been computed."""

    class Cause(models.TextChoices):
        """What changed; the labels stand in the reasons of revisions."""

        EVENTS = "EVENTS", "late events"
        RESPONSES = "RESPONSES", "late survey responses"
        SUBSCRIPTIONS = "SUBSCRIPTIONS", "changed subscriptions"
        ACCOUNTS = "ACCOUNTS", "changed accounts"
        LEDGER = "LEDGER", "changed ledger entries"
        METRIC = "METRIC", "restated inputs"
        CONFIGURATION = "CONFIGURATION", "configuration"
        WEIGHTS = "WEIGHTS", "changed weights of events"
        CLASSES = "CLASSES", "changed classes of events"
        NOTICES = "NOTICES", "changed notices"
        FEATURES = "FEATURES", "changed features of events"
        RELEASES = "RELEASES", "changed ages of features"
        ERASURE = "ERASURE", "erasure"
        TIMEZONE = "TIMEZONE", "time zone"
        SEGMENTS = "SEGMENTS", "changed segments"
        OVERRIDES = "OVERRIDES", "changed overrides"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="affected_days")
    cause = models.CharField(max_length=13, choices=Cause)
    plugin = models.CharField(max_length=50, blank=True)
    day = models.DateField()
    why = models.CharField(
        max_length=40, blank=True, db_default="", help_text="How it changed, where it did not come late."
    )
    kept_for = models.CharField(
        max_length=50, blank=True, db_default="", help_text="The one plugin that it still has to be told."
    )
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "cause", "plugin", "day", "why", "kept_for"], name="affected_day_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cause} of tenant {self.tenant_id} on {self.day}"


class Breaker(models.Model):
    """How a tenant's plugin has fared since it last failed; there is no row while all is well."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="breakers")
    plugin = models.CharField(max_length=50)
    outcomes = models.CharField(
        max_length=20, help_text="Its last runs, the newest last: + went well, - failed."
    )
    open_until = models.DateTimeField(
        null=True, help_text="Until then its runs are postponed; null while closed."
    )
    on_trial = models.BooleanField(
        default=False, help_text="One run was let through to see whether it recovered."
    )
    reason = models.TextField(help_text="Its last failure.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "plugin"], name="breaker_once")]

    def __str__(self) -> str:
        return f"{self.plugin} of tenant {self.tenant_id}: {self.outcomes}"


class Agenda(models.Model):
    """When a task in the background has something to do for a tenant next, so that nobody is visited in vain.

    ``progress`` is the task's own note of how far it came.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="agenda")
    task = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    progress = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "task"], name="agenda_once")]
        indexes: ClassVar = [models.Index(fields=["task", "due_at"], name="agenda_due")]

    def __str__(self) -> str:
        return f"{self.task} of tenant {self.tenant_id} at {self.due_at}"


class Process(models.Model):
    """What a running process of this installation says of itself, some times a minute; silent ones have ended.

    ``connections`` is how many it may hold to the database at most. ``restarts`` counts how often the worker beside
    a server was restarted recently. What a process does not have is null.
    """

    class Kind(models.TextChoices):
        """SERVER answers HTTP (and may keep a worker beside it); WORKER computes."""

        SERVER = "SERVER"
        WORKER = "WORKER"

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=6, choices=Kind)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    connections = models.IntegerField()
    clock_offset_s = models.FloatField(help_text="Its clock minus the database's.")
    restarts = models.IntegerField(default=0)
    last_end = models.CharField(max_length=100, default="", help_text="How the worker beside it ended last.")
    compactor_silent_s = models.FloatField(null=True)
    rollup_lag_s = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.pid} on {self.host}"


class Computation(models.Model):
    """A question that a tenant asked of a metric and a worker answers; ``done`` of ``total`` days are."""

    class State(models.TextChoices):
        """PENDING waits for a worker, RUNNING is leased by one, the others are final."""

        PENDING = "PENDING"
        RUNNING = "RUNNING"
        DONE = "DONE"
        FAILED = "FAILED"

    id = models.UUIDField(primary_key=True, default=uuid4)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="computations")
    question = models.JSONField()
    author = models.CharField(max_length=64, help_text="As in the audit log.")
    state = models.CharField(max_length=7, choices=State, default=State.PENDING)
    done = models.IntegerField(default=0)
    total = models.IntegerField()
    result = models.JSONField(default=list)
    code = models.CharField(max_length=40, blank=True, default="")
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="computation_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.done} of {self.total} days for tenant {self.tenant_id}"


class FileImport(models.Model):
    """A file that a tenant imports by request: sent in parts, then stored by a worker, batch after batch.

    The parts, and the rows that were not taken, lie in the tenant's own schema (``ingest.models.ImportPart``).
    """

    class State(models.TextChoices):
        """UPLOADING takes parts in, WAITING waits for a worker, RUNNING has begun, the others are final."""

        UPLOADING = "UPLOADING"
        WAITING = "WAITING"
        RUNNING = "RUNNING"
        DONE = "DONE"
        FAILED = "FAILED"
        CANCELLED = "CANCELLED"

    id = models.UUIDField(primary_key=True, default=uuid4)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="file_imports")
    order = models.JSONField(help_text="What the file is and what its columns mean: ingest.imports.requests.")
    author = models.CharField(max_length=64, help_text="As in the audit log.")
    state = models.CharField(max_length=9, choices=State, default=State.UPLOADING)
    size = models.BigIntegerField(default=0, help_text="Bytes that the parts have together.")
    tries = models.SmallIntegerField(default=0, help_text="How often it was begun since its last batch.")
    tally = models.JSONField(
        default=dict, help_text="What became of the rows so far: ingest.imports.runner.Tally."
    )
    progress = models.FloatField(default=0.0, help_text="The share of the file that was read.")
    code = models.CharField(max_length=40, blank=True, default="")
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "created_at"], name="file_import_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.state} import {self.id} of tenant {self.tenant_id}"
