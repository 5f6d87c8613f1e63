"""How much one query may ask for: checked between parsing and validation, spent, and told with the answer."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension

from engage_server.access.principal import Principal
from engage_server.api import document_cache
from engage_server.api.costs import FieldCosts
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
NOT_VALID: Final = "GRAPHQL_VALIDATION_FAILED"


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


class Toll:
    """What one operation costs: paid before it is executed, and told with its answer."""

    def __init__(self, principal: Principal, costs: FieldCosts) -> None:
        self._principal = principal
        self._costs = costs
        self._cost = 0
        self._budget: QueryBudget | None = None

    def pay(self, document: DocumentNode, measures: Measures, *, names_operation: bool) -> None:
        """Spend the cost of an operation that is within the limits.

        Raises:
            ApiError: it is not, or there is too little left to spend.
        """
        self._cost = measures.cost
        if not names_operation:
            _require_one_operation(document)
        self._budget = QueryBudget(self._principal)
        try:
            check(document, measures, may_introspect=shows_schema(self._principal))
        except ApiError:
            # It was parsed and measured all the same: the budget ends for those who ask for too much, too.
            self._budget.spend(0)
            raise
        self._budget.spend(measures.cost)

    def told(
        self, document: DocumentNode, data: Any, variables: Mapping[str, Any], operation_name: str | None
    ) -> dict[str, Any]:
        """What ``extensions.cost`` says; what was asked for and not read is paid back first."""
        spent = self._cost - self._pay_back(document, data, variables, operation_name)
        cost: dict[str, Any] = {"requested": self._cost, "spent": spent, "maximum": MAX_COST}
        budget = self._budget.left() if self._budget else None
        return cost if budget is None else {**cost, "budget": budget}

    def _pay_back(
        self, document: DocumentNode, data: Any, variables: Mapping[str, Any], operation_name: str | None
    ) -> int:
        if self._budget is None or not isinstance(data, dict):
            return 0
        points = unread(document, data, variables, self._costs, operation_name=operation_name)
        if points:
            self._budget.give_back(points)
        return points


class QueryLimits(SchemaExtension):
    """Puts the limits between parsing and validation, spends the cost, and tells it in ``extensions.cost``."""

    def __init__(self) -> None:
        self._toll: Toll | None = None
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
                set_code(error, "LIMIT_EXCEEDED" if over else "GRAPHQL_PARSE_FAILED")

    def on_validate(self) -> Iterator[None]:
        """Measure before validation, whose rules cost more than linear time."""
        context = self.execution_context
        document = context.graphql_document
        if document is not None:
            costs = context.schema.costs  # type: ignore[attr-defined]  # every schema of ours has them
            variables = context.variables or {}
            measures = (
                known_measures.measure(document, variables, costs)
                if self._is_known
                else measure(document, variables, costs)
            )
            self._toll = Toll(context.context.principal, costs)
            try:
                self._toll.pay(document, measures, names_operation=context.context.names_operation)
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
            set_code(error, NOT_VALID)

    def _place(self, text: str) -> tuple[int, GraphQLSchema, str]:
        context = self.execution_context
        return context.context.principal.tenant.id, context.schema._schema, text

    def get_results(self) -> dict[str, Any]:
        """What goes into the answer's ``extensions``."""
        context = self.execution_context
        if self._toll is None or context.graphql_document is None:
            return {}
        data, variables = getattr(context.result, "data", None), context.variables or {}
        return {"cost": self._toll.told(context.graphql_document, data, variables, context.operation_name)}


def set_code(error: GraphQLError, code: str) -> None:
    """Give the error a code, where it has none."""
    error.extensions = {"code": code, **(error.extensions or {})}


known_measures: Final = KnownMeasures()
