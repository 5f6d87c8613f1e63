"""What the server does on a Citus cluster, as far as one server shows it; the suite itself runs on one by DATABASE_URL."""

from dataclasses import replace

import psycopg
import pytest
from django.db import IntegrityError, connection
from psycopg import errors

from engage_server.engine import problems
from engage_server.operations.moves.move import move_tenant
from engage_server.operations.tenants import onboard
from engage_server.tenancy import citus, schemas, services, spare_schemas, walls
from engage_server.tenancy.citus import Node
from engage_server.tenancy.exceptions import CitusError, NodeAwayError, UnknownTenantError
from engage_server.tenancy.postgresql.remote_errors import as_told_by_text
from engage_server.tenancy.postgresql.scripts import run_script
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.templates import template_statements

UP, AWAY = Node("10.0.0.2:5432", True, "1"), Node("10.0.0.3:5432", False, "")


@pytest.fixture
def cluster(monkeypatch):
    """The server is taken for a cluster of these two workers."""
    monkeypatch.setattr(citus, "in_use", lambda: True)
    monkeypatch.setattr(citus, "ask_workers", lambda question: [UP, AWAY])


def test_a_plain_server_is_no_cluster(one_server):
    assert (citus.in_use(), citus.nodes()) == (False, [])
    citus.require_ready()
    citus.refuse("nothing is done")


def test_a_cluster_that_was_asked_for_and_is_none_is_refused_with_what_to_do(one_server, settings):
    settings.ENGAGE_CITUS = True
    with pytest.raises(CitusError, match=r"no extension citus\. Remedy: as a superuser, CREATE EXTENSION"):
        citus.require_ready()


def test_roles_may_log_in_on_a_cluster_alone(one_server, monkeypatch):
    tenant = schemas.scratch()
    schemas.create_role(tenant)
    assert not may_log_in(tenant.schema)
    monkeypatch.setattr(citus, "in_use", lambda: True)
    other = schemas.scratch()
    schemas.create_role(other)
    assert may_log_in(other.schema)


def may_log_in(role: str) -> bool:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [role])
        return bool(cursor.fetchone()[0])


def test_no_tenant_is_made_while_a_node_is_away_and_it_is_named(one_server, cluster):
    with pytest.raises(NodeAwayError, match=r"away \(10\.0\.0\.3:5432\), and making a tenant concerns all"):
        citus.require_nodes("making a tenant")


@pytest.mark.django_db(transaction=True)
def test_a_tenant_that_is_not_made_for_a_node_leaves_nothing(one_server, cluster):
    with pytest.raises(NodeAwayError):
        onboard(slug="acme", name="Acme", domain="acme.localhost", timezone="UTC")
    with pytest.raises(UnknownTenantError):
        services.find_tenant("acme")
    assert spare_schemas.count_ready() == 0


def test_on_a_cluster_a_tenant_is_not_moved_to_a_cell(acme, globex, cluster, monkeypatch):
    monkeypatch.setattr("engage_server.operations.moves.move.own_cell", lambda: "one")
    monkeypatch.setattr("engage_server.operations.moves.move.cell", lambda name: name)
    for tenant in (acme, globex):
        with pytest.raises(Exception, match="moved between workers by Citus itself"):
            move_tenant(tenant.slug, "two")


def test_open_walls_of_a_node_are_told_with_its_name(acme, globex, cluster, monkeypatch):
    def answer(question: str) -> list[Node]:
        return [replace(UP, answer="the role is gone" if acme.schema in question else "")]

    monkeypatch.setattr(citus, "ask_workers", answer)
    assert walls.faults_of(acme)[-1:] == ["the role is gone (node 10.0.0.2:5432)"]
    assert walls.faults_of(globex) == []


def test_status_names_the_node_that_is_away(one_server, cluster):
    standing = problems.read_standing()
    assert [node.name for node in standing.nodes] == [UP.name, AWAY.name]
    told = [text for text in problems.find(standing) if "of the database is away" in text]
    assert len(told) == 1
    assert AWAY.name in told[0]


def test_the_workers_say_whose_logs_wait(monkeypatch):
    told = [replace(UP, answer='["t_one", "t_two"]'), AWAY, replace(UP, answer="[]")]
    monkeypatch.setattr(citus, "ask_workers", lambda question: told)
    assert citus.schemas_with_rows("activity_eventdelta") == ["t_one", "t_two"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('duplicate key value violates unique constraint "activity_event_pkey_102008"', errors.UniqueViolation),
        ('invalid input syntax for type json', errors.InvalidTextRepresentation),
        ('null value in column "a" of relation "b" violates not-null constraint', errors.NotNullViolation),
        ("unsupported Unicode escape sequence", errors.UntranslatableCharacter),
    ],
)  # fmt: skip
def test_an_error_of_a_worker_is_what_its_text_says(text, kind):
    told = as_told_by_text(errors.InternalError_(f"{text}\nDETAIL:  more"))
    assert (type(told), str(told)) == (kind, f"{text}\nDETAIL:  more")


@pytest.mark.parametrize(
    "error", [None, errors.InternalError_("cache lookup failed"), errors.UniqueViolation("out of range")]
)
def test_other_errors_stay_what_they_are(error):
    assert as_told_by_text(error) is None


def test_a_repeated_key_that_comes_as_an_internal_error_is_one_for_whoever_stores(db):
    with shared_scope(), pytest.raises(IntegrityError) as caught, connection.wrap_database_errors:
        raise errors.InternalError_("duplicate key value violates unique constraint")
    assert isinstance(caught.value.__cause__, psycopg.errors.UniqueViolation)


class Sent:
    """A cursor that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[object] = []

    def execute(self, message: object) -> None:
        self.messages.append(message)


def test_a_script_is_one_message_or_one_each():
    together, single = Sent(), Sent()
    run_script(together, ["SELECT 1", "SELECT 2"], one_by_one=False)
    run_script(single, ["SELECT 1", "SELECT 2"], one_by_one=True)
    assert [message.as_string(None) for message in together.messages] == ["SELECT 1;\nSELECT 2"]
    assert single.messages == ["SELECT 1", "SELECT 2"]


def test_the_template_holds_nothing_that_a_cluster_refuses(db):
    statements = template_statements()
    if connection.pg_version >= 160000:
        assert not [text for text in statements if "SET STORAGE" in text]
    assert not [text for text in statements if text.count("ADD CONSTRAINT") > 1]
    assert not [text for text in statements if "; " in text and not text.startswith("CREATE OR REPLACE")]
