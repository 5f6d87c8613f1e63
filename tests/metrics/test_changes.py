"""Changes of stored values are explained from their revisions; nothing is read of another tenant."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engage_server.customers.models import Account
from engage_server.metrics.change_sentences import sentence
from engage_server.metrics.changes import change_by_members, change_of
from engage_server.metrics.explanation import Kind
from engage_server.metrics.reader import StoredMetricReader
from engage_server.metrics.revisions import restated_since, revisions_of
from engage_server.sdk import TENANT, account
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import DAY, store

LATER = DAY + timedelta(days=7)
MOMENT = datetime(2026, 4, 2, tzinfo=UTC)


def parts(**points: float) -> list[dict]:
    return [
        {"key": key, "label": key.title(), "value": point, "points": point} for key, point in points.items()
    ]


def restated(**fields) -> None:
    """Seen as 10, then 12 after late events; a week later 20."""
    store("mood.score", 9, status="PARTIAL", superseded_at=MOMENT, contributions=parts(a=9), **fields)
    store(
        "mood.score",
        10,
        revision=2,
        superseded_at=MOMENT,
        reason="the period ended",
        contributions=parts(a=10),
        **fields,
    )
    store("mood.score", 12, revision=3, reason=f"events of {DAY}", contributions=parts(a=12), **fields)
    store("mood.score", 20, day=LATER, contributions=parts(a=15, b=5), **fields)


def test_a_change_is_from_what_was_seen_and_late_data_are_told_apart(acme):
    with tenant_scope(acme):
        restated()
        reader = StoredMetricReader()
        explained = change_of(
            reader.revisions("mood.score", TENANT, DAY), reader.latest("mood.score", TENANT)
        )
    assert (explained.before, explained.after, explained.change) == (10, 20, 10)
    assert [(cause.kind, cause.key, cause.change) for cause in explained.causes] == [
        (Kind.CAME, "b", 5), (Kind.MOVED, "a", 3), (Kind.LATE_DATA, "corrected", 2),
    ]  # fmt: skip
    assert sentence(explained) == (
        f"Up 10, from 10 to 20: B came +5; A +3 (12 to 15); corrected since (events of {DAY}) +2."
    )


def test_a_page_of_accounts_takes_one_statement(acme, django_assert_num_queries):
    with tenant_scope(acme):
        pks = [Account.objects.create(external_id=f"a{n}").pk for n in range(20)]
        for pk in pks:
            restated(kind="account", subject=pk)
        reader = StoredMetricReader()
        reader.expect("account", pks)
        with django_assert_num_queries(1):
            found = [reader.revisions("mood.score", account(pk), DAY) for pk in pks]
        assert [[one.value.revision for one in of_one] for of_one in found] == [[1, 2, 3]] * 20
        assert {one.value.subject.id for of_one in found for one in of_one} == set(pks)


def test_the_tenants_mean_is_split_by_the_accounts_that_moved_joined_and_left(acme):
    with tenant_scope(acme):
        for day, of_accounts in ((DAY, {1: 40, 2: 60}), (LATER, {1: 50, 3: 80})):
            store("mood.score", sum(of_accounts.values()) / 2, day=day, contributions=[])
            for id, value in of_accounts.items():
                store("mood.score", value, kind="account", subject=id, day=day)
        reader = StoredMetricReader()
        explained = change_by_members(
            reader.revisions("mood.score", TENANT, DAY),
            reader.latest("mood.score", TENANT, LATER),
            members_before=reader.by_subject("mood.score", "account", DAY),
            members_after=reader.by_subject("mood.score", "account", LATER),
        )
    assert {cause.key: (cause.kind, cause.change) for cause in explained.causes} == {
        "3": (Kind.JOINED, 15), "1": (Kind.MOVED, 5), "2": (Kind.LEFT, -5),
    }  # fmt: skip
    assert sum(cause.change for cause in explained.causes) == explained.change == Decimal(15)


def test_what_was_restated_since_a_moment_is_found_newest_first_and_in_its_own_tenant_alone(acme, globex):
    with tenant_scope(acme):
        restated()
        asked = {"kinds": ["tenant"], "limit": 10}
        (found,) = restated_since(MOMENT - timedelta(seconds=1), **asked)
        assert (found.metric, found.subject_kind, found.day) == ("mood.score", "tenant", DAY)
        assert restated_since(MOMENT, **asked) == []
        assert restated_since(MOMENT - timedelta(days=1), kinds=["account"], limit=10) == []
    with tenant_scope(globex):
        assert restated_since(MOMENT - timedelta(days=1), **asked) == []
        assert revisions_of("mood.score", "tenant", DAY) == []
