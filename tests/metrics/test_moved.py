"""What moved is ordered by how far out it is, knows its segments, and names the accounts behind it."""

from datetime import timedelta

from engage_server.customers.models import Account
from engage_server.metrics.anomalies import WHOLE
from engage_server.metrics.histories import histories
from engage_server.metrics.moved import KINDS, first_read, movements, movers
from engage_server.metrics.reader import StoredMetricReader
from engage_server.sdk import TENANT, Subject
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import DAY, store


def fill(metric: str, *, falls: float, since: int, kind: str = "tenant", subject: int = 0) -> None:
    """Nine weeks of values around 100; the last ``since`` days lie lower."""
    for back in range(WHOLE):
        value = 100 + back % 3 - (falls if back < since else 0)
        store(
            metric, value, kind=kind, subject=subject, day=DAY - timedelta(days=back), n=50, details={},
            contributions=[],
        )  # fmt: skip


def test_the_farthest_out_comes_first_with_size_onset_and_day_to_compare_with(
    acme, globex, django_assert_num_queries
):
    with tenant_scope(globex):
        fill("mood.score", falls=90, since=5)
    with tenant_scope(acme):
        fill("mood.score", falls=20, since=3)
        fill("mood.calm", falls=0, since=0)
        fill("mood.height", falls=60, since=1)
        fill("mood.score", falls=30, since=2, kind="segment", subject=4)
        fill("mood.calm", falls=40, since=2, kind="segment", subject=4)
        with django_assert_num_queries(1):
            read = histories(
                ["mood.score", "mood.calm", "mood.height"], KINDS, first=first_read(DAY, days=7), last=DAY
            )
        found = movements(read, DAY)
    assert [(one.metric, one.subject) for one in found] == [
        ("mood.height", TENANT), ("mood.calm", Subject("segment", 4)), ("mood.score", TENANT),
    ]  # fmt: skip
    height, _, score = found
    assert (score.since, score.days, score.is_ongoing) == (DAY - timedelta(days=2), 3, True)
    assert -23 < (score.peak.size or 0) < -17
    assert [(one.metric, one.subject.id) for one in score.segments] == [("mood.score", 4)]
    assert height.before == DAY - timedelta(days=7)
    assert (score.since - score.before).days > 0
    assert score.before.weekday() == score.peak.day.weekday()
    with tenant_scope(globex):
        (theirs,) = movements(histories(["mood.score"], KINDS, first=first_read(DAY, days=7), last=DAY), DAY)
    assert theirs.since == DAY - timedelta(days=4)


def test_accounts_that_moved_come_before_those_that_came_or_went(acme):
    week = DAY - timedelta(days=7)
    with tenant_scope(acme):
        pks = [Account.objects.create(external_id=f"a{n}", name=f"A{n}").pk for n in range(4)]
        for pk, before, after in zip(pks, (10, 50, 30, None), (90, 50, None, 70), strict=True):
            for day, value in ((week, before), (DAY, after)):
                if value is not None:
                    store("mood.score", value, kind="account", subject=pk, day=day, details={})
        reader = StoredMetricReader()
        found = movers(
            reader.by_subject("mood.score", "account", week), reader.by_subject("mood.score", "account", DAY)
        )
    assert [(one.label, one.before, one.after, one.change) for one in found] == [
        ("A0", 10, 90, 80), ("A3", None, 70, None), ("A2", 30, None, None),
    ]  # fmt: skip
