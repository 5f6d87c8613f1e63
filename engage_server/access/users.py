"""Finds, invites and locks people, and makes the links by which they choose a password."""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from engage_server.access.exceptions import InvalidEmailError, UnknownUserError
from engage_server.access.models import User
from engage_server.tenancy.models import Domain
from engage_server.tenancy.scope import shared_scope


def clean_email(text: str) -> str:
    """The address in the form in which it is stored.

    Raises:
        InvalidEmailError: it is none.
    """
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidEmailError(
            f"{text!r} is no e-mail address. Remedy: give one such as ada@example.com."
        ) from None
    return email


def find_user(email: str) -> User:
    """The person who signs in with this address.

    Raises:
        UnknownUserError: nobody does.
    """
    with shared_scope():
        user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise UnknownUserError(
            f"Nobody signs in as {email!r}. Remedy: `manage.py member add` invites them to a tenant."
        )
    return user


def user_of(actor: str) -> User | None:
    """The person behind a name of the audit log; None where it is a key's, an operator's or the server's own."""
    kind, _, pk = actor.partition(":")
    if kind != "user":
        return None
    with shared_scope():
        return User.objects.filter(pk=int(pk)).first()


def invited_user(email: str) -> User:
    """The person of this address, made without a password where there was nobody yet; needs the shared scope.

    Raises:
        InvalidEmailError: this is no address.
    """
    unusable = User(email=clean_email(email))
    unusable.set_unusable_password()
    user, _ = User.objects.get_or_create(email=unusable.email, defaults={"password": unusable.password})
    return user


def password_link(user: User, *, origin: str = "") -> str:
    """Address of the page where the person chooses a password; good once and for PASSWORD_RESET_TIMEOUT.

    Anyone who has the link can become this person in each of their tenants, so that only the server's operator is
    given one: a tenant's admin who invites somebody must not be able to enter that person's other tenants.

    Args:
        user: whose.
        origin: scheme and host that it starts with; without, the domain of one of the person's tenants.
    """
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("people_password", args=[uid, default_token_generator.make_token(user)])
    return (origin.rstrip("/") or _origin(user)) + path


def set_active(user: User, *, active: bool) -> None:
    """Lock a person out of every tenant, sessions included, or let them in again."""
    with shared_scope():
        user.is_active = active
        user.save(update_fields=["is_active"])


def unlink(user: User) -> int:
    """Untie a person from their identity at the provider; the next one to come with the address is tied to them.

    Returns:
        How many identities were tied.
    """
    with shared_scope():
        deleted: int = SocialAccount.objects.filter(user=user).delete()[0]
        return deleted


def _origin(user: User) -> str:
    with shared_scope():
        domain = Domain.objects.filter(tenant__memberships__user=user).order_by("-is_primary", "pk").first()
    host = domain.domain if domain else "localhost"
    return f"https://{host}" if settings.PRODUCTION else f"http://{host}:8000"
