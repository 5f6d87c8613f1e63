"""Executes queries whose documents were valid a moment ago.

What Strawberry does around an execution, for extensions that may do anything, takes longer than a small answer. Ours do
nothing for such a query of who may see all but measure it: that is done here, and everything else is graphql-core's.
"""

from inspect import isawaitable
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
)
from graphql_compiled import CompiledExecutionContext
from strawberry.execution import optimized_is_awaitable

from engage_server.api import document_cache
from engage_server.api.composition import ComposedSchema
from engage_server.api.context import Context
from engage_server.api.database_json.lists import may_be_ready
from engage_server.api.exceptions import ApiError
from engage_server.api.limits import NOT_VALID, Toll, known_measures, set_code

# In Strawberry's words.
NOT_AT_ONCE: Final = "GraphQL execution failed to complete synchronously."


class Executed(NamedTuple):
    """What became of a query."""

    data: dict[str, Any] | None
    errors: list[GraphQLError] | None
    extensions: dict[str, Any]


def execute_known(
    schema: ComposedSchema,
    text: str,
    context: Context,
    *,
    variables: dict[str, Any] | None,
    operation_name: str | None,
) -> Executed | None:
    """The outcome of a query; None where the whole way has to be gone.

    So it is for documents that are not known, for mutations and subscriptions, where an operation is to be found that
    there is not, and for readers whose answers are masked.
    """
    if not may_be_ready(context.principal):
        return None
    document = document_cache.get(context.tenant.id, schema._schema, text)
    operation = None if document is None else _operation(document, operation_name)
    if document is None or operation is None or operation.operation is not OperationType.QUERY:
        return None
    toll, given = Toll(context.principal, schema.costs), variables or {}
    data: dict[str, Any] | None = None
    errors: list[GraphQLError] | None
    name = operation.name.value if operation.name else None
    try:
        measures = known_measures.measure(document, given, schema.costs)
        toll.pay(document, measures, names_operation=context.names_operation)
    except ApiError as refusal:
        set_code(refusal, NOT_VALID)
        errors = [refusal]
    else:
        data, errors = _executed(schema, document, context, variables, name)
    return Executed(data, errors, {"cost": toll.told(document, data, given, name)})


def _executed(
    schema: ComposedSchema,
    document: DocumentNode,
    context: Context,
    variables: dict[str, Any] | None,
    name: str | None,
) -> tuple[dict[str, Any] | None, list[GraphQLError] | None]:
    result: Any = execute(
        schema._schema,
        document,
        context_value=context,
        variable_values=variables,
        operation_name=name,
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # says the same by a plain bool
        is_async_iterable=lambda value: False,  # type: ignore[arg-type]  # likewise
        executor_class=CompiledExecutionContext,
    )
    if isawaitable(result) or not isinstance(result, ExecutionResult):
        return None, [GraphQLError(NOT_AT_ONCE)]
    return result.data, result.errors


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation of this name; without one the first."""
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode) and (
            name is None or (one.name is not None and one.name.value == name)
        ):
            return one
    return None
