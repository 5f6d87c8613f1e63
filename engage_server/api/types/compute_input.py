"""What clients ask to have computed, as a question to the engine."""

from datetime import date, datetime, timedelta

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api.context import Context
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import require_whole_tenant
from engage_server.api.types.subjects import plain, segment_number
from engage_server.engine import questions


@strawberry.input(description="What to compute; without anything the tenant as a whole, yesterday.")
class ComputeInput:
    on: date | None = None
    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None
    segment: strawberry.ID | None = None
    group_by: str | None = None
    config: JSON | None = strawberry.field(
        default=None,
        description="Fields of the plugin's configuration that are to be other than they are set.",
    )

    def question(self, context: Context, metric: str, *, most_days: int) -> questions.Question:
        """What is asked of a metric.

        Raises:
            BadUserInputError: the days do not go together, or the configuration is no object.
            NotPermittedError: the groups tell what single persons are, and the principal may not see that.
            UnknownSegmentError, TooManyAnswersError
        """
        require_whole_tenant(context.principal, "compute")
        first, last = self._range(context)
        if self.config is not None and not isinstance(self.config, dict):
            raise BadUserInputError("config is no object. Remedy: fields of the configuration by name.")
        asked = questions.Question(
            metric=metric,
            first=first,
            last=last,
            segment=None if self.segment is None else segment_number(context, self.segment),
            group_by=None if self.group_by is None else plain(self.group_by),
            config=self.config,
        )
        if asked.names_persons:
            context.principal.require(Permission.PERSONAL_READ)
        questions.require_few(asked, most=most_days)
        return asked

    def _range(self, context: Context) -> tuple[date, date]:
        if (self.on is not None and (self.from_ or self.to)) or bool(self.from_) != bool(self.to):
            raise BadUserInputError("The days do not go together. Remedy: `on`, or `from` and `to`.")
        if self.from_ is not None and self.to is not None:
            return self.from_, self.to
        on = self.on or datetime.now(context.tenant.zone).date() - timedelta(days=1)
        return on, on
