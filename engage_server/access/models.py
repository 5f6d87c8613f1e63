"""Keys, people and what they may use, in the shared schema: who asks must be known before any tenant is entered."""

import secrets
from typing import ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now

from engage_server.access import key_format
from engage_server.access.principal import Role
from engage_server.tenancy.models import Tenant

LEAST_NUMBER: Final = 2**32
MOST_NUMBER: Final = 2**53


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
    cell = models.CharField(
        max_length=16, blank=True, db_default="", help_text="The installation that made it, as its text says."
    )
    digest = models.BinaryField(max_length=32)
    last_four = models.CharField(max_length=4)
    name = models.CharField(
        max_length=100, blank=True, db_default="", help_text="What it is for, for people."
    )
    source = models.CharField(
        max_length=63, default="default", help_text="Source that ingested items are under."
    )
    permissions = ArrayField(
        models.CharField(max_length=32), null=True, help_text="Null for what its kind usually may."
    )
    maker = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.CASCADE,
        related_name="made",
        help_text="The key that made it; null where a person or the operator did.",
    )
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, help_text="Written once an hour at most.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} key {self.public_id}"

    @property
    def beginning(self) -> str:
        """How its text begins, which is no secret."""
        return key_format.beginning(self.kind, self.public_id, cell=self.cell)


class Limit(models.Model):
    """How much a tenant, or one of its keys, may use; where there is no row, the settings' default holds."""

    class Name(models.TextChoices):
        """What is limited. Points are the cost of GraphQL queries; QUERY_POINTS is how many can be saved up.

        Those of a minute are set for a tenant, and hold for each of its keys that has no points of its own, and for each
        of its people.
        """

        EVENTS_PER_SECOND = "events_per_second"
        EVENTS_PER_DAY = "events_per_day"
        QUERY_POINTS = "query_points"
        QUERY_POINTS_PER_SECOND = "query_points_per_second"
        KEY_POINTS_PER_MINUTE = "key_points_per_minute"
        PERSON_POINTS_PER_MINUTE = "person_points_per_minute"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="limits")
    key = models.ForeignKey(ApiKey, null=True, on_delete=models.CASCADE, related_name="limits")
    name = models.CharField(max_length=32, choices=Name)
    amount = models.BigIntegerField(help_text="0 for no limit.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "key", "name"], name="limit_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="limit_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.amount}"


class Bucket(models.Model):
    """What has been used of a budget, over all processes. See ``engage_server.access.token_bucket``."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    holder = models.CharField(max_length=32, help_text="tenant, key:<public id> or account:<id>.")
    budget = models.CharField(max_length=16)
    used = models.FloatField(help_text="As of ``moved_at``; it drains, or ends with the day.")
    granted = models.FloatField(help_text="To whoever asked last.")
    moved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "holder", "budget"], name="bucket_once"),
        ]

    def __str__(self) -> str:
        return f"{self.budget} of {self.holder}: {self.used}"


def new_number() -> int:
    """A number for a person: above those that were counted up in earlier versions, and exact in JavaScript."""
    return LEAST_NUMBER + secrets.randbelow(MOST_NUMBER - LEAST_NUMBER)


class UserManager(BaseUserManager["User"]):
    """Finds people by the name that they sign in with."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person of an e-mail address, whichever way it was typed."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in. What they may do, their memberships say, tenant by tenant."""

    id = models.BigIntegerField(
        primary_key=True,
        default=new_number,
        editable=False,
        help_text="By chance: whose number is lower than the newest would be known to some tenant before.",
    )
    email = models.EmailField(unique=True, help_text="In lower case; the name to sign in with.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = EMAIL_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case")
        ]

    def __str__(self) -> str:
        return self.actor

    @property
    def actor(self) -> str:
        """The person in the audit log: a number, so that the log names nobody."""
        return f"user:{self.pk}"


class Membership(models.Model):
    """What a person is in one tenant."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=[(role.value, role.name.title()) for role in Role])
    created_at = models.DateTimeField(db_default=Now())
    signed_in_at = models.DateTimeField(null=True, help_text="Into this tenant; null for never.")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "tenant"], name="one_membership_of_a_user_in_a_tenant")
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in tenant {self.tenant_id}: {self.role}"


class SignInCount(models.Model):
    """How often signing in was tried recently, for one account or from one address."""

    subject = models.CharField(max_length=64, primary_key=True, help_text="SHA-256 of account or address.")
    attempts = models.IntegerField()
    since = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.subject[:12]}: {self.attempts}"
