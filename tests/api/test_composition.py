"""One schema from one function over data: clashes name both owners, nothing broken is served."""

from enum import Enum

import pytest
import strawberry
from django.core.checks import run_checks

from engage_server.api import composition
from engage_server.api.composition import MOST_CACHED_SCHEMAS, compose, schema_for, unfit, verify
from engage_server.plugin_host import activation
from engage_server.plugin_host import registry as plugin_registry
from engage_server.plugin_host.exceptions import BrokenPluginError, ClashError, UnknownPluginError
from engage_server.plugin_host.models import PluginSetting
from engage_server.sdk import GraphQLContribution
from engage_server.tenancy.scope import tenant_scope
from tests.api.probes import MOOD, PULSE, candidates, plugins, probe


def field_of(name: str, returns: type = int) -> type:
    """A type with one field."""

    def resolver() -> int:
        return 1

    resolver.__annotations__["return"] = returns
    return strawberry.type(type("Fields", (), {name: strawberry.field(resolver=resolver)}))


def named(name: str) -> type:
    return strawberry.type(type(name, (), {"__annotations__": {"x": int}}))


def enum_named(name: str) -> type:
    return strawberry.enum(Enum(name, ["ONE"]))


def clashing(**parts: type) -> GraphQLContribution:
    return GraphQLContribution(**parts)


def test_the_fields_of_all_contributions_join_the_root_and_the_account():
    schema = compose(plugins(MOOD, PULSE))
    assert {"tenant", "mood", "pulse"} <= schema._schema.query_type.fields.keys()
    assert {"externalId", "mood"} <= schema._schema.type_map["Account"].fields.keys()
    assert "mood" not in compose(plugins(PULSE))._schema.query_type.fields


CLASHES = {
    "a root field of two plugins": (clashing(query=field_of("mood")), r"Query\.mood .*'mood' .*'zeal'"),
    "a root field of the core": (clashing(query=field_of("tenant")), r"Query\.tenant .*the core .*'zeal'"),
    "a name that differs in Python alone": (
        clashing(query=field_of("mood_score_by_feature")),
        r"Query\.moodScoreByFeature .*'mood' .*'zeal'",
    ),
    "an account field of two plugins": (
        clashing(account=field_of("mood")),
        r"Account\.mood .*'mood' .*'zeal'",
    ),
    "an account field of the core": (
        clashing(account=field_of("external_id")),
        r"Account\.externalId .*the core .*'zeal'",
    ),
    "a type of two plugins": (
        clashing(query=field_of("zest", named("MoodScore"))),
        r"type MoodScore .*'mood' .*'zeal'",
    ),
    "a type of the core": (
        clashing(query=field_of("zest", named("Account"))),
        r"type Account .*the core .*'zeal'",
    ),
    "a type that is only announced": (
        clashing(types=(named("MoodScore"),)),
        r"type MoodScore .*'mood' .*'zeal'",
    ),
    "an enum of the core": (
        clashing(query=field_of("zest", enum_named("Grain"))),
        r"type Grain .*the core .*'zeal'",
    ),
}


@pytest.mark.parametrize(("contribution", "message"), CLASHES.values(), ids=CLASHES)
def test_a_clash_names_both_owners(contribution, message):
    with pytest.raises(ClashError, match=message):
        verify(plugins(MOOD, probe("zeal", contribution)))


def test_sound_plugins_are_verified_without_a_word():
    verify(plugins(MOOD, PULSE))


def test_a_field_without_a_resolver_is_refused():
    with pytest.raises(BrokenPluginError, match=r"'zeal' .*named\.x|'zeal' .*Named\.x"):
        compose(plugins(probe("zeal", GraphQLContribution(query=named("Named")))))


def test_a_class_that_is_no_graphql_type_is_refused():
    class Plain:
        pass

    with pytest.raises(BrokenPluginError, match=r"'zeal' .*Plain.*@strawberry\.type"):
        compose(plugins(probe("zeal", GraphQLContribution(query=Plain))))


def test_a_plugin_that_writes_what_follows_from_its_metrics_is_told_so():
    for part in ("query", "account"):
        contribution = GraphQLContribution(**{part: field_of("zeal")})
        with pytest.raises(BrokenPluginError, match=r"\.zeal, which follows from its metrics .* Remedy"):
            compose(plugins(probe("zeal", contribution)))


