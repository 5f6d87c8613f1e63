"""What a plugin reads is said in words, for every kind of data that an input can be made of."""

import pytest

from engage_server.plugin_host.consent import OF_PLUGINS, WORDS, reads_of, require_consent
from engage_server.plugin_host.exceptions import ConsentNeededError
from engage_server.sdk import (
    Accounts,
    Dataset,
    Feedback,
    MetricValues,
    Overrides,
    PersonDays,
    SurveyResponses,
)


def test_every_kind_of_data_has_words():
    assert set(Dataset) - set(WORDS) == set(OF_PLUGINS), "whose words name the plugin"


def test_the_widest_of_several_reads_is_said_and_each_plugin_for_itself():
    read = reads_of(
        {
            "short": SurveyResponses(instrument="nps", days=7),
            "long": SurveyResponses(instrument="ces*", days=90),
            "values": MetricValues(metrics=("nps.score", "ces.score"), max_age_days=0),
        }
    )
    assert read == {
        "METRICS OF ces": "values of the plugin ces, of the computed day",
        "METRICS OF nps": "values of the plugin nps, of the computed day",
        "SURVEY_RESPONSES": "answers to surveys, of 90 days",
    }


def test_only_what_is_new_has_to_be_agreed_to():
    read = reads_of({"accounts": Accounts(), "days": PersonDays(days=28)})
    require_consent("p", read, {"ACCOUNTS", "EVENTS", "more"})
    with pytest.raises(ConsentNeededError) as needed:
        require_consent("p", read, {"ACCOUNTS"})
    assert list(needed.value.reads) == ["EVENTS"]
    assert "28 days" in str(needed.value)


def test_who_agreed_to_scores_has_not_agreed_to_what_was_said_in_words():
    read = reads_of({"texts": Feedback(days=30)})
    assert list(read) == ["FEEDBACK"]
    with pytest.raises(ConsentNeededError) as needed:
        require_consent("feedback", read, {"SURVEY_RESPONSES"})
    assert "by your own people" in needed.value.reads["FEEDBACK"]


def test_overrides_are_agreed_to_for_each_plugin_whose_values_they_stand_for():
    read = reads_of({"own": Overrides(metric="p.score"), "others": Overrides(metric="health_score.score")})
    assert read["OVERRIDES OF health_score"].startswith("what people set in place of values of health_score")
    with pytest.raises(ConsentNeededError) as needed:
        require_consent("p", read, {"OVERRIDES"})
    assert list(needed.value.reads) == ["OVERRIDES OF health_score"], (
        "what was agreed to earlier were its own"
    )
    require_consent("p", read, {"OVERRIDES OF p", "OVERRIDES OF health_score"})
