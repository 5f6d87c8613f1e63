"""Signals, in the tenant's schema."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Signal(models.Model):
    """What a rule said of a subject: from ``raised_on`` until ``cleared_on`` (null: still).

    ``evidence`` are the figures that raised it. Of a rule and subject one signal is open at most.
    """

    id = models.AutoField(primary_key=True)
    rule = models.IntegerField(help_text="Number of the definition.")
    rule_version = models.IntegerField()
    is_risk = models.BooleanField()
    subject_kind = models.CharField(max_length=10)
    subject = models.IntegerField(help_text="Id of the account or person; 0 for the tenant.")
    raised_on = models.DateField()
    cleared_on = models.DateField(null=True)
    raised_at = models.DateTimeField(db_default=Now())
    evidence = models.JSONField(default=dict)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=64, blank=True, db_default="")
    reason = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        constraints: ClassVar = [
            # A day that is judged again raises nothing twice.
            models.UniqueConstraint(fields=["rule", "subject", "raised_on"], name="signal_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject"], name="signal_of_subject"),
            models.Index(fields=["id"], condition=models.Q(cleared_on=None), name="signal_open"),
        ]

    def __str__(self) -> str:
        return f"rule {self.rule} about {self.subject_kind} {self.subject}"
