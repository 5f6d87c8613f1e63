"""The hook contract is complete, documented and exercised."""

import inspect
import typing
from collections.abc import Callable

import pytest

from engage_server.engine.checks import offered_inputs
from engage_server.sdk import hookspecs
from engage_server.sdk.inputs import InputSpec
from tests import dummy_plugin

MARK = f"{hookspecs.PROJECT}_spec"
HOOKS = [
    function for _, function in inspect.getmembers(hookspecs, inspect.isfunction) if hasattr(function, MARK)
]
DOCUMENTED = ("When:", "Tenant and transaction:", "Returns:", "An exception:")


def test_the_contract_has_its_four_hooks() -> None:
    assert [hook.__name__ for hook in HOOKS] == [
        "engage_compute", "engage_compute_days", "engage_graphql", "engage_manifest"
    ]  # fmt: skip


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_a_hook_annotates_every_parameter_and_its_return(hook: Callable[..., object]) -> None:
    annotated = typing.get_type_hints(hook)
    assert set(annotated) == {*inspect.signature(hook).parameters, "return"}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_a_hook_says_when_for_whom_what_it_returns_and_what_an_exception_does(
    hook: Callable[..., object],
) -> None:
    lines = [line.strip() for line in (inspect.getdoc(hook) or "").splitlines()]
    starts = [start for start in DOCUMENTED if any(line.startswith(start) for line in lines)]
    assert starts == list(DOCUMENTED)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_the_dummy_plugin_implements_every_hook_with_the_same_signature(hook: Callable[..., object]) -> None:
    implementation = getattr(dummy_plugin.plugin, hook.__name__)
    assert hasattr(implementation, f"{hookspecs.PROJECT}_impl")
    assert list(inspect.signature(implementation).parameters) == list(inspect.signature(hook).parameters)


def test_the_dummy_plugin_declares_every_input_of_the_sdk_exactly_once() -> None:
    manifest = dummy_plugin.plugin.engage_manifest()
    declared = [type(spec) for spec in manifest.inputs_for(manifest.config()).values()]
    assert sorted(map(name_of, declared)) == sorted(map(name_of, offered_inputs()))


def test_the_sdk_exports_every_input_that_it_specifies() -> None:
    specified = {
        kind.__name__
        for kind in InputSpec.__subclasses__()
        if kind.__module__.startswith("engage_server.sdk.inputs.")
    }
    assert specified == set(map(name_of, offered_inputs()))


def name_of(kind: type) -> str:
    return kind.__name__


def test_every_input_specification_names_its_columns_and_says_what_a_row_is() -> None:
    undocumented = [
        kind.__name__ for kind in offered_inputs() if not kind.columns or not inspect.getdoc(kind)
    ]
    assert undocumented == []
