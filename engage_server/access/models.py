"""Keys, in the shared schema: a key must say whose it is before any tenant is entered."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from engage_server.tenancy.models import Tenant


class ApiKey(models.Model):
    """A credential of one tenant. Only a digest of the secret is kept."""

    class Kind(models.TextChoices):
        """What the key opens: writing events, reading by GraphQL, administration."""

        INGEST = "ing"
        QUERY = "qry"
        ADMIN = "adm"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=3, choices=Kind)
    public_id = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)
    last_four = models.CharField(max_length=4)
    source = models.CharField(
        max_length=63, default="default", help_text="Source that ingested items are under."
    )
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} key {self.public_id}"
