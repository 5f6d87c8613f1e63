"""Signed links that go to persons: the page on which one says which mail one wants, without a key and without a name in it.

A link holds the tenant's number, the person's and a keyed hash of the address. It ends with the server's secret key.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer

from engage_server.access.keys import require_host
from engage_server.automation.exceptions import BadLinkError, UnsendableError
from engage_server.suppression.hashing import key_id, name_digest, privacy_keys
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope

MAIL_PATH: Final = "mail"
LONGEST_LINK: Final = 300
SURVEY_ASKED: Final = "survey.asked"
SURVEY_TYPES: Final = frozenset({SURVEY_ASKED})
SALT: Final = "engage.mail_preferences"


@dataclass(frozen=True, slots=True)
class AddressLink:
    """What a link says: whose mail, of which tenant. ``key`` is the id of the key that ``digest`` was made with."""

    tenant: TenantRef
    tenant_name: str
    person: int
    key: str
    digest: bytes


def address_name(address: str) -> str:
    """What the hash of an address is made of, the same in capitals and small letters; no user id is written like it."""
    return f"\x1fmail\x1f{address.lower()}"


def require_public_url() -> str:
    """Where this server's pages are reached from outside, without a slash at the end.

    Raises:
        UnsendableError: nobody has said it.
    """
    if not settings.ENGAGE_PUBLIC_URL:
        raise UnsendableError(
            "This server does not know its own address, which mails and surveys link to. Remedy: its operator sets "
            "ENGAGE_PUBLIC_URL."
        )
    return str(settings.ENGAGE_PUBLIC_URL)


def preferences_url(tenant: TenantRef, person: int, address: str, *, language: str) -> str:
    """The page of a person's mail; the same each time.

    Raises:
        UnsendableError: as ``require_public_url``.
    """
    key = privacy_keys()[0]
    digest = name_digest(key, schema=tenant.schema, name=address_name(address))
    hashed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    signed = Signer(salt=SALT).sign(f"{tenant.id}.{person}.{key_id(key)}.{hashed}")
    return f"{require_public_url()}/{MAIL_PATH}/{signed}?language={language}"


def read_address_link(text: str, *, host: str) -> AddressLink:
    """What a link says.

    Args:
        text: what stands behind the path.
        host: the request's, without port; another tenant's is refused.

    Raises:
        BadLinkError: it was not signed here, or the tenant is gone.
        ForeignHostError: the host is another tenant's, or nobody's.
    """
    try:
        tenant_id, person, key, hashed = unsigned(text, salt=SALT).split(".")
        digest = base64.urlsafe_b64decode(hashed + "=")
    except (BadSignature, ValueError, binascii.Error) as error:
        raise bad_link() from error
    tenant = tenant_of_link(int(tenant_id), host=host)
    return AddressLink(tenant.ref, tenant.name, int(person), key, digest)


def unsigned(text: str, *, salt: str) -> str:
    """What was signed.

    Raises:
        BadSignature: it was not signed here, or not for this purpose.
    """
    if len(text) > LONGEST_LINK or not text.isascii():
        raise BadSignature("too long, or not of ours")
    return Signer(salt=salt).unsign(text)


def tenant_of_link(tenant_id: int, *, host: str) -> Tenant:
    """The tenant that a signed link names.

    Raises:
        BadLinkError: it is gone.
        ForeignHostError: the host is another tenant's, or nobody's.
    """
    with shared_scope():
        tenant = Tenant.objects.filter(pk=tenant_id).exclude(status=Tenant.Status.DELETING).first()
    if tenant is None:
        raise bad_link()
    if host != urlsplit(settings.ENGAGE_PUBLIC_URL).hostname:
        require_host(host, tenant.pk)
    return tenant


def bad_link() -> BadLinkError:
    """For whatever is no link of ours."""
    return BadLinkError("The link is incomplete or not ours. Remedy: open it as it stands in the mail.")
