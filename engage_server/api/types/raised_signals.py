"""The subscription to signals: what is told once rules have raised some."""

from collections.abc import Sequence
from functools import partial
from typing import cast

import strawberry

from engage_server.api.context import Info
from engage_server.api.live.changes import Change, Happening, Opening, Root, SignalsRaised, Topic, Wanted
from engage_server.api.types.pages import USUAL_PAGE, page_size
from engage_server.api.types.rules import rule_number
from engage_server.api.types.signal_kinds import SignalKind
from engage_server.api.types.signals import SignalNode, signals_of
from engage_server.api.types.subjects import account_subject
from engage_server.automation.recent_signals import RaisedSignal, newest_signal


@strawberry.type(description="Signals that were raised together.")
class RaisedSignals:
    raised: strawberry.Private[Sequence[RaisedSignal]]
    count: int = strawberry.field(description="How many there are, of those that were asked for.")

    @strawberry.field(
        description="The first of them: 1 to 100. One that was removed meanwhile is left out; `signals` has all."
    )
    def signals(self, info: Info, first: int = USUAL_PAGE) -> list[SignalNode]:
        shown = [one.id for one in self.raised[: page_size(first)]]
        found = signals_of(info.context, shown)
        return [cast("SignalNode", found[pk]) for pk in shown if pk in found]


def signal_raised(
    root: strawberry.Parent[Root],
    info: Info,
    kind: SignalKind | None = None,
    rule: strawberry.ID | None = None,
    account: strawberry.ID | None = None,
) -> RaisedSignals | None:
    """What was raised; at the opening it is noted what is waited for."""
    if isinstance(root, Opening):
        concerns = partial(
            _concerns,
            is_risk=None if kind is None else kind is SignalKind.RISK,
            rule=None if rule is None else rule_number(info.context, rule),
            account=None if account is None else account_subject(info.context, account).id,
        )
        root.wanted = Wanted(Topic.SIGNALS, lambda change: _of(change, concerns), behind=newest_signal())
        return None
    raised = cast("SignalsRaised", root).signals
    return RaisedSignals(raised=raised, count=len(raised))


def _concerns(signal: RaisedSignal, *, is_risk: bool | None, rule: int | None, account: int | None) -> bool:
    return (
        is_risk in (None, signal.is_risk)
        and rule in (None, signal.rule)
        and (account is None or (signal.subject_kind, signal.subject) == ("account", account))
    )


def _of(change: Change, concerns: "partial[bool]") -> Sequence[Happening]:
    found = [one for one in change.signals if concerns(one)] if isinstance(change, SignalsRaised) else []
    return [SignalsRaised(found)] if found else []
