"""The rule on contributed GraphQL fields: named after the plugin, nullable at the root, and answering."""

from collections.abc import Iterator
from typing import Any

import strawberry

from engage_server.sdk.graphql import GraphQLContribution
from engage_server.sdk.testing.findings import Finding
from engage_server.sdk.testing.stored import StoredMeasurements
from engage_server.sdk.testing.trial import Trial


def graphql_findings(trial: Trial) -> Iterator[Finding]:
    """What is wrong with the types that a plugin contributes, and with what their resolvers answer."""
    try:
        contributions = trial.hooks.engage_graphql()
    except (Exception, SystemExit) as error:  # of foreign code
        yield Finding(
            "graphql", f"engage_graphql raised {type(error).__name__}: {error}.", "see its traceback"
        )
        return
    for contribution in contributions:
        if isinstance(contribution, GraphQLContribution):
            yield from _name_findings(trial.manifest.id, contribution)
            if contribution.query is not None:
                yield from _answer_findings(trial, contribution.query)


def _name_findings(plugin_id: str, contribution: GraphQLContribution) -> Iterator[Finding]:
    prefix = "".join(part.capitalize() for part in plugin_id.split("_"))
    for kind in (contribution.query, contribution.account, *contribution.types):
        if kind is not None and not kind.__name__.startswith(prefix):
            yield Finding(
                "graphql",
                f"The type {kind.__name__} is not named after the plugin, and may clash with another one's.",
                f"begin its name with {prefix}",
            )


def _answer_findings(trial: Trial, query: type) -> Iterator[Finding]:
    """Each root field without arguments that must be given, asked where nothing is stored, and where a day is."""
    try:
        schema = strawberry.Schema(query=query)
        context: Any = StoredMeasurements(
            trial.manifest, trial.measure(trial.request(trial.rows()))
        ).context()
        nothing = StoredMeasurements(trial.manifest, ()).context()
    except (Exception, SystemExit) as error:  # of foreign types or of the computation
        yield Finding(
            "graphql", f"{query.__name__} makes no schema: {type(error).__name__}: {error}.", "see the error"
        )
        return
    kind = schema._schema.query_type  # the only way to the fields' types
    for name, field in (kind.fields if kind is not None else {}).items():
        if str(field.type).endswith("!") and not str(field.type).startswith("["):
            yield Finding(
                "graphql",
                f"The root field {name} is not nullable: where it has no value, the whole answer is null.",
                f"let it be {str(field.type)[:-1]} | None",
            )
        if any(str(argument.type).endswith("!") for argument in field.args.values()):
            continue
        for stored in (nothing, context):
            answer = schema.execute_sync(f"{{ {name} {_selection(field.type)} }}", context_value=stored)
            if answer.errors:
                yield Finding(
                    "graphql", f"The field {name} raised: {answer.errors[0].message}.", "mend its resolver"
                )
                break


def _selection(kind: Any) -> str:
    return "{ __typename }" if hasattr(_named(kind), "fields") else ""


def _named(kind: Any) -> Any:
    return _named(kind.of_type) if hasattr(kind, "of_type") else kind
