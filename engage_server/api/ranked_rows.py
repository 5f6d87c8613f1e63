"""The first rows of each of several subjects in one statement: pages of what hangs on them."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import F, Model, QuerySet, Window
from django.db.models.functions import RowNumber

RowT = TypeVar("RowT", bound=Model)


@dataclass(frozen=True, slots=True)
class PageOfEach:
    """Of each of several subjects at most ``size`` rows behind a number or, read backwards, before it."""

    size: int
    place: int | None = None
    is_backwards: bool = False


def newest_of_each(found: QuerySet[RowT], asked: PageOfEach, *, of: str) -> list[RowT]:
    """A page of the rows of each subject, whose id stands in the field ``of``; all subjects' newest first."""
    if asked.place is not None:
        found = found.filter(**{"pk__gt" if asked.is_backwards else "pk__lt": asked.place})
    order = F("pk").asc() if asked.is_backwards else F("pk").desc()
    ranked = found.annotate(rank=Window(RowNumber(), partition_by=F(of), order_by=order))
    return list(ranked.filter(rank__lte=asked.size).order_by("-pk"))
