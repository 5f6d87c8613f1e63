"""Bundles: data of the server that fits the installed plugins, and what applying one changes."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from engage_health_score.templates import STANDARD

from engage_server.activity.models import EventName
from engage_server.activity.preset_files import preset, preset_ids
from engage_server.audit import log
from engage_server.customers.models import Person
from engage_server.ingest.items import PersonKey, ResponseItem
from engage_server.ingest.store import store_items
from engage_server.operations import bundle_files
from engage_server.operations.bundle_files import Bundle, bundle, bundle_ids
from engage_server.operations.bundles import apply_bundle, plan_bundle
from engage_server.operations.exceptions import UnknownBundleError
from engage_server.operations.plugins import configure_plugin, enable_plugin
from engage_server.operations.segments import members_on
from engage_server.operations.tenants import change_tenant
from engage_server.plugin_host.activation import current_settings, validate_config
from engage_server.plugin_host.exceptions import ConsentNeededError
from engage_server.plugin_host.registry import registry
from engage_server.segments import catalogue
from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.scope import tenant_scope
from engage_server.tenancy.services import find_tenant

MADE_UP = Bundle(
    id="made_up",
    title={"en": "Made up"},
    cadence="WEEKLY",
    preset="billing",
    primary_metric="nps.score",
    plugin=[{"id": "nps", "config": {"window_days": 180}}, {"id": "ces"}, {"id": "no_such"}],
)


@pytest.fixture
def made_up(monkeypatch) -> str:
    monkeypatch.setattr(bundle_files, "bundle_ids", lambda: ["made_up"])
    monkeypatch.setattr("engage_server.operations.bundles.bundle", lambda _: MADE_UP)
    return MADE_UP.id


def enabled(tenant) -> dict[str, dict]:
    with tenant_scope(tenant):
        return {one.plugin: one.config for one in current_settings().values() if one.enabled}


def test_there_is_one_to_begin_with_one_for_each_preset_and_one_for_each_cadence():
    assert {"starter5", "daily", "weekly", "monthly", *preset_ids()} - {"default"} <= set(bundle_ids())


def test_the_first_bundle_is_the_five_factors():
    assert [one.id for one in bundle("starter5").plugin] == [
        "first_week",
        "nps",
        "csat",
        "active_users",
        "stickiness",
    ]


@pytest.mark.parametrize("cadence", ["DAILY", "WEEKLY", "MONTHLY"])
def test_a_cadence_chooses_windows_and_ratios(cadence):
    chosen = bundle(cadence.lower())
    of_stickiness = next(one for one in chosen.plugin if one.id == "stickiness")
    assert (chosen.cadence, of_stickiness.config["cadence"]) == (cadence, cadence.lower())


@pytest.mark.parametrize("bundle_id", bundle_ids())
def test_what_a_bundle_names_there_is_and_fits(bundle_id):
    chosen = bundle(bundle_id)
    assert {"en", "ko"} <= set(chosen.title)
    names = set(preset(chosen.preset).events) if chosen.preset else set()
    for one in chosen.plugin:
        validate_config(registry().get(one.id), one.config)
        assert events_in(one.config) <= names
    if chosen.primary_metric:
        assert "tenant" in registry().metric(chosen.primary_metric)[1].subjects


def events_in(config) -> set[str]:
    """Names of events that a configuration mentions."""
    if isinstance(config, dict):
        named = {value for key, value in config.items() if key.endswith("event") and isinstance(value, str)}
        return named.union(*(events_in(value) for value in config.values()))
    return set().union(*map(events_in, config)) if isinstance(config, list) else set()


def test_a_dry_run_says_what_would_change_and_changes_nothing(acme, made_up):
    before = enabled(acme)
    plan = plan_bundle(acme, made_up)
    nps, ces, missing = plan.plugins
    assert (plan.cadence, plan.preset, plan.primary_metric) == ("WEEKLY", "billing", "nps.score")
    assert (nps.enables, nps.changes) == (False, {"window_days": (90, 180)})
    assert (ces.enables, ces.changes, missing.is_missing) == (False, {}, True)
    assert enabled(acme) == before
    assert find_tenant("acme").cadence == "DAILY"
    with tenant_scope(acme):
        assert not EventName.objects.exists()
        assert log.newest(9, action="bundle.") == []


def test_applying_changes_one_tenant_as_the_plan_says_and_only_once(acme, globex, made_up):
    others = enabled(globex)
    apply_bundle(acme, made_up)
    assert enabled(acme)["nps"] == {"window_days": 180}
    changed = find_tenant("acme")
    assert (changed.cadence, changed.primary_metric) == ("WEEKLY", "nps.score")
    with tenant_scope(acme):
        assert EventName.objects.filter(name="Invoice Sent").exists()
        (entry,) = log.newest(9, action="bundle.")
    assert (entry.subject, entry.details) == ("made_up", {"enabled": [], "missing": ["no_such"]})
    again = plan_bundle(acme, made_up)
    assert (again.cadence, again.primary_metric) == ("", "")
    assert not any(step.changes or step.enables for step in again.plugins)
    assert enabled(globex) == others
    other = find_tenant("globex")
    assert (other.cadence, other.primary_metric) == ("DAILY", "")
    with tenant_scope(globex):
        assert not EventName.objects.exists()


def test_what_the_plugins_read_has_to_be_agreed_to_or_nothing_is_changed(acme):
    plan = plan_bundle(acme, "starter5")
    assert any(step.enables and step.reads for step in plan.plugins)
    before = enabled(acme)
    with pytest.raises(ConsentNeededError):
        apply_bundle(acme, "starter5")
    assert enabled(acme) == before
    apply_bundle(acme, "starter5", agree=True)
    assert {"first_week", "nps", "csat", "active_users", "stickiness"} <= set(enabled(acme))


def test_a_configuration_that_makes_an_enabled_plugin_read_more_has_to_be_agreed_to(
    acme, globex, monkeypatch
):
    component = STANDARD[0].model_copy(update={"metric": "milestones.reached"}).model_dump(mode="json")
    wider = Bundle(
        id="wider",
        title={"en": "Wider"},
        cadence="WEEKLY",
        plugin=[{"id": "health_score", "config": {"components": [component]}}],
    )
    monkeypatch.setattr("engage_server.operations.bundles.bundle", lambda _: wider)
    for tenant in (acme, globex):
        enable_plugin(tenant, "health_score", agree=True)
    before = enabled(acme)
    (step,) = plan_bundle(acme, wider.id).plugins
    assert (step.enables, list(step.reads)) == (False, ["METRICS OF milestones"])
    with pytest.raises(ConsentNeededError, match="apply the bundle wider") as needed:
        apply_bundle(acme, wider.id)
    assert list(needed.value.reads) == ["METRICS OF milestones"]
    assert (enabled(acme), find_tenant("acme").cadence) == (before, "DAILY")
    apply_bundle(acme, wider.id, agree=True)
    assert enabled(acme)["health_score"]["components"] == [component]
    assert plan_bundle(acme, wider.id).plugins[0].reads == {}
    assert list(plan_bundle(globex, wider.id).plugins[0].reads) == ["METRICS OF milestones"]


def test_detractors_passives_and_promoters_become_segments_of_one_tenant_and_only_once(acme, globex):
    with tenant_scope(acme):
        answers = [
            ResponseItem(
                name,
                "nps",
                Decimal(0),
                Decimal(10),
                timezone.now(),
                score=Decimal(score),
                person=PersonKey(name),
            )
            for name, score in (("ada", 0), ("bob", 6), ("cy", 7), ("dan", 8), ("eve", 9), ("fay", 10))
        ]
        store_items(answers, source="test")
    apply_bundle(acme, "starter5", agree=True)
    assert plan_bundle(acme, "starter5").segments == ()
    apply_bundle(acme, "starter5", agree=True)
    with tenant_scope(acme):
        persons = dict(Person.objects.values_list("pk", "external_id"))
        found = {
            one.name: sorted(persons[id] for id in members_on(one.number, None).ids)
            for one in catalogue.segments()
        }
    assert found == {"Detractors": ["ada", "bob"], "Passives": ["cy", "dan"], "Promoters": ["eve", "fay"]}
    with tenant_scope(globex):
        assert catalogue.segments() == []


def test_a_primary_metric_that_was_chosen_stays(acme, made_up):
    change_tenant("acme", primary_metric="ces.effort_score")
    apply_bundle(acme, made_up)
    assert find_tenant("acme").primary_metric == "ces.effort_score"


def test_other_fields_of_a_configuration_stay(acme, made_up):
    configure_plugin(acme, "nps", {"instrument": "nps2"})
    apply_bundle(acme, made_up)
    assert enabled(acme)["nps"] == {"instrument": "nps2", "window_days": 180}


def test_the_command_says_what_it_does_and_what_is_missing(acme, made_up, capsys):
    call_command("bundle", "apply", made_up, "--dry-run", "--tenant", "acme")
    told = capsys.readouterr()
    assert "window_days: 90 becomes 180" in told.out
    assert "Nothing was changed." in told.out
    assert "no_such: not installed" in told.err
    call_command("bundle", "apply", made_up, "--tenant", "acme")
    assert find_tenant("acme").cadence == "WEEKLY"


def test_an_unknown_bundle_names_those_there_are(acme):
    with pytest.raises(UnknownBundleError, match="starter5"):
        plan_bundle(acme, "../starter5")
    with pytest.raises(CommandError, match="starter5"):
        call_command("bundle", "apply", "starter6", "--tenant", "acme")


@pytest.mark.parametrize("metric", ["nps.level", "nps", "adoption.feature_adoption"])
def test_what_no_tenant_has_values_of_is_no_primary_metric(acme, metric):
    with pytest.raises(InvalidTenantError, match="Remedy"):
        change_tenant("acme", primary_metric=metric)
