"""What django-allauth asks us when somebody signs in: who may, how often, and what the audit log says of it."""

import logging
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render

from engage_server.access.models import User
from engage_server.access.sessions import CHOSEN_TENANT, current_membership, tenant_at
from engage_server.access.throttle import begin_attempt, take_back
from engage_server.access.user_audit import record_entry, record_in_tenant

NO_ADMITTANCE: Final = "account/signup_closed.html"
OTHER_IDENTITY: Final = "account/other_identity.html"
VISITOR: Final = "visitor"  # the actor where it is not proved who somebody is
log = logging.getLogger("engage.access")


class AccountAdapter(DefaultAccountAdapter):
    """Signing in with e-mail address and password. Nobody signs up: an admin or the operator invites."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person of these credentials, or None; each failure leaves a trace.

        Raises:
            ValidationError: there were too many recent attempts; the password was not looked at.
        """
        email, address = str(credentials.get("email", "")), self.get_client_ip(request)
        attempt = begin_attempt(email=email, address=address)
        if not attempt.allowed:
            if attempt.first_refused:
                # Once: someone who goes on trying must not fill the tenants' logs.
                record_failure(request, email, reason="throttled")
            raise self.validation_error("too_many_login_attempts")
        user = authenticate(request, **credentials)
        if not isinstance(user, User):
            record_failure(request, email, reason="wrong_credentials")
            return None
        take_back(attempt)
        return user

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """The same page as for strangers, so that it says nothing about anybody."""
        return render(request, NO_ADMITTANCE, status=403)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Open the session, under a new key, and record it in the tenant that it is in."""
        super().login(request, user)
        address = self.get_client_ip(request)
        wanted = _tenant_at(request) or request.session.get(CHOSEN_TENANT)
        membership = current_membership(user.pk, wanted=wanted)
        if membership:
            record_entry(user, tenant=membership.tenant, address=address)
            return
        # Where a tenant is to be chosen, choosing it is recorded there.
        log.info(
            "%s signed in from %s and is in no tenant yet.",
            user.actor,
            address,
            extra={"action": "user.signed_in"},
        )


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Signing in by OpenID Connect: for people who are invited and whose provider vouches for their address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Tie an identity that is new here to the invited person of its address; refuse it where there is none."""
        claims = sociallogin.account.extra_data
        # Names, pictures and whatever else the provider tells are not needed here.
        sociallogin.account.extra_data = {}
        if _names_two_people(claims):
            record_failure(request, "", reason="two_subjects")
            raise ImmediateHttpResponse(render(request, NO_ADMITTANCE, status=403))
        if sociallogin.is_existing:
            sociallogin.account.save(update_fields=["extra_data"])
            return
        # Some providers say "true" and "false" as text, and both are true to Python.
        verified = [
            found.email.lower()
            for found in sociallogin.email_addresses
            if str(found.verified).lower() == "true"
        ]
        with transaction.atomic():
            # Locked, so that of two identities that come at once the second finds the first.
            user = User.objects.select_for_update().filter(email__in=verified, is_active=True).first()
            tied = user is not None and _has_identity(user)
            if user is not None and not tied:
                sociallogin.connect(request, user)
                return
        named = sociallogin.email_addresses[0].email if sociallogin.email_addresses else ""
        if tied:
            # Providers give the address of somebody who left to somebody new: the account stays the former's.
            record_failure(request, named, reason="other_identity")
            raise ImmediateHttpResponse(render(request, OTHER_IDENTITY, status=403))
        record_failure(request, named, reason="not_invited" if verified else "address_not_verified")
        raise ImmediateHttpResponse(render(request, NO_ADMITTANCE, status=403))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Back to the sign-in page where the person changed their mind; anything else is for the operator to see."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("account_login"))
        log.warning(
            "Signing in by OpenID Connect failed: %s",
            exception or error,
            extra={"action": "openid_connect_failed"},
        )


def record_failure(request: HttpRequest, email: str, *, reason: str) -> None:
    """Record a sign-in that failed in the host's tenant, if it is the person's; any other in the server's log.

    The server's own hosts are no tenant's: which of them somebody meant to enter is not known there.
    """
    address, here = AccountAdapter(request).get_client_ip(request), _tenant_at(request)
    user = User.objects.filter(email=email.strip().lower()).first()
    membership = current_membership(user.pk, wanted=here) if user and here else None
    if user and membership:
        details = {"actor": VISITOR, "reason": reason, "address": address}
        record_in_tenant(user, "user.sign_in_failed", tenant=membership.tenant, **details)
        return
    log.warning(
        "Somebody failed to sign in from %s (%s).",
        address,
        reason,
        extra={"action": "user.sign_in_failed", "reason": reason},
    )


def _has_identity(user: User) -> bool:
    # At a former provider as well: an address may have passed to somebody else before the next one came.
    return bool(SocialAccount.objects.filter(user=user).exists())


def _names_two_people(claims: dict[str, Any]) -> bool:
    """Whether the id token and the user info are about different people (OpenID Connect Core 5.3.2)."""
    subjects = {part["sub"] for name in ("id_token", "userinfo") if (part := claims.get(name))}
    return len(subjects) > 1


def _tenant_at(request: HttpRequest) -> int | None:
    return tenant_at(split_domain_port(request.get_host())[0])
