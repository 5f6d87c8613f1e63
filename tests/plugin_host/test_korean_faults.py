"""What is wrong with a field of a definition or a plugin's settings is said in Korean, inside of the refusal's sentence."""

import ast
import inspect
import re
from collections.abc import Iterator
from typing import Any, Final, get_args

import pytest
from pydantic import BaseModel, ValidationError

from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.definitions.kinds import KINDS, Body, read_body
from engage_server.plugin_host.exceptions import InvalidConfigurationError
from engage_server.plugin_host.registry import registry
from engage_server.plugin_host.server_catalogues import server_catalogues
from engage_server.sdk.catalogues import said_in
from tests.plugin_host.test_korean_refusals import joined, says

HANGUL: Final = re.compile("[가-힣]")
BY_FORMS: Final = (
    "annotation", "channel", "goal", "override", "playbook", "report", "rule", "segment", "share", "survey",
)  # fmt: skip
PLUGINS: Final = sorted(id for id in registry().plugins if id != "dummy")
LONG: Final = re.compile("x{9,}")
VALUE_ERROR: Final = "Value error, "
FILLED_IN: Final[tuple[object, ...]] = (
    None, True, "", "a", "x" * 20_001, "한 글", -1, 0, 0.5, 1e12, float("inf"), float("nan"), [], ["a"], [""], [0], [{}],
    ["a"] * 20_001, {}, {"a": 1}, {"a": {}}, [{"type": "other"}], {"type": "other"}, "2026-02-30", "2026-1",
)  # fmt: skip
"""Values of which each is wrong for most fields, in every way in which a form can be filled in."""


def labels_for(plugin: str = "") -> dict[str, str]:
    of_plugin = registry().plugins[plugin].manifest.catalogues["ko"].labels if plugin else {}
    return {**server_catalogues()["ko"].labels, **of_plugin}


@pytest.mark.parametrize("kind", BY_FORMS)
def test_what_a_definition_finds_wrong_is_said_in_korean(kind: str) -> None:
    assert unsaid(KINDS[kind], labels_for()) == [], "Remedy: write it into engage_server/plugin_host/ko.json."


@pytest.mark.parametrize("plugin", PLUGINS)
def test_what_a_plugin_finds_wrong_with_its_settings_is_said_in_korean(plugin: str) -> None:
    config = registry().plugins[plugin].manifest.config
    assert unsaid(config, labels_for(plugin)) == [], (
        "Remedy: write it into the labels of the plugin's ko.json."
    )


@pytest.mark.parametrize("kind", BY_FORMS)
def test_what_is_wrong_with_any_field_of_a_definition_is_said_in_korean(kind: str) -> None:
    lacking = {one for one in problems(KINDS[kind]) if not has_korean(one, labels_for())}
    assert lacking == set()


@pytest.mark.parametrize("plugin", PLUGINS)
def test_what_is_wrong_with_any_setting_of_a_plugin_is_said_in_korean(plugin: str) -> None:
    found = problems(registry().plugins[plugin].manifest.config)
    assert {one for one in found if not has_korean(one, labels_for(plugin))} == set()


def refused(kind: str, given: object) -> str:
    with pytest.raises(InvalidDefinitionError) as raised:
        read_body(KINDS[kind], given)
    return said_in(labels_for(), str(raised.value))


def test_a_refused_definition_is_korean_from_end_to_end() -> None:
    told = refused("goal", {"metric": "nps.score", "target": 1, "start": "2026-01-02", "due": "2026-01-01"})
    assert (
        told
        == "정의가 올바르지 않습니다. 전체: 기한(due)이 시작일(start)보다 늦어야 합니다. 이 필드를 고치세요."
    )


def test_each_of_several_problems_is_korean() -> None:
    told = refused("goal", {"metric": "nps.score", "target": "a", "account": "b" * 201, "tolerance": -1})
    assert told == (
        "정의가 올바르지 않습니다. target: 숫자여야 합니다; start: 필수 항목입니다; due: 필수 항목입니다 외 2건. "
        "이 필드를 고치세요."
    )


def test_problems_with_a_plugin_s_settings_are_korean() -> None:
    error = InvalidConfigurationError(
        "nps", {"(whole)": "Input should be a valid dictionary", "days": "Field required"}
    )
    assert (
        said_in(labels_for(), str(error))
        == "'nps'의 구성이 올바르지 않습니다. 전체: 객체여야 합니다; days: 필수 항목입니다"
    )


def test_what_a_plugin_finds_wrong_is_korean_inside_of_the_refusal() -> None:
    own = "healthy_low is not below healthy_high. Remedy: lower healthy_low."
    error = InvalidConfigurationError("license_utilization", {"days": "Field required", "(whole)": own})
    assert said_in(labels_for("license_utilization"), str(error)) == (
        "'license_utilization'의 구성이 올바르지 않습니다. days: 필수 항목입니다; "
        "전체: healthy_low가 healthy_high보다 작지 않습니다. healthy_low를 낮추세요."
    )


def has_korean(problem: str, labels: dict[str, str]) -> bool:
    return HANGUL.search(said_in(labels, LONG.sub("x", problem))) is not None


def unsaid(model: type[BaseModel], labels: dict[str, str]) -> list[str]:
    """What a model's code, or that of one inside of it, refuses and the labels do not have."""
    modules = {inspect.getsourcefile(one) or "" for one in models_of(model)}
    said = {text for module in sorted(modules) for text in faults(module)}
    # Problems are told one after another, with a semicolon between them.
    assert [text for text in said if "; " in text] == [], "Remedy: put it without a semicolon."
    return [text for text in sorted(said) if not any(says(label, f"field: {text}") for label in labels)]


def faults(path: str) -> Iterator[str]:
    """The texts of the ValueErrors of a file; of a choice among several each."""
    with open(path) as file:
        code = ast.parse(file.read())
    for node in ast.walk(code):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError"), args=[text])):
                if isinstance(text, ast.Subscript) and isinstance(text.value, ast.Dict):
                    yield from (joined(one) or "" for one in text.value.values)
                else:
                    yield joined(text) or ""


def models_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    """The model, those that it comes from, and those inside of it."""
    found: set[type[BaseModel]] = set()
    waiting: list[Any] = [model]
    while waiting:
        one = waiting.pop()
        if inspect.isclass(one) and issubclass(one, BaseModel):
            if one in found or one in (BaseModel, Body):
                continue
            found.add(one)
            waiting += [*one.__bases__, *(field.annotation for field in one.model_fields.values())]
        else:
            waiting += get_args(one)
    return found


def problems(model: type[BaseModel]) -> set[str]:
    """What is said of wrong values of any field of a model, or of one inside of it, as refusals say it."""
    found: set[str] = set()
    for one in models_of(model):
        fields = [field.alias or name for name, field in one.model_fields.items()]
        for given in ({field: value} for field in [*fields, "other"] for value in FILLED_IN):
            try:
                one.model_validate(given)
            except ValidationError as error:
                found |= {f"field: {problem['msg'].removeprefix(VALUE_ERROR)}" for problem in error.errors()}
    return found
