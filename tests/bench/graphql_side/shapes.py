"""The questions: what each server is asked for, and what it must answer.

Everybody's answer is brought into our form before it is compared; after that each answer must have the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from engage_server.api.types.account_pages import MOST
from tests.bench.graphql_side.data import ACCOUNTS, LAST, SERIES_DAYS, Filled
from tests.bench.graphql_side.names import FIELDS, METRICS
from tests.bench.graphql_side.questions import NotModified, Pages, Question

OURS, BARE, POSTGRAPHILE, DJANGO = "ours", "bare", "postgraphile", "strawberry_django"
FIRST: Final = 50
PLAN: Final = "pro"
HEALTH: Final = METRICS[0]
OTHERS: Final = METRICS[1:4]


@dataclass(frozen=True, slots=True)
class Shape:
    """A screen's question, by server."""

    name: str
    questions: Mapping[str, Question]


def shapes(filled: Filled) -> Iterator[Shape]:
    """All of them."""
    yield _accounts(filled)
    yield _series(filled, "series365", "points { day value }", "series")
    yield _series(filled, "series365_columns", "days values", "columns")
    yield _scores(filled)
    yield _portfolio(filled)
    yield Shape(
        "not_modified",
        {
            OURS: NotModified([{"query": _ACCOUNTS_QUERY.replace("$first", str(FIRST))}], None),
            BARE: NotModified([{"query": "{ x }"}], None, etag='"none"'),
        },
    )


_FIVE: Final = " ".join(f"{plugin} {{ {name} {{ value status n }} }}" for plugin, name in FIELDS.values())
_ACCOUNTS_QUERY: Final = (
    f"{{ accounts(first: $first) {{ edges {{ node {{ externalId name plan {_FIVE} }} }} }} }}"
)


def _accounts(filled: Filled) -> Shape:
    def node(place: int) -> dict[str, Any]:
        one = filled.accounts[place]
        values = {metric: filled.value(place, metric) for metric in METRICS}
        return {
            "externalId": one.external_id,
            "name": one.name,
            "plan": one.plan,
            **{
                FIELDS[metric][0]: {FIELDS[metric][1]: {"value": v.value, "status": v.status, "n": v.n}}
                for metric, v in values.items()
            },
        }

    expected = {"accounts": {"edges": [{"node": node(place)} for place in range(FIRST)]}}
    variables = {"first": FIRST}
    theirs = """query accounts($first: Int!) { allAccounts(first: $first, orderBy: PRIMARY_KEY_ASC) { nodes {
        externalId name plan latestValuesByAccountId { nodes { metric value status n } } } } }"""

    def read(answers: Sequence[Any]) -> Any:
        edges = []
        for found in answers[0]["allAccounts"]["nodes"]:
            made = {name: found[name] for name in ("externalId", "name", "plan")}
            values = {one.pop("metric"): one for one in found["latestValuesByAccountId"]["nodes"]}
            for metric, (plugin, name) in FIELDS.items():
                made[plugin] = {name: values[metric]}
            edges.append({"node": made})
        return {"accounts": {"edges": edges}}

    return Shape(
        "accounts50",
        {
            OURS: Question(
                [_document("query accounts($first: Int!) " + _ACCOUNTS_QUERY, variables)], expected
            ),
            BARE: Question([{"operationName": "accounts", "variables": variables}], expected),
            POSTGRAPHILE: Question([_document(theirs, variables)], expected, read),
        },
    )


def _series(filled: Filled, name: str, asked: str, operation: str) -> Shape:
    account, (plugin, metric) = filled.accounts[0], FIELDS[HEALTH]
    days = [LAST - timedelta(days=past) for past in reversed(range(SERIES_DAYS))]
    values = [filled.value(0, HEALTH, day).value for day in days]
    columns = {"days": [day.isoformat() for day in days], "values": values}
    points = [{"day": day.isoformat(), "value": value} for day, value in zip(days, values, strict=True)]
    kept = columns if operation == "columns" else {"points": points}
    expected = {"account": {plugin: {metric: {"series": kept}}}}
    variables = {
        "account": account.external_id,
        "metric": HEALTH,
        "from": days[0].isoformat(),
        "to": days[-1].isoformat(),
    }
    ours = f"""query series($account: ID!, $from: Date!, $to: Date!) {{ account(externalId: $account) {{
        {plugin} {{ {metric} {{ series(from: $from, to: $to) {{ {asked} }} }} }} }} }}"""
    theirs = """query series($account: String!, $metric: String!) {
        accountByExternalId(externalId: $account) { dailyValuesByAccountId(
            condition: {metric: $metric}, first: 365, orderBy: PRIMARY_KEY_ASC) { nodes { day value } } } }"""

    def read(answers: Sequence[Any]) -> Any:
        rows = answers[0]["accountByExternalId"]["dailyValuesByAccountId"]["nodes"]
        found = {"days": [one["day"] for one in rows], "values": [one["value"] for one in rows]}
        shown = found if operation == "columns" else {"points": rows}
        return {"account": {plugin: {metric: {"series": shown}}}}

    given = {name: variables[name] for name in ("account", "from", "to")}
    return Shape(
        name,
        {
            OURS: Question([_document(ours, given)], expected),
            BARE: Question([{"operationName": operation, "variables": variables}], expected),
            POSTGRAPHILE: Question(
                [_document(theirs, {"account": account.external_id, "metric": HEALTH})], expected, read
            ),
        },
    )


