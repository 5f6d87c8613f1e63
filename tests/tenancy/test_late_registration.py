"""What apps hand over is loaded at the first look, once, and by nobody who does not look."""

import os
import subprocess
import sys

import pytest

from engage_server.tenancy import late_registration
from engage_server.tenancy.late_registration import LateMapping, load_registrations, register_later

HEAVY = ("polars", "strawberry", "liquid", "icalendar", "procrastinate.worker")
# A process of its own, since in this one somebody has looked. One for all, since each takes a second.
LOOK = f"""
import sys, django
django.setup()
from django.core.management import load_command_class
for name in ("member", "key", "limit", "user"):
    load_command_class("engage_server.operations", name)
print([name for name in {HEAVY!r} if name in sys.modules])
from engage_server.definitions.kinds import KINDS
print(sorted(KINDS))
"""


@pytest.fixture
def waiting(monkeypatch):
    load_registrations()
    mine = []
    monkeypatch.setattr(late_registration, "_waiting", mine)
    return mine


def test_a_command_that_looks_at_nothing_registered_loads_none_of_it_and_whoever_looks_finds_all():
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "engage_server.settings.base"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded, kinds = done.stdout.splitlines()
    assert loaded == "[]"
    for kind in ("goal", "rule", "segment", "report", "document"):
        assert repr(kind) in kinds


def test_everything_is_registered_once_and_in_order(waiting):
    calls = []
    register_later(lambda: calls.append("first"))
    register_later(lambda: calls.append("second"))
    load_registrations()
    load_registrations()
    assert calls == ["first", "second"]


def test_a_registry_loads_at_the_first_look_and_not_when_something_is_put_in(waiting):
    registry = LateMapping()
    calls = []

    def register():
        calls.append("loaded")
        registry["late"] = 2

    register_later(register)
    registry["early"] = 1
    assert (calls, registry.registered) == ([], {"early": 1})
    assert dict(registry) == {"early": 1, "late": 2}
    assert (registry["late"], len(registry), "other" in registry) == (2, 2, False)
    del registry["late"]
    assert calls == ["loaded"]
    assert list(registry) == ["early"]


def test_whoever_looks_while_it_is_loaded_finds_what_is_there_so_far(waiting):
    registry = LateMapping()
    seen = []

    def register():
        registry["first"] = 1
        seen.append(list(registry))

    register_later(register)
    register_later(lambda: registry.update(second=2))
    assert list(registry) == ["first", "second"]
    assert seen in ([["first"]], [["first", "second"]])


def test_what_fails_fails_again_at_the_next_look(waiting):
    register_later(lambda: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            load_registrations()
