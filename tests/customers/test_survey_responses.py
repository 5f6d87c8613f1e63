"""Survey responses as an input: one answer a person, whichever of the instruments that ask alike it was given to."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Person, SurveyResponse
from engage_server.customers.windows import day_window
from engage_server.sdk import SurveyResponses
from engage_server.tenancy.scope import TenantRef, tenant_scope

DAY = date(2026, 1, 31)


def respond(
    person: Person | None,
    score: float | None,
    *,
    instrument: str = "nps",
    day: date = DAY,
    scale: tuple[int, int] = (0, 10),
    direction: str = "UP",
) -> None:
    SurveyResponse.objects.create(
        external_id=f"r{SurveyResponse.objects.count()}", instrument=instrument, person=person, score=score,
        scale_min=scale[0], scale_max=scale[1], direction=direction,
        occurred_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
    )  # fmt: skip


def responses(tenant: TenantRef, day: date = DAY, **spec: Any) -> list[tuple[str, float | None]]:
    frame = RESOLVERS[SurveyResponses](
        SurveyResponses(**{"instrument": "nps*", **spec}), day_window(day, tenant.timezone)
    )
    return sorted(frame.select("instrument", "score").rows(), key=str)


@pytest.fixture
def ada(acme):
    with tenant_scope(acme):
        yield Person.objects.create(external_id="ada")


def test_a_person_who_answered_several_instruments_counts_once_with_the_last_answer(acme, ada):
    respond(ada, 10, instrument="nps_web", day=DAY - timedelta(days=2))
    respond(ada, 3, instrument="nps_mail", day=DAY - timedelta(days=1))
    respond(ada, 8, instrument="nps", day=DAY - timedelta(days=5))
    assert responses(acme) == [("nps_mail", 3.0)]
    assert len(responses(acme, per_person="all")) == 3


def test_a_later_answer_to_another_instrument_leaves_the_earlier_window_as_it_was(acme, ada):
    respond(ada, 9, instrument="nps_january")
    respond(ada, 2, instrument="nps_february", day=DAY + timedelta(days=14))
    assert responses(acme) == [("nps_january", 9.0)]
    assert responses(acme, DAY + timedelta(days=14)) == [("nps_february", 2.0)]


def test_instruments_of_another_scale_or_direction_do_not_stand_in_for_one_another(acme, ada):
    respond(ada, 6, instrument="nps_a", scale=(1, 7), day=DAY - timedelta(days=3))
    respond(ada, 2, instrument="nps_b", scale=(1, 7), direction="DOWN", day=DAY - timedelta(days=2))
    respond(ada, 4, instrument="nps_c", scale=(1, 5), day=DAY - timedelta(days=1))
    respond(ada, 7, instrument="nps_d", scale=(1, 7))
    assert responses(acme) == [("nps_b", 2.0), ("nps_c", 4.0), ("nps_d", 7.0)]


def test_a_dismissal_of_one_instrument_does_not_take_back_the_answer_to_another(acme, ada):
    respond(ada, 9, instrument="nps_web", day=DAY - timedelta(days=2))
    respond(ada, None, instrument="nps_mail", day=DAY - timedelta(days=1))
    respond(ada, None, instrument="nps_web")
    assert responses(acme) == [("nps_web", 9.0), ("nps_web", None)]


def test_merged_persons_answer_once_and_unknown_ones_each(acme, ada):
    other = Person.objects.create(external_id="ada@example.test", merged_into=ada)
    respond(ada, 9, instrument="nps_web", day=DAY - timedelta(days=1))
    respond(other, 4, instrument="nps_mail")
    respond(None, 7, instrument="nps_web")
    respond(None, 8, instrument="nps_mail")
    assert responses(acme) == [("nps_mail", 4.0), ("nps_mail", 8.0), ("nps_web", 7.0)]


def test_another_tenants_person_of_the_same_id_has_an_answer_of_its_own(acme, globex):
    for tenant, score, instrument in ((acme, 9, "nps"), (globex, 1, "nps_mail")):
        with tenant_scope(tenant):
            respond(Person.objects.create(external_id="ada"), score, instrument=instrument)
    with tenant_scope(acme):
        assert responses(acme) == [("nps", 9.0)]
    with tenant_scope(globex):
        assert responses(globex) == [("nps_mail", 1.0)]


def test_the_window_before_ends_where_the_other_begins(acme, ada):
    for back in range(5):
        respond(ada, back, day=DAY - timedelta(days=back))
    assert responses(acme, days=2, per_person="all") == [("nps", 0.0), ("nps", 1.0)]
    assert responses(acme, days=2, per_person="all", ends_before=2) == [("nps", 2.0), ("nps", 3.0)]
    # The last answer of each window.
    assert (responses(acme, days=2), responses(acme, days=2, ends_before=2)) == (
        [("nps", 0.0)],
        [("nps", 2.0)],
    )


def test_each_tenants_window_before_is_its_own(acme, globex):
    for tenant, score in ((acme, 9), (globex, 1)):
        with tenant_scope(tenant):
            respond(None, score, day=DAY - timedelta(days=3))
    for tenant, score in ((acme, 9.0), (globex, 1.0)):
        with tenant_scope(tenant):
            assert responses(tenant, days=3, ends_before=3) == [("nps", score)]
            assert responses(tenant, days=3) == []


def test_a_calendar_period_has_no_window_before():
    with pytest.raises(ValueError, match="Remedy: give days"):
        assert SurveyResponses("nps", period="month", ends_before=3).reads
