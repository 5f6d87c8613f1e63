"""What mentions a name, as a law: whoever knows the name and whoever has to guess it from the text find the same."""

import json
import time
from unicodedata import normalize
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.customers.person_mentions import (
    SHORTEST_WORD,
    NameMatcher,
    possible_names,
    possible_names_in_payload,
    texts_of,
)

NAME = "ada-lovelace"
# What ids are made of, without what parts the pieces of a text.
ID_CHARACTERS = "abcxyz0189_-é中"
ids = st.builds(
    lambda head, body, tail: head + body + tail,
    st.sampled_from("abz"),
    st.text(ID_CHARACTERS, min_size=SHORTEST_WORD, max_size=20),
    st.sampled_from("xyé1"),
)
prose = st.text(max_size=60)
separators = st.sampled_from(
    [" ", ",", ";", "(", ")", '"', "'", ":", "|", "=", "/", "&", "?", "#", "\n", ". ", "! "]
)


def guessed(name: str, text: str) -> bool:
    return name in possible_names(text)


@pytest.mark.parametrize(
    "text",
    [
        "{}", "{}.", "@{}!", "'{}'", '"{}"', "done by {} and others", "/u/{}/edit", "who={}&x=1", "mailto:{}",
        "{}@example.test", "said '{}'", "it is {}'s", "({})", "https://x.test/{}?a#b",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "written",
    [NAME, NAME.upper(), "ada%2Dlovelace", "ada%252dlovelace", "%61da-lovelace"],
)  # fmt: skip
def test_a_long_name_is_found_wherever_it_stands_by_who_knows_it_and_by_who_does_not(text, written):
    assert NameMatcher([NAME]).matches(text.format(written))
    assert guessed(NAME, text.format(written))


@pytest.mark.parametrize("text", ["{}s", "x{}", "_{}", "{}1", "ada lovelace", "ada", ""])
def test_what_is_longer_or_other_than_the_name_is_no_mention(text):
    assert not NameMatcher([NAME]).matches(text.format(NAME))
    assert not guessed(NAME, text.format(NAME))


@pytest.mark.parametrize("text", ["bob", "BOB", "bob!", "KeyError: 'bob'", 'said "bob" twice', "b%6fb"])
def test_a_short_name_is_found_as_a_whole_text_or_quotation(text):
    assert NameMatcher(["bob"]).matches(text)
    assert guessed("bob", text)


def test_a_short_name_within_a_sentence_is_a_mention_only_where_every_word_counts():
    assert not NameMatcher(["bob"]).matches("led by bob")
    assert not guessed("bob", "led by bob")
    assert NameMatcher(["bob"], shortest_word=1).matches("led by bob")
    assert not NameMatcher(["bob"], shortest_word=1).matches("bobbed")


def test_who_knows_a_name_finds_it_where_blanks_or_hyphens_hide_it_from_who_does_not():
    for name, text in (
        ("Ada Lovelace", "led by Ada Lovelace, London"),
        (NAME, "report-ada-lovelace-2026.csv"),
    ):
        assert NameMatcher([name]).matches(text)
        assert not guessed(name, text)
    assert guessed("Ada Lovelace", "led by 'Ada Lovelace'")


@given(ids, prose, separators, separators, prose)
def test_a_name_between_separators_is_found_in_any_surroundings(name, before, left, right, after):
    text = f"{before}{left}{name}{right}{after}"
    assert NameMatcher([name]).matches(text)


@given(ids, separators, separators)
def test_both_find_a_name_between_separators_however_it_is_encoded(name, left, right):
    for text in (f"by{left}{name}{right}on", f"by{left}{quote(name, safe='')}{right}on"):
        for form in (text, normalize("NFD", text), normalize("NFC", text)):
            assert NameMatcher([name]).matches(form)
            assert guessed(name, form)


@given(prose | ids, prose)
def test_whatever_could_be_guessed_is_found_by_who_knows_it(text, more):
    for name in set(possible_names(f"{text} {more}")):
        assert NameMatcher([name]).matches(f"{text} {more}")


@given(st.text(max_size=30), st.text(min_size=1, max_size=30))
def test_a_name_that_no_reading_of_the_text_holds_is_not_found(text, name):
    seen = normalize("NFC", text.lower())
    if "%" not in text and normalize("NFC", name.lower()) not in seen:
        assert not NameMatcher([name]).matches(text)
        assert not guessed(name, text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | prose,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(prose, inner, max_size=3),
    max_leaves=10,
)


@given(ids, json_values, prose)
def test_a_text_or_key_of_a_document_counts_however_deep_it_lies(name, around, key):
    for planted in ({"a": [around, {key: name}]}, [{name: around}], {"x": {"y": [[name]]}}):
        assert NameMatcher([name]).matches_document(planted)
        assert NameMatcher([name]).matches_payload(json.dumps(planted))
        assert name in possible_names_in_payload(json.dumps(planted))
    assert set(texts_of({"a": [around, {key: name}]})) >= {name, key}


@pytest.mark.parametrize(
    ("payload", "mentions"),
    [
        ('{"userId": 7}', True),
        ('{"userId": "7"}', True),
        ('{"distinct_ids": [5, 7]}', True),
        ('{"rows": 7, "text": "7", "7": 1}', False),
        ('{"userId": {"rows": 7}}', False),
        ('{"userId": true}', False),
        ("user=7&x=1", True),
        ("user=77", False),
    ],
)
def test_figures_name_somebody_only_where_the_client_calls_them_an_id(payload, mentions):
    assert NameMatcher(["7"]).matches_payload(payload) is mentions
    assert ("7" in possible_names_in_payload(payload)) is mentions


def test_figures_are_a_label_in_documents_of_ours():
    assert NameMatcher(["7"]).matches_document([{"key": "7", "value": 1}])
    assert not NameMatcher(["7"]).matches_document([{"key": "x", "value": 7, "note": "7 of them"}])


@pytest.mark.parametrize(
    "payload",
    ['{"userId": "ada-lovelace"', "user=ada-lovelace&x", "user=ada%2Dlovelace", '"\\ud800 ada-lovelace'],
)
def test_what_is_no_json_is_read_by_words(payload):
    assert NameMatcher([NAME]).matches_payload(payload)
    assert NAME in possible_names_in_payload(payload)
    assert "Ada Lovelace" in possible_names_in_payload("user=Ada+Lovelace")


@pytest.mark.parametrize("unit", ["@", "'", "%41", "a-b-c", "a|", "\\'", "aaaaaa ", '"\\', "[[", "((((((("])
def test_the_time_is_linear_in_the_text(unit):
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        started = time.process_time()
        assert not NameMatcher([NAME]).matches_payload(text)
        sum(1 for _ in possible_names_in_payload(text))
        return time.process_time() - started

    assert min(seconds(400_000) for _ in range(2)) < 40 * max(min(seconds(20_000) for _ in range(3)), 0.005)
