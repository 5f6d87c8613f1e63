"""The form of what feedback is filed under: tags, and the metric that it is about."""

import re
from collections.abc import Iterable
from typing import Final

from engage_server.customers.exceptions import InvalidTagsError

MOST: Final = 20
LONGEST: Final = 60
METRIC: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")
LONGEST_METRIC: Final = 127


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags in lower case, without outer blanks, each once in order; empty ones are left out.

    Raises:
        InvalidTagsError: there are too many, or one is too long.
    """
    cleaned = tuple(sorted({word for tag in tags if (word := " ".join(tag.split()).lower())}))
    if len(cleaned) > MOST:
        raise InvalidTagsError(f"There are {len(cleaned)} tags. Remedy: give at most {MOST}.")
    for tag in cleaned:
        if len(tag) > LONGEST:
            raise InvalidTagsError(f"A tag has {len(tag)} characters. Remedy: give it at most {LONGEST}.")
    return cleaned


def require_metric_id(text: str) -> str:
    """``text``, if it has the form of a metric's full id.

    Raises:
        InvalidTagsError: it has not.
    """
    if METRIC.match(text) is None or len(text) > LONGEST_METRIC:
        raise InvalidTagsError(
            "The metric has no full id. Remedy: give plugin and metric, such as nps.score."
        )
    return text
