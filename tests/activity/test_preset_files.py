"""The presets: complete, well named, and few key actions."""

import pytest

from engage_server.activity.event_name_lint import EventNameEntry, lint
from engage_server.activity.exceptions import UnknownPresetError
from engage_server.activity.preset_files import preset, preset_ids

# Rows 8, 9, 10 and 113 of the requirements.
DEMANDED = {
    "helpdesk": {"Support Email Added", "Forwarding Rule Set", "DNS Configured", "Agent Added"},
    "ab_testing": {"Test Created", "Test Started", "Test Ended", "Results Shared"},
    "billing": {"Invoice Created", "Invoice Sent", "Payment Received"},
    "default": {"Plan Upgraded", "Referral Sent", "Review Written"},
}


def test_there_is_a_preset_for_each_kind_of_product():
    assert set(preset_ids()) == set(DEMANDED)


@pytest.mark.parametrize("preset_id", DEMANDED)
def test_a_preset_has_what_is_demanded_and_passes_the_lint(preset_id):
    events = preset(preset_id).events
    assert DEMANDED[preset_id] | DEMANDED["default"] <= set(events)
    assert lint([EventNameEntry(name, is_key=bool(one.is_key)) for name, one in events.items()]) == []
    assert events["Signed In"].event_class == "PASSIVE"


@pytest.mark.parametrize("preset_id", DEMANDED)
def test_the_sign_of_a_weight_is_its_polarity(preset_id):
    assert all((one.weight > 0) == (one.polarity > 0) for one in preset(preset_id).events.values())


def test_an_unknown_preset_names_those_there_are():
    with pytest.raises(UnknownPresetError, match="billing, default, helpdesk"):
        preset("../../etc/passwd")
