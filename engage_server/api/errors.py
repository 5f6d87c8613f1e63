"""Says errors to clients: expected ones as they are, our own faults as a reference that the log explains."""

import logging
import secrets
from typing import Any, Final

from django.db import InterfaceError, OperationalError
from graphql import GraphQLError
from strawberry.exceptions import StrawberryGraphQLError

from engage_server.access.exceptions import AccessError
from engage_server.plugin_host.exceptions import InvalidConfigurationError, UnknownPluginError
from engage_server.privacy.exceptions import PrivacyError
from engage_server.sdk.graphql import UserInputError
from engage_server.tenancy.scope import current_tenant

log = logging.getLogger("engage.api")

QUERY_CANCELED: Final = "57014"  # SQLSTATE
HINT: Final = " Did you mean "


def presented(error: GraphQLError, *, hints: bool) -> dict[str, Any]:
    """The error as it stands in the answer; always with ``extensions.code``, with suggestions only where ``hints`` says so.

    Raises:
        OperationalError, InterfaceError: the database does not answer, so that no part of the answer holds.
    """
    if "code" in (error.extensions or {}):
        message, extensions = error.message, dict(error.extensions or {})
    else:
        extensions, message = _classified(error)
    # Suggestions spell out a schema that is not shown.
    shown = message if hints else message.split(HINT, maxsplit=1)[0]
    return {**error.formatted, "message": shown, "extensions": extensions}


def is_request_error(error: GraphQLError) -> bool:
    """Whether it arose before any resolver ran: in parsing, validation or the reading of variables."""
    return not error.path and isinstance(error.original_error, GraphQLError | None)


def _classified(error: GraphQLError) -> tuple[dict[str, Any], str]:
    original = error.original_error
    if isinstance(original, OperationalError | InterfaceError):
        if getattr(original.__cause__, "sqlstate", None) == QUERY_CANCELED:
            return {"code": "TIMEOUT"}, "The query took too long. Remedy: ask for less in one request."
        raise original
    if isinstance(original, AccessError | PrivacyError):
        return {"code": original.code}, str(original)
    if isinstance(original, InvalidConfigurationError):
        return {"code": "INVALID_CONFIGURATION", "problems": original.problems}, str(original)
    if isinstance(original, UnknownPluginError):
        return {"code": "NOT_FOUND"}, str(original)
    if isinstance(original, StrawberryGraphQLError | UserInputError) or is_request_error(error):
        return {"code": "BAD_USER_INPUT"}, error.message
    reference = secrets.token_hex(6)
    log.error(
        "A GraphQL resolver failed at %s: %s (reference %s).",
        ".".join(str(key) for key in error.path or ()),
        original or error.message,
        reference,
        exc_info=original,
        extra={"action": "graphql_error", "tenant": current_tenant().slug, "reference": reference},
    )
    message = f"The server failed at this. Remedy: tell its operator the reference {reference}."
    return {"code": "INTERNAL", "reference": reference}, message