def test_plugins_are_tried_once_each_however_many_are_put_aside(monkeypatch):
    made: list[int] = []
    real = composition.compose
    monkeypatch.setattr(composition, "compose", lambda some: made.append(len(some)) or real(some))
    faulty = [probe(f"zeal{n}", GraphQLContribution(query=field_of("mood", int | None))) for n in range(4)]
    reasons = composition.unfit(plugins(MOOD, *faulty, PULSE))
    assert set(reasons) == {"zeal0", "zeal1", "zeal2", "zeal3"}
    assert "'mood'" in reasons["zeal0"]
    assert made == [0, 1, 1]


def test_types_that_make_no_schema_are_reported_under_the_plugins_name():
    with pytest.raises(BrokenPluginError, match="zeal"):
        verify(plugins(MOOD, probe("zeal", GraphQLContribution(query=field_of("zest", object)))))


def test_schemas_are_built_once_for_each_set_and_kept_in_bounds(installed):
    assert schema_for(frozenset({"mood"})) is schema_for(frozenset({"mood"}))
    assert schema_for(frozenset({"mood"})) is not schema_for(frozenset())
    assert schema_for.cache_info().maxsize == MOST_CACHED_SCHEMAS


def test_an_unknown_plugin_has_no_schema(installed):
    with pytest.raises(UnknownPluginError, match="nope"):
        schema_for(frozenset({"nope"}))


@pytest.fixture
def with_zeal(installed, monkeypatch):
    """A third plugin is installed that wants ``mood`` for itself."""
    zeal = probe("zeal", GraphQLContribution(query=field_of("mood", int | None)))
    monkeypatch.setattr(plugin_registry, "installed_candidates", lambda: candidates(MOOD, PULSE, zeal))
    plugin_registry.registry.cache_clear()


def test_a_newcomer_that_clashes_is_put_aside_with_its_reason_and_the_others_stand(with_zeal):
    found = plugin_registry.registry()
    assert set(found.plugins) == {"mood", "pulse"}
    for part in ("engage-zeal 1.2.3", "'mood'", "'zeal'", "Query.mood", "Remedy:"):
        assert part in found.broken["zeal"]
    (warning,) = [found for found in run_checks() if found.id == "plugin_host.W001"]
    assert warning.msg == found.broken["zeal"]


def test_the_system_check_is_silent_otherwise(installed):
    assert [found for found in run_checks() if found.id == "plugin_host.W001"] == []


def test_whoever_enabled_a_plugin_that_is_put_aside_is_served_without_it(at_acme, at_globex, with_zeal):
    with tenant_scope(at_acme.tenant):
        PluginSetting.objects.create(plugin="zeal", version=1, enabled=True)
        assert "engage-zeal" in activation.standing().waiting["zeal"]
    assert at_acme.data("{ tenant { slug } }") == {"tenant": {"slug": "acme"}}
    assert at_globex.data("{ pulseRate }") == {"pulseRate": 72}


def test_a_tenant_whose_schema_cannot_be_built_is_refused_loudly_and_others_are_served(
    at_acme, at_globex, with_zeal, caplog, monkeypatch
):
    # Nothing is put aside, as if two plugins clashed in a way that no start finds.
    monkeypatch.setattr(plugin_registry, "_examinations", [])
    plugin_registry.registry.cache_clear()
    with tenant_scope(at_acme.tenant):
        activation.enable("zeal")
    response = at_acme.post({"query": "{ tenant { slug } }"})
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"]["code"] == "SCHEMA_UNAVAILABLE"
    (line,) = [record.getMessage() for record in caplog.records if record.name == "engage.api"]
    assert "'zeal'" in line
    assert at_globex.data("{ pulseRate }") == {"pulseRate": 72}


def test_a_root_field_that_is_not_nullable_is_put_aside_at_the_start():
    made = plugins(MOOD, PULSE, probe("zeal", GraphQLContribution(query=field_of("zeal_count", int))))
    (reason,) = unfit(made).values()
    for part in ("engage-zeal 1.2.3", "root field zeal_count", "not nullable", "| None"):
        assert part in reason
    nullable = plugins(MOOD, probe("zeal", GraphQLContribution(query=field_of("zeal_count", int | None))))
    assert unfit(nullable) == {}
