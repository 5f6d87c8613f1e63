"""The wall: nothing runs without a tenant, nothing outlives its scope."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError, ProgrammingError

from engage_server.customers.models import Account
from engage_server.engine.models import Schedule
from engage_server.tenancy.exceptions import ForeignTenantError, NoTenantError, TenancyError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.postgresql import base
from engage_server.tenancy.scope import TenantRef, current_tenant, shared_scope, tenant_scope


def names() -> list[str]:
    return list(Account.objects.values_list("name", flat=True))


def fill(*tenants: TenantRef) -> None:
    for tenant in tenants:
        with tenant_scope(tenant):
            Account.objects.create(external_id="same", name=tenant.slug)


def test_orm_code_outside_a_scope_raises(db):
    with pytest.raises(NoTenantError, match="tenant_scope"):
        names()


def test_a_fresh_thread_has_no_tenant_even_if_its_parent_has_one(acme):
    outcome: list[object] = []

    def work() -> None:
        try:
            outcome.append(names())
        except NoTenantError as error:
            outcome.append(error)

    with tenant_scope(acme):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert isinstance(outcome[0], NoTenantError)


def test_an_executor_thread_has_no_tenant(acme):
    with tenant_scope(acme), ThreadPoolExecutor(1) as pool, pytest.raises(NoTenantError):
        pool.submit(names).result()


def test_code_in_a_coroutine_has_no_tenant_unless_it_enters_one(acme):
    async def nothing_entered() -> None:
        await asyncio.sleep(0)
        current_tenant()

    with pytest.raises(NoTenantError):
        asyncio.run(nothing_entered())


def test_two_coroutines_on_one_thread_keep_their_own_tenants(acme, globex):
    async def who(tenant: TenantRef) -> str:
        with tenant_scope(tenant):
            await asyncio.sleep(0.001)
            return current_tenant().slug

    async def both() -> list[str]:
        return await asyncio.gather(*(who(t) for t in (acme, globex) * 5))

    assert asyncio.run(both()) == ["acme", "globex"] * 5


def test_a_command_without_a_scope_raises(db):
    with pytest.raises(CommandError, match="outside any scope"):
        call_command("dumpdata", "customers")


def test_the_same_external_id_in_two_tenants_is_two_accounts(acme, globex):
    fill(acme, globex)
    with tenant_scope(acme):
        assert names() == ["acme"]
    with tenant_scope(globex):
        assert names() == ["globex"]


def test_shared_tables_are_out_of_reach_inside_a_tenant(acme):
    with tenant_scope(acme):
        with pytest.raises(ProgrammingError, match="does not exist"), transaction.atomic():
            Tenant.objects.count()
        for statement in ("SELECT * FROM public.tenancy_tenant", "SELECT * FROM public.access_apikey"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)


def test_another_tenants_schema_is_out_of_reach_by_its_full_name(acme, globex):
    fill(acme, globex)
    for verb in ("SELECT * FROM", "DELETE FROM"):
        with (
            tenant_scope(acme),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f'{verb} "{globex.schema}".customers_account')


def test_entering_a_second_tenant_inside_the_first_raises(acme, globex):
    with tenant_scope(acme), pytest.raises(ForeignTenantError, match="globex"), tenant_scope(globex):
        pass


def test_a_visit_to_the_shared_tables_does_not_open_a_way_to_another_tenant(acme, globex):
    with tenant_scope(acme), shared_scope():
        assert Tenant.objects.count() == 2
        with pytest.raises(ForeignTenantError), tenant_scope(globex):
            pass
        with tenant_scope(acme):
            assert names() == []


def test_django_tenants_own_switches_are_refused(db):
    for call in (lambda: connection.set_schema("public"), lambda: connection.set_tenant(object())):
        with pytest.raises(TenancyError, match="tenant_scope"):
            call()


def test_a_rolled_back_savepoint_does_not_leave_the_other_tenants_path(acme, globex):
    fill(acme, globex)
    with transaction.atomic():
        with tenant_scope(acme):
            assert names() == ["acme"]
        with transaction.atomic(), tenant_scope(globex):
            assert names() == ["globex"]
            transaction.set_rollback(True)
        with tenant_scope(acme):
            assert names() == ["acme"]


def test_a_failed_statement_inside_a_scope_does_not_block_the_outer_rollback(acme, globex):
    fill(acme, globex)
    with tenant_scope(acme):
        with pytest.raises(DatabaseError), transaction.atomic(), shared_scope():
            connection.cursor().execute("SELECT 1/0")
        assert names() == ["acme"]


def test_one_statement_sets_path_role_and_timeout_and_only_when_the_scope_changes(acme):
    with tenant_scope(acme), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_setting('search_path'), current_setting('statement_timeout')"
        )
        assert cursor.fetchone() == (acme.schema, f'"{acme.schema}"', "30s")


@pytest.mark.django_db(transaction=True)
def test_a_failed_set_is_raised_and_the_query_never_runs(monkeypatch):
    ran: list[str] = []
    original = psycopg.Connection.execute

    def failing(self, query, *args, **kwargs):
        if "set_config" in str(query):
            raise psycopg.errors.QueryCanceled("cancelled while setting the scope")
        ran.append(str(query))
        return original(self, query, *args, **kwargs)

    with shared_scope():
        connection.cursor().execute("SELECT 1")
    monkeypatch.setattr(psycopg.Connection, "execute", failing)
    with tenant_scope(TenantRef(1, "gone", "t_0000000000000000", "UTC")):
        with pytest.raises(DatabaseError, match="cancelled"):
            connection.cursor().execute("SELECT 2")
        assert connection.connection is None, "the connection in an unknown state is not kept"
    assert ran == []


@pytest.mark.django_db(transaction=True)
def test_threads_that_are_used_again_never_see_the_former_tenant(committed_tenants):
    fill(*committed_tenants)

    def job(number: int) -> str | None:
        tenant = committed_tenants[number % 2]
        try:
            with tenant_scope(tenant):
                if number % 10 == 0:
                    raise RuntimeError
                seen = names()
            assert seen == [tenant.slug]
        except RuntimeError:
            pass
        with pytest.raises(NoTenantError):
            names()
        return None

    def close(_: int) -> None:
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(job, range(400)))
        barrier = threading.Barrier(4)
        list(pool.map(lambda n: (barrier.wait(), close(n)), range(4)))


def test_a_connection_that_saw_many_tenants_gives_way_to_a_new_one_between_two_pieces_of_work(
    committed_tenants, monkeypatch
):
    monkeypatch.setattr(base, "SCHEMAS_A_CONNECTION", 1)
    monkeypatch.setattr(base, "SCHEMAS_ON_CITUS", 1)

    def backend(tenant):
        with tenant_scope(tenant), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0]

    def work():
        connection.settings_dict["CONN_MAX_AGE"] = None
        try:
            first, second = committed_tenants
            seen = [backend(first)]
            connection.close_if_unusable_or_obsolete()
            seen += [backend(first), backend(second)]
            connection.close_if_unusable_or_obsolete()
            return [*seen, backend(first)]
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        alone, again, both, anew = pool.submit(work).result()
    assert alone == again == both != anew


def test_shared_models_answer_in_the_shared_scope(acme):
    with shared_scope():
        assert Schedule.objects.filter(tenant_id=acme.id).exists()
