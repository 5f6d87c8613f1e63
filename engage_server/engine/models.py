"""Schedules and the run ledger, in the shared schema: what is due is found without visiting any tenant."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from engage_server.tenancy.models import Tenant


class Schedule(models.Model):
    """When a tenant's plugin is computed: a cron expression in the tenant's time zone."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="schedules")
    plugin = models.CharField(max_length=50)
    cron = models.CharField(max_length=100)
    enabled = models.BooleanField(default=True)
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
    """

    class State(models.TextChoices):
        """PENDING waits (perhaps for a retry), RUNNING is leased, the other two are final."""

        PENDING = "PENDING"
        RUNNING = "RUNNING"
        SUCCEEDED = "SUCCEEDED"
        FAILED = "FAILED"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="runs")
    plugin = models.CharField(max_length=50)
    scheduled_for = models.DateTimeField()
    day = models.DateField(help_text="The day computed, in the tenant's zone.")
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    attempt = models.SmallIntegerField(default=0)
    token = models.IntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    enqueued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    values_written = models.IntegerField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "plugin", "scheduled_for", "day"], name="run_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"],
                condition=models.Q(state__in=["PENDING", "RUNNING"]),
                name="run_open",
            ),
            # What is open (null) or ended lately, for those who watch.
            models.Index(fields=["finished_at"], name="run_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.plugin} of tenant {self.tenant_id} for {self.day}"
