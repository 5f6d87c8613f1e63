"""Texts by language, as browsers name languages."""

import pytest

from engage_server.api.languages import text_in

TEXTS = {"en": "points", "ko": "점", "zh-hant": "分"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ko", "점"), ("ko-KR", "점"), ("KO_kr", "점"), ("zh-Hant-TW", "分"), ("zh-CN", "points"), ("fr", "points"),
        ("", "points"), ("-", "points"), ("ko" + "-x" * 10_000, "점"),
    ],
)  # fmt: skip
def test_the_nearest_language_is_chosen(language: str, text: str) -> None:
    assert text_in(TEXTS, language, default="points") == text
