"""A metric's input by any segment is the plain function on the rows of those of whom the condition plainly holds."""

from datetime import timedelta
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.models import Account, Person
from engage_server.customers.slicers import answer_slices
from engage_server.customers.slices import Slice
from engage_server.customers.windows import day_window
from engage_server.definitions.kinds import read_body
from engage_server.ingest.items import AccountItem, EventItem, MembershipItem, PersonItem, ResponseItem
from engage_server.sdk import ActivePersons, EventCounts, PersonDays, Sessions
from engage_server.segments.body import SegmentBody
from engage_server.segments.evaluation import Evaluation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.activity.reference import REFERENCE
from tests.activity.test_rollups import SLOW
from tests.activity.uses import counted_uses
from tests.segments.conftest import DAY, SEED

Words = dict[str, Any]
ACCOUNTS: Final = {item.external_id: item for item in SEED if isinstance(item, AccountItem)}
PERSONS: Final = ("ada", "bob", "cyd")  # the bot is nobody
TRAITS: Final[dict[str, dict[str, Any]]] = {
    "account": {name: item.traits or {} for name, item in ACCOUNTS.items()},
    "person": {name: {} for name in PERSONS}
    | {
        item.person.user_id: item.traits or {}
        for item in SEED
        if isinstance(item, PersonItem) and item.person.user_id in PERSONS
    },
}
HOME: Final = {item.person.user_id: item.account for item in SEED if isinstance(item, MembershipItem)}
SPECS: Final = (ActivePersons(days=30), EventCounts(days=60), PersonDays(days=30), Sessions(days=30))

events = st.sampled_from(["saved", "looked", "exported", "nothing"])
days = st.sampled_from([1, 3, 4, 11, 30, 60])
bounds = st.none() | st.integers(0, 10)
of_anybody = (
    st.builds(dict, type=st.just("did"), event=events, times=st.integers(1, 4), days=days)
    | st.builds(dict, type=st.just("did_not"), event=events, days=days)
    | st.builds(
        dict, type=st.just("answered"), instrument=st.just("nps"), days=days, at_least=bounds, at_most=bounds
    )
)
of_accounts = (
    st.builds(
        dict, type=st.just("plan"), any_of=st.lists(st.sampled_from(["pro", "enterprise", ""]), min_size=1)
    )
    | st.builds(
        dict, type=st.just("stage"), any_of=st.lists(st.sampled_from(["TRIAL", "CUSTOMER"]), min_size=1)
    )
    | st.builds(
        dict, type=st.just("under"), account=st.sampled_from([*ACCOUNTS, "none"]), itself=st.booleans()
    )
    | st.builds(dict, type=st.just("accounts"), any_of=st.lists(st.sampled_from([*ACCOUNTS]), min_size=1))
    | st.builds(
        dict,
        type=st.just("trait"),
        name=st.just("industry"),
        any_of=st.lists(st.sampled_from(["bank", "retail"]), min_size=1),
    )
    | st.builds(dict, type=st.just("trait"), name=st.sampled_from(["size", "industry"]), at_least=st.just(6))
)
of_persons = st.builds(
    dict,
    type=st.just("trait"),
    name=st.just("role"),
    any_of=st.lists(st.sampled_from(["admin", "user"]), min_size=1),
)


def conditions(subject: str, depth: int = 2) -> st.SearchStrategy[Words]:
    leaves = of_anybody | (of_accounts if subject == "account" else of_persons)
    if depth == 0:
        return leaves
    inner = conditions(subject, depth - 1)
    if subject == "account":
        other = conditions("person", depth - 1)
        crossing = st.builds(dict, type=st.just("has_persons"), persons=other, at_least=st.integers(1, 2))
    else:
        crossing = st.builds(dict, type=st.just("belongs_to"), accounts=conditions("account", depth - 1))
    many = st.builds(dict, type=st.sampled_from(["all", "any"]), of=st.lists(inner, max_size=3))
    return leaves | crossing | many | st.builds(dict, type=st.just("not"), of=inner)


