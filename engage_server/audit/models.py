"""The audit log's table, and that of answers that are kept for repeated requests, in the tenant's schema."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class AuditEntry(models.Model):
    """One thing that was done. Each entry's digest covers the one before it, so that none can be changed or lost."""

    # Rights on this table end at reading and adding (engage_server.tenancy.schemas); a trigger refuses the owner too.
    append_only: ClassVar = True

    position = models.BigIntegerField(primary_key=True, help_text="1 for the first; without gaps.")
    at = models.DateTimeField()
    actor = models.CharField(max_length=100)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    request = models.CharField(max_length=60, help_text="The request's id, as in the log; may be empty.")
    details = models.JSONField()
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering: ClassVar = ["position"]

    def __str__(self) -> str:
        return f"{self.position} {self.actor} {self.action} {self.subject}"


class KeptAnswer(models.Model):
    """What a change was answered with that bore an idempotency key, for who sends it once more."""

    key = models.CharField(primary_key=True, max_length=64, help_text="A digest of the client's key.")
    content = models.CharField(max_length=64, help_text="A digest of what was asked for.")
    answer = models.JSONField(help_text="Numbers and days of which the answer is made again.")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="kept_answer_by_age")]

    def __str__(self) -> str:
        return f"{self.key} of {self.at}"
