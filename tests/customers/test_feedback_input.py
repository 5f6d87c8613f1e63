"""Feedback as an input: every text with what it is filed under, in its own tenant, and never the words."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from engage_server.customers.erasure import remove_responses
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account, Membership, Person, SurveyResponse
from engage_server.customers.windows import day_window
from engage_server.sdk import Feedback, SurveyResponses
from engage_server.tenancy.scope import TenantRef, tenant_scope

DAY = date(2026, 1, 31)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def give(text: str, **fields: Any) -> SurveyResponse:
    number = SurveyResponse.objects.count()
    known = {"instrument": "feedback", "occurred_at": NOON, "text": text}
    return SurveyResponse.objects.create(external_id=f"f{number}", **{**known, **fields})


def given(tenant: TenantRef, *columns: str, **spec: Any) -> list[tuple[Any, ...]]:
    frame = RESOLVERS[Feedback](Feedback(**spec), day_window(DAY, tenant.timezone))
    return frame.sort("occurred_at", "given_by").select(columns).rows()


@pytest.fixture
def inside(acme):
    with tenant_scope(acme):
        yield acme


def test_a_text_comes_with_all_that_it_is_filed_under_and_without_its_words(inside):
    give("Slow.", tags=["speed", "ui"], metric="nps.score", given_by="STAFF")
    answer = {"scale_min": 0, "scale_max": 10, "score": 3, "instrument": "nps"}
    give("Too dear.", occurred_at=NOON - timedelta(hours=1), **answer)
    give("", occurred_at=NOON, **answer)
    assert given(inside, "instrument", "given_by", "metric", "tags", "score") == [
        ("nps", "CUSTOMER", "", [], 3.0),
        ("feedback", "STAFF", "nps.score", ["speed", "ui"], None),
    ]
    assert "text" not in Feedback.columns


def test_the_account_is_the_one_named_or_the_one_of_the_person_then(inside):
    ada, firm, named = (
        Person.objects.create(external_id="ada"),
        Account.objects.create(external_id="firm"),
        Account.objects.create(external_id="named"),
    )
    Membership.objects.create(person=ada, account=firm, starts_at=NOON - timedelta(days=9))
    give("one", person=ada)
    give("two", person=ada, account=named, occurred_at=NOON + timedelta(minutes=1))
    assert given(inside, "person", "account") == [(ada.pk, firm.pk), (ada.pk, named.pk)]


def test_words_of_bots_and_test_users_are_left_out(inside):
    give("x", person=Person.objects.create(external_id="bot", is_excluded=True))
    assert given(inside, "person") == []


def test_windows_end_with_the_day_or_before(inside):
    for back in range(4):
        give(str(back), occurred_at=NOON - timedelta(days=back), tags=[str(back)])
    assert given(inside, "tags", days=2) == [(["1"],), (["0"],)]
    assert given(inside, "tags", days=2, ends_before=2) == [(["3"],), (["2"],)]


def test_feedback_without_a_scale_is_no_answer_to_a_survey(inside):
    give("x", instrument="nps")
    frame = RESOLVERS[SurveyResponses](SurveyResponses("nps"), day_window(DAY, inside.timezone))
    assert frame.height == 0


@pytest.mark.parametrize("broken", [{"text": ""}, {"text": "x", "score": 3}, {"text": "x", "scale_min": 0}])
def test_what_has_neither_a_scale_nor_a_text_cannot_be_stored(inside, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        give(**broken)


def test_each_tenant_sees_its_own_and_an_erased_persons_words_are_gone_in_one_alone(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            give("x", person=Person.objects.create(external_id="ada"), tags=[tenant.slug])
    with tenant_scope(acme):
        assert given(acme, "tags") == [(["acme"],)]
        remove_responses([Person.objects.get().pk])
        assert given(acme, "tags") == []
    with tenant_scope(globex):
        assert given(globex, "tags") == [(["globex"],)]
