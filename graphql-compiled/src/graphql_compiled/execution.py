"""The execution context: completes lists and objects by a plan where there is one, else as graphql-core does."""

from typing import Any, Final

from graphql import GraphQLList, GraphQLObjectType, GraphQLResolveInfo
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graphql_compiled.plans import Plan, plans_of
from graphql_compiled.ready import ReadyJson
from graphql_compiled.runtime import Complete, Run

# A list this long pays for its plan at once; else a selection is compiled when it comes for the second time.
LONG: Final = 8


class CompiledExecutionContext(StrawberryGraphQLCoreExecutionContext):
    """Gives what its parent gives, errors included, for a fraction of the processor time.

    A plan is generated code for the selection of an object or list type. Whatever it cannot complete it hands to the
    parent's methods, value by value, so each resolver runs exactly once in either way. Middlewares switch plans off.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manager = self.middleware_manager
        self._plans = None if manager is not None and manager.middlewares else plans_of(self.schema)
        # By the plan's id. The plan is kept too, so that no other gets its id once the schema's plans let go of it.
        self._bound: dict[int, tuple[Plan, Complete]] = {}
        self._bound_to = id(self)

    def complete_list_value(  # noqa: PLR0917  # as the parent's
        self,
        return_type: GraphQLList[Any],
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """As the parent's."""
        if result.__class__ is ReadyJson:
            return result
        if result.__class__ is list or result.__class__ is tuple:
            complete = self._compiled(return_type, field_details_list, info, at_once=len(result) >= LONG)
            if complete is not None:
                return complete(result, path)
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def complete_object_value(  # noqa: PLR0917  # likewise
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """As the parent's."""
        if result.__class__ is ReadyJson:
            return result
        complete = self._compiled(return_type, field_details_list, info, at_once=False)
        if complete is not None and not (return_type.is_type_of and not return_type.is_type_of(result, info)):
            return complete(result, path)
        return super().complete_object_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def _compiled(
        self,
        type_: GraphQLList[Any] | GraphQLObjectType,
        fields: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        *,
        at_once: bool,
    ) -> Complete | None:
        """The plan's function for this execution; None where the selection has none."""
        if self._plans is None:
            return None
        plan = self._plans.plan(self, type_, fields, info.parent_type, at_once=at_once)
        if plan is None:
            return None
        if self._bound_to != id(self):
            # graphql-core copies executors (for each event of a subscription): errors belong to the copy.
            self._bound, self._bound_to = {}, id(self)
        bound = self._bound.get(id(plan))
        if bound is None:
            bound = self._bound[id(plan)] = (plan, self._bind(plan))
        return bound[1]

    def _bind(self, plan: Plan) -> Complete:
        bound: Complete = plan.bind(Run(self, plan.places))
        return bound
