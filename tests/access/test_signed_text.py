"""What is signed is taken for what it was signed for alone, whole, and under a former secret key too."""

import pytest

from engage_server.access.key_format import base62
from engage_server.access.signed_text import is_signed, number_of, signed


def test_a_text_is_signed_for_one_purpose():
    text = signed("a_1", salt="shares")
    assert is_signed(text, salt="shares")
    assert not is_signed(text, salt="tokens")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "b" + text[1:],
        lambda text: text[:-1],
        lambda text: text + "0",
        lambda text: "",
        lambda text: "한",
    ],
)
def test_a_changed_byte_is_refused(change):
    assert not is_signed(change(signed("a_1", salt="shares")), salt="shares")


def test_a_former_secret_key_counts_until_it_is_taken_away(settings):
    text = signed("a_1", salt="shares")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" + "1" * 50
    assert is_signed(text, salt="shares")
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_signed(text, salt="shares")


@pytest.mark.parametrize("number", [0, 61, 62, 2**31 - 1, 2**40])
def test_a_number_comes_back(number):
    assert number_of(base62(number)) == number


@pytest.mark.parametrize("text", ["", "-1", "a b", "é", "0" * 11])
def test_what_is_no_number_is_none(text):
    assert number_of(text) is None
