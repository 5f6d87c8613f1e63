"""Who may see how the server itself does: this machine, or the bearer of ENGAGE_METRICS_TOKEN."""

import hmac
import ipaddress
from typing import Final

from django.conf import settings
from django.http import HttpRequest

FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def may_watch(request: HttpRequest) -> bool:
    """Whether the request comes from this machine itself or, where there is a token, carries it."""
    token = settings.ENGAGE_METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # A proxy on this machine speaks for others.
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and not any(
        name in request.headers for name in FORWARDED
    )


def _is_loopback(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
