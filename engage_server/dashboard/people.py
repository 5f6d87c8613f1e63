"""The pages on which people sign in, choose a password and a tenant; plain forms, no script."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from engage_server.access.models import User
from engage_server.access.sessions import CHOSEN_TENANT, memberships_of, tenant_at
from engage_server.access.throttle import WINDOW
from engage_server.access.user_audit import record_entry, record_where_done


class SignIn(LoginView):
    """E-mail address and password, and the way to the identity provider where there is one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The library's, and the provider."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if settings.ENGAGE_OIDC_ISSUER:
            context["provider"] = settings.ENGAGE_OIDC_NAME
            context["provider_url"] = reverse("openid_connect_login", args=[settings.ENGAGE_OIDC_ISSUER])
        return context

    def form_invalid(self, form: Form) -> HttpResponse:
        """The page once more; 429 where it was one attempt too many."""
        response: HttpResponse = super().form_invalid(form)
        if form.has_error("__all__", code="too_many_login_attempts"):
            response.status_code = 429
            response["Retry-After"] = str(int(WINDOW.total_seconds()))
        return response


class ChoosePassword(PasswordResetConfirmView):
    """Where the link leads that the operator hands out."""

    template_name = "people/password.html"
    success_url = reverse_lazy("account_login")

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the password, which ends the person's sessions, and record that it was chosen."""
        response = super().form_valid(form)
        place = tenant_at(split_domain_port(self.request.get_host())[0])
        address = get_adapter().get_client_ip(self.request)
        record_where_done(form.user, "user.password_set", place=place, address=address)
        return response


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and the tenants to choose from."""
    user = _signed_in(request)
    fixed = tenant_at(split_domain_port(request.get_host())[0])
    memberships = memberships_of(user.pk)
    return render(
        request,
        "people/home.html",
        {
            "email": user.email,
            "memberships": memberships,
            "fixed": fixed,
            "current": _current(
                fixed or request.session.get(CHOSEN_TENANT), [b.tenant.id for b in memberships]
            ),
            "graphiql": settings.ENGAGE_GRAPHIQL,
            "next": _own_address(request, request.GET.get("next", "")),
        },
    )


@require_POST
@login_required
def choose_tenant(request: HttpRequest) -> HttpResponse:
    """Keep the choice in the session, and record it there as signing in; one that is not the person's is not kept."""
    chosen = request.POST.get("tenant", "")
    user = _signed_in(request)
    for membership in memberships_of(user.pk):
        if membership.tenant.slug == chosen and membership.tenant.id != request.session.get(CHOSEN_TENANT):
            request.session[CHOSEN_TENANT] = membership.tenant.id
            record_entry(user, tenant=membership.tenant, address=get_adapter().get_client_ip(request))
    return redirect(_own_address(request, request.POST.get("next", "")) or "people_home")


def _own_address(request: HttpRequest, wanted: str) -> str:
    # Empty where it leads elsewhere: nobody sends a person on from here to a page of theirs.
    is_own = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_own else ""


def _current(chosen: int | None, own: list[int]) -> int | None:
    if chosen is None and len(own) == 1:
        return own[0]
    return chosen if chosen in own else None


def _signed_in(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise TypeError(f"The page is for people who are signed in, not for {user!r}.")
    return user
