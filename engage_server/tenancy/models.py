"""Tenants and their domains, in the shared schema."""

from typing import ClassVar

from django.db import models
from django_tenants.models import DomainMixin, TenantMixin

from engage_server.tenancy.scope import TenantRef


class Tenant(TenantMixin):
    """One customer company: the wall around its data is the schema named here."""

    class Status(models.TextChoices):
        """Only ACTIVE tenants are served and scheduled."""

        ACTIVE = "ACTIVE"
        SUSPENDED = "SUSPENDED"

    class Cadence(models.TextChoices):
        """How often the tenant's own users are expected to come."""

        DAILY = "DAILY"
        WEEKLY = "WEEKLY"
        MONTHLY = "MONTHLY"

    # Schemas are made by onboarding and dropped by deletion, never as a side effect of save() or delete().
    auto_create_schema = False
    auto_drop_schema = False

    slug = models.CharField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    timezone = models.CharField(max_length=64, default="UTC")
    cadence = models.CharField(max_length=8, choices=Cadence, default=Cadence.DAILY)
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    schema_digest = models.CharField(max_length=64, help_text="Digest of the migrations the schema has.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def ref(self) -> TenantRef:
        """What scopes are entered with."""
        return TenantRef(id=self.pk, slug=self.slug, schema=self.schema_name, timezone=self.timezone)


class Domain(DomainMixin):
    """A host name under which a tenant is served."""

    def __str__(self) -> str:
        return str(self.domain)


class Template(models.Model):
    """The SQL that makes a tenant's schema, captured from a migrated one."""

    digest = models.CharField(max_length=64, primary_key=True)
    statements = models.JSONField(help_text="SQL statements in order; unqualified names.")
    captured_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest[:12]
