"""What history would be under another configuration, in GraphQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, Final

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.exceptions import ApiError, BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.circular import SubjectNode, expect_subjects, subject_node
from engage_server.api.types.pages import USUAL_PAGE, Connection, PageRequest, listed, page_request
from engage_server.api.types.subjects import SubjectKind
from engage_server.engine import what_if as engine
from engage_server.engine.comparison import Difference, MetricOutcome
from engage_server.engine.exceptions import BeyondRetentionError, TooManyDaysError, UnknownMetricError
from engage_server.engine.what_if import what_if
from engage_server.plugin_host.exceptions import PluginDisabledError, PluginFailedError

CONFIGURES: Final = requires(Permission.CONFIG_WRITE)
MOST_DAYS: Final = 7  # a request ends after ten seconds
OF_FEW: Final = "Values may rest on few persons: the list is empty without `personal:read`."


class WhatIfFailedError(ApiError):
    """The plugin cannot compute under this configuration."""

    code = "PLUGIN_FAILED"


@strawberry.type(description="How many values of days would go from one band to another.")
class BandDays:
    before: str | None
    after: str | None
    days: int


@strawberry.type(description="What a subject's value is on the last day, and what it would be.")
class ValueDifference:
    one: strawberry.Private[Difference]
    subject_kind: SubjectKind
    before: float | None
    after: float | None
    band_before: str | None
    band_after: str | None

    @strawberry.field(
        description="What the value is of; null for the tenant, and for what is gone or may not be shown.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def subject(self, info: Info) -> SubjectNode | None:
        return subject_node(info.context, self.one.subject_kind, self.one.subject_id)


@strawberry.type(description="What would be different of one metric.")
class MetricWhatIf:
    outcome: strawberry.Private[MetricOutcome]
    metric: strawberry.ID
    values: int = strawberry.field(description="Values of subjects and days that were compared.")
    changed: int = strawberry.field(description="How many of them would be others.")

    @strawberry.field(description="The commonest first; without those that stay in their band.")
    def band_days(self) -> list[BandDays]:
        ordered = sorted(self.outcome.band_days.items(), key=lambda item: -item[1])
        return [BandDays(before=was, after=would_be, days=days) for (was, would_be), days in ordered]

    @strawberry.field(description=f"Who would lie in another band on the last day. {OF_FEW}")
    def band_changes(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[ValueDifference]:
        return self._page(
            info, self.outcome.band_changes, "bandChanges", page_request(first, after, last, before)
        )

    @strawberry.field(
        description=f"The subjects of the last day: who changes band first, then by how much they change. {OF_FEW}"
    )
    def last_day(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[ValueDifference]:
        return self._page(info, self.outcome.last_day, "lastDay", page_request(first, after, last, before))

    def _page(
        self, info: Info, found: Sequence[Difference], name: str, asked: PageRequest
    ) -> Connection[ValueDifference]:
        shows = info.context.principal.may(Permission.PERSONAL_READ)
        return listed(
            found if shows else (),
            of=f"whatIf.{self.metric}.{name}",
            asked=asked,
            key=lambda one: f"{one.subject_kind}.{one.subject_id}",
            nodes=lambda shown: _differences(info, shown),
        )


@strawberry.type(description="What would be different under a configuration; nothing was changed.")
class WhatIf:
    plugin: strawberry.ID
    first: strawberry.Private[date]
    last: strawberry.Private[date]
    metrics: list[MetricWhatIf]

    @strawberry.field(name="from")
    def from_(self) -> date:
        return self.first

    @strawberry.field
    def to(self) -> date:
        return self.last


@strawberry.type
class WhatIfQuery:
    @strawberry.field(
        name="whatIf",
        description=f"Computes at most {MOST_DAYS} past days under another configuration (the whole of it) and compares "
        "with what is stored, which stays. `metrics` names those that are compared (full ids; all without it), so that the "
        "others are not computed. `manage.py what_if` does it for longer.",
        extensions=[CONFIGURES],
    )
    def what_if(
        self,
        info: Info,
        *,
        plugin: strawberry.ID,
        config: JSON,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        metrics: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(description="Full ids; default: all of the plugin."),
        ] = None,
    ) -> WhatIf:
        fields: Any = config
        if not isinstance(fields, dict):
            raise BadUserInputError("config is no object. Remedy: {field: value}, as `plugins` shows it.")
        with refused_what_if():
            found = what_if(plugin, fields, first=from_, last=to, metrics=metrics, most_days=MOST_DAYS)
        return what_if_node(found)


@contextmanager
def refused_what_if() -> Iterator[None]:
    """What cannot be computed is the caller's input to mend, or the plugin's fault under it."""
    try:
        yield
    except (TooManyDaysError, UnknownMetricError, BeyondRetentionError, PluginDisabledError) as error:
        raise BadUserInputError(str(error)) from None
    except PluginFailedError as error:
        raise WhatIfFailedError(str(error)) from None


def what_if_node(found: engine.WhatIf) -> WhatIf:
    """The node of what was computed."""
    metrics = [
        MetricWhatIf(
            outcome=outcome, metric=strawberry.ID(outcome.metric), values=outcome.values, changed=outcome.changed
        )
        for outcome in found.metrics
    ]  # fmt: skip
    return WhatIf(plugin=strawberry.ID(found.plugin), first=found.first, last=found.last, metrics=metrics)


def _differences(info: Info, differences: Sequence[Difference]) -> list[ValueDifference]:
    expect_subjects(info.context, ((one.subject_kind, one.subject_id) for one in differences))
    return [
        ValueDifference(
            one=one,
            subject_kind=SubjectKind(one.subject_kind),
            before=one.stored.value,
            after=one.computed.value,
            band_before=one.stored.band,
            band_after=one.computed.band,
        )
        for one in differences
    ]
