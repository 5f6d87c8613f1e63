"""The printed schema is the tenant's, and the snapshot of the installed plugins is up to date."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import engage_server.api

SNAPSHOT = Path(engage_server.api.__file__).with_name("schema.graphql")


def printed(**options) -> str:
    out = StringIO()
    call_command("schema", stdout=out, **options)
    return out.getvalue()


def test_the_snapshot_is_what_the_installed_plugins_make():
    assert printed(all_plugins=True) == SNAPSHOT.read_text(), "Look at the difference, then run make sdl."


def test_a_tenants_schema_has_its_own_plugins_alone(at_acme, at_globex):
    assert "type MoodScore implements MetricResult" in printed(tenant="acme")
    assert "MoodScore" not in printed(tenant="globex")
    assert "pulseRate: Int" in printed(tenant="globex")


def test_plugins_can_be_named(installed):
    assert "pulseRate: Int" in printed(plugins="mood, pulse")
    assert "mood" not in printed(plugins="")


@pytest.mark.parametrize("options", [{"plugins": "nope"}, {"tenant": "nobody"}])
def test_what_is_unknown_is_said(installed, db, options):
    with pytest.raises(CommandError, match=r"nope|nobody"):
        printed(**options)