def plainly(condition: Words, subject: str) -> set[str]:
    """Of whom it holds, by the seed alone."""
    everybody = set(ACCOUNTS if subject == "account" else PERSONS)
    match condition["type"]:
        case "all":
            return everybody.intersection(*(plainly(one, subject) for one in condition["of"]))
        case "any":
            return set().union(*(plainly(one, subject) for one in condition["of"]))
        case "not":
            return everybody - plainly(condition["of"], subject)
        case "did_not":
            return everybody - plainly({**condition, "type": "did", "times": 1}, subject)
        case "has_persons":
            homes = [HOME[one] for one in plainly(condition["persons"], "person")]
            return {one for one in everybody if homes.count(one) >= condition["at_least"]}
        case "belongs_to":
            return {one for one in everybody if HOME[one] in plainly(condition["accounts"], "account")}
        case "answered":
            inside = answered(condition)
            return inside if subject == "person" else {HOME[one] for one in inside}
        case _:
            return {one for one in everybody if holds(condition, subject, one)}


def holds(condition: Words, subject: str, one: str) -> bool:
    match condition["type"]:
        case "did":
            return times(condition, subject, one) >= condition["times"]
        case "plan":
            return (ACCOUNTS[one].plan or "") in condition["any_of"]
        case "stage":
            return (ACCOUNTS[one].stage or "CUSTOMER") in condition["any_of"]
        case "under":
            return condition["account"] in above(one) or (one == condition["account"] and condition["itself"])
        case "accounts":
            return one in condition["any_of"]
        case _:
            return has_trait(condition, TRAITS[subject].get(one, {}).get(condition["name"]))


def times(condition: Words, subject: str, one: str) -> int:
    first = DAY - timedelta(days=condition["days"] - 1)
    done = [
        item
        for item in SEED
        if isinstance(item, EventItem) and item.name == condition["event"] and item.occurred_at.date() >= first
        and item.person.user_id in PERSONS
    ]  # fmt: skip
    if subject == "person":
        return sum(item.person.user_id == one for item in done)
    return sum((item.account or HOME[item.person.user_id]) == one for item in done)


def answered(condition: Words) -> set[str]:
    """Whose last answer in the window lies between the scores."""
    first = DAY - timedelta(days=condition["days"] - 1)
    answers = [item for item in SEED if isinstance(item, ResponseItem) and item.occurred_at.date() >= first]
    last = {item.person.user_id: item.score for item in sorted(answers, key=lambda item: item.occurred_at)}
    low, high = condition["at_least"], condition["at_most"]
    return {one for one, score in last.items() if (low or 0) <= score <= (10 if high is None else high)}


def above(one: str) -> list[str]:
    parent = ACCOUNTS[one].parent
    return [] if parent is None else [parent, *above(parent)]


def has_trait(condition: Words, value: Any) -> bool:
    if "any_of" in condition:
        return value in condition["any_of"]
    return str(value).replace(".", "").isdigit() and float(value) >= condition["at_least"]


@SLOW
@given(st.data())
def test_an_input_by_any_segment_is_the_plain_function_on_the_rows_of_its_members(
    filled: TenantRef, data: st.DataObject
) -> None:
    subject = data.draw(st.sampled_from(["account", "person"]))
    condition = data.draw(conditions(subject))
    window = day_window(DAY, filled.timezone)
    model = Account if subject == "account" else Person
    with tenant_scope(filled), current_rollups():
        body = read_body(SegmentBody, {"subject": subject, "condition": condition})
        found = Evaluation(window).fitting(body.condition, subject)
        expected = plainly(condition, subject)
        wanted = dict(model.objects.filter(external_id__in=expected).values_list("pk", "external_id"))
        assert found == set(wanted), condition
        uses = [one for one in counted_uses(window) if getattr(one, subject) in wanted]
        part = Slice(accounts=found) if subject == "account" else Slice(persons=found)
        for spec in SPECS:
            (frame,) = answer_slices(spec, window, [part])
            assert sorted(frame.rows(), key=str) == sorted(REFERENCE[type(spec)](spec, window, uses), key=str)
