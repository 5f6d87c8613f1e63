"""Texts of tenants fail as texts do, whatever they are given, and cost no more than a message may."""

import resource

import pytest

from engage_server.automation import templates
from engage_server.automation.exceptions import TemplateError, UnsendableError
from engage_server.automation.messages import Message

ACCOUNT = {
    "account": {"name": "north", "traits": {"l": [1, "a", None, {"x": 1}], "text": "a" * 4_000, "seats": 5}}
}
LETTERS = "{% assign s = '" + "abcdefghij" * 30 + "' %}" + "{% assign s = s | append: s %}" * 5


def render(text: str) -> str:
    templates.check(text)
    return templates.render(text, ACCOUNT)


@pytest.mark.parametrize(
    "text",
    [
        "{{ 1 | divided_by: 0 }}",
        "{{ 1.5 | modulo: 0 }}",
        "{{ account.traits.l | sum }}",
        "{{ account.traits.l | sort }}",
        "{{ '1e400' | ceil }}",
        "{{ 'inf' | floor }}",
        "{{ 'nan' | round }}",
        "{{ 1e400 | floor }}",
        "{{ account.traits.l[999999999999999999999] }}",
        "{% for i in account.traits.l limit: 'x' %}{% endfor %}",
    ],
)
def test_a_filter_that_cannot_take_a_value_is_an_error_of_the_text(text):
    with pytest.raises(TemplateError, match="Remedy"):
        render(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ (1..10000000) | join }}",
        "{{ (1..1001) | size }}",
        "{% assign a = (1..30000000) | reverse %}",
        "{% if (1..100000000) contains 'a' %}{% endif %}",
        "{% if true %}{% for i in (1..99999999) %}{% endfor %}{% endif %}",
        "{% for i in (1..account.traits.seats) %}{% endfor %}",
    ],
)
def test_a_range_is_short_and_written_out_before_it_is_made(text):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TemplateError, match="range"):
        render(text)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LETTERS + "{% for i in (1..1000) %}{% assign x = s | upcase | escape %}{% endfor %}", "characters"),
        ("{% for i in (1..1000) %}{% assign x = i | plus: 1 | plus: 1 | plus: 1 %}{% endfor %}", "filters"),
        ("{% for i in (1..1000) %}{% endfor %}" * 150, "rounds"),
        ("{% for i in (1..1000) %}" + "{% if i == 0 %}{% endif %}" * 300 + "{% endfor %}", "rounds"),
        ("{% assign a = 9 %}" + "{% assign a = a | times: a %}" * 100, "number"),
        ("{{ account.traits.text | replace: 'a', account.traits.text }}", "characters"),
        ("{{ account.traits.text | replace: '', account.traits.text }}", "characters"),
    ],
)
def test_what_a_text_may_cost_has_an_end(text, said):
    with pytest.raises(TemplateError, match=said):
        render(text)


@pytest.mark.parametrize(
    "filter",
    ["base64_encode", "base64_decode", "base64_url_safe_encode", "url_encode", "url_decode", "split: ''"],
)
def test_filters_that_write_in_another_alphabet_are_none(filter):
    with pytest.raises(TemplateError, match="filter"):
        render(f"{{{{ account.name | {filter} }}}}")


def test_what_messages_need_is_made():
    text = (
        "{% for i in (1..3) %}{{ i | plus: 1 }}{% endfor %} {{ account.name | replace: 'n', 'm' | upcase }} "
        "{{ account.traits.l | first }}{% if account.traits.seats > 4 %}!{% endif %}"
    )
    assert render(text) == "234 MORTH 1!"


def test_a_message_has_no_character_that_cannot_be_stored():
    with pytest.raises(UnsendableError, match="NUL"):
        Message("x", "Hello", "a\x00b", {})
