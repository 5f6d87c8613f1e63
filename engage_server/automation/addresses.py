"""Says whither messages may go: public addresses alone, after resolution, and to the very address that was looked at.

What receivers' names resolve to is asked once for each attempt; the connection is made to that answer, so that a name
which changes its mind in between (DNS rebinding) changes nothing.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from engage_server.automation.exceptions import ForbiddenAddressError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
DEFAULT_PORTS: Final = {"https": 443, "http": 80}
LONGEST_URL: Final = 2_000
LONGEST_NAME: Final = 253
LONGEST_LABEL: Final = 63
"""RFC 1035, section 2.3.4."""
# Blank, control and whatever else splits a request line or a header; backslashes read as slashes by some.
UNPRINTABLE: Final = re.compile(r"[\x00-\x20\x7f\\]")
# An IPv6 address of it carries an IPv4 address inside, which is what counts. Those of 64:ff9b:1::/48 (RFC 8215) carry it
# where the operator of a network chose to, which nobody else knows: they are refused.
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
# What Python calls public and yet belongs to a network's own: IETF's protocols, a cloud's own services, documentation.
OWN: Final = (
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv4Network("168.63.129.16/32"),
    ipaddress.IPv6Network("3fff::/20"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: ``address`` is what is connected to, ``host`` what certificate and Host header name."""

    is_secure: bool
    host: str
    port: int
    address: str
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = DEFAULT_PORTS["https" if self.is_secure else "http"]
        return name if self.port == usual else f"{name}:{self.port}"


def require_url(url: str) -> SplitResult:
    """A URL that messages may be sent to as far as can be seen without looking its name up.

    Raises:
        ForbiddenAddressError: says what is wrong with it.
    """
    if len(url) > LONGEST_URL or UNPRINTABLE.search(url) or not url.isascii():
        raise ForbiddenAddressError(
            f"A URL has at most {LONGEST_URL} printable ASCII characters. Remedy: encode what it contains."
        )
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise ForbiddenAddressError(f"This is no URL: {error}. Remedy: correct it.") from None
    schemes = ("https", "http") if settings.ENGAGE_DELIVERY_HTTP else ("https",)
    if parts.scheme not in schemes or not host:
        raise ForbiddenAddressError(
            f"A URL begins with {':// or '.join(schemes)}:// and names a host. "
            f"Remedy: correct it{_of_operator(parts.scheme)}."
        )
    if parts.username is not None or parts.password is not None:
        raise ForbiddenAddressError("The URL contains a password. Remedy: leave it out; messages are signed.")
    if port == 0:
        raise ForbiddenAddressError("The port is 0. Remedy: correct it.")
    if not _is_name(host):
        raise ForbiddenAddressError(
            f"The host's name has {LONGEST_NAME} characters at most, and 1 to {LONGEST_LABEL} between two dots. "
            "Remedy: correct it."
        )
    return parts


def _of_operator(scheme: str) -> str:
    if scheme == "http" and not settings.ENGAGE_DELIVERY_HTTP:
        return "; or the server's operator sets ENGAGE_DELIVERY_HTTP=1, where messages may go in clear text"
    return ""


def resolve(url: str) -> Target:
    """The public address that a URL's host has now.

    Raises:
        ForbiddenAddressError: the URL is not sound, or one of the host's addresses is not public.
        OSError: its name cannot be looked up.
    """
    parts = require_url(url)
    host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except UnicodeError:
        raise ForbiddenAddressError(f"{host} is no name that can be looked up. Remedy: correct it.") from None
    for text in found:
        if not is_allowed(ipaddress.ip_address(text.partition("%")[0])):
            raise ForbiddenAddressError(
                f"{host} leads to an address that is not public. Remedy: a receiver that the internet reaches."
            )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port, found[0], path)


def is_allowed(address: Address) -> bool:
    """Whether messages may go there: public and unicast, or in ENGAGE_DELIVERY_NETWORKS, which the operator set."""
    inner = _inside(address)
    if any(inner in network for network in _networks() if network.version == inner.version):
        return True
    if inner.version == 6 and inner not in GLOBAL_UNICAST:
        return False
    if any(inner in network for network in OWN if network.version == inner.version):
        return False
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _is_name(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    return len(host) <= LONGEST_NAME and all(1 <= len(label) <= LONGEST_LABEL for label in labels)


def _inside(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if int(address) >> 32 == 0:  # ::a.b.c.d, of old
        return ipaddress.IPv4Address(int(address))
    return address


def _networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(text) for text in settings.ENGAGE_DELIVERY_NETWORKS]
