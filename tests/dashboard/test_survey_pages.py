"""A survey's link is good for one answer of one person; whatever else is sent leaves a clear page and nothing stored."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from engage_server.automation.models import SurveyInvitation
from engage_server.automation.surveys import SurveyKind
from engage_server.customers.models import Account, Membership, Person, SurveyResponse
from engage_server.ingest.items import PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations import surveys as operations
from engage_server.tenancy.scope import tenant_scope

FORM = "application/x-www-form-urlencoded"
APP = "https://app.example.com"


def person(name: str = "ada", **traits) -> int:
    store_items([PersonItem(PersonKey(user_id=name), traits)], source="t")
    return Person.objects.get(external_id=name).pk


def link(tenant, kind: str = "NPS", name: str = "ada", traits=None, **fields) -> str:
    """The path of a new survey for a new person."""
    with tenant_scope(tenant):
        person(name, **(traits or {}))
        made = operations.create_survey(f"{kind} of {name}", {"kind": kind, "origins": [APP], **fields})
        url = operations.invite_person(made.number, name).url
    return url.removeprefix("http://localhost:8000")


def stored(tenant) -> list:
    with tenant_scope(tenant):
        rows = SurveyResponse.objects.order_by("pk")
        return list(rows.values_list("instrument", "scale_min", "scale_max", "direction", "score", "text"))


def send(path: str, body: str, **headers):
    return Client(enforce_csrf_checks=True).post(path, body, content_type=FORM, headers=headers)


@pytest.mark.parametrize(
    ("kind", "score", "kept"),
    [
        ("NPS", 10, ("nps", 0, 10, "UP", 10, "Fine")),
        ("CES_1", 1, ("ces_1", 1, 5, "DOWN", 1, "Fine")),
        ("CES_2", 7, ("ces_2", 1, 7, "UP", 7, "Fine")),
        ("CSAT_STARS", 5, ("csat_stars", 1, 5, "UP", 5, "Fine")),
        ("CSAT_EMOJI", 4, ("csat_emoji", 1, 5, "UP", 4, "Fine")),
        ("TEXT", "", ("survey_text", None, None, "UP", None, "Fine")),
    ],
)
def test_each_kind_is_asked_and_kept_on_its_own_scale(acme, globex, kind, score, kept):
    path = link(acme, kind)
    page = Client().get(path)
    low, high = kept[1:3]
    assert page.status_code == 200
    assert page.content.decode().count('type="radio"') == (0 if low is None else high - low + 1)
    assert "<script" not in page.content.decode()
    assert page["X-Frame-Options"] == "DENY"
    done = send(path, f"score={score}&text=Fine")
    assert (done.status_code, stored(acme), stored(globex)) == (200, [kept], [])
    assert "Thank you" in done.content.decode()


def test_the_same_link_again_stores_nothing_more(acme):
    path = link(acme)
    send(path, "score=9")
    for again in (Client().get(path), send(path, "score=1"), send(path, "dismiss=1")):
        assert (again.status_code, "Answered already" in again.content.decode()) == (409, True)
    assert [row[4] for row in stored(acme)] == [9]


def test_who_would_not_answer_is_a_dismissal_of_that_scale(acme):
    path = link(acme, "CES_2")
    assert "As you like" in send(path, "dismiss=1").content.decode()
    assert stored(acme) == [("ces_2", 1, 7, "UP", None, "")]
    assert send(path, "score=7").status_code == 409
    words = link(acme, "TEXT", "bob")
    assert send(words, "dismiss=1").status_code == 200
    assert send(words, "text=Late").status_code == 409
    assert len(stored(acme)) == 1


@pytest.mark.parametrize("body", ["", "score=", "score=11", "score=-1", "score=9.5", "score=x", "score=1000"])
def test_an_answer_off_the_scale_is_asked_for_again_and_not_stored(acme, body):
    path = link(acme)
    page = send(path, f"{body}&text=My+words")
    assert (page.status_code, stored(acme)) == (400, [])
    assert "Choose one of the answers" in page.content.decode()
    assert "My words" in page.content.decode()
    assert send(path, "score=9").status_code == 200


def test_a_forged_link_another_tenants_host_and_another_page_store_nothing(acme, globex):
    path = link(acme)
    for bad in (
        path[:-1],
        path.replace(f"/survey/{acme.id}.", f"/survey/{globex.id}."),
        "/survey/x",
        "/survey/1.1.1:x",
    ):
        page = send(bad, "score=9")
        assert (page.status_code, "This link does not work" in page.content.decode()) == (404, True)
    for headers in ({"Host": "globex.localhost"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert send(path, "score=9", **headers).status_code == 403
    assert (stored(acme), stored(globex)) == ([], [])
    assert send(path, "score=9", Host="acme.localhost", Origin="http://acme.localhost").status_code == 200


def expired(path, tenant):
    SurveyInvitation.objects.update(ends_at=timezone.now() - timedelta(seconds=1))


def erased(path, tenant):
    Person.objects.all().delete()


def suppressed(path, tenant):
    Person.objects.update(is_suppressed=True)


def without_consent(path, tenant):
    Person.objects.update(consents=False)


def retired(path, tenant):
    operations.retire_survey(1)


@pytest.mark.parametrize("ended", [expired, erased, suppressed, without_consent, retired])
def test_what_is_over_says_so_and_stores_nothing(acme, ended):
    path = link(acme)
    with tenant_scope(acme):
        ended(path, acme)
    for page in (Client().get(path), send(path, "score=9")):
        assert (page.status_code, "This survey is over" in page.content.decode()) == (410, True)
    assert stored(acme) == []


def test_a_frame_is_shown_by_the_named_origins_alone(acme):
    path = f"{link(acme)}/frame"
    framed = {"Sec-Fetch-Dest": "iframe"}
    page = Client().get(path, headers={**framed, "Referer": f"{APP}/here"})
    assert page["Content-Security-Policy"].endswith(f"frame-ancestors {APP}")
    assert "X-Frame-Options" not in page.headers
    page = Client().get(path, headers={**framed, "Referer": "https://evil.example/"})
    assert (page.status_code, "Not in this frame" in page.content.decode()) == (403, True)
    none = link(acme, "CES_2", "bob", origins=[])
    assert Client().get(f"{none}/frame").status_code == 403
    assert send(f"{none}/frame", "score=1").status_code == 403
    assert stored(acme) == []
    assert send(path, "score=3").status_code == 200


def test_the_page_speaks_the_language_of_the_person_and_of_its_own_words(acme):
    path = link(acme, traits={"language": "ko"}, question="Would you?", question_ko="추천하시겠습니까?")
    assert "추천하시겠습니까?" in Client().get(path).content.decode()
    assert "Would you?" in Client().get(f"{path}?language=en").content.decode()
    assert "고맙습니다" in send(path, "score=9").content.decode()


def test_an_answer_is_filed_under_the_person_and_its_one_account(acme):
    with tenant_scope(acme):
        account = Account.objects.create(external_id="bank")
        Membership.objects.create(person_id=person(), account=account, starts_at=timezone.now())
    send(link(acme), "score=9")
    with tenant_scope(acme):
        (row,) = SurveyResponse.objects.select_related("person", "account")
        assert (row.person.external_id, row.account.external_id) == ("ada", "bank")


def test_words_are_bounded_and_harmless(acme):
    path = link(acme)
    assert send(path, "score=9&text=" + "x" * 5_001).status_code == 400
    assert send(path, "score=x&text=<script>alert(1)</script>").content.decode().count("<script") == 0
    assert send(path, "score=9&text=a%00b%ED%A0%80").status_code == 200
    assert [row[5][:2] for row in stored(acme)] == ["ab"]


def test_every_kind_has_words_in_both_languages():
    from engage_server.automation.survey_texts import QUESTIONS
    from engage_server.dashboard.customer_texts import TEXTS

    assert {kind for texts in QUESTIONS.values() for kind in texts} == set(SurveyKind)
    assert TEXTS["en"].keys() == TEXTS["ko"].keys()
