"""Values of the plugin ``reach``, and what is asked of them."""

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.api.rich import STORED
from tests.metrics.values import store

TYPED = """persons share revenue since seenAt band isNew loudest
    firstStep { name taken band } steps { name taken band } words"""
COMMON = """metric subjectKind label day value status n ageDays definitionVersion configurationVersion revision
    unit(language: "ko") direction noInterval normalised window { timezone } definition { id }
    benchmarks { statement low } interval { low high level method } subject { ... on Account { name } }"""


def viewer(at: Caller) -> Caller:
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.METRICS_READ}))
    return Caller(at.tenant, make_key(at.tenant, request).text, at.host)


def fill(
    at: Caller, values: dict[str, float | None], name: str = "reach.breadth", **changes
) -> dict[str, int]:
    """Accounts with these values; their plans are theirs alone."""
    pks = {}
    with tenant_scope(at.tenant):
        for label, value in values.items():
            row, _ = Account.objects.get_or_create(
                external_id=label, defaults={"name": label, "plan": f"plan {label}"}
            )
            pks[label] = row.pk
            store(name, value, kind="account", subject=row.pk, **{"details": STORED, **changes})
    return pks


def labels(page) -> list[str]:
    return [edge["node"]["label"] for edge in page["edges"]]
