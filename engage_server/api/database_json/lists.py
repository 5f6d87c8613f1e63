"""Pages of accounts, and single ones, as JSON in one statement."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from graphql import FieldNode, GraphQLResolveInfo
from graphql_compiled import ReadyJson

from engage_server.access.principal import Permission, Principal
from engage_server.api.database_json.accounts import AccountJson, Metrics, metrics_by_field, ranges
from engage_server.api.database_json.selection import TYPENAME, NotReadyError, Selected, selection_of
from engage_server.metrics.account_queries import AccountQuery, Key
from engage_server.metrics.value_json import ASKED, compact
from engage_server.tenancy.postgresql.prepared import read

MOST_PLANS: Final = 512
COLUMNS: Final = "account.id, account.external_id, account.name, account.plan, account.owner, account.stage"
PAGE_INFO: Final = {
    "hasNextPage": "has_next_page",
    "hasPreviousPage": "has_previous_page",
    "startCursor": "start_cursor",
    "endCursor": "end_cursor",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What is known of a page beside its rows' JSON.

    Args:
        cursor: of a row's key.
        count: of all pages.
        size: rows that were asked for; one more is read.
    """

    cursor: Callable[[Key], str]
    count: Callable[[], int]
    size: int
    has_cursor: bool
    is_backwards: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How a root field is answered: made of its selection alone.

    ``row`` gives the JSON of one row by its joins, ``is_unclear`` whether it has to be read in the ordinary way.
    """

    selected: Sequence[Selected]
    row: str
    joins: str
    is_unclear: str
    metrics: Sequence[str]
    series: Sequence[tuple[str, Selected]]


def may_be_ready(principal: Principal) -> bool:
    """Whether nothing is withheld from the principal or masked, so that what is stored is what it is shown."""
    return principal.account_id is None and principal.may(Permission.PERSONAL_READ)


class Plans:
    """The plans of one kind of root field, by the nodes of the documents; kept within bounds.

    Args:
        make: makes the plan of what is selected.
    """

    def __init__(self, make: Callable[[Sequence[Selected], Metrics, int], Plan]) -> None:
        self._make: Final = make
        # By the node's id; it is kept too, so that no other gets its id.
        self._known: Final[dict[tuple[int, int], tuple[FieldNode, Plan | None]]] = {}
        self._lock: Final = Lock()

    def plan(self, info: GraphQLResolveInfo[Any], catalogue: Mapping[str, Any], tenant_id: int) -> Plan:
        """The plan of the field that is being resolved.

        Raises:
            NotReadyError: there is none.
        """
        node = info.field_nodes[0]
        key = (id(node), tenant_id)
        found = self._known.get(key)
        if found is None or found[0] is not node:
            found = (node, self._plan(info, catalogue, tenant_id))
            with self._lock:
                while len(self._known) >= MOST_PLANS:
                    del self._known[next(iter(self._known))]
                self._known[key] = found
        if found[1] is None:
            raise NotReadyError
        return found[1]

    def _plan(
        self, info: GraphQLResolveInfo[Any], catalogue: Mapping[str, Any], tenant_id: int
    ) -> Plan | None:
        try:
            return self._make(selection_of(info), metrics_by_field(catalogue), tenant_id)
        except NotReadyError:
            return None


def account_page(
    info: GraphQLResolveInfo[Any],
    catalogue: Mapping[str, Any],
    tenant_id: int,
    query: AccountQuery,
    page: Page,
    *,
    behind: Key | None,
) -> ReadyJson:
    """The page of a query for accounts.

    Raises:
        NotReadyError: the ordinary way answers.
    """
    plan = _pages.plan(info, catalogue, tenant_id)
    asked = query.statement(COLUMNS, size=page.size + 1, behind=behind, backwards=page.is_backwards)
    keys = ", ".join(f"account.{key}" for key in asked.keys)
    ordered = ", ".join(f"account.{key} {asked.way}" for key in asked.keys)
    rows = _rows(
        plan,
        f"({asked.text})",
        f"ORDER BY {ordered}",
        {**asked.params, **ranges(plan.series, info)},
        keys=keys,
    )
    found = [(row[2:], row[1]) for row in rows]
    return connection(plan.selected, found[::-1] if page.is_backwards else found, page)


def account(
    info: GraphQLResolveInfo[Any], catalogue: Mapping[str, Any], tenant_id: int, external_id: str
) -> ReadyJson | None:
    """The account that the tenant calls so; None where there is none.

    Raises:
        NotReadyError: the ordinary way answers.
    """
    plan = _singles.plan(info, catalogue, tenant_id)
    params = {"external_id": external_id, **ranges(plan.series, info)}
    rows = _rows(plan, "customers_account", "WHERE account.external_id = %(external_id)s", params)
    return ReadyJson(rows[0][1]) if rows else None


def connection(selected: Sequence[Selected], found: Sequence[tuple[Key, str]], page: Page) -> ReadyJson:
    """A page of rows, each with its key and JSON; see ``pages.page``."""
    goes_on = len(found) > page.size
    rows = found[-page.size :] if page.is_backwards else found[: page.size]
    info = {
        "has_next_page": page.has_cursor if page.is_backwards else goes_on,
        "has_previous_page": goes_on if page.is_backwards else page.has_cursor,
    }
    members = []
    for one in selected:
        match one.name:
            case "edges":
                text = _edges(one, rows, page)
            case "pageInfo":
                text = _page_info(one, rows, page, info)
            case "totalCount":
                text = str(page.count())
            case _:
                text = f'"{one.parent.name}"'
        members.append(f'"{one.key}":{text}')
    return ReadyJson(f"{{{','.join(members)}}}", rows=len(rows))


def _edges(edges: Selected, rows: Sequence[tuple[Key, str]], page: Page) -> str:
    if [one.name for one in edges.below] == ["node"]:
        name = edges.below[0].key
        between = f'}},{{"{name}":'
        return f'[{{"{name}":{between.join(node for _, node in rows)}}}]' if rows else "[]"
    made = []
    for key, node in rows:
        said = {"node": node, TYPENAME: f'"{edges.below[0].parent.name}"'}
        if any(one.name == "cursor" for one in edges.below):
            said["cursor"] = f'"{page.cursor(key)}"'
        made.append("{" + ",".join(f'"{one.key}":{said[one.name]}' for one in edges.below) + "}")
    return f"[{','.join(made)}]"


def _page_info(
    selected: Selected, rows: Sequence[tuple[Key, str]], page: Page, info: Mapping[str, bool]
) -> str:
    said: dict[str, Any] = {}
    for one in selected.below:
        if one.name == TYPENAME:
            said[one.key] = one.parent.name
        elif one.name in {"hasNextPage", "hasPreviousPage"}:
            said[one.key] = info[PAGE_INFO[one.name]]
        else:
            place = 0 if one.name == "startCursor" else -1
            said[one.key] = page.cursor(rows[place][0]) if rows else None
    return json.dumps(said, separators=(",", ":"))


def _rows(
    plan: Plan, accounts: str, rest: str, params: Mapping[str, Any], *, keys: str = ""
) -> list[tuple[Any, ...]]:
    """Rows of (unclear, JSON, keys …).

    Raises:
        NotReadyError: one of them is unclear.
    """
    shown = f", {keys}" if keys else ""
    head = f"WITH {ASKED} " if plan.metrics else ""
    text = f"{head}SELECT {plan.is_unclear}, {plan.row}{shown} FROM {accounts} AS account {plan.joins} {rest}"  # noqa: S608  # ours
    rows = read(text, {"metrics": list(plan.metrics), **params} if plan.metrics else params)
    if any(row[0] for row in rows):
        raise NotReadyError
    return rows


def plan_of(selected: Sequence[Selected], made: AccountJson, row: str) -> Plan:
    """The plan of a row's expression and what it reads."""
    return Plan(
        selected, row, compact(" ".join(made.joins)), made.is_unclear(), list(made.asked), made.series
    )


def node_of(selected: Sequence[Selected]) -> Sequence[Selected]:
    """What a connection's nodes have.

    Raises:
        NotReadyError: something of the connection is selected that is not said of every page.
    """
    nodes: list[Sequence[Selected]] = []
    for one in selected:
        for part in (one.plain(), *one.below):
            part.plain()
        if one.name == "edges":
            nodes += [part.below for part in one.below if part.name == "node"]
        elif one.name not in {"pageInfo", "totalCount", TYPENAME}:
            raise NotReadyError
    if len(nodes) > 1:
        raise NotReadyError
    return nodes[0] if nodes else ()


def _page_plan(selected: Sequence[Selected], metrics: Metrics, tenant_id: int) -> Plan:
    made = AccountJson(metrics, tenant_id)
    return plan_of(selected, made, made.of(node_of(selected)))


def _single_plan(selected: Sequence[Selected], metrics: Metrics, tenant_id: int) -> Plan:
    made = AccountJson(metrics, tenant_id)
    return plan_of(selected, made, made.of(selected))


_pages: Final = Plans(_page_plan)
_singles: Final = Plans(_single_plan)
