"""What a foreign plugin measures arrives in the server without the plugin's classes."""

from dataclasses import replace

from engage_server.plugin_host.isolation import wire
from engage_server.sdk import TENANT, Measurement
from engage_server.sdk.details import encoded
from tests.metrics.test_stored_details import FULL


def travelled(measurement):
    reply = wire.decode_reply(wire.encode(wire.answer_of([measurement])))
    return wire.measurements_of(reply)[0]


def test_details_arrive_in_the_stored_form_and_all_else_as_it_was():
    assert travelled(FULL) == replace(FULL, details=encoded(FULL.details))


def test_what_is_not_said_is_not_said_on_the_other_side():
    bare = Measurement("score", TENANT, None, n=0)
    assert travelled(bare) == bare
