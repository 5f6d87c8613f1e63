"""Requests to suppress or erase a person, and their receipts. In the shared schema: they outlive every backup.

Nothing here names the person: ``persons`` are the tenant's internal numbers, which mean nothing once it is erased.
"""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from engage_server.tenancy.models import Tenant


class PrivacyRequest(models.Model):
    """What was asked for, how far it is, and what came of it."""

    class Kind(models.TextChoices):
        """ERASE suppresses first."""

        SUPPRESS = "SUPPRESS"
        ERASE = "ERASE"

    class State(models.TextChoices):
        """PENDING waits for a worker, or is in one's hands; of SUPPRESS that is the quarantine alone."""

        PENDING = "PENDING"
        DONE = "DONE"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="privacy_requests")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.PENDING)
    persons = ArrayField(models.IntegerField())
    requested_by = models.CharField(max_length=100)
    requested_at = models.DateTimeField(db_default=Now())
    step = models.CharField(max_length=20, blank=True, help_text="The step of the erasure that comes next.")
    position = models.BigIntegerField(default=0, help_text="How far that step is.")
    counts = models.JSONField(default=dict, help_text="Rows erased, by table.")
    days = ArrayField(
        models.DateField(),
        default=list,
        help_text="Days affected so far; emptied at the end, for their number.",
    )
    days_restated = models.IntegerField(default=0)
    error = models.CharField(
        max_length=200, blank=True, help_text="Of the last attempt: its kind, never its text."
    )
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["requested_at", "id"]
        indexes: ClassVar = [
            models.Index(
                fields=["tenant"], condition=models.Q(state="PENDING"), name="privacy_request_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.state}"
