"""The README's plugin, as it stands there: installed, enabled, computed, and asked in every way that a metric can be."""

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from math import fsum
from queue import SimpleQueue
from typing import Any

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.ingest.items import EventItem
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.plugin_host import quality
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller, nodes_of
from tests.docs.test_snippets import README, blocks, inline_queries
from tests.engine.test_questions import DAY, FIRMS, items_of
from tests.plugin_host.installing import distribution, on_path

BEFORE = DAY - timedelta(days=17)  # some of the persons were there then
FEWER = ("a", "c")  # the firms of the second tenant
ENABLE = 'mutation { enablePlugin(input: {plugin: "weekly", agree: true}) { plugin { enabled } } }'
PRO = """mutation { createSegment(input: {
    name: "Pro", subject: ACCOUNT, condition: {type: "plan", any_of: ["pro"]}
}) { segment { id } } }"""


@pytest.fixture(scope="module", autouse=True)
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A distribution that the server finds as it finds any, and trusts by its name."""
    (code,) = blocks(README, "python")
    folder = tmp_path_factory.mktemp("weekly")
    distribution(folder, name="engage-weekly", entry="weekly", source=code, attribute="plugin")
    with on_path(folder):
        yield
    sys.modules.pop("engage_weekly", None)


def caller(tenant: TenantRef, firms: tuple[str, ...]) -> Caller:
    """An administrator of the tenant, which has these firms' data and the plugin's values of two days."""
    with tenant_scope(tenant):
        store_items(items_of(firms), source="web")
    found = Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), f"{tenant.slug}.localhost")
    assert found.data(ENABLE)["enablePlugin"]["plugin"]["enabled"]
    for day in (BEFORE, DAY):
        asked = ("--plugin", "weekly", "--tenant", tenant.slug, "--from", str(day), "--to", str(day))
        call_command("compute", *asked)
    return found


@pytest.fixture
def callers(acme: TenantRef, globex: TenantRef) -> tuple[Caller, Caller]:
    return caller(acme, tuple(FIRMS)), caller(globex, FEWER)


def active(*firms: str, on: date = DAY) -> list[int]:
    """On how many of the trailing seven days each active person of the firms was there, counted by hand."""
    days: dict[Any, set[date]] = {}
    for item in items_of(firms):
        if isinstance(item, EventItem) and on - timedelta(days=7) < item.occurred_at.date() <= on:
            days.setdefault(item.person, set()).add(item.occurred_at.date())
    return [len(seen) for seen in days.values()]


@pytest.fixture
def _tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin is on this process's path alone: it is tried here, and no other is."""

    def levels_of(plugins: Sequence[str]) -> Iterator[tuple[str, str]]:
        return ((one, quality.quality_of(registry().get(one))) for one in plugins if one == "weekly")

    monkeypatch.setattr(quality, "levels_of", levels_of)
    monkeypatch.setattr(quality, "_levels", {})
    monkeypatch.setattr(quality, "_untried", SimpleQueue())


def quality_of_weekly(asker) -> str | None:
    """Trials are made aside; who asks is told once they are over."""
    deadline = time.monotonic() + 300
    while True:
        plugins = asker.data("{ plugins { id quality } }")["plugins"]
        (found,) = (plugin["quality"] for plugin in plugins if plugin["id"] == "weekly")
        if found is not None or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


@pytest.mark.usefixtures("_tried_here")
def test_it_is_typed_in_two_languages_and_gold_for_the_tenant_and_its_accounts(callers):
    query = f"""{{
        weekly(on: "{DAY}") {{ active {{
            value busiest n noInterval interval {{ low }}
            definition {{ en: title ko: title(language: "ko") unit(language: "ko") }}
        }} }}
        account(externalId: "a") {{ weekly(on: "{DAY}") {{ active {{ value busiest }} }} }}
        plugins {{ id english: title korean: title(language: "ko") }}
    }}"""
    for asker, firms in zip(callers, (tuple(FIRMS), FEWER), strict=True):
        answered = asker.data(query)
        assert answered["weekly"]["active"] == {
            "value": len(active(*firms)),
            "busiest": max(active(*firms)),
            "n": len(active(*firms)),
            "noInterval": "Everybody is counted.",
            "interval": None,
            "definition": {"en": "Active persons", "ko": "활성 사용자", "unit": "명"},
        }
        assert answered["account"]["weekly"]["active"] == {"value": len(active("a")), "busiest": 7}
        (weekly,) = (plugin for plugin in answered["plugins"] if plugin["id"] == "weekly")
        assert (weekly["english"], weekly["korean"]) == ("Weekly activity", "주간 활동")
        assert quality_of_weekly(asker) == "GOLD"
    assert len(active(*FEWER)) < len(active(*FIRMS))


def test_it_is_sliced_by_plan_and_by_a_saved_segment_in_each_tenant_alone(callers):
    query = f"""query ($segment: ID!) {{
        metric(id: "weekly.active") {{
            plans: compute(of: {{on: "{DAY}", groupBy: "plan"}}) {{ group value {{ value details }} }}
            pro: compute(of: {{on: "{DAY}", segment: $segment}}) {{ value {{ value }} }}
        }}
        weekly(segment: $segment, on: "{DAY}") {{ active {{ value busiest }} }}
    }}"""
    acme, globex = callers
    for asker, pro, basic in ((acme, active("a", "b"), active("c")), (globex, active("a"), active("c"))):
        segment = asker.data(PRO)["createSegment"]["segment"]["id"]
        answered = asker.data(query, segment=segment)
        plans = {
            one["group"]: (one["value"]["value"], one["value"]["details"]["busiest"])
            for one in answered["metric"]["plans"]
        }
        assert plans == {"pro": (len(pro), max(pro)), "basic": (len(basic), max(basic))}
        assert [one["value"]["value"] for one in answered["metric"]["pro"]] == [len(pro)]
        assert answered["weekly"]["active"] == {"value": len(pro), "busiest": max(pro)}


def test_its_change_is_explained_to_the_last_person(callers):
    query = f"""{{ weekly(on: "{DAY}") {{ active {{ explainChange(since: "{BEFORE}") {{
        before after change sentence causes {{ kind change }} movers {{ edges {{ node {{ key change }} }} }}
    }} }} }} }}"""
    for asker, firms in zip(callers, (tuple(FIRMS), FEWER), strict=True):
        change = asker.data(query)["weekly"]["active"]["explainChange"]
        before, after = len(active(*firms, on=BEFORE)), len(active(*firms))
        assert (change["before"], change["after"], change["change"]) == (before, after, after - before)
        assert after != before
        assert fsum(cause["change"] for cause in change["causes"]) == after - before
        assert {mover["key"]: mover["change"] for mover in nodes_of(change["movers"])} == {
            firm: moved for firm in firms if (moved := len(active(firm)) - len(active(firm, on=BEFORE)))
        }
        assert change["sentence"]


def test_the_queries_of_the_readme_are_answered(callers):
    acme, _ = callers
    segment = acme.data(PRO)["createSegment"]["segment"]["id"]
    typed, by_plan, of_a_segment, why = (
        query.replace("2026-06-30", str(DAY)) for query in inline_queries(README)
    )
    assert acme.data(typed)["weekly"]["active"]["value"] == len(active(*FIRMS))
    assert len(acme.data(by_plan)["metric"]["compute"]) == len({plan for plan in FIRMS.values() if plan})
    assert acme.data(of_a_segment, segment=segment)["weekly"] is not None
    since = why.replace("2026-06-01", str(BEFORE))
    assert acme.data(since)["weekly"]["active"]["explainChange"]["movers"]["edges"]
