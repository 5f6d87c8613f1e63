"""What holds for every score, whatever the weights, the gaps and the caps."""

from typing import Any

import pytest
from engage_health_score.answers import Scored, answer, members_by_group
from engage_health_score.component import Component
from engage_health_score.components import Part
from engage_health_score.config import Band, Bands, Cap, HealthScoreConfig, MissingMode, Model
from engage_health_score.normalisation import Linear
from engage_health_score.scoring import scorer
from hypothesis import assume, given
from hypothesis import strategies as st

KEYS = tuple("abcdef")
GROUPS = ("usage", "advocacy")
points = st.floats(0, 100)
weights = st.floats(0.01, 1000)


@st.composite
def configurations(draw: st.DrawFn, /, **fixed: Any) -> HealthScoreConfig:
    components = tuple(
        Component(
            key=key,
            label=key,
            metric=f"source.{key}",
            group=draw(st.sampled_from(GROUPS)),
            weight=draw(weights),
            normalisation=Linear(low=0, high=100),
        )
        for key in KEYS[: draw(st.integers(1, len(KEYS)))]
    )
    groups = {component.group for component in components}
    keys = st.sampled_from([component.key for component in components])
    cap = st.builds(Cap, component=keys, below=st.floats(1, 100), at_most=points)
    fields = {
        "group_weights": {group: draw(weights) for group in groups} if draw(st.booleans()) else {},
        "model": draw(st.sampled_from(Model)),
        "missing": draw(st.sampled_from(MissingMode)),
        "min_coverage": draw(st.floats(0, 1)),
        "caps": tuple(draw(st.lists(cap, max_size=2))),
    }
    return HealthScoreConfig(components=components, **(fields | fixed))


def scores(optional: bool = True) -> st.SearchStrategy[dict[str, float | None]]:
    each = st.none() | points if optional else points
    return st.fixed_dictionaries(dict.fromkeys(KEYS, each))


@given(configurations(), scores())
def test_a_score_lies_between_0_and_100_and_its_parts_add_up_to_it(
    config: HealthScoreConfig, by_key: dict[str, float | None]
) -> None:
    parts = {c.key: Part(raw=by_key[c.key], score=by_key[c.key]) for c in config.components}
    score = scorer(config)(by_key)
    measurement = answer(Scored(score, parts, config), members_by_group(config))
    if measurement.value is None:
        assert score.band is Band.UNKNOWN
    else:
        assert 0 <= measurement.value <= 100
        assert sum(part.points or 0 for part in measurement.parts) == pytest.approx(
            measurement.value, abs=1e-9
        )
        assert sum(score.shares.values()) == 1


@given(configurations(), scores(), st.randoms(use_true_random=False))
def test_the_order_of_components_does_not_matter(config: HealthScoreConfig, by_key: Any, random: Any) -> None:
    shuffled = random.sample(config.components, len(config.components))
    other = config.model_copy(update={"components": tuple(shuffled), "caps": config.caps[::-1]})
    assert scorer(other)(by_key) == scorer(config)(by_key)


def test_of_caps_that_differ_in_their_threshold_alone_the_lower_one_is_told() -> None:
    low, high = Cap(component="a", below=10, at_most=0), Cap(component="a", below=20, at_most=0)
    component = Component(
        key="a", label="a", metric="source.a", group="usage", weight=1, normalisation=Linear(low=0, high=100)
    )
    for caps in ((low, high), (high, low)):
        config = HealthScoreConfig(components=(component,), caps=caps, min_coverage=0)
        assert scorer(config)({"a": 5.0}).cap == low


@given(configurations(missing=MissingMode.EXCLUDE_REWEIGHT, min_coverage=0), scores(), st.sampled_from(KEYS))
def test_excluding_a_missing_component_equals_a_configuration_without_it(
    config: HealthScoreConfig, by_key: dict[str, float | None], gone: str
) -> None:
    rest = tuple(component for component in config.components if component.key != gone)
    assume(rest)
    groups = {component.group for component in rest}
    without = config.model_copy(
        update={
            "components": rest,
            "caps": tuple(cap for cap in config.caps if cap.component != gone),
            "group_weights": {g: w for g, w in config.group_weights.items() if g in groups},
        }
    )
    assert scorer(config)(by_key | {gone: None}).value == scorer(without)(by_key).value


@given(configurations(), scores(optional=False), st.sampled_from(KEYS), points)
def test_a_better_component_never_lowers_the_score(
    config: HealthScoreConfig, by_key: dict[str, float], key: str, better: float
) -> None:
    score = scorer(config)
    before, after = score(by_key).value, score(by_key | {key: max(better, by_key[key])}).value
    assert before is not None
    assert after is not None
    assert after >= before


@given(st.floats(1, 98), st.floats(1, 98), points)
def test_every_score_lies_in_exactly_one_band_and_a_better_score_in_no_worse_one(
    edge: float, width: float, score: float
) -> None:
    bands = Bands(yellow_from=edge, green_from=min(edge + width, 100))
    inside = {
        Band.RED: 0 <= score < bands.yellow_from,
        Band.YELLOW: bands.yellow_from <= score < bands.green_from,
        Band.GREEN: bands.green_from <= score <= 100,
    }
    assert [band for band, is_inside in inside.items() if is_inside] == [bands.band(score)]
