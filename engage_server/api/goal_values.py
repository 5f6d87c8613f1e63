"""Goals for one request, and the values that tell how far they have come: a statement for each metric and day."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property

from engage_server.api.restricted_reader import RestrictedMetricReader
from engage_server.customers.models import Account
from engage_server.metrics.goal_progress import Progress, progress
from engage_server.metrics.goals import Goal, goals
from engage_server.plugin_host.registry import registry
from engage_server.sdk import TENANT, Direction, Subject
from engage_server.sdk.graphql import StoredValue
from engage_server.segments import catalogue
from engage_server.segments.catalogue import Segment
from engage_server.tenancy.scope import current_tenant


class GoalValues:
    """What a principal may see of goals; reads them once."""

    def __init__(self, reader: RestrictedMetricReader, enabled: frozenset[str]) -> None:
        """Nothing is read yet; metrics of plugins that are not ``enabled`` have no value."""
        self._reader = reader
        self._enabled = enabled
        self._accounts: dict[str, int | None] = {}  # None: there is none any more
        self._segments: dict[int, Segment | None] = {}

    @cached_property
    def all(self) -> list[Goal]:
        """All goals of the tenant, in the order in which they were made."""
        return goals()

    @cached_property
    def today(self) -> date:
        """The tenant's present day."""
        return datetime.now(current_tenant().zone).date()

    def of_account(self, external_id: str, pk: int) -> list[Goal]:
        """The goals for one account, of which both names are known."""
        self._accounts[external_id] = pk
        return [one for one in self.all if one.body.account == external_id]

    def expect(self, asked: Iterable[Goal]) -> None:
        """Announce goals whose values will be asked for."""
        bodies = [one.body for one in asked]
        names = {body.account for body in bodies if body.account} - self._accounts.keys()
        if names:
            known = dict(Account.objects.filter(external_id__in=names).values_list("external_id", "pk"))
            self._accounts.update({name: known.get(name) for name in names})
            self._reader.expect("account", known.values())
        self._reader.expect("segment", {body.segment for body in bodies if body.segment is not None})

    def account(self, goal: Goal) -> int | None:
        """The row of the account that the goal is for."""
        if not goal.body.account:
            return None
        self.expect([goal])
        return self._accounts.get(goal.body.account)

    def segment(self, goal: Goal) -> Segment | None:
        """The segment that the goal is for; None for other goals, and where it is gone."""
        number = goal.body.segment
        if number is None:
            return None
        if number not in self._segments:
            found = {one.number: one for one in catalogue.segments()}
            self._segments.update({number: None, **found})
        return self._segments[number]

    def value(self, goal: Goal) -> StoredValue | None:
        """The subject's newest value; once the goal is due, that of the due day."""
        subject = self._subject(goal)
        if subject is None or not self._is_enabled(goal.body.metric):
            return None
        on = goal.body.due if self.today > goal.body.due else None
        return self._reader.latest(goal.body.metric, subject, on)

    def progress(self, goal: Goal) -> Progress:
        """How far the goal has come."""
        found = self.value(goal)
        value, said = (None, None) if found is None else (found.value, found.direction)
        body = goal.body.model_copy(update={"baseline": self.baseline(goal)})
        return progress(body, value, said or _declared_direction(body.metric), self.today)

    def baseline(self, goal: Goal) -> float | None:
        """The value that progress counts from; None where it is that of a day whose value is withheld.

        One that somebody gave is no value of a day, and is shown.
        """
        body = goal.body
        if body.baseline is None or body.baseline_day is None:
            return body.baseline
        subject = self._subject(goal)
        if subject is None or not self._is_enabled(body.metric):
            return None
        is_withheld = self._reader.withholds(body.metric, subject, body.baseline_day)
        return None if is_withheld else body.baseline

    def _is_enabled(self, metric: str) -> bool:
        return metric.partition(".")[0] in self._enabled

    def _subject(self, goal: Goal) -> Subject | None:
        if goal.body.segment is not None:
            return Subject("segment", goal.body.segment)
        if not goal.body.account:
            return TENANT
        pk = self.account(goal)
        return None if pk is None else Subject("account", pk)


def _declared_direction(name: str) -> Direction | None:
    plugin_id, _, metric_id = name.partition(".")
    plugin = registry().plugins.get(plugin_id)
    declared = plugin.manifest.metrics if plugin else ()
    return next((metric.direction for metric in declared if metric.id == metric_id), None)
