"""Who may see how the server itself does: this machine, or the bearer of ENGAGE_METRICS_TOKEN."""

import hmac
import ipaddress
from typing import Final

from django.conf import settings
from django.http import HttpRequest

# What proxies add, each some of it. One that adds nothing cannot be told from this machine: it needs the token.
FORWARDED: Final = frozenset(
    {
        "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original-host", "x-original-url",
        "true-client-ip", "cf-connecting-ip", "cf-ray", "fastly-client-ip", "x-azure-clientip", "x-envoy-external-address",
        "x-request-start", "x-scheme", "x-amzn-trace-id", "x-proxyuser-ip", "cdn-loop",
    }
)  # fmt: skip
FORWARDED_PREFIX: Final = "x-forwarded"


def may_watch(request: HttpRequest) -> bool:
    """Whether the request comes from this machine itself or, where there is a token, carries it."""
    token = settings.ENGAGE_METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # A proxy on this machine speaks for others.
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and not any(map(_is_forwarding, request.headers))


def _is_forwarding(header: str) -> bool:
    name = header.lower()
    return name in FORWARDED or name.startswith(FORWARDED_PREFIX)


def _is_loopback(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
