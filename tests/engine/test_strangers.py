"""Measurements of accounts, persons and features that the tenant does not have are refused, and nothing is stored."""

from dataclasses import replace

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.activity.models import Feature
from engage_server.customers.models import Account, Person
from engage_server.engine import executor, strangers
from engage_server.engine.models import Run
from engage_server.metrics.models import MetricValue
from engage_server.plugin_host import activation
from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.sdk import TENANT, Accounts, ComputeRequest, Measurement, Subject, hookimpl
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.engine.restate import installed, tally
from tests.engine.test_restated_customers import FIRST


def measured(kind: str, id: int) -> list[Measurement]:
    return [Measurement("rows", TENANT, 1, 1), Measurement("rows", Subject(kind, id), 1, 1)]


@pytest.mark.parametrize(("kind", "model"), [("account", Account), ("person", Person), ("feature", Feature)])
def test_a_subject_that_there_is_not_is_refused_by_kind_and_number(acme, globex, kind, model):
    with tenant_scope(acme):
        known = model.objects.create()
        strangers.refuse("p", measured(kind, known.pk), {})
    with (
        tenant_scope(globex),
        pytest.raises(PluginFailedError, match=rf"'p' measured the {kind} {known.pk}, which"),
    ):
        strangers.refuse("p", measured(kind, known.pk), {})
    with tenant_scope(acme), pytest.raises(PluginFailedError):
        strangers.refuse("p", measured(kind, 2**40), {})


def test_subjects_that_the_inputs_named_cost_no_question(acme):
    frames = {"seats": pl.DataFrame({"account": [7, None]})}
    with tenant_scope(acme), CaptureQueriesContext(connection) as captured:
        strangers.refuse("p", measured("account", 7), frames)
    assert len(captured) == 0


def test_a_run_that_measures_a_stranger_fails_and_stores_nothing(acme, monkeypatch):
    module = tally(Accounts())

    def engage_compute(request: ComputeRequest) -> list[Measurement]:
        return measured("account", 4711)

    manifest = module.engage_manifest()
    about_accounts = replace(
        manifest, metrics=(replace(manifest.metrics[0], subjects=("tenant", "account")),)
    )
    monkeypatch.setattr(module, "engage_manifest", hookimpl(lambda: about_accounts))
    monkeypatch.setattr(module, "engage_compute", hookimpl(engage_compute))
    with installed(module):
        with tenant_scope(acme):
            activation.enable("tally")
        executor.backfill(acme, plugins=["tally"], first=FIRST, last=FIRST, progress=lambda *told: None)
        with tenant_scope(acme):
            assert not MetricValue.objects.exists()
        with shared_scope():
            assert "measured the account 4711" in Run.objects.get(plugin="tally").error
