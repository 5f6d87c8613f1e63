"""Texts put together at random are taken or refused with a remedy, whatever they say, and none takes long.

``EXAMPLES=10000`` for the whole, which is ``make fuzz-templates``.
"""

import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.automation import templates
from engage_server.automation.exceptions import TemplateError
from engage_server.automation.template_limits import environment

EXAMPLES = int(os.environ.get("EXAMPLES", "300"))
AT_A_TIME = 500
"""Hypothesis remembers each text that it tried: of 10,000 at once it keeps gigabytes, and a collection of
garbage amid a text would be taken for the text's slowness."""
SLOW_S = 1.0
"""Of the processor, for a text that is checked and made; most take a millisecond."""
FILTERS = sorted(environment().filters)
TAGS = sorted(environment().tags)
ANY = st.text(max_size=12)
TRAITS = ("l", "text", "seats", "deep.a.b", "l[0]", "l[99999999999999999999]")
OTHERS = ("account.traits['text']", "signal.evidence.value", "person", "nobody", "i", "x", "forloop.index")
NAMES = st.sampled_from([*sorted(templates.VARIABLES), *(f"account.traits.{one}" for one in TRAITS), *OTHERS])
LITERALS = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.floats().map(str),
    ANY.map(lambda text: "'" + text.replace("'", "") + "'"),
    st.sampled_from(
        [
            "nil",
            "true",
            "empty",
            "blank",
            "(1..1000)",
            "(1..99999999)",
            "(-5..5)",
            "1e400",
            "''",
            '"',
            "%",
            "a" * 3_000,
        ]
    ),
)
VALUES = st.one_of(NAMES, LITERALS)
CALLS = st.builds(
    lambda name, arguments: f"{name}{': ' if arguments else ''}{', '.join(arguments)}",
    st.one_of(st.sampled_from(FILTERS), ANY),
    st.lists(VALUES, max_size=3),
)
EXPRESSIONS = st.builds(lambda value, calls: " | ".join([value, *calls]), VALUES, st.lists(CALLS, max_size=4))
OUTPUTS = EXPRESSIONS.map(lambda text: f"{{{{ {text} }}}}")
ASSIGNMENTS = EXPRESSIONS.map(lambda text: f"{{% assign x = {text} %}}")
STRAY = st.builds(
    lambda tag, rest: f"{{% {tag} {rest} %}}",
    st.sampled_from([*TAGS, "include", "render", "layout"]),
    EXPRESSIONS,
)


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=4).map("".join)
    return st.one_of(
        st.builds(lambda over, text: f"{{% for i in {over} %}}{text}{{% endfor %}}", VALUES, body),
        st.builds(
            lambda one, other, text: f"{{% if {one} == {other} %}}{text}{{% else %}}!{{% endif %}}",
            VALUES,
            VALUES,
            body,
        ),
        st.builds(
            lambda one, other, text: f"{{% if {one} contains {other} %}}{text}{{% endif %}}",
            VALUES,
            VALUES,
            body,
        ),
        st.builds(
            lambda one, text: f"{{% case {one} %}}{{% when {one} %}}{text}{{% endcase %}}", VALUES, body
        ),
        st.builds(lambda text: f"{{% capture x %}}{text}{{% endcapture %}}{{{{ x }}}}", body),
        st.builds(
            lambda over, text: f"{{% tablerow i in {over} cols: 2 %}}{text}{{% endtablerow %}}", VALUES, body
        ),
        st.builds(
            lambda text: f"{{% raw %}}{text}{{% endraw %}}{{% comment %}}{text}{{% endcomment %}}", body
        ),
    )


TEXTS = st.lists(
    st.recursive(st.one_of(ANY, OUTPUTS, ASSIGNMENTS, STRAY), blocks, max_leaves=12), min_size=1, max_size=6
).map("".join)
VARIABLES = {
    "tenant": {"name": "Acme"},
    "rule": {"name": "Low"},
    "signal": {"kind": "RISK", "raised_on": "2026-06-01", "evidence": {"value": 12.5, "metric": "nps.score"}},
    "account": {
        "external_id": "north", "name": "North <b>", "plan": "pro", "stage": "CUSTOMER", "owner": "kim", "cancel_reason": "",
        "traits": {"l": [1, "a", None, {"x": 1}], "text": "a" * 4_000, "seats": 5, "deep": {"a": {"b": [[]]}}},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes():
    """How many texts were made, and how many refused; both there must be, or nothing was tried."""
    counted = {"made": 0, "refused": 0}
    yield counted
    assert min(counted.values()) > EXAMPLES // 50, counted


@pytest.mark.parametrize("part", range(-(-EXAMPLES // AT_A_TIME)))
@settings(
    max_examples=min(EXAMPLES, AT_A_TIME), deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(text=TEXTS)
def test_a_text_put_together_at_random_is_made_or_refused_with_a_remedy_and_fast(outcomes, part, text):
    begin = time.process_time()
    said = None
    try:
        templates.check(text)
        made = templates.render(text, VARIABLES)
    except TemplateError as error:
        made, said = "", str(error)
    taken_s = time.process_time() - begin
    outcomes["made" if said is None else "refused"] += 1
    assert len(made) <= 20_000
    assert said is None or ("Remedy" in said and len(said) < 1_000)
    assert taken_s < SLOW_S
