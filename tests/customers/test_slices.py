"""Slices of what customers say and have: the same as the plain input on the filtered rows, or an error with a name."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from engage_server.customers.exceptions import NotSliceableError
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account, Person
from engage_server.customers.models import SurveyResponse as Row
from engage_server.customers.slicers import SLICERS, answer_slices
from engage_server.customers.slices import WHOLE, Slice, hull, slice_in_force, sliced_by
from engage_server.customers.windows import day_window
from engage_server.engine.checks import offered_inputs
from engage_server.ingest.items import AccountItem, MembershipItem, PersonKey, ResponseItem, SubscriptionItem
from engage_server.ingest.store import store_items
from engage_server.sdk import Accounts, InputSpec, MetricValues, Seats, SurveyResponses
from engage_server.tenancy.scope import tenant_scope
from tests.activity.test_rollups import SLOW
from tests.metrics.values import store

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = NOON.date()
# None so far: each says by what it is cut, or that it lists what there is.
NOT_SLICED: frozenset[type[InputSpec]] = frozenset()

CLEAR = "DELETE FROM customers_surveyresponse; DELETE FROM customers_person; DELETE FROM customers_account"

answers = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bob", None]),
        st.sampled_from(["a", "b", None]),
        st.integers(0, 3),
        st.none() | st.integers(0, 10),
        st.sampled_from(["nps", "nps-app"]),
    ),
    min_size=1,
    max_size=10,
)
ids = st.none() | st.sets(st.integers(1, 2))


def test_every_input_of_the_sdk_says_how_it_is_cut():
    assert {kind for kind in offered_inputs() if kind not in SLICERS} == NOT_SLICED


def test_an_input_that_does_not_say_so_is_refused_by_name():
    class Strange(InputSpec):
        pass

    with pytest.raises(NotSliceableError, match="Strange") as refused:
        answer_slices(Strange(), day_window(DAY, "UTC"), [WHOLE])
    assert refused.value.code == "NOT_SLICEABLE"


def latest(rows: Iterable[Row], spec: SurveyResponses) -> list[tuple]:
    """The plain function: of each person the last answer and the last dismissal."""
    found = {}
    for row in sorted(rows, key=lambda row: (row.occurred_at, row.pk)):
        known = row.person_id is not None and spec.per_person != "all"
        found[(row.person_id, row.score is None) if known else row.pk] = row
    return [
        (
            row.person_id, row.account_id, row.instrument, float(row.scale_min), float(row.scale_max), row.direction,
            None if row.score is None else float(row.score), row.score is None, row.occurred_at,
        )
        for row in found.values()
    ]  # fmt: skip


@SLOW
@given(given_answers=answers, parts=st.lists(st.tuples(ids, ids), min_size=1, max_size=3))
def test_a_slice_of_answers_is_the_plain_function_on_the_filtered_answers(acme, given_answers, parts):
    with tenant_scope(acme):
        with connection.cursor() as cursor:
            cursor.execute(CLEAR)
        people = {
            name: Person.objects.create(id=n, external_id=name) for n, name in enumerate(("ada", "bob"), 1)
        }
        firms = {name: Account.objects.create(id=n, external_id=name) for n, name in enumerate("ab", 1)}
        for number, (person, account, hour, score, instrument) in enumerate(given_answers):
            Row.objects.create(
                external_id=str(number), instrument=instrument, person=people.get(person), account=firms.get(account),
                scale_min=0, scale_max=10, score=score, occurred_at=NOON - timedelta(hours=hour),
            )  # fmt: skip
        cut = [Slice(*(None if chosen is None else frozenset(chosen) for chosen in part)) for part in parts]
        for spec in (
            SurveyResponses("nps*"),
            SurveyResponses("nps*", per_person="all"),
            SurveyResponses("nps"),
        ):
            frames = answer_slices(spec, day_window(DAY, "UTC"), cut)
            for part, frame in zip(cut, frames, strict=True):
                rows = [
                    row
                    for row in Row.objects.all()
                    if (part.accounts is None or row.account_id in part.accounts)
                    and (part.persons is None or row.person_id in part.persons)
                    and spec.instrument in {"nps*", row.instrument}
                ]
                assert sorted(frame.rows(), key=str) == sorted(latest(rows, spec), key=str), (spec, part)


@pytest.fixture
def filled(acme, globex):
    """Three accounts, two with seats; ada belongs to a. The other tenant has more."""
    items = [
        AccountItem("a", plan="pro"), AccountItem("b"), AccountItem("c"),
        SubscriptionItem("s1", "a", starts_on=DAY, seats=3, amount=Decimal(9)),
        SubscriptionItem("s2", "b", starts_on=DAY, seats=4, amount=Decimal(9)),
        MembershipItem(PersonKey(user_id="ada"), "a", NOON),
        ResponseItem("r", "nps", Decimal(0), Decimal(10), NOON, score=Decimal(9), person=PersonKey(user_id="ada")),
    ]  # fmt: skip
    for tenant in (globex, acme):
        with tenant_scope(tenant):
            store_items(
                items if tenant == acme else [*items, *(AccountItem(f"x{n}") for n in range(9))], source="web"
            )
    return acme


def of(spec: InputSpec, part: Slice) -> list[tuple]:
    (frame,) = answer_slices(spec, day_window(DAY, "UTC"), [part])
    assert list(frame.schema.items()) == list(spec.columns.items())
    return frame.rows()


def numbers(*names: str) -> frozenset[int]:
    return frozenset(Account.objects.filter(external_id__in=names).values_list("pk", flat=True))


def test_accounts_and_seats_are_those_of_the_accounts(filled):
    with tenant_scope(filled):
        wanted = numbers("b", "c")
        assert {row[0] for row in of(Accounts(), Slice(accounts=wanted))} == wanted
        assert [row[1] for row in of(Seats(), Slice(accounts=wanted))] == ["s2"]
        assert len(of(Accounts(), WHOLE)) == 3
        assert of(Seats(), WHOLE) == RESOLVERS[Seats](Seats(), day_window(DAY, "UTC")).rows()


def test_accounts_of_persons_are_those_to_which_they_belong_and_seats_are_nobodys(filled):
    with tenant_scope(filled):
        ada = frozenset(Person.objects.values_list("pk", flat=True))
        assert {row[0] for row in of(Accounts(), Slice(persons=ada))} == numbers("a")
        assert of(Accounts(), Slice(accounts=numbers("b"), persons=ada)) == []
        with pytest.raises(NotSliceableError, match="Seats cannot be restricted to persons"):
            of(Seats(), Slice(persons=ada))
        assert len(of(SurveyResponses("nps"), Slice(accounts=numbers("a")))) == 1


def test_values_are_those_of_the_subjects_in_the_slice_and_of_no_other_kind(filled):
    with tenant_scope(filled):
        wanted = numbers("a", "b")
        for account in numbers("a", "b", "c"):
            store("nps.score", account, kind="account", subject=account, day=DAY)
        spec = MetricValues(("nps.score",))
        assert {row[2] for row in of(spec, Slice(accounts=wanted))} == wanted
        with pytest.raises(NotSliceableError, match="MetricValues"):
            of(spec, Slice(persons=frozenset({1})))


def test_the_tenants_own_values_are_in_no_slice_and_keep_nobody_from_being_measured_in_one(filled):
    with tenant_scope(filled):
        store("nps.score", 7, kind="tenant", subject=0, day=DAY)
        spec = MetricValues(("nps.score",), subject_kind="tenant")
        assert len(of(spec, WHOLE)) == 1
        assert of(spec, Slice(accounts=numbers("a"))) == []


def test_what_is_in_two_slices_is_in_their_meeting_and_everything_is_in_their_hull():
    one, other = Slice(frozenset({1, 2}), frozenset({7})), Slice(frozenset({2, 3}))
    assert one.meet(other) == Slice(frozenset({2}), frozenset({7}))
    assert one.meet(WHOLE) == one
    assert hull([one, other]) == Slice(frozenset({1, 2, 3}))
    assert hull([one, WHOLE]) == WHOLE
    with sliced_by(one):
        assert slice_in_force() == one
    assert slice_in_force() == WHOLE
