"""Values of metrics, in the tenant's schema: appended as revisions, never overwritten."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class MetricValue(models.Model):
    """The value of one metric for one subject and day, as one run computed it.

    ``superseded_at`` is null for the revision in force: at most one per metric, subject and day.
    """

    metric = models.CharField(max_length=101)
    subject_kind = models.CharField(max_length=10)
    subject_id = models.IntegerField(help_text="Id of the account, person or feature; 0 for the tenant.")
    day = models.DateField()
    revision = models.SmallIntegerField(default=1)
    superseded_at = models.DateTimeField(null=True)
    reason = models.CharField(
        max_length=200, blank=True, help_text="Why a revision replaced the one before it."
    )

    value = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    status = models.CharField(max_length=10)
    n = models.BigIntegerField()
    contributions = models.JSONField(default=list)
    details = models.JSONField(default=dict)

    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    timezone = models.CharField(max_length=64)
    definition_version = models.SmallIntegerField()
    plugin_version = models.CharField(max_length=40)
    configuration_version = models.IntegerField()
    input_digest = models.CharField(max_length=32)
    data_as_of = models.DateTimeField(
        null=True, help_text="Newest receipt among the tenant's data when computed."
    )
    run_id = models.BigIntegerField()
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["metric", "subject_kind", "subject_id", "day"],
                condition=models.Q(superseded_at=None),
                name="metric_value_in_force",
            ),
            # The day first: its index finds what a run has to compare with, however long the history.
            models.UniqueConstraint(
                fields=["day", "metric", "subject_kind", "subject_id", "revision"],
                name="metric_value_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.subject_kind} {self.subject_id} on {self.day}"
