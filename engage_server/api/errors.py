"""Says errors to clients: expected ones as they are, our own faults as a reference that the log explains."""

import logging
import re
import secrets
from typing import Any, Final

import psycopg
from django.db import InterfaceError, OperationalError
from graphql import GraphQLError
from strawberry.exceptions import StrawberryGraphQLError

from engage_server.access.exceptions import AccessError
from engage_server.audit.exceptions import KeyReusedError
from engage_server.automation.exceptions import AutomationError
from engage_server.customers.exceptions import NotSliceableError
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.engine.exceptions import EngineError
from engage_server.operations.exceptions import NotOverridableError, RefusedWriteError
from engage_server.plugin_host.exceptions import (
    ConsentNeededError,
    InvalidConfigurationError,
    PluginFailedError,
    UnknownPluginError,
)
from engage_server.privacy.exceptions import PrivacyError
from engage_server.sdk.graphql import UserInputError
from engage_server.segments.exceptions import SegmentsError
from engage_server.tenancy.scope import current_tenant

log = logging.getLogger("engage.api")

QUERY_CANCELED: Final = "57014"  # SQLSTATE
# What says itself which code it has.
CODED: Final = (
    AccessError,
    AutomationError,
    PrivacyError,
    DefinitionsError,
    SegmentsError,
    NotSliceableError,
    NotOverridableError,
    KeyReusedError,
    RefusedWriteError,
)
# Its own text may quote the rows that it was given.
FAILED_PLUGIN: Final = "The plugin failed at this. Remedy: tell the server's operator, whose log says why."
VALIDATION: Final = "GRAPHQL_VALIDATION_FAILED"
# What Python says of a day, or an instant, before the year 1 or after 9999.
OUT_OF_RANGE: Final = re.compile(r"date value out of range|year -?\d+ is out of range")
TOO_FAR: Final = "A day lies too far away. Remedy: a day of the tenant's time."
SLOW_STATEMENT: Final = "A statement of the query took too long. Remedy: ask for less in one request."
BY_HAND: Final = "user request"
OFF_THE_SCHEMA: Final = (
    "{where} does not fit the schema. Remedy: compare it with the SDL of `manage.py schema`."
)


def format_error(error: GraphQLError, *, hints: bool) -> dict[str, Any]:
    """The error as it stands in the answer; always with ``extensions.code``, with suggestions only where ``hints`` says so.

    Raises:
        OperationalError, InterfaceError: the database does not answer, so that no part of the answer holds.
    """
    if "code" in (error.extensions or {}):
        is_validation = error.extensions and error.extensions["code"] == VALIDATION
        message = _explain(error, hints=hints) if is_validation else error.message
        return {**error.formatted, "message": message}
    extensions, message = _classified(error, hints=hints)
    return {**error.formatted, "message": message, "extensions": extensions}


def is_request_error(error: GraphQLError) -> bool:
    """Whether it arose before any resolver ran: in parsing, validation or the reading of variables."""
    return not error.path and isinstance(error.original_error, GraphQLError | None)


def _classified(error: GraphQLError, *, hints: bool) -> tuple[dict[str, Any], str]:
    original = error.original_error
    if isinstance(original, OperationalError | InterfaceError):
        if _took_too_long(original):
            return {"code": "TIMEOUT"}, SLOW_STATEMENT
        raise original
    if isinstance(original, CODED):
        more = original.more if isinstance(original, RefusedWriteError | AutomationError) else {}
        return {"code": original.code, **more}, str(original)
    if isinstance(original, InvalidConfigurationError):
        return {"code": "INVALID_CONFIGURATION", "problems": original.problems}, str(original)
    if isinstance(original, EngineError) and original.code is not None:
        return {"code": original.code}, str(original)
    if isinstance(original, PluginFailedError):
        log.error("%s", original, extra={"action": "plugin_failed", "tenant": current_tenant().slug})
        if _lies_too_far(original.__cause__):
            return {"code": "BAD_USER_INPUT"}, TOO_FAR
        return {"code": "PLUGIN_FAILED"}, FAILED_PLUGIN
    if isinstance(original, ConsentNeededError):
        return {"code": "CONSENT_NEEDED", "reads": [*original.reads.values()]}, str(original)
    if isinstance(original, UnknownPluginError):
        return {"code": "NOT_FOUND"}, str(original)
    if _lies_too_far(original):
        return {"code": "BAD_USER_INPUT"}, TOO_FAR
    if is_request_error(error):
        return {"code": "BAD_USER_INPUT"}, _explain(error, hints=hints)
    if isinstance(original, StrawberryGraphQLError | UserInputError):
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


def _lies_too_far(error: BaseException | None) -> bool:
    """Whether days that are counted from the one that was asked for have no date; the calendar ends with the year 9999."""
    return isinstance(error, OverflowError | ValueError) and OUT_OF_RANGE.match(str(error)) is not None


def _took_too_long(error: OperationalError | InterfaceError) -> bool:
    """Whether the statement reached its time limit; one that somebody cancelled may be tried again."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error) or cause.sqlstate != QUERY_CANCELED:
        return False
    # PostgreSQL has one code for both; only the text tells whose doing it was.
    return BY_HAND not in (cause.diag.message_primary or "")


def _explain(error: GraphQLError, *, hints: bool) -> str:
    """What is wrong with the query; to those who are not shown the schema only where, since the words name its parts."""
    if hints:
        return error.message
    place = error.locations[0] if error.locations else None
    return OFF_THE_SCHEMA.format(where=f"Line {place.line}, column {place.column}" if place else "The query")
