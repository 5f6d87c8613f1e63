"""A signed-in browser asks with its cookie and our page's token; nobody else can have it ask."""

import json

import pytest
from django.conf import settings
from django.test import Client

from engage_server.access.models import ApiKey, User
from engage_server.access.principal import Role
from engage_server.operations.keys import create_key
from engage_server.operations.members import change_role, invite_member, remove_member
from engage_server.tenancy import services
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import current_scope, shared_scope
from tests.access.people import Browser, member, operator_of, unread_body

ADA = "ada@example.com"
TENANT = "{ tenant { slug } }"


@pytest.fixture
def ada(acme) -> User:
    return member(acme, ADA)


class Page(Browser):
    """GraphiQL or a dashboard in a browser in which Ada is signed in."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.sign_in(ADA)
        self.csrf = self.token("/people/")

    def post(self, query: str = TENANT, **headers: str):
        headers = {"X-CSRFToken": self.csrf, **headers}
        return self.client.post(
            "/graphql", json.dumps({"query": query}), content_type="application/json", headers=headers
        )

    def slug(self) -> str:
        response = self.post()
        assert response.status_code == 200, response.content
        return response.json()["data"]["tenant"]["slug"]

    def refused(self, **headers: str) -> tuple[int, str]:
        response = self.post(**headers)
        assert "data" not in response.json()
        return response.status_code, response.json()["errors"][0]["extensions"]["code"]


def test_a_signed_in_member_asks_at_the_tenants_host(ada):
    page = Page("acme.localhost")
    assert page.slug() == "acme"
    assert current_scope() is None


def test_without_the_token_a_cookie_opens_nothing(ada):
    page = Page("acme.localhost")
    page.csrf = "x" * 64
    assert page.refused() == (403, "FOREIGN_PAGE")
    body = json.dumps({"query": TENANT})
    bare = page.client.post("/graphql", body, content_type="application/json")
    assert bare.status_code == 403
    assert "X-CSRFToken" in bare.json()["errors"][0]["message"]


def test_another_browsers_token_opens_nothing(ada, acme):
    member(acme, "eve@example.com")
    eve = Browser("acme.localhost")
    eve.sign_in("eve@example.com")
    page = Page("acme.localhost")
    page.csrf = eve.token("/people/")
    assert page.refused() == (403, "FOREIGN_PAGE")


def test_a_form_of_a_foreign_page_opens_nothing_even_with_a_token_in_it(ada):
    page = Page("acme.localhost")
    response = page.client.post("/graphql", {"csrfmiddlewaretoken": page.csrf, "query": TENANT})
    assert response.status_code == 415


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=b", 415),
        ("application/json", 413),
    ],
)
def test_of_what_is_no_query_not_one_byte_is_read_before_it_is_known_who_asks(acme, content_type, status):
    token = {"X-CSRFToken": "x" * 32}
    stranger = Client(enforce_csrf_checks=True, headers=token, HTTP_HOST="acme.localhost")
    stranger.cookies["sessionid"] = stranger.cookies["csrftoken"] = "x" * 32
    assert stranger.generic("POST", "/graphql", **unread_body(content_type)).status_code == status


def test_a_foreign_origin_opens_nothing(ada):
    page = Page("acme.localhost")
    assert page.refused(Origin="http://evil.example") == (403, "FOREIGN_PAGE")


def test_with_a_key_no_cookie_is_looked_at(ada, globex):
    page = Page("localhost")
    key = create_key(globex, ApiKey.Kind.QUERY)
    response = page.post(Authorization=f"Bearer {key}")
    assert response.json() == {"data": {"tenant": {"slug": "globex"}}, **_rest(response)}
    assert page.refused(Authorization="Bearer nonsense") == (401, "UNAUTHENTICATED")
    assert page.refused(Authorization="Basic nonsense") == (401, "UNAUTHENTICATED")


def _rest(response) -> dict:
    return {name: value for name, value in response.json().items() if name != "data"}


def test_at_anothers_host_a_member_is_refused(ada, globex):
    page = Page("globex.localhost")
    assert page.refused() == (403, "NOT_A_MEMBER")


def test_a_session_taken_to_another_tenants_host_opens_nothing_there(ada, globex):
    page = Page("acme.localhost")
    assert page.slug() == "acme"
    page.client.defaults["HTTP_HOST"] = "globex.localhost"
    assert page.refused() == (403, "NOT_A_MEMBER")


def test_a_choice_made_elsewhere_does_not_follow_to_a_tenants_host(ada, acme, globex):
    invite_member(operator_of(globex), email=ADA, role=Role.VIEWER)
    page = Page("localhost")
    page.submit("/people/", to="/people/tenant", tenant="globex")
    assert page.slug() == "globex"
    page.client.defaults["HTTP_HOST"] = "acme.localhost"
    assert page.slug() == "acme"


def test_a_member_of_two_tenants_has_to_choose_at_the_servers_own_host(ada, globex):
    page = Page("localhost")
    assert page.slug() == "acme"
    invite_member(operator_of(globex), email=ADA, role=Role.VIEWER)
    response = page.post()
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "NO_TENANT_CHOSEN"
    assert "/people/" in response.json()["errors"][0]["message"]
    page.submit("/people/", to="/people/tenant", tenant="globex")
    assert page.slug() == "globex"


def test_a_removed_member_is_refused_at_once(ada, acme):
    page = Page("acme.localhost")
    assert page.slug() == "acme"
    remove_member(operator_of(acme), email=ADA)
    assert page.refused() == (403, "NOT_A_MEMBER")


def test_a_tenant_chosen_before_the_membership_ended_is_not_replaced_by_another(ada, acme, globex):
    invite_member(operator_of(globex), email=ADA, role=Role.VIEWER)
    page = Page("localhost")
    page.submit("/people/", to="/people/tenant", tenant="globex")
    remove_member(operator_of(globex), email=ADA)
    assert page.refused() == (403, "NOT_A_MEMBER")


def test_another_role_counts_from_the_next_request(ada, acme):
    page = Page("acme.localhost")
    assert page.post('mutation { enablePlugin(input: {plugin: "none"}) { plugin { id } } }').json()["errors"][
        0
    ]["extensions"]["code"] == ("FORBIDDEN")
    change_role(operator_of(acme), email=ADA, role=Role.ADMIN)
    assert page.post('mutation { enablePlugin(input: {plugin: "none"}) { plugin { id } } }').json()["errors"][
        0
    ]["extensions"]["code"] == ("NOT_FOUND")


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_a_locked_person_and_one_with_another_password_are_refused_at_once(ada, change):
    page = Page("acme.localhost")
    assert page.slug() == "acme"
    with shared_scope():
        User.objects.update(**change)
    assert page.refused() == (401, "UNAUTHENTICATED")


def test_a_suspended_tenant_is_not_served_to_its_members(ada):
    page = Page("acme.localhost")
    services.set_status("acme", Tenant.Status.SUSPENDED)
    assert page.refused() == (403, "TENANT_SUSPENDED")


@pytest.mark.parametrize("cookie", ["", "x", "x" * 32, "../../etc/passwd", "é"])
def test_a_made_up_session_opens_nothing(ada, cookie):
    page = Page("acme.localhost")
    page.client.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert page.refused() == (401, "UNAUTHENTICATED")


def test_a_session_outlives_a_new_secret_key_while_the_former_is_kept(ada, settings):
    page = Page("acme.localhost")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "1" * 50
    assert page.slug() == "acme"
    settings.SECRET_KEY_FALLBACKS = []
    assert page.refused() == (401, "UNAUTHENTICATED")


def test_the_page_to_try_queries_has_the_token_only_where_somebody_is_signed_in(ada):
    page = Page("acme.localhost")
    html = {"accept": "text/html"}
    page.csrf = (
        page.client.get("/graphql", headers=html).content.decode().partition('csrf-token" content="')[2][:64]
    )
    assert page.slug() == "acme"
    stranger = Client().get("/graphql", headers=html)
    assert b"csrf-token" not in stranger.content
    assert not stranger.cookies
