"""How much one query may ask for: checked between parsing and validation, spent, and told with the answer."""

from collections.abc import Iterator
from typing import Any, Final

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension

from engage_server.api import document_cache
from engage_server.api.exceptions import ApiError, BadUserInputError, LimitExceededError
from engage_server.api.introspection import shows_schema
from engage_server.api.query_budget import QueryBudget
from engage_server.api.query_measures import SATURATED, KnownMeasures, Measures, measure, unread

MAX_TOKENS: Final = 1_000
MAX_INTROSPECTION_TOKENS: Final = 2_000
MAX_DEPTH: Final = 15  # lists within lists within a list: each is three levels
MAX_INTROSPECTION_DEPTH: Final = 15  # the query of the standard tools has exactly this depth
MAX_ALIASES: Final = 30
MAX_ROOT_FIELDS: Final = 10
MAX_COST: Final = 5_000
# Validation compares all fields of one name within one object with each other.
MAX_REPEATS: Final = 25


def check(document: DocumentNode, measures: Measures, *, may_introspect: bool = True) -> None:
    """Refuse what is over a limit.

    Raises:
        LimitExceededError: says which limit, and what was asked for.
        BadUserInputError: the document looks into the schema, which is not shown to this principal.
    """
    introspects = measures.introspection_depth > 0
    if introspects and not may_introspect:
        raise BadUserInputError(
            "Introspection is switched off here. Remedy: use the SDL of `manage.py schema`."
        )
    asked = (
        ("tokens", document.token_count, MAX_INTROSPECTION_TOKENS if introspects else MAX_TOKENS),
        ("depth", measures.depth, MAX_DEPTH),
        ("introspection depth", measures.introspection_depth, MAX_INTROSPECTION_DEPTH),
        ("aliases", measures.aliases, MAX_ALIASES),
        ("root fields", measures.fields, MAX_ROOT_FIELDS),
        ("cost", measures.cost, MAX_COST),
        ("repetitions of one field", measures.repeats, MAX_REPEATS),
    )
    for name, amount, limit in asked:
        if amount > limit:
            shown = "a million or more" if amount >= SATURATED else amount
            raise LimitExceededError(
                f"The query's {name}: {shown}; allowed: {limit}. "
                "Remedy: ask for less in one request, or for smaller pages."
            )


def _require_one_operation(document: DocumentNode) -> None:
    """Refuse to guess which of several operations is meant: the first may be the one that changes something."""
    operations = sum(isinstance(one, OperationDefinitionNode) for one in document.definitions)
    if operations > 1:
        raise BadUserInputError(
            f"The document has {operations} operations. Remedy: name one of them in operationName."
        )


class QueryLimits(SchemaExtension):
    """Puts the limits between parsing and validation, spends the cost, and tells it in ``extensions.cost``."""

    def __init__(self) -> None:
        self._cost: int | None = None
        self._budget: QueryBudget | None = None
        self._is_known = False

    def on_operation(self) -> Iterator[None]:
        """Keep the parser from reading on behind the limit."""
        self.execution_context.parse_options["max_lexical_tokens"] = MAX_INTROSPECTION_TOKENS  # type: ignore[typeddict-unknown-key]
        yield

    def on_parse(self) -> Iterator[None]:
        """Give the parser's refusal the code of the others; parse nothing twice."""
        context = self.execution_context
        if context.query:
            context.graphql_document = document_cache.get(*self._place(context.query))
            self._is_known = context.graphql_document is not None
        yield
        for error in self.execution_context.pre_execution_errors or []:
            if isinstance(error, GraphQLSyntaxError):
                over = error.message.endswith("Parsing aborted.")
                _set_code(error, "LIMIT_EXCEEDED" if over else "GRAPHQL_PARSE_FAILED")

    def on_validate(self) -> Iterator[None]:
        """Measure before validation, whose rules cost more than linear time."""
        context = self.execution_context
        if context.graphql_document is not None:
            principal = context.context.principal
            costs = context.schema.costs  # type: ignore[attr-defined]  # every schema of ours has them
            variables = context.variables or {}
            measures = (
                _measured.measure(context.graphql_document, variables, costs)
                if self._is_known
                else measure(context.graphql_document, variables, costs)
            )
            self._cost = measures.cost
            try:
                if not context.context.names_operation:
                    _require_one_operation(context.graphql_document)
                self._budget = QueryBudget(principal)
                self._check(context.graphql_document, measures, may_introspect=shows_schema(principal))
                self._budget.spend(measures.cost)
            except ApiError as refusal:
                context.pre_execution_errors = [refusal]
        if self._is_known and context.pre_execution_errors is None:
            context.pre_execution_errors = []  # it is valid
        yield
        if (
            not context.pre_execution_errors
            and context.query
            and context.graphql_document
            and not self._is_known
        ):
            document_cache.put(*self._place(context.query), context.graphql_document)
        for error in context.pre_execution_errors or []:
            _set_code(error, "GRAPHQL_VALIDATION_FAILED")

    def _place(self, text: str) -> tuple[int, GraphQLSchema, str]:
        context = self.execution_context
        return context.context.principal.tenant.id, context.schema._schema, text

    def _check(self, document: DocumentNode, measures: Measures, *, may_introspect: bool) -> None:
        try:
            check(document, measures, may_introspect=may_introspect)
        except ApiError:
            # It was parsed and measured all the same: the budget ends for those who ask for too much, too.
            if self._budget:
                self._budget.spend(0)
            raise

    def get_results(self) -> dict[str, Any]:
        """What goes into the answer's ``extensions``; what was asked for and not read is paid back first."""
        if self._cost is None:
            return {}
        spent = self._cost - self._pay_back()
        cost: dict[str, Any] = {"requested": self._cost, "spent": spent, "maximum": MAX_COST}
        budget = self._budget.left() if self._budget else None
        return {"cost": cost if budget is None else {**cost, "budget": budget}}

    def _pay_back(self) -> int:
        context = self.execution_context
        data = getattr(context.result, "data", None)
        if self._budget is None or not isinstance(data, dict) or context.graphql_document is None:
            return 0
        costs = context.schema.costs  # type: ignore[attr-defined]  # every schema of ours has them
        points = unread(
            context.graphql_document,
            data,
            context.variables or {},
            costs,
            operation_name=context.operation_name,
        )
        if points:
            self._budget.give_back(points)
        return points


def _set_code(error: GraphQLError, code: str) -> None:
    error.extensions = {"code": code, **(error.extensions or {})}


_measured: Final = KnownMeasures()
