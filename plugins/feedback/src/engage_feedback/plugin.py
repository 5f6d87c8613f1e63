"""What customers say in words, and what the tenant's own people say of them: how much, about what, and whether it rises."""

from collections.abc import Iterator
from typing import Final

from engage_feedback import card
from engage_feedback.change import Change, change_of
from engage_feedback.config import FeedbackConfig
from engage_feedback.volume import Volume, counted, tallied, volume_of
from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    Feedback,
    Plugin,
    Subject,
    account,
    catalogues_beside,
)

TITLES: Final = {"en": "Feedback in words", "ko": "서술형 피드백"}
plugin = Plugin(
    "feedback",
    sdk=">=2,<3",
    config=FeedbackConfig,
    title=TITLES,
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_feedback"),
)
Answers = Iterator[tuple[Subject, Answer]]


@plugin.metric(
    "volume",
    title={"en": "Texts", "ko": "피드백 건수"},
    unit={"en": "texts", "ko": "건"},
    direction="TARGET",
    card=card.VOLUME,
    details=Volume,
    inputs=lambda config: {"texts": Feedback(days=config.window_days)},
    of_all=True,
    category="satisfaction",
    no_interval="All texts are counted; there is no sample.",
)
def volumes(rows: Computation[FeedbackConfig]) -> Answers:
    """How much was said: of the tenant, then of each account with a text, by account id."""
    tenant, by_account = tallied(counted(rows["texts"], rows.config))
    yield TENANT, volume_of(tenant, rows.config)
    for id, of_account in by_account.items():
        yield account(id), volume_of(of_account, rows.config)


@plugin.metric(
    "change",
    title={"en": "Change of the number of texts", "ko": "피드백 건수 변화"},
    unit="%",
    direction="TARGET",
    card=card.CHANGE,
    details=Change,
    inputs=lambda config: {
        "texts": Feedback(days=config.window_days),
        "previous": Feedback(days=config.window_days, ends_before=config.window_days),
    },
    of_all=True,
    category="satisfaction",
)
def changes(rows: Computation[FeedbackConfig]) -> Answers:
    """The change against the window before: of the tenant, then of each account with a text in one of them."""
    now, before = (counted(rows[name], rows.config) for name in ("texts", "previous"))
    level = rows.config.confidence
    yield TENANT, change_of(now.height, before.height, level=level)
    heights = [
        dict(frame.group_by("account").len().drop_nulls("account").iter_rows()) for frame in (now, before)
    ]
    for id in sorted({*heights[0], *heights[1]}):
        yield account(id), change_of(heights[0].get(id, 0), heights[1].get(id, 0), level=level)
