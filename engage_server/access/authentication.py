"""Recognises keys, tokens and sessions that were verified a moment ago, for requests that come by the hundred a second."""

import hashlib
from typing import Final

from engage_server.access import account_tokens
from engage_server.access.keys import KeyIdentity, verify_key
from engage_server.access.models import ApiKey
from engage_server.access.principal import Principal
from engage_server.tenancy.ttl_cache import TtlCache

MOST_KEYS: Final = 4_096

_Key = tuple[bytes, tuple[ApiKey.Kind, ...], str]
_known: Final[TtlCache[_Key, KeyIdentity]] = TtlCache(capacity=MOST_KEYS)
_sessions: Final[TtlCache[tuple[bytes, str], int]] = TtlCache(capacity=MOST_KEYS)
_known_tokens: Final[TtlCache[tuple[bytes, str], account_tokens.TokenIdentity]] = TtlCache(capacity=MOST_KEYS)


def authenticate_key(text: str, *kinds: ApiKey.Kind, host: str = "") -> KeyIdentity:
    """As ``verify_key``, asking the database at most once in four seconds for the same key and host.

    Raises:
        AccessError, TenantSuspendedError: as ``verify_key``; a refusal is never remembered.
    """

    def load() -> tuple[int, KeyIdentity]:
        identity = verify_key(text, *kinds, host=host)
        return identity.tenant.id, identity

    return _known.get_or_load((_digest(text), kinds, host), load)


def recognised_tenant(text: str, *kinds: ApiKey.Kind, host: str) -> int | None:
    """The tenant whose key or token was recognised a moment ago; None where the database would have to be asked."""
    if text.startswith(account_tokens.PREFIX):
        token = _known_tokens.peek((_digest(text), host))
        return None if token is None else token.principal.tenant.id
    known = _known.peek((_digest(text), kinds, host))
    return None if known is None else known.tenant.id


def authenticate_reader(text: str, *, host: str = "") -> Principal:
    """Say for whom a key that may read, or an account's token, stands; as ``authenticate_key``.

    Raises:
        AccessError, TenantSuspendedError: as ``verify_key`` and ``verify_token``.
    """
    if not text.startswith(account_tokens.PREFIX):
        return authenticate_key(text, ApiKey.Kind.QUERY, ApiKey.Kind.ADMIN, host=host).principal

    def load() -> tuple[int, account_tokens.TokenIdentity]:
        identity = account_tokens.verify_token(text, host=host)
        return identity.principal.tenant.id, identity

    identity = _known_tokens.get_or_load((_digest(text), host), load)
    identity.require_time_left()
    return identity.principal


def remember_session(session_key: str, *, host: str, tenant: int) -> None:
    """Note in which tenant a session that was verified just now is at this host."""
    _sessions.load((_digest(session_key), host), lambda: (tenant, tenant))


def recognised_session(session_key: str, *, host: str) -> int | None:
    """The tenant of a session that was verified a moment ago; says which queue a request waits in and opens nothing."""
    return _sessions.peek((_digest(session_key), host))


def _digest(text: str) -> bytes:
    # Of the key a digest is kept, as in the database.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
