"""Secrets are found wherever a schema puts them, and nowhere else."""

from pydantic import BaseModel, Field, SecretStr

from engage_server.plugin_host.isolation.described import in_clear
from engage_server.plugin_host.secret_fields import STARS, has_secrets, starred
from engage_server.sdk import PluginConfig


class Door(BaseModel):
    address: str = "here"
    token: SecretStr = SecretStr("")


class Doors(PluginConfig):
    one: SecretStr = SecretStr("")
    maybe: SecretStr | None = None
    door: Door = Door()
    many: tuple[Door, ...] = ()
    named: dict[str, SecretStr] = Field(default_factory=dict)
    pair: tuple[str, SecretStr] = ("", SecretStr(""))
    plain: str = "in sight"


CLEAR = {
    "one": "a", "maybe": None, "door": {"address": "here", "token": "b"}, "many": [{"address": "x", "token": "c"}],
    "named": {"d": "e"}, "pair": ["f", "g"], "plain": "in sight",
}  # fmt: skip
MASKED = {
    "one": STARS, "maybe": None, "door": {"address": "here", "token": STARS},
    "many": [{"address": "x", "token": STARS}], "named": {"d": STARS}, "pair": ["f", STARS], "plain": "in sight",
}  # fmt: skip


def test_every_secret_is_starred_and_all_else_stays():
    assert starred(Doors.model_json_schema(), CLEAR) == MASKED


def test_a_configuration_in_clear_is_what_it_was_made_of():
    assert in_clear(Doors.model_validate(CLEAR)) == CLEAR
    assert Doors.model_validate(CLEAR).model_dump(mode="json") == MASKED


def test_whether_a_schema_has_secrets_at_all():
    assert has_secrets(Doors.model_json_schema())
    assert not has_secrets(PluginConfig.model_json_schema())


def test_a_schema_that_refers_to_itself_ends():
    schema = {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "object"}]}}}
    assert starred(schema, {"x": {"y": 1}}) == {"x": {"y": 1}}
