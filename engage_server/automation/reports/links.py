"""Where figures are explained: addresses of the dashboard, below the server's root."""

from urllib.parse import quote

from django.urls import reverse

from engage_server.tenancy.global_ids import global_id
from engage_server.tenancy.scope import current_tenant


def account(pk: int) -> str:
    """An account's page."""
    return f"{_root()}accounts/{global_id('Account', tenant_id=current_tenant().id, pk=pk)}"


def why(pk: int) -> str:
    """Why an account's score is what it is."""
    return f"{account(pk)}/why"


def metric(name: str) -> str:
    """A metric with its definition."""
    return f"{_root()}metrics/{quote(name, safe='')}"


def signals() -> str:
    """The queue of signals."""
    return f"{_root()}signals"


def _root() -> str:
    return reverse("dashboard")
