"""Tenants and their domains, in the shared schema."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django_tenants.models import DomainMixin, TenantMixin

from engage_server.tenancy.scope import MINIMUM_PERSONS, TenantRef


class Tenant(TenantMixin):
    """One customer company: the wall around its data is the schema named here."""

    class Status(models.TextChoices):
        """Only ACTIVE tenants are served and scheduled. DELETING is final: the janitor ends what was begun.

        MOVING takes seconds, until another installation serves the tenant: clients are told to come again.
        """

        ACTIVE = "ACTIVE"
        SUSPENDED = "SUSPENDED"
        MOVING = "MOVING"
        DELETING = "DELETING"

    class Cadence(models.TextChoices):
        """How often the tenant's own users are expected to come; the SDK's ``Cadence``."""

        DAILY = "DAILY"
        WEEKLY = "WEEKLY"
        MONTHLY = "MONTHLY"

    # Schemas are made by onboarding and dropped by deletion, never as a side effect of save() or delete().
    auto_create_schema = False
    auto_drop_schema = False

    objects: ClassVar[models.Manager["Tenant"]]  # the mixin has no types

    slug = models.CharField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    timezone = models.CharField(max_length=64, default="UTC")
    cadence = models.CharField(max_length=8, choices=Cadence, default=Cadence.DAILY)
    primary_metric = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text="Full id of the metric that matters most; empty: none.",
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    events_keep_days = models.IntegerField(
        null=True, help_text="Days after which raw events are deleted; null: never."
    )
    minimum_persons = models.SmallIntegerField(
        default=MINIMUM_PERSONS,
        db_default=MINIMUM_PERSONS,
        help_text="Values of fewer persons are withheld from who may not see personal data; 1: none are.",
    )
    schema_digest = models.CharField(max_length=64, help_text="Digest of the migrations the schema has.")
    created_at = models.DateTimeField(auto_now_add=True)
    allowed_origins = models.JSONField(
        default=list,
        db_default=models.Value([], output_field=models.JSONField()),
        help_text="Origins of web pages that may ask, e.g. https://app.example.com.",
    )
    acting_origins = models.JSONField(
        default=list,
        db_default=models.Value([], output_field=models.JSONField()),
        help_text="Those of them whose pages may act as the person who is signed in.",
    )
    mail_domains = models.JSONField(
        default=list,
        db_default=models.Value([], output_field=models.JSONField()),
        help_text="Where mail to the tenant's own people may go besides to its members.",
    )
    placeholder_ids = models.JSONField(
        default=list,
        db_default=models.Value([], output_field=models.JSONField()),
        help_text="Further ids that stand for nobody, in lower case.",
    )
    survey_directions = models.JSONField(
        default=dict,
        db_default=models.Value({}, output_field=models.JSONField()),
        help_text="UP or DOWN by instrument, for answers that do not say it.",
    )
    tracked_traits = models.JSONField(
        default=list,
        db_default=models.Value([], output_field=models.JSONField()),
        help_text="Traits of accounts whose history is kept.",
    )

    class Meta:
        ordering: ClassVar = ["slug"]
        indexes: ClassVar = [
            # Every web process asks twice a second which tenants these are.
            models.Index(fields=["id"], condition=models.Q(status="MOVING"), name="tenants_moving")
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def ref(self) -> TenantRef:
        """What scopes are entered with."""
        return TenantRef(
            id=self.pk,
            slug=self.slug,
            schema=self.schema_name,
            timezone=self.timezone,
            events_keep_days=self.events_keep_days,
            placeholder_ids=frozenset(self.placeholder_ids),
            survey_directions=tuple(sorted(self.survey_directions.items())),
            minimum_persons=self.minimum_persons,
            cadence=self.cadence,
            tracked_traits=tuple(self.tracked_traits),
        )


class Domain(DomainMixin):
    """A host name under which a tenant is served."""

    def __str__(self) -> str:
        return str(self.domain)


class Move(models.Model):
    """A tenant on its way from here to another installation, or that has gone there; at the other one, one that comes.

    It is kept after the move: whoever still asks here for the tenant is sent on by it.
    """

    class Step(models.TextChoices):
        """COMING is the other installation's; the others follow one another here. From ARRIVED on there is no way back."""

        COMING = "COMING"
        FOLLOWING = "FOLLOWING"
        FROZEN = "FROZEN"
        ARRIVED = "ARRIVED"
        LEFT = "LEFT"

    schema_name = models.CharField(max_length=63, unique=True)
    tenant_id = models.BigIntegerField(help_text="Its number here; no other tenant ever has it.")
    slug = models.CharField(max_length=63)
    cell = models.CharField(max_length=32, help_text="Name of the installation at the other end.")
    step = models.CharField(max_length=9, choices=Step)
    former_status = models.CharField(max_length=12, choices=Tenant.Status)
    hosts = ArrayField(models.CharField(max_length=253), default=list, help_text="Its domains when it left.")
    key_ids = ArrayField(
        models.CharField(max_length=12), default=list, help_text="Public ids of its keys when it left."
    )
    began_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.slug} to {self.cell}: {self.step}"


class Template(models.Model):
    """The SQL that makes a tenant's schema, captured from a migrated one."""

    digest = models.CharField(max_length=64, primary_key=True)
    statements = models.JSONField(help_text="SQL statements in order; unqualified names.")
    captured_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest[:12]


class SpareSchema(models.Model):
    """A finished schema with its role that no tenant has yet; the next one takes it."""

    schema_name = models.CharField(max_length=63, unique=True)
    digest = models.CharField(max_length=64, help_text="Digest of the migrations the schema has.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return str(self.schema_name)

    @property
    def ref(self) -> TenantRef:
        """What its schema is entered and dropped with."""
        return TenantRef(id=0, slug="spare", schema=self.schema_name, timezone="UTC")


class TenantMigration(models.Model):
    """What came of the last attempt to migrate a tenant. Whether it is behind, its digest alone says."""

    class State(models.TextChoices):
        """PENDING was chosen and not reached (or the runner died), the other two are ends."""

        PENDING = "PENDING"
        DONE = "DONE"
        FAILED = "FAILED"

    tenant = models.OneToOneField(
        Tenant, primary_key=True, on_delete=models.CASCADE, related_name="migration"
    )
    target = models.CharField(max_length=64, help_text="Digest that the tenant was to reach.")
    state = models.CharField(max_length=7, choices=State)
    attempts = models.IntegerField(default=0, help_text="Attempts to reach this target, over all runs.")
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"tenant {self.tenant_id}: {self.state}"
