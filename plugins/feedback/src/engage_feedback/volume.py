"""Texts counted by account: how many, whose, about what."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

import polars as pl

from engage_feedback.config import FeedbackConfig
from engage_server.sdk import Answer, Contribution


@dataclass(frozen=True, slots=True)
class TagShare:
    """How often one tag, or one metric, was meant. A text has several tags, so that shares may add up to more than 1."""

    name: Annotated[str, "The tag in lower case, or the metric's full id."]
    count: Annotated[int, "Texts with it."]
    share: Annotated[float, "Of all texts, 0 to 1."]


@dataclass(frozen=True, slots=True)
class Volume:
    """What the texts are."""

    customer_share: Annotated[float | None, "Share of the customers' own words, 0 to 1; null without a text."]
    staff_share: Annotated[float | None, "Share of the words of the tenant's own people."]
    untagged: Annotated[int, "Texts without a tag."]
    tags: Annotated[tuple[TagShare, ...], "The most frequent first."]
    metrics: Annotated[tuple[TagShare, ...], "By the metric that they are about, the most frequent first."]


@dataclass(slots=True)
class Said:
    """The texts about one subject, counted."""

    customers: int = 0
    staff: int = 0
    untagged: int = 0
    tags: Counter[str] = field(default_factory=Counter)
    metrics: Counter[str] = field(default_factory=Counter)

    def add(self, given_by: str, metric: str | None, tags: Iterable[str]) -> None:
        """Count one text: each of its tags once, however often it was given."""
        if given_by == "STAFF":
            self.staff += 1
        else:
            self.customers += 1
        words = set(tags)
        self.tags.update(words)
        self.untagged += not words
        if metric:
            self.metrics[metric] += 1


def counted(texts: pl.DataFrame, config: FeedbackConfig) -> pl.DataFrame:
    """The texts that the configuration counts."""
    return texts if config.given_by == "all" else texts.filter(pl.col("given_by") == config.given_by)


def tallied(texts: pl.DataFrame) -> tuple[Said, dict[int, Said]]:
    """What was said of the whole tenant, and of each known account by id."""
    tenant, by_account = Said(), dict[int, Said]()
    rows = texts.select("account", "given_by", "metric", "tags").iter_rows()
    for account, given_by, metric, tags in rows:
        subjects = [tenant] if account is None else [tenant, by_account.setdefault(account, Said())]
        for subject in subjects:
            subject.add(given_by, metric, tags or ())
    return tenant, dict(sorted(by_account.items()))


def volume_of(said: Said, config: FeedbackConfig) -> Answer:
    """The number of texts with their shares by source, tag and metric."""
    n = said.customers + said.staff
    details = Volume(
        customer_share=said.customers / n if n else None,
        staff_share=said.staff / n if n else None,
        untagged=said.untagged,
        tags=_shares(said.tags, n=n, most=config.most_tags),
        metrics=_shares(said.metrics, n=n, most=config.most_tags),
    )
    parts = (
        ("customers", "Customers' own words", said.customers),
        ("staff", "Words of the tenant's own people", said.staff),
    )
    return Answer(
        n,
        n=n,
        details=details,
        parts=tuple(Contribution(key, label, count, points=count, n=count) for key, label, count in parts)
        if n
        else (),
    )


def _shares(counts: Counter[str], *, n: int, most: int) -> tuple[TagShare, ...]:
    ranked = sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))
    return tuple(TagShare(name, count, count / n) for name, count in ranked[:most])
