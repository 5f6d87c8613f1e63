"""What happens in a tenant that somebody may be told of, and what those who watch ask for.

A subscription's operation is executed once when it is opened, with an ``Opening`` as its root value: its limits, its
rights and its arguments are checked as any query's are, and the resolver of its field notes there what it waits for. Then it
is executed once for each happening, which is the root value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from engage_server.activity.recent_events import RecentEvent
from engage_server.automation.recent_signals import RaisedSignal
from engage_server.engine.finished_runs import FinishedRun


class Topic(StrEnum):
    """What is looked for only while somebody watches it."""

    RUNS = "runs"
    EVENTS = "events"
    SIGNALS = "signals"


@dataclass(frozen=True, slots=True)
class RunsFinished:
    """Runs of one tenant that ended since the last look."""

    runs: Sequence[FinishedRun]


@dataclass(frozen=True, slots=True)
class EventsReceived:
    """Events of one tenant that came in since the last look, as many of them as are shown."""

    events: Sequence[RecentEvent]


@dataclass(frozen=True, slots=True)
class SignalsRaised:
    """Signals of one tenant that were raised since the last look, the oldest first."""

    signals: Sequence[RaisedSignal]


Change = RunsFinished | EventsReceived | SignalsRaised
Happening = RunsFinished | FinishedRun | RecentEvent | SignalsRaised


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a subscription waits for: a topic, and what each of its changes means to it.

    ``behind`` is the number of the newest signal that it is not told of; 0 for other topics.
    """

    topic: Topic
    happenings: Callable[[Change], Sequence[Happening]]
    behind: int = 0


@dataclass(slots=True)
class Opening:
    """The root value at the opening of a subscription; ``wanted`` is None where the operation is none."""

    wanted: Wanted | None = field(default=None)


Root = Opening | Happening
