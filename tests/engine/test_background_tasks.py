"""Chores are done for every tenant that needs them; one tenant's trouble is not another's."""

import threading

import pytest
from django.db import DatabaseError

from engage_server.engine import background_tasks
from engage_server.engine.background_tasks import BackgroundTask
from engage_server.engine.exceptions import EngineError


def test_a_name_has_one_owner():
    task = next(iter(background_tasks._tasks.values()))
    background_tasks.register(task)
    with pytest.raises(EngineError, match="two owners"):
        background_tasks.register(
            BackgroundTask(task.name, every_s=1, tenants=list, work=lambda tenant, stop: None)
        )


def test_a_failure_costs_no_other_tenant_its_turn_and_its_text_is_not_logged(
    acme, globex, monkeypatch, caplog
):
    done = []

    def work(tenant, stop):
        done.append(tenant.slug)
        if tenant is acme:
            raise DatabaseError("Key (alias)=(ada) already exists")

    monkeypatch.setattr(background_tasks.connection, "close", lambda: None)
    background_tasks.run_task(
        BackgroundTask("test", every_s=1, tenants=lambda: [acme, globex], work=work), threading.Event()
    )
    assert done == ["acme", "globex"]
    assert "DatabaseError" in caplog.text
    assert "ada" not in caplog.text


def test_a_defect_costs_no_other_tenant_its_turn_and_is_logged_with_where_it_happened(acme, globex, caplog):
    done = []
    quoted = "ada cannot be encoded"

    def work(tenant, stop):
        done.append(tenant.slug)
        if tenant is acme:
            raise UnicodeError(quoted)

    background_tasks.run_task(
        BackgroundTask("test", every_s=1, tenants=lambda: [acme, globex], work=work), threading.Event()
    )
    assert done == ["acme", "globex"]
    assert "UnicodeError" in caplog.text
    assert "test_background_tasks.py" in caplog.text
    assert "ada" not in caplog.text


def test_chores_end_when_told_to(acme):
    seen = []
    stop = threading.Event()

    def work(tenant, told):
        seen.append(tenant.slug)
        told.set()

    background_tasks.run_task(
        BackgroundTask("test", every_s=1, tenants=lambda: [acme, acme], work=work), stop
    )
    assert seen == ["acme"]
