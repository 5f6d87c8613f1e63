"""Finds the key in a tracking request and verifies it."""

import base64
import binascii
import re
from typing import Final

from django.http import HttpRequest
from django.http.request import split_domain_port

from engage_server.access.authentication import authenticate_key
from engage_server.access.exceptions import (
    AccessError,
    ForeignOriginError,
    InvalidKeyError,
    MissingKeyError,
    WrongKindError,
)
from engage_server.access.key_format import PATTERN, PREFIX
from engage_server.access.keys import KeyIdentity
from engage_server.access.models import ApiKey
from engage_server.ingest.limits import KEY_WITHIN_BYTES, MAX_KEYS_TRIED
from engage_server.tenancy.origins import origins_of

KEY: Final = re.compile(PATTERN.encode())


def header_key(request: HttpRequest) -> str:
    """The key in the Authorization header (Basic with the key as user name, or Bearer); empty if there is none."""
    return key_in(request.META.get("HTTP_AUTHORIZATION", ""))


def key_in(authorization: str) -> str:
    """The key in the value of such a header; empty if there is none."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def address_key(path: str) -> str:
    """The key that the path begins with; empty if it begins with none."""
    first = path.removeprefix("/").partition("/")[0]
    return first if first.startswith(f"{PREFIX}_") else ""


def require_key_near_ends(request: HttpRequest, body: bytes) -> None:
    """Go on if a long body bears a key that opens, near its beginning or its end: till then it is not opened.

    Which of several keys counts is said once it is open. A short body is cheaper to open than to look through.

    Raises:
        AccessError: none of them opens; as ``identify_client``.
    """
    if len(body) <= 2 * KEY_WITHIN_BYTES:
        return
    ends = body[:KEY_WITHIN_BYTES] + b" " + body[-KEY_WITHIN_BYTES:]
    refusal: AccessError | None = None
    for text in [*dict.fromkeys(KEY.findall(ends))][:MAX_KEYS_TRIED]:
        try:
            identify_client(request, text.decode())
        except (InvalidKeyError, WrongKindError) as error:
            refusal = error
        else:
            return
    raise refusal or MissingKeyError(
        f"The body bears no key within {KEY_WITHIN_BYTES // 1024} kB of its beginning or its end. "
        "Remedy: send the write key as Basic user name or as Bearer token."
    )


def identify_client(request: HttpRequest, key: str) -> KeyIdentity:
    """Identify the client by the key that it sends to this host.

    Raises:
        AccessError: there is no key, or it opens nothing here.
        TenantSuspendedError: the tenant is not served.
        ForeignOriginError: the request comes from a page that the tenant does not name.
        django.core.exceptions.DisallowedHost: the Host header is no host name.
    """
    if not key:
        raise MissingKeyError(
            "The request has no key. Remedy: the write key as Basic user name, as Bearer token or as writeKey."
        )
    host, _ = split_domain_port(request.get_host())
    identity = authenticate_key(key, ApiKey.Kind.INGEST, host=host)
    origin = request.META.get("HTTP_ORIGIN")
    if origin and (named := origins_of(identity.tenant.id).named) and origin not in named:
        raise ForeignOriginError(
            f"Pages of {origin[:100]} may not send to this tenant. Remedy: `manage.py tenant origins` names those that may."
        )
    return identity
