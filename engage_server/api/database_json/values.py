"""The list of a metric's values of all accounts as JSON, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from graphql import GraphQLResolveInfo
from graphql_compiled import ReadyJson

from engage_server.api.database_json.accounts import AccountJson, Metrics, of_a_value, ranges
from engage_server.api.database_json.lists import Page, Plan, Plans, connection, node_of, plan_of
from engage_server.api.database_json.selection import NotReadyError, Selected
from engage_server.metrics.value_json import ASKED, LIST_IS_UNCLEAR, LISTED, json_object
from engage_server.tenancy.postgresql.prepared import read

LISTED_AS: Final = "listed"
SUBJECT: Final = "subject"
OWN_LABEL: Final = "to_json(COALESCE(listed.label, ''))::text"
METRIC: Final = "to_json(%(metric)s::text)::text"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which values: of a metric on its newest day, between the marks, of these statuses, plans and stages.

    ``low_first`` says which come first; what has no value is last in either case.
    """

    metric: str
    low_first: bool
    below: float | None = None
    above: float | None = None
    statuses: Sequence[str] | None = None
    plans: Sequence[str] | None = None
    stages: Sequence[str] | None = None


def value_page(
    info: GraphQLResolveInfo[Any], catalogue: Mapping[str, Any], tenant_id: int, asked: Asked, page: Page
) -> ReadyJson:
    """The first page of the list.

    Raises:
        NotReadyError: the ordinary way answers.
    """
    plan = _plans.plan(info, catalogue, tenant_id)
    where, params = _conditions(asked)
    metrics = list(dict.fromkeys([asked.metric, *plan.metrics]))
    params |= {"metrics": metrics, "metric": asked.metric, **ranges(plan.series, info)}
    rows = read(_statement(plan, where, asked, page), params)
    # Of an empty page nothing tells whether the list is clear.
    if not rows or any(row[0] or row[1] for row in rows):
        raise NotReadyError
    number = rows[0][4]
    return connection(
        plan.selected, [((row[3],), row[2]) for row in rows], replace(page, count=lambda: number)
    )


def _statement(plan: Plan, where: str, asked: Asked, page: Page) -> str:
    way = "ASC" if asked.low_first else "DESC"
    order = (
        f"listed.value IS NULL, listed.value {way}, "
        "CASE WHEN listed.value IS NOT NULL THEN COALESCE(listed.label, '') END COLLATE \"C\", "
        "listed.label, listed.subject_id"
    )
    return (  # whatever comes from outside is a parameter
        f"WITH {ASKED}, {LISTED} "  # noqa: S608  # of ours
        f"SELECT ({LIST_IS_UNCLEAR}), {plan.is_unclear}, {plan.row}, listed.subject_id, listed.number FROM ("
        f"SELECT *, count(*) OVER () AS number FROM listed{where} ORDER BY {order} LIMIT {int(page.size) + 1}) AS listed "
        "LEFT JOIN customers_account AS account ON account.id = listed.subject_id "
        f"{plan.joins} ORDER BY {order}"
    )


def _conditions(asked: Asked) -> tuple[str, dict[str, Any]]:
    given: dict[str, tuple[str, Any]] = {
        "below": ("value < %(below)s::float8", asked.below),
        "above": ("value > %(above)s::float8", asked.above),
        "statuses": ("status = ANY(%(statuses)s::text[])", asked.statuses),
        "plans": ("plan = ANY(%(plans)s::text[])", asked.plans),
        "stages": ("stage = ANY(%(stages)s::text[])", asked.stages),
    }
    used = {name: (text, value) for name, (text, value) in given.items() if value is not None}
    where = " AND ".join(text for text, _ in used.values())
    return (f" WHERE {where}" if where else ""), {name: value for name, (_, value) in used.items()}


def _plan(selected: Sequence[Selected], metrics: Metrics, tenant_id: int) -> Plan:
    made = AccountJson(metrics, tenant_id)
    members = []
    for one in node_of(selected):
        one.plain()
        if one.name == SUBJECT:
            whole = made.of(one.below)
            members.append((one.key, f"CASE WHEN account.id IS NULL THEN 'null' ELSE {whole} END"))
        else:
            made_of = of_a_value(one, METRIC, LISTED_AS, label=OWN_LABEL)
            members.append((one.key, made_of))
    return plan_of(selected, made, json_object(members))


_plans: Final = Plans(_plan)
