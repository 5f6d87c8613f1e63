"""Reads what customers answered and said, for many accounts or persons at once; inside the tenant's scope."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from engage_server.customers.canonical_persons import canonical_id_of
from engage_server.customers.models import SurveyResponse

Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """At most ``size`` answers behind a place (or before it, read backwards); the newest are the first.

    Of one survey alone where ``instrument`` names it.
    """

    size: int
    place: Place | None = None
    is_backwards: bool = False
    instrument: str | None = None


# Whose persons are in no answer, or never counted.
HIDDEN: Final = (
    Q(person__is_suppressed=True)
    | Q(person__is_excluded=True)
    | Q(person__merged_into__is_suppressed=True)
    | Q(person__merged_into__is_excluded=True)
)


def answers_of_accounts(accounts: Collection[int], asked: AnswerPage) -> Mapping[int, list[SurveyResponse]]:
    """The page of the answers that name each of these accounts; one statement."""
    return _page_of_each("account_id", accounts, asked)


def answers_of_persons(persons: Collection[int], asked: AnswerPage) -> Mapping[int, list[SurveyResponse]]:
    """The same of canonical persons, with the answers of those who were merged into them."""
    return _page_of_each("canonical", persons, asked)


def count_by_account(accounts: Collection[int], instrument: str | None = None) -> Mapping[int, int]:
    """How many answers name each of these accounts."""
    return _count("account_id", accounts, instrument)


def count_by_person(persons: Collection[int], instrument: str | None = None) -> Mapping[int, int]:
    """How many answers each of these canonical persons gave."""
    return _count("canonical", persons, instrument)


def _shown(of: str, ids: Collection[int], instrument: str | None) -> QuerySet[SurveyResponse]:
    found = SurveyResponse.objects.exclude(HIDDEN).annotate(canonical=canonical_id_of("person"))
    if instrument is not None:
        found = found.filter(instrument=instrument)
    if of == "canonical":
        # By the indexes of both columns, which the annotation has none of.
        return found.filter(Q(person_id__in=ids) | Q(person__merged_into_id__in=ids))
    return found.filter(account_id__in=ids)


def _page_of_each(of: str, ids: Collection[int], asked: AnswerPage) -> Mapping[int, list[SurveyResponse]]:
    found: Any = _shown(of, ids, asked.instrument).select_related("account", "person__merged_into")
    if asked.place is not None:
        at, pk = asked.place
        found = found.filter(
            Q(occurred_at__gt=at) | Q(occurred_at=at, pk__gt=pk)
            if asked.is_backwards
            else Q(occurred_at__lt=at) | Q(occurred_at=at, pk__lt=pk)
        )
    columns = F("occurred_at"), F("pk")
    order = [column.asc() if asked.is_backwards else column.desc() for column in columns]
    ranked = found.annotate(rank=Window(RowNumber(), partition_by=F(of), order_by=order)).filter(
        rank__lte=asked.size
    )
    listed: dict[int, list[SurveyResponse]] = {id: [] for id in ids}
    for row in sorted(ranked, key=lambda row: (row.occurred_at, row.pk), reverse=True):
        if (subject := getattr(row, of)) in listed:
            listed[subject].append(row)
    return listed


def _count(of: str, ids: Collection[int], instrument: str | None) -> Mapping[int, int]:
    counts = _shown(of, ids, instrument).order_by().values_list(of).annotate(answers=Count("pk"))
    return {**dict.fromkeys(ids, 0), **{id: answers for id, answers in counts if id in set(ids)}}
