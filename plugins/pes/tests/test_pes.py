"""The three components, their mean, the variants, and what is left out."""

from datetime import date, timedelta
from typing import Any

import pytest
from engage_pes.card import EXAMPLE, active, use
from engage_pes.components import Movement, growth
from engage_pes.config import PesConfig
from engage_pes.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, ActiveDays, FeatureUse, Measurement, Status, Subject, account
from engage_server.sdk.testing import Level, check, request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
Rows = list[dict[str, Any]]


def computed(rows: dict[str, Rows], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, rows, config=PesConfig(**config))
    return {m.subject: m for m in plugin.engage_compute(request)}


def test_the_score_is_the_mean_of_adoption_stickiness_and_growth() -> None:
    found = computed(EXAMPLE)[TENANT]
    told = found.details
    # Person 2 and 3 are of the month until the 18th; then nobody is, until both come on the 30th.
    assert told.stickiness == pytest.approx(100 * 1 / 19)
    assert (told.adoption, told.growth) == (75, 50)
    assert found.value == pytest.approx((75 + 50 + 100 / 19) / 3)
    assert [part.key for part in found.contributions] == ["adoption", "stickiness", "growth"]
    assert sum(float(part.points or 0) for part in found.contributions) == pytest.approx(found.value)


def test_an_accounts_growth_is_that_of_its_persons() -> None:
    rows = active(("2026-06-30", 1, 1), ("2026-06-30", 2, 1), ("2026-05-20", 3, 1))
    found = computed({"active": rows, "uses": [use(1, "export")]})
    told = found[account(1)].details
    assert (told.gained, told.dropped, told.growth) == (2, 1, pytest.approx(200 / 3))
    assert (told.adoption, found[account(1)].n) == (50, 2)
    assert (found[TENANT].details.gained, found[TENANT].details.dropped, found[TENANT].details.growth) == (
        0,
        0,
        None,
    )
    persons = computed({"active": rows}, growth_of="persons")[TENANT].details
    assert (persons.gained, persons.dropped) == (2, 1)


def test_an_account_that_left_has_its_growth_alone() -> None:
    found = computed(EXAMPLE)[account(3)]
    assert found.details.growth == 0
    assert (found.details.adoption, found.details.dropped) == (None, 1)


def test_named_core_features_count_whether_anybody_used_them_or_not() -> None:
    found = computed(EXAMPLE, core_features=("export", "print", "never", "heard"))[TENANT].details
    assert (found.adoption, found.core_features) == (25, 4)


def test_nobody_is_no_data() -> None:
    found = computed({})[TENANT]
    assert (found.value, found.status, found.details.components) == (None, Status.NO_DATA, 0)


@pytest.mark.parametrize(
    ("movement", "share", "ratio", "retention"),
    [
        (Movement(stayed=5, gained=0, dropped=0), None, None, 100),
        (Movement(stayed=5, gained=3, dropped=3), 50, 100, 62.5),
        (Movement(stayed=0, gained=4, dropped=0), 100, None, None),
        (Movement(stayed=1, gained=1, dropped=3), 25, 100 / 3, 25),
        (Movement(stayed=0, gained=9, dropped=1), 90, 100, 0),
    ],
)
def test_the_variants_of_growth(
    movement: Movement, share: float | None, ratio: float | None, retention: float | None
) -> None:
    found = [growth(movement, variant) for variant in ("share", "ratio", "retention_2019")]
    assert found == [one if one is None else pytest.approx(one) for one in (share, ratio, retention)]


@pytest.mark.parametrize("variant", ["share", "ratio", "retention_2019"])
def test_the_variant_is_named(variant: Any) -> None:
    assert {one.details.variant for one in computed(EXAMPLE, variant=variant).values()} == {variant}


@pytest.mark.parametrize(("window", "days"), [(30, 60), (7, 36), (90, 180)])
def test_it_reads_two_windows_and_a_month_before_the_first_day(window: int, days: int) -> None:
    specs = MANIFEST.inputs_for(PesConfig(window_days=window))
    assert (specs["active"], specs["uses"]) == (ActiveDays(days=days), FeatureUse(days=window))


HISTORY = st.lists(
    st.tuples(st.integers(0, 59), st.integers(1, 5), st.sampled_from([1, 2, None]), st.sampled_from("xyz")),
    max_size=20,
)


@settings(max_examples=25)
@given(HISTORY, st.sampled_from(["share", "ratio", "retention_2019"]))
def test_every_component_and_the_score_lie_between_0_and_100(told: list[Any], variant: Any) -> None:
    days = [{"day": DAY - timedelta(days=back), "person": p, "account": of} for back, p, of, _ in told]
    uses = [use(p, name) | {"account": of} for back, p, of, name in told if back < 30]
    for one in computed({"active": days, "uses": uses}, variant=variant).values():
        values = [one.value, one.details.adoption, one.details.stickiness, one.details.growth]
        assert all(0 <= float(value) <= 100 for value in values if value is not None)
        known = [value for value in values[1:] if value is not None]
        assert one.value == (pytest.approx(sum(known) / len(known)) if known else None)


@pytest.mark.parametrize("values", [{"window_days": 6}, {"variant": "pendo"}, {"growth_of": "seats"}])
def test_impossible_configuration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PesConfig.model_validate(values)


def test_it_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, [str(finding) for finding in report.findings]
