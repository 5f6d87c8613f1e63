"""What django-allauth asks us when somebody signs in: who may, how often, and what the audit log says of it."""

import logging
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from engage_server.access.models import User
from engage_server.access.personal_records import record_in_each_tenant
from engage_server.access.throttle import begin_attempt, take_back

NO_ADMITTANCE: Final = "account/signup_closed.html"
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
            ValidationError: there were too many attempts of late; the password was not looked at.
        """
        email, address = str(credentials.get("email", "")), self.get_client_ip(request)
        attempt = begin_attempt(email=email, address=address)
        if not attempt.allowed:
            if attempt.first_refused:
                # Once: whoever goes on trying must not fill the tenants' logs.
                record_failure(email, reason="throttled", address=address)
            raise self.validation_error("too_many_login_attempts")
        user = authenticate(request, **credentials)
        if not isinstance(user, User):
            record_failure(email, reason="wrong_credentials", address=address)
            return None
        take_back(attempt)
        return user

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """The same page as for strangers, so that it says nothing about anybody."""
        return render(request, NO_ADMITTANCE, status=403)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Open the session, under a new key, and record it in each of the person's tenants."""
        super().login(request, user)
        record_in_each_tenant(user, "user.signed_in", actor=user.actor, address=self.get_client_ip(request))


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Signing in by OpenID Connect: for people who are invited and whose provider vouches for their address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Tie an identity that is new here to the invited person of its address; refuse it where there is none."""
        # Names, pictures and whatever else the provider tells are not needed here.
        sociallogin.account.extra_data = {}
        if sociallogin.is_existing:
            sociallogin.account.save(update_fields=["extra_data"])
            return
        # Some providers say "true" and "false" as text, and both are true to Python.
        verified = [
            found.email.lower()
            for found in sociallogin.email_addresses
            if str(found.verified).lower() == "true"
        ]
        user = User.objects.filter(email__in=verified, is_active=True).first()
        if user is None:
            reason = "not_invited" if verified else "address_not_verified"
            named = sociallogin.email_addresses[0].email if sociallogin.email_addresses else ""
            record_failure(named, reason=reason, address=AccountAdapter(request).get_client_ip(request))
            raise ImmediateHttpResponse(render(request, NO_ADMITTANCE, status=403))
        sociallogin.connect(request, user)

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


def record_failure(email: str, *, reason: str, address: str) -> None:
    """Record a sign-in that failed in each tenant of the person; a stranger's, who has none, in the server's log."""
    user = User.objects.filter(email=email.strip().lower()).first()
    told = {"actor": VISITOR, "reason": reason, "address": address}
    if user and record_in_each_tenant(user, "user.sign_in_failed", **told):
        return
    log.warning(
        "Somebody who is not invited anywhere failed to sign in from %s (%s).",
        address,
        reason,
        extra={"action": "user.sign_in_failed", "reason": reason},
    )
