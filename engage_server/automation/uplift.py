"""Whether a playbook helps: how many signals were over in time, with it and of those held out. Inside the tenant's scope."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from engage_server.automation.models import Journey, Signal
from engage_server.sdk import Interval
from engage_server.sdk.intervals import difference_of_shares
from engage_server.tenancy.clock import database_now

USUAL_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects that were due to be judged, and of them those whose signal was over in time."""

    subjects: int
    over: int


@dataclass(frozen=True, slots=True)
class Uplift:
    """``difference`` is the share of ``treated`` less that of ``held_out``, in points; None where one is empty."""

    days: int
    treated: Group
    held_out: Group
    difference: float | None
    interval: Interval | None


def uplift(playbook: int, *, days: int = USUAL_DAYS) -> Uplift:
    """Compare by the first so many days of each journey; those that began later are not judged yet.

    Who stopped early counts as treated: it was meant to be. Interval: Newcombe's of a difference between two shares.
    """
    begun = Journey.objects.filter(playbook=playbook, begun_at__lte=database_now() - timedelta(days=days))
    treated, held_out = (
        _group(begun.exclude(state=Journey.State.HELD_OUT), days),
        _group(begun.filter(state=Journey.State.HELD_OUT), days),
    )
    if not (treated.subjects and held_out.subjects):
        return Uplift(days, treated, held_out, None, None)
    difference = 100 * (treated.over / treated.subjects - held_out.over / held_out.subjects)
    interval = difference_of_shares(treated.over, treated.subjects, held_out.over, held_out.subjects)
    return Uplift(days, treated, held_out, difference, interval)


def _group(journeys: QuerySet[Journey], days: int) -> Group:
    """Of these; one statement, and no row leaves the database. A signal that is gone was not over in time."""
    in_time = Signal.objects.filter(
        pk=OuterRef("signal"), cleared_on__isnull=False, cleared_on__lte=F("raised_on") + timedelta(days=days)
    )
    counted = journeys.aggregate(subjects=Count("id"), over=Count("id", filter=Exists(in_time)))
    return Group(counted["subjects"], counted["over"])
