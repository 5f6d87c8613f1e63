"""The audit log's table, in the tenant's schema."""

from typing import ClassVar

from django.db import models


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
