"""Keys and people, in the shared schema: who asks must be known before any tenant is entered."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now

from engage_server.access.principal import Role
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


class UserManager(BaseUserManager["User"]):
    """Finds people by the name that they sign in with."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person of an e-mail address, whichever way it was typed."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person who signs in. What they may do, their memberships say, tenant by tenant."""

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

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "tenant"], name="one_membership_of_a_user_in_a_tenant")
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in tenant {self.tenant_id}: {self.role}"


class SignInCount(models.Model):
    """How often signing in was tried of late, for one account or from one address."""

    subject = models.CharField(max_length=64, primary_key=True, help_text="SHA-256 of account or address.")
    attempts = models.IntegerField()
    since = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.subject[:12]}: {self.attempts}"
