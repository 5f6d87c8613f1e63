"""A question that takes longer than a request is answered by a worker, once, with progress, and goes on where one died."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from engage_server.engine import computations, dispatcher
from engage_server.engine.computations import computation, open_computation, work_on
from engage_server.engine.erasure import forget_answers
from engage_server.engine.exceptions import TooManyAnswersError, UnknownComputationError, UnknownMetricError
from engage_server.engine.models import Computation
from engage_server.engine.questions import Question, answers
from engage_server.engine.tasks import answer_question, start_computation
from engage_server.ingest.store import store_items
from engage_server.plugin_host.activation import disable
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.engine.test_questions import DAY, FIRMS, items_of

QUESTION = Question(metric="nps.score", first=DAY - timedelta(days=3), last=DAY, group_by="plan")


@pytest.fixture
def filled(acme: TenantRef, globex: TenantRef) -> TenantRef:
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items(items_of(FIRMS), source="web")
    return acme


def jobs() -> list[dict]:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'engage.answer_question'")
        return [json.loads(args) for (args,) in cursor.fetchall()]


def change(**changes: object) -> None:
    with shared_scope():
        Computation.objects.update(**changes)


def test_a_worker_answers_what_a_request_would_have_been_told(filled, globex):
    with tenant_scope(filled):
        opened = start_computation(QUESTION)
        assert (computation(opened.id).row.state, computation(opened.id).row.total) == ("PENDING", 4)
    assert jobs() == [{"tenant_id": filled.id, "computation": str(opened.id)}]
    answer_question(**jobs()[0])
    with tenant_scope(filled):
        kept = computation(opened.id)
        assert (kept.row.state, kept.row.done, kept.row.error) == ("DONE", 4, "")
        wanted = [one for of_day in answers(QUESTION) for one in of_day]
        plain = [(one.group, one.value.day, one.value.value, one.value.n) for one in wanted]
        assert [(one.group, one.value.day, one.value.value, one.value.n) for one in kept.values] == plain
        assert kept.values[0].value.window_end == wanted[0].value.window_end
    with tenant_scope(globex), pytest.raises(UnknownComputationError, match=str(opened.id)):
        computation(opened.id)


def test_one_that_lost_its_worker_goes_on_from_what_was_kept(filled, monkeypatch):
    with tenant_scope(filled):
        id = open_computation(QUESTION).id
    monkeypatch.setattr(computations, "KEEP_EVERY_S", 0.0)

    class Killed(BaseException):
        pass

    def dying(question, **more):
        for number, of_day in enumerate(answers(question, **more)):
            if number == 2:
                raise Killed
            yield of_day

    with monkeypatch.context() as patch:
        patch.setattr(computations, "answers", dying)
        with pytest.raises(Killed):
            work_on(filled, id)
    work_on(filled, id)  # in other hands as far as anybody knows
    with tenant_scope(filled):
        assert (computation(id).row.state, computation(id).row.done) == ("RUNNING", 2)
    change(lease_until=timezone.now() - timedelta(seconds=1))
    dispatcher.tidy()
    assert [job["computation"] for job in jobs()] == [str(id)]
    dispatcher.tidy()
    assert len(jobs()) == 1
    work_on(filled, id)
    with tenant_scope(filled):
        kept = computation(id)
        assert (kept.row.state, kept.row.done) == ("DONE", 4)
        assert [one.value.day for one in kept.values[::2]] == QUESTION.days


def test_one_that_cannot_be_answered_says_why(filled):
    with tenant_scope(filled):
        id = open_computation(QUESTION.model_copy(update={"group_by": "colour"})).id
        other = open_computation(QUESTION).id
        disable("nps")
    for one in (id, other):
        work_on(filled, one)
    with tenant_scope(filled):
        assert (computation(id).row.state, computation(id).row.code) == ("FAILED", "PLUGIN_DISABLED")
    with tenant_scope(filled):
        row = computation(other).row
        assert (row.state, row.code) == ("FAILED", "PLUGIN_DISABLED")
        assert "Remedy" in row.error


def test_a_group_that_nobody_has_fails_with_its_own_code(filled):
    with tenant_scope(filled):
        id = open_computation(QUESTION.model_copy(update={"group_by": "colour"})).id
    work_on(filled, id)
    with tenant_scope(filled):
        assert computation(id).row.code == "UNKNOWN_DIMENSION"


def test_what_is_too_much_or_about_nothing_is_refused_at_once(filled):
    with tenant_scope(filled):
        with pytest.raises(TooManyAnswersError):
            open_computation(QUESTION.model_copy(update={"first": DAY - timedelta(days=400)}))
        with pytest.raises(UnknownMetricError):
            open_computation(QUESTION.model_copy(update={"metric": "nps.scroe"}))
        for _ in range(computations.MOST_OPEN):
            open_computation(QUESTION)
        with pytest.raises(TooManyAnswersError, match="open already"):
            open_computation(QUESTION)


def test_old_answers_are_forgotten_and_an_erasure_forgets_all_of_its_tenant(filled, globex):
    for tenant in (filled, globex):
        with tenant_scope(tenant):
            open_computation(QUESTION)
    with tenant_scope(filled):
        assert forget_answers() == 1
    with shared_scope():
        assert [one.tenant_id for one in Computation.objects.all()] == [globex.id]
    change(created_at=timezone.now() - timedelta(days=31))
    dispatcher.tidy()
    with shared_scope():
        assert not Computation.objects.exists()
