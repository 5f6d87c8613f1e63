"""Whatever a compute hook does wrong is its own failure, with its name on it."""

from dataclasses import replace

import pytest
from engage_nps.score import Answers

from engage_server.plugin_host import compute_call, guard
from engage_server.plugin_host.registry import registry
from engage_server.sdk import TENANT, Answer, Contribution, Measurement, account
from engage_server.sdk.contract import measurement_problems
from engage_server.sdk.testing import request_for

EMPTY = Answers()


def computing(function):
    plugin = registry().plugins["nps"]
    changed = guard.Plugin(plugin.manifest, plugin.distribution, plugin.version, function, None)
    return guard.compute(changed, request_for(plugin.manifest))


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda request: 1 / 0, "ZeroDivisionError"),
        (lambda request: None, "returned None"),
        (lambda request: [42], "int instead of a Measurement"),
        (lambda request: [Measurement("score", TENANT, float("nan"), 1)], "nan is no number"),
        (lambda request: [Measurement("other", TENANT, 1, 1)], "declares no such metric"),
        (lambda request: [Measurement("score", TENANT, 1, 1)] * 2, "twice"),
        (lambda request: [Measurement("score", TENANT, None, 0)], "does not go with the status"),
    ],
)
def test_a_broken_answer_names_the_plugin_and_the_fault(function, says):
    with pytest.raises(guard.PluginFailedError, match=says) as caught:
        computing(function)
    assert "'nps'" in str(caught.value)


def test_an_empty_answer_is_legal():
    assert computing(lambda request: iter(())).measurements == ()


def test_an_input_that_is_none_of_the_sdks_is_the_plugins_failure_and_named():
    plugin = registry().plugins["nps"]
    manifest = replace(plugin.manifest, inputs=lambda config: {"answers": "SurveyResponses"})
    with pytest.raises(guard.PluginFailedError, match="'answers' of the plugin 'nps' is str"):
        guard.inputs(replace(plugin, manifest=manifest), manifest.config())


def many_answers(value, subjects):
    answer = Answer(value, n=1, details=EMPTY)
    return [answer.measured("score", subject, window_days=1, is_young=False) for subject in subjects]


def test_an_answer_that_is_given_of_many_subjects_is_checked_once_and_stored_for_each(monkeypatch):
    looked_at = []
    monkeypatch.setattr(
        compute_call,
        "measurement_problems",
        lambda manifest, one: looked_at.append(one.subject) or measurement_problems(manifest, one),
    )
    computed = computing(lambda request: many_answers(1.5, [TENANT, account(1), account(2), account(3)]))
    assert looked_at == [TENANT, account(1)]
    assert [one._encoded is not None for one in computed.measurements] == [True] * 4


@pytest.mark.parametrize(
    "broken", [{"value": 2.5}, {"n": -1}, {"contributions": (Contribution("a", "A", 1, 7),)}]
)
def test_a_measurement_that_differs_from_a_sound_one_in_anything_is_checked_by_itself(broken):
    sound, other = many_answers(1.5, [account(1), account(2)])
    assert not replace(other, **broken).says_as(sound)


def test_a_broken_answer_of_many_subjects_is_refused():
    with pytest.raises(guard.PluginFailedError, match="nan is no number"):
        computing(lambda request: many_answers(float("nan"), [account(1), account(2)]))
