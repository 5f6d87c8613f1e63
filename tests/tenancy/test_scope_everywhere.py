"""Wherever code may run, it has no tenant unless it entered one; and what it entered ends with the block."""

import ast
import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.core.management import BaseCommand, call_command
from django.core.signals import request_started
from django.db import connections, transaction
from django.db.models.signals import pre_save

from engage_server.customers.models import Account
from engage_server.tenancy.exceptions import ForeignTenantError, NoTenantError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, current_scope, current_tenant, shared_scope, tenant_scope
from tests.chaos.connection_churn import fill, run_jobs, use_failing_checkouts

SERVER = Path(__file__).resolve().parents[2] / "engage_server"


def count() -> int:
    return Account.objects.count()


def in_a_thread() -> object:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(count).result()


def in_a_coroutine() -> object:
    return asyncio.run(Account.objects.acount())


def in_a_command() -> object:
    class Command(BaseCommand):
        def handle(self, **options: object) -> None:
            count()

    return call_command(Command())


def in_a_signal_handler() -> object:
    def handler(**kwargs: object) -> None:
        count()

    request_started.connect(handler)
    try:
        return request_started.send(sender=None, environ={})
    finally:
        request_started.disconnect(handler)


def in_a_shell() -> object:
    return call_command(
        "shell", command="from engage_server.customers.models import Account; Account.objects.count()"
    )


PLACES = (count, in_a_thread, in_a_coroutine, in_a_command, in_a_signal_handler, in_a_shell)


@pytest.mark.django_db
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_code_that_entered_no_tenant_raises(place: Callable[[], object]):
    with pytest.raises(NoTenantError):
        place()


def test_a_signal_handler_runs_in_the_scope_of_the_code_that_sent_it(acme):
    seen: list[str] = []

    def handler(**kwargs: object) -> None:
        seen.append(current_tenant().slug)

    pre_save.connect(handler, sender=Account)
    try:
        with tenant_scope(acme):
            Account.objects.create(external_id="a")
    finally:
        pre_save.disconnect(handler, sender=Account)
    assert seen == ["acme"]


@pytest.mark.django_db(transaction=True)
def test_coroutines_that_take_turns_on_one_connection_read_their_own_tenants_rows(committed_tenants):
    fill(committed_tenants)

    async def read(tenant: TenantRef) -> bool:
        with tenant_scope(tenant):
            await asyncio.sleep(0)
            return [row.name async for row in Account.objects.all()] == [tenant.slug]

    async def all_of_them() -> list[bool]:
        try:
            return await asyncio.gather(*(read(tenant) for tenant in committed_tenants * 10))
        finally:
            # On the thread that the ORM's coroutines run on, where the connection is.
            await sync_to_async(connections.close_all)()

    assert asyncio.run(all_of_them()) == [True] * 20


@pytest.mark.django_db(transaction=True)
def test_threads_used_again_after_failing_jobs_read_no_former_tenants_rows(committed_tenants):
    assert run_jobs(committed_tenants, jobs=600) == 540


@pytest.mark.django_db(transaction=True)
def test_no_query_runs_after_a_set_that_the_server_refused(committed_tenants):
    assert use_failing_checkouts(committed_tenants, checkouts=40) == 40


def test_a_tenant_entered_inside_a_transaction_is_left_with_the_block(acme, globex):
    with shared_scope(), transaction.atomic():
        with tenant_scope(acme):
            Account.objects.create(external_id="a")
        assert Tenant.objects.count() == 2
        with tenant_scope(globex):
            assert count() == 0
        assert current_scope().tenant is None
    with tenant_scope(acme):
        assert count() == 1


def test_an_abandoned_generator_opens_no_way_to_another_tenant(acme, globex):
    def careless() -> Iterator[int]:
        with tenant_scope(acme):
            yield 1

    abandoned = careless()
    next(abandoned)
    try:
        with pytest.raises(ForeignTenantError), tenant_scope(globex):
            pass
    finally:
        abandoned.close()
    assert current_scope() is None


def test_no_generator_of_the_server_yields_inside_a_scope():
    found = [
        f"{path.relative_to(SERVER)}:{block.lineno}"
        for path in SERVER.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and not _manages_a_context(function)
        for block in ast.walk(function)
        if isinstance(block, ast.With) and any("_scope" in ast.unparse(item) for item in block.items)
        if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(block))
    ]
    assert found == []


def _manages_a_context(function: ast.FunctionDef) -> bool:
    return any("contextmanager" in ast.unparse(decorator) for decorator in function.decorator_list)


def test_the_same_cache_key_is_another_entry_in_each_tenant(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            assert cache.get("key") is None
            cache.set("key", tenant.slug)
    with shared_scope():
        assert cache.get("key") is None
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            assert cache.get("key") == tenant.slug
            cache.delete("key")


def test_a_cache_without_a_scope_raises():
    for use in (lambda: cache.get("key"), lambda: cache.set("key", 1), lambda: cache.get_many(["key"])):
        with pytest.raises(NoTenantError, match="outside any scope"):
            use()
