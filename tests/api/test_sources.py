"""Sources over GraphQL: read by those who read metrics, described by those who configure."""

from engage_server.access.models import ApiKey
from engage_server.activity.models import Source
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

LIST = """
    query ($after: String) {
        sources(first: 1, after: $after) {
            edges { cursor node { name side environment } }
        }
    }
"""
SET = 'mutation { updateSource(input: {name: "web", side: CLIENT}) { source { name side environment } } }'


def test_sources_are_described_and_read_a_page_at_a_time(at_acme, at_globex):
    admin = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)
    web = {"name": "web", "side": "CLIENT", "environment": "LIVE"}
    assert admin.data(SET) == {"updateSource": {"source": web}}
    app = admin.data(
        'mutation { updateSource(input: {name: "app", environment: TEST}) { source { name side environment } } }'
    )
    (first,) = at_acme.data(LIST)["sources"]["edges"]
    assert first["node"] == web
    assert at_acme.nodes(LIST, after=first["cursor"]) == [app["updateSource"]["source"]]
    assert at_globex.nodes(LIST) == []
    assert admin.code('mutation { updateSource(input: {name: ""}) { source { name } } }') == "BAD_USER_INPUT"


def test_readers_describe_nothing(at_acme):
    assert at_acme.code(SET) == "FORBIDDEN"
    with tenant_scope(at_acme.tenant):
        assert not Source.objects.exists()