def _scores(filled: Filled) -> Shape:
    """In as many requests as the longest pages allow."""
    plugin, metric = FIELDS[HEALTH]

    def node(place: int) -> dict[str, Any]:
        one = filled.accounts[place]
        score = {"value": filled.value(place, HEALTH).value}
        return {"node": {"externalId": one.external_id, "name": one.name, plugin: {metric: score}}}

    expected = {"accounts": {"edges": [node(place) for place in range(ACCOUNTS)]}}
    variables = {"first": ACCOUNTS, "metric": HEALTH}
    size = min(MOST, ACCOUNTS)
    asked = f"{{ edges {{ node {{ externalId name {plugin} {{ {metric} {{ value }} }} }} }} }}"
    ours = "query scores($first: Int!, $after: String) { accounts(first: $first, after: $after) %s }"
    pages = "{ pageInfo { hasNextPage endCursor } }"
    theirs = """query scores($first: Int!, $metric: String!) { allAccounts(first: $first, orderBy: PRIMARY_KEY_ASC) {
        nodes { externalId name latestValueByAccountIdAndMetric: latestValuesByAccountId(condition: {metric: $metric}) {
            nodes { value } } } } }"""
    django = "query scores($first: Int!, $metric: String!) { scores(first: $first, metric: $metric) {" \
        " externalId name latest { value } } }"  # fmt: skip

    def read(answers: Sequence[Any]) -> Any:
        edges = [
            _scored(one, one["latestValueByAccountIdAndMetric"]["nodes"][0])
            for one in answers[0]["allAccounts"]["nodes"]
        ]
        return {"accounts": {"edges": edges}}

    def read_django(answers: Sequence[Any]) -> Any:
        return {"accounts": {"edges": [_scored(one, one["latest"][0]) for one in answers[0]["scores"]]}}

    return Shape(
        "accounts1000",
        {
            OURS: Pages(
                [_document(ours % asked, {})],
                expected,
                _joined,
                ending=_document(ours % pages, {"first": size}),
            ),
            BARE: Question([{"operationName": "scores", "variables": variables}], expected),
            POSTGRAPHILE: Question([_document(theirs, variables)], expected, read),
            DJANGO: Question([_document(django, variables)], expected, read_django),
        },
    )


def _portfolio(filled: Filled) -> Shape:
    """The accounts of a plan with the worst health, with what they pay for and three further metrics."""
    plugin, metric = FIELDS[HEALTH]
    places = [place for place, one in enumerate(filled.accounts) if one.plan == PLAN]
    places.sort(key=lambda place: (filled.value(place, HEALTH).value, filled.accounts[place].id))

    def node(place: int) -> dict[str, Any]:
        one, health = filled.accounts[place], filled.value(place, HEALTH)
        account: dict[str, Any] = {
            "externalId": one.external_id, "name": one.name, "plan": one.plan, "owner": one.owner,
        }  # fmt: skip
        for other in OTHERS:
            account[FIELDS[other][0]] = {FIELDS[other][1]: {"value": filled.value(place, other).value}}
        return {"node": {"value": health.value, "status": health.status, "subject": account}}

    listed = f"{plugin}{metric.title()}ByAccount"
    expected = {listed: {"edges": [node(place) for place in places[:FIRST]]}}
    three = " ".join(f"{FIELDS[one][0]} {{ {FIELDS[one][1]} {{ value }} }}" for one in OTHERS)
    ours = f"""query portfolio($first: Int!, $plan: String!) {{ {listed}(first: $first, where: {{plan: [$plan]}}) {{ edges {{
        node {{ value status subject {{ ... on Account {{ externalId name plan owner {three} }} }} }} }} }} }}"""
    theirs = """query portfolio($first: Int!, $plan: String!, $metric: String!) {
        worst(asked: $metric, ofPlan: $plan, first: $first) { nodes { value status accountByAccountId {
            externalId name plan owner latestValuesByAccountId { nodes { metric value } } } } } }"""

    def read(answers: Sequence[Any]) -> Any:
        edges = []
        for found in answers[0]["worst"]["nodes"]:
            account = found["accountByAccountId"]
            values = {one["metric"]: one["value"] for one in account.pop("latestValuesByAccountId")["nodes"]}
            for other in OTHERS:
                account[FIELDS[other][0]] = {FIELDS[other][1]: {"value": values[other]}}
            edges.append({"node": {"value": found["value"], "status": found["status"], "subject": account}})
        return {listed: {"edges": edges}}

    variables = {"first": FIRST, "plan": PLAN, "metric": HEALTH}
    return Shape(
        "portfolio",
        {
            OURS: Question([_document(ours, {"first": FIRST, "plan": PLAN})], expected),
            BARE: Question([{"operationName": "portfolio", "variables": variables}], expected),
            POSTGRAPHILE: Question([_document(theirs, variables)], expected, read),
        },
    )


def _scored(account: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    plugin, metric = FIELDS[HEALTH]
    score = {"value": value["value"]}
    return {"node": {"externalId": account["externalId"], "name": account["name"], plugin: {metric: score}}}


def _document(query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    return {"query": query, "variables": variables}


def _joined(answers: Sequence[Any]) -> Any:
    return {"accounts": {"edges": [edge for answer in answers for edge in answer["accounts"]["edges"]]}}
