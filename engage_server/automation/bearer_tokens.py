"""Bearer tokens that a tool gives for a client's id and secret, and that end (OAuth 2.0, RFC 6749, section 4.4).

Kept in this process until shortly before they end; which that is goes by the process's own clockwork, that no jump moves.
A token comes from the host that the messages go to, looked up and pinned as any receiver is.
"""

import json
import re
import threading
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from engage_server.automation.addresses import resolve
from engage_server.automation.exceptions import FailedAttemptError
from engage_server.automation.outgoing_http import Answer, post

PATH: Final = "/identity/oauth/token"
"""Of Marketo's REST API."""
EARLY_S: Final = 60.0
LONGEST_S: Final = 86_400.0
MOST_KEPT: Final = 1_000
TOKEN: Final = re.compile(r"[\x21-\x7e]{1,1000}")
CODE: Final = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks, at whose address. The secret tells clients apart: who has a wrong one gets nobody's token."""

    url: str
    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    until: float


_kept: Final[dict[Client, _Kept]] = {}
_lock: Final = threading.Lock()


def bearer_token(client: Client) -> str:
    """The client's token, the one that is kept or a new one.

    Raises:
        FailedAttemptError: it was given none.
        ForbiddenAddressError, OSError: as ``resolve`` and ``post``.
    """
    with _lock:
        found = _kept.get(client)
    if found is not None and time.monotonic() < found.until:
        return found.token
    made = _given(
        post(resolve(_address(client)), b"", {"user-agent": "Engage", "accept": "application/json"})
    )
    with _lock:
        while len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[client] = made
    return made.token


def forget(client: Client) -> None:
    """Ask for another token next time: the receiver took this one for ended."""
    with _lock:
        _kept.pop(client, None)


def _address(client: Client) -> str:
    """As the tool's own reference has it, a POST with everything in the query."""
    parts = urlsplit(client.url)
    asked = {"grant_type": "client_credentials", "client_id": client.id, "client_secret": client.secret}
    return urlunsplit((parts.scheme, parts.netloc, PATH, urlencode(asked), ""))


def _given(answer: Answer) -> _Kept:
    """What was answered. Its text is shown to nobody, since it may quote the secret."""
    begun = time.monotonic()
    said: Any = _read(answer.text)
    token, lasts = said.get("access_token"), said.get("expires_in")
    is_token = isinstance(token, str) and TOKEN.fullmatch(token) is not None
    is_number = isinstance(lasts, int | float) and not isinstance(lasts, bool) and 0 <= lasts <= LONGEST_S
    if answer.status != 200 or not is_token or not is_number:
        code = said.get("error")
        told = f" ({code})" if isinstance(code, str) and CODE.fullmatch(code) else ""
        raise FailedAttemptError(
            f"{answer.status}{told}: no token was given for the client. Remedy: its id and secret as the tool shows them.",
            retry_after_s=answer.retry_after_s,
        )
    return _Kept(token, begun + lasts - EARLY_S)


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
