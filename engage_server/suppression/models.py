"""Suppressed names, in the shared schema: a tenant's backup that is restored must not bring them back."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from engage_server.tenancy.models import Tenant


class SuppressedName(models.Model):
    """A user id, or the anonymous id of a device, that a tenant takes nothing from any more; or an address of mail.

    A tombstone, once what was stored under the name is erased: then a restored backup has it erased again.
    """

    class Purpose(models.TextChoices):
        """What is kept away: what comes in from a name, messages to an address, surveys to an address."""

        INTAKE = "INTAKE"
        MAIL = "MAIL"
        SURVEY = "SURVEY"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="suppressed_names")
    key_id = models.CharField(max_length=16, help_text="Which of ENGAGE_PRIVACY_KEYS the hash was made with.")
    digest = models.BinaryField(max_length=32, help_text="HMAC-SHA-256 of schema and name.")
    purpose = models.CharField(
        max_length=6, choices=Purpose, default=Purpose.INTAKE, db_default=Purpose.INTAKE
    )
    is_erased = models.BooleanField(db_default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "purpose", "digest"], name="suppressed_name_once")
        ]

    def __str__(self) -> str:
        return f"{bytes(self.digest).hex()[:12]} of tenant {self.tenant_id}"
