"""What a subscription was opened with, kept so that it can be verified again while the subscription lasts."""

import hashlib
from dataclasses import dataclass, field
from typing import Final, Self

from django.conf import settings
from django.http import HttpRequest

from engage_server.access.authentication import authenticate_reader
from engage_server.access.principal import Principal
from engage_server.access.sessions import session_principal
from engage_server.api.requests import host_of, key_of, refused_as_requests
from engage_server.tenancy.ttl_cache import TtlCache

_sessions: Final[TtlCache[tuple[bytes, str], Principal]] = TtlCache(capacity=4_096)


@dataclass(frozen=True, slots=True)
class Credential:
    """A key, a token or a session, and the host that it was shown at."""

    text: str = field(repr=False)
    host: str
    is_session: bool = False

    def principal(self) -> Principal:
        """Whom it stands for now; asks the database at most once in four seconds.

        Raises:
            RequestError: it opens nothing any more.
            OperationalError, InterfaceError: the database does not answer.
        """
        with refused_as_requests():
            if not self.is_session:
                return authenticate_reader(self.text, host=self.host)

            def load() -> tuple[int, Principal]:
                found = session_principal(self.text, host=self.host)
                return found.tenant.id, found

            digest = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).digest()
            return _sessions.get_or_load((digest, self.host), load)

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """That of a request whose principal was found."""
        key, host = key_of(request), host_of(request)
        if key is None:
            return cls(request.COOKIES[settings.SESSION_COOKIE_NAME], host, is_session=True)
        return cls(key, host)
