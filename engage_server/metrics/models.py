"""Values of metrics, in the tenant's schema: appended as revisions, never overwritten.

A value of a day is a narrow row that points at what was measured. What did not change since the day before is pointed
at again, the lineage of a run is written once, and so are names, labels and reasons. ``MetricValue`` is the view that
puts them together.
"""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Wording(models.Model):
    """A text that many values share: the series that they belong to, the layout of their figures, or a reason.

    A series has ``metric`` and ``subject_kind``; the others have a digest and a body.
    """

    id = models.AutoField(primary_key=True)
    metric = models.CharField(max_length=101, default="")
    subject_kind = models.CharField(max_length=10, default="")
    digest = models.UUIDField(null=True)
    body = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["metric", "subject_kind"], condition=~models.Q(metric=""), name="wording_series"
            ),
            models.UniqueConstraint(fields=["digest"], name="wording_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.subject_kind}" if self.metric else str(self.body)


class Computation(models.Model):
    """The lineage of the values that one run wrote."""

    id = models.AutoField(primary_key=True)
    run_id = models.BigIntegerField()
    configuration_version = models.IntegerField()
    window_end = models.DateTimeField()
    data_as_of = models.DateTimeField(
        null=True, help_text="Newest receipt among the tenant's data when computed."
    )
    computed_at = models.DateTimeField(db_default=Now())
    timezone = models.CharField(max_length=64)
    plugin_version = models.CharField(max_length=40)
    input_digest = models.CharField(max_length=32)
    window_starts = models.JSONField(help_text="Where a window of so many days begins.")

    def __str__(self) -> str:
        return f"run {self.run_id}, {self.computed_at}"


class MeasuredValue(models.Model):
    """What was measured, once for all days on which it stayed the same.

    ``figures`` are the numbers and notes that explain it, in the order of its layout (see ``metrics.layouts``). The
    digest is of all that is here; null for what an earlier release stored, which is compared itself.
    """

    id = models.BigAutoField(primary_key=True)
    n = models.BigIntegerField()
    layout_id = models.IntegerField()
    definition_version = models.SmallIntegerField()
    window_days = models.SmallIntegerField()
    digest = models.UUIDField(null=True)
    value = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    status = models.CharField(max_length=10)
    figures = models.TextField()

    def __str__(self) -> str:
        return f"{self.value} ({self.status})"


class DayValue(models.Model):
    """One revision of the value of one metric for one subject and day.

    ``superseded_at`` is null for the revision in force: at most one per series, subject and day.
    """

    pk = models.CompositePrimaryKey("series_id", "day", "subject_id", "revision")
    measured_id = models.BigIntegerField()
    superseded_at = models.DateTimeField(null=True)
    series_id = models.IntegerField()
    day = models.DateField()
    subject_id = models.IntegerField(help_text="Id of the account, person or feature; 0 for the tenant.")
    computation_id = models.IntegerField()
    reason_id = models.IntegerField(null=True, help_text="Why a revision replaced the one before it.")
    revision = models.SmallIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.series_id} of {self.subject_id} on {self.day}, revision {self.revision}"


class MetricValue(models.Model):
    """The view of all revisions, a row each with all that explains it. For reading alone."""

    pk = models.CompositePrimaryKey("metric", "subject_kind", "subject_id", "day", "revision")
    metric = models.CharField(max_length=101)
    subject_kind = models.CharField(max_length=10)
    subject_id = models.IntegerField()
    day = models.DateField()
    revision = models.SmallIntegerField()
    superseded_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200)

    value = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    status = models.CharField(max_length=10)
    n = models.BigIntegerField()
    contributions = models.JSONField()
    details = models.JSONField()

    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    timezone = models.CharField(max_length=64)
    definition_version = models.SmallIntegerField()
    plugin_version = models.CharField(max_length=40)
    configuration_version = models.IntegerField()
    input_digest = models.CharField(max_length=32)
    data_as_of = models.DateTimeField(null=True)
    run_id = models.BigIntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "metrics_metricvalue"

    def __str__(self) -> str:
        return f"{self.metric} of {self.subject_kind} {self.subject_id} on {self.day}"
