"""Tags are kept in one form, and what is no metric's id is refused with the remedy."""

import pytest

from engage_server.customers.exceptions import InvalidTagsError
from engage_server.customers.tags import LONGEST, MOST, clean_tags, require_metric_id


def test_tags_are_in_lower_case_each_once_and_in_order() -> None:
    assert clean_tags([" UI ", "ui", "Slow  start", ""]) == ("slow start", "ui")


@pytest.mark.parametrize("tags", [["x" * (LONGEST + 1)], [str(number) for number in range(MOST + 1)]])
def test_too_many_and_too_long_ones_are_refused(tags: list[str]) -> None:
    with pytest.raises(InvalidTagsError, match="Remedy: give"):
        clean_tags(tags)


@pytest.mark.parametrize("text", ["nps", "NPS.score", "nps.score.x", "nps.", "a." + "b" * 127])
def test_a_metric_is_named_by_plugin_and_metric(text: str) -> None:
    assert require_metric_id("nps.score") == "nps.score"
    with pytest.raises(InvalidTagsError, match=r"such as nps\.score"):
        require_metric_id(text)
