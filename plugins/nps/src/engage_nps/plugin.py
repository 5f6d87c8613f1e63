"""Net Promoter Scores from survey responses: one grouping for all accounts, then integer counts."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from engage_nps import cards
from engage_nps.change import Change, change_of
from engage_nps.config import NpsConfig
from engage_nps.counts import Counts, count_by_account, total
from engage_nps.coverage import Coverage, coverage_of
from engage_nps.score import Answers, answer_of
from engage_server.sdk import (
    TENANT,
    Accounts,
    Answer,
    Computation,
    InputSpec,
    Plugin,
    Sample,
    Seats,
    Subject,
    SurveyResponses,
    account,
    catalogues_beside,
)

TITLES: Final = {"en": "Net Promoter Score", "ko": "순추천고객지수"}
UNIT: Final = {"en": "points", "ko": "점"}
plugin = Plugin(
    "nps",
    sdk=">=2,<3",
    config=NpsConfig,
    title=TITLES,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_nps"),
)
ByAccount = dict[int | None, Counts]


def responses(config: NpsConfig, *, ends_before: int = 0) -> SurveyResponses:
    """The responses of the window that ends so many days before the computed one."""
    return SurveyResponses(
        config.instrument,
        days=config.window_days,
        per_person=config.per_person,
        ends_before=ends_before,
    )


@plugin.metric(
    "score",
    title=TITLES,
    unit=UNIT,
    card=cards.SCORE,
    details=Answers,
    inputs=lambda config: {"responses": responses(config)},
    of_all=True,
    category="satisfaction",
    definition_version=3,
    no_interval="The mean of accounts' scores has none.",
)
def scores(rows: Computation[NpsConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The tenant's score, then one per account with a response, by account id."""
    by_account = count_by_account(rows["responses"])
    unknown = by_account.get(None, Counts())
    by_mean = rows.config.account_mode == "mean_of_accounts"
    groups = _groups(by_account, by_mean=by_mean)
    yield TENANT, answer_of(groups, rows.config, by_mean=by_mean, without_account=unknown.n)
    # Accounts with a few answers each often have the same ones.
    for id, counts in by_account.items():
        if id is not None:
            yield account(id), rows.alike(("score", counts), partial(answer_of, [counts], rows.config))


def _inputs_of_change(config: NpsConfig) -> dict[str, InputSpec] | None:
    if not config.compare_windows:
        return None
    return {
        "responses": responses(config),
        "previous": responses(config, ends_before=config.window_days),
    }


@plugin.metric(
    "change",
    title={"en": "Change of the Net Promoter Score", "ko": "순추천고객지수 변화"},
    unit=UNIT,
    card=cards.CHANGE,
    details=Change,
    inputs=_inputs_of_change,
    of_all=True,
    category="satisfaction",
    no_interval="The mean of accounts' scores has none.",
)
def changes(rows: Computation[NpsConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The score less that of the window before: of the tenant, then of each account that answered in one of them."""
    now, before = count_by_account(rows["responses"]), count_by_account(rows["previous"])
    by_mean = rows.config.account_mode == "mean_of_accounts"
    yield (
        TENANT,
        change_of(
            _groups(now, by_mean=by_mean), _groups(before, by_mean=by_mean), rows.config, by_mean=by_mean
        ),
    )
    for id in sorted({id for id in (*now, *before) if id is not None}):
        here, former = now.get(id, Counts()), before.get(id, Counts())
        yield account(id), change_of([here], [former], rows.config)


def _groups(by_account: ByAccount, *, by_mean: bool) -> list[Counts]:
    """What is averaged: each known account, or all respondents as one."""
    if by_mean:
        return [counts for id, counts in by_account.items() if id is not None]
    return [total(list(by_account.values()))]


def _inputs_of_coverage(config: NpsConfig) -> dict[str, InputSpec] | None:
    if not config.measure_coverage:
        return None
    return {"responses": responses(config), "accounts": Accounts(), "seats": Seats()}


@plugin.metric(
    "coverage",
    title={"en": "Accounts that answered", "ko": "응답한 고객 비율"},
    unit="%",
    subjects=("tenant",),
    card=cards.COVERAGE,
    details=Coverage,
    inputs=_inputs_of_coverage,
    category="satisfaction",
    sample=Sample.THINGS,
    no_interval="All accounts are counted; there is no sample.",
)
def coverage(rows: Computation[NpsConfig]) -> Answer:
    """The share of the accounts, and of their recurring revenue, with a valid answer."""
    return coverage_of(rows)
