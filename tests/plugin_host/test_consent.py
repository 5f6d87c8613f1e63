"""What a plugin reads is said in words, for every kind of data that an input can be made of."""

import pytest

from engage_server.plugin_host.consent import WORDS, reads_of, require_consent
from engage_server.plugin_host.exceptions import ConsentNeededError
from engage_server.sdk import Accounts, Dataset, MetricValues, PersonDays, SurveyResponses


def test_every_kind_of_data_has_words():
    assert set(Dataset) - set(WORDS) == {Dataset.METRIC_VALUES}, "whose words name the plugin"


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
