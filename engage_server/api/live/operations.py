"""An operation that came by message: opened or answered, with whatever fails on the way as an answer of its own."""

from collections.abc import Mapping
from typing import Any

from engage_server.access.principal import Principal
from engage_server.api.exceptions import RequestError
from engage_server.api.execution import Answer
from engage_server.api.live.credentials import Credential
from engage_server.api.live.streams import Kept, refusal_payload
from engage_server.api.live.subscriptions import Opened, open_operation
from engage_server.api.requests import request_of
from engage_server.api.trusted_documents import with_text
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.tenancy.database_errors import DATABASE_UNAVAILABLE, is_passing


def open_message(document: Mapping[str, Any], credential: Credential) -> Kept | Answer:
    """What ``open_operation`` makes of the payload of a message, for whom the connection's credential stands for now.

    A connection lasts for days, in which keys are revoked and members leave: whom it greeted is nobody's right.

    Raises:
        RequestError: the credential opens nothing any more.
        DatabaseError: what does not pass by itself.
    """
    try:
        principal = credential.principal()
        given = _open(document, principal)
    except PluginHostError:
        return _unavailable("The GraphQL schema cannot be built. Remedy: tell the server's operator.")
    except DATABASE_UNAVAILABLE as error:
        if not is_passing(error):
            raise
        return _unavailable("The database does not answer. Remedy: try again in a few seconds.")
    return given if isinstance(given, Answer) else Kept(given, credential, principal)


def _open(document: Mapping[str, Any], principal: Principal) -> Opened | Answer:
    try:
        return open_operation(with_text(request_of(document), principal), principal, may_change=True)
    except RequestError as error:
        return Answer(refusal_payload(error), executed=False)


def _unavailable(text: str) -> Answer:
    return Answer({"errors": [{"message": text, "extensions": {"code": "UNAVAILABLE"}}]}, executed=False)
