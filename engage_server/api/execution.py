"""Answers one GraphQL request inside its tenant: the schema of the enabled plugins, limits, errors with codes."""

import logging
from dataclasses import dataclass
from typing import Any, Final

from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from engage_server.access.principal import Principal
from engage_server.api.composition import schema_for
from engage_server.api.context import Context
from engage_server.api.deadline import STATEMENT_TIMEOUT_MS, within_time
from engage_server.api.errors import format_error, is_request_error
from engage_server.api.exceptions import RateLimitedError, RequestError
from engage_server.api.introspection import shows_schema
from engage_server.api.known_execution import execute_known
from engage_server.audit.actor import acting_as
from engage_server.plugin_host.activation import recent_active_ids
from engage_server.telemetry import counters
from engage_server.tenancy.scope import tenant_scope

log: Final = logging.getLogger("engage.api")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The body of a request, its types checked.

    ``document_id`` names a registered document instead of ``query``; ``is_hash``: its client then sends the query itself
    where none is found (Apollo's persisted queries).
    """

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    document_id: str | None = None
    is_hash: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of a response. ``executed`` is False where the query was refused before any resolver ran.

    ``retry_after_s`` says when to come again, where a budget is used up.
    """

    payload: dict[str, Any]
    executed: bool
    retry_after_s: int | None = None


def answer(
    request: GraphQLRequest,
    principal: Principal,
    *,
    may_change: bool = True,
    root: object | None = None,
    takes_json: bool = False,
) -> Answer:
    """Execute an operation for a principal, with nothing but its tenant's data and enabled plugins in reach.

    Args:
        request: what is asked.
        principal: who asks.
        may_change: False where the way by which it came is for reading alone.
        takes_json: whether parts of the payload may be JSON text already, as ``json_output`` writes it.
        root: what a subscription's field is told (``engage_server.api.live``); without, there are none.

    Raises:
        RequestError: 405, a mutation where nothing may be changed.
        UnknownPluginError, ClashError, BrokenPluginError: the tenant's plugins make no schema.
        OperationalError, InterfaceError: the database does not answer.
    """
    with (
        tenant_scope(principal.tenant, timeout_ms=STATEMENT_TIMEOUT_MS),
        acting_as(principal.actor),
    ):
        plugins = recent_active_ids()
        schema = schema_for(plugins)
        try:
            with within_time():
                context = Context(
                    principal=principal,
                    plugins=plugins,
                    names_operation=request.operation_name is not None,
                    takes_json=takes_json,
                )
                variables, name = request.variables, request.operation_name
                known = (
                    None
                    if root is not None
                    else execute_known(
                        schema, request.query, context, variables=variables, operation_name=name
                    )
                )
                result = known or schema.execute_sync(
                    request.query,
                    variable_values=variables,
                    operation_name=name,
                    context_value=context,
                    root_value=root,
                    allowed_operation_types=[
                        OperationType.QUERY,
                        *([OperationType.MUTATION] if may_change else []),
                        *([OperationType.SUBSCRIPTION] if root is not None else []),
                    ],
                )
        except CannotGetOperationTypeError:
            return _refused(
                f"The document has no operation {request.operation_name!r}. Remedy: correct operationName."
            )
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise RequestError(
                    "GET changes nothing. Remedy: POST the mutation as JSON.",
                    status=405,
                    code="BAD_USER_INPUT",
                    headers={"Allow": "POST"},
                ) from None
            return _refused(
                "A subscription has no single answer. Remedy: ask by graphql-transport-ws, "
                "or accept text/event-stream."
            )
        errors = result.errors or []
        executed = result.data is not None or not any(is_request_error(error) for error in errors)
        payload: dict[str, Any] = {"data": result.data} if executed else {}
        if errors:
            hints = shows_schema(principal)
            payload["errors"] = [format_error(error, hints=hints) for error in errors]
        if result.extensions:
            payload["extensions"] = result.extensions
        _count(payload)
        _tell_of_slowness(payload)
        limited = next((error for error in errors if isinstance(error, RateLimitedError)), None)
        return Answer(payload, executed, retry_after_s=limited.retry_after_s if limited else None)


def _refused(message: str) -> Answer:
    counters.count_query(cost=None, codes=["BAD_USER_INPUT"])
    return Answer(
        {"errors": [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}]}, executed=False
    )


def _count(payload: dict[str, Any]) -> None:
    cost = payload.get("extensions", {}).get("cost", {}).get("requested")
    counters.count_query(
        cost=cost, codes=[error["extensions"]["code"] for error in payload.get("errors", ())]
    )


def _tell_of_slowness(payload: dict[str, Any]) -> None:
    late = next((one for one in payload.get("errors", ()) if one["extensions"]["code"] == "TIMEOUT"), None)
    if late is not None:
        place = ".".join(str(key) for key in late.get("path") or ())
        log.warning("At %s: %s", place, late["message"], extra={"action": "query_timeout"})
