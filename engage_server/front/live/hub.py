"""All subscriptions of a process: what they need is looked for together, and handed out to each that waits for it."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from django.db import close_old_connections

from engage_server.access.principal import Principal
from engage_server.activity.recent_events import RecentEvent
from engage_server.api.exceptions import RequestError
from engage_server.api.live.changes import (
    Change,
    EventsReceived,
    Happening,
    RunsFinished,
    SignalsRaised,
    Topic,
)
from engage_server.api.live.subscriptions import Opened
from engage_server.engine.finished_runs import FinishedRun
from engage_server.front.exceptions import CrowdedError
from engage_server.front.limits import (
    ANSWERS_AT_ONCE,
    LOOK_EVERY_S,
    LOOK_FOR_EVENTS_EVERY_S,
    MOST_SUBSCRIPTIONS,
    MOST_SUBSCRIPTIONS_OF_A_TENANT,
)
from engage_server.front.live.connections import Connections
from engage_server.front.live.look import Looked, look, look_at_events, look_at_signals
from engage_server.front.live.subscription import LiveSubscription
from engage_server.tenancy.background import Outage
from engage_server.tenancy.database_errors import DATABASE_UNAVAILABLE, is_passing, pauses
from engage_server.tenancy.scope import TenantRef

Result = TypeVar("Result")
log = logging.getLogger("engage.live")


class Runner(Protocol):
    """As much of ``Lanes`` as is needed here."""

    async def run(self, lane: Hashable, call: Callable[[], Result]) -> Result:
        """What ``call`` returns in a thread of the lane."""


class Hub:
    """Looks only while somebody watches; used from the event loop alone.

    Args:
        reception: threads in which is looked for what concerns all.
        tenants: threads in which a tenant's own answers are made.
    """

    def __init__(self, *, reception: Runner, tenants: Runner) -> None:
        self._reception: Final = reception
        self._tenants: Final = tenants
        self.connections: Final = Connections()
        self._subscriptions: Final[dict[LiveSubscription, None]] = {}
        self._of_tenant: Final[Counter[int]] = Counter()
        self._watching: asyncio.Task[None] | None = None
        self._told_runs: frozenset[tuple[int, object]] = frozenset()
        self._told_events: Final[dict[int, frozenset[tuple[str, str]]]] = {}
        self._looking: Final[dict[tuple[Topic, int], asyncio.Future[None]]] = {}
        self._answering: Final[dict[int, asyncio.Semaphore]] = {}
        self._to_tell_of_end: Final[set[Callable[[], None]]] = set()
        self._conversations: Final[set[asyncio.Task[Any]]] = set()
        self._is_closed = False

    def add(self, subscription: LiveSubscription) -> None:
        """Have it told what happens from now on.

        Raises:
            RequestError: its tenant, or this process, has as many as it may.
        """
        tenant = subscription.opened.tenant.id
        if self._of_tenant[tenant] >= MOST_SUBSCRIPTIONS_OF_A_TENANT:
            raise _too_many(f"this tenant has {MOST_SUBSCRIPTIONS_OF_A_TENANT} subscriptions at this process")
        if len(self._subscriptions) >= MOST_SUBSCRIPTIONS:
            raise _too_many(f"this process has {MOST_SUBSCRIPTIONS} subscriptions")
        self._subscriptions[subscription] = None
        self._of_tenant[tenant] += 1
        if self._is_closed:
            subscription.end(None)
        elif self._watching is None or self._watching.done():
            self._watching = asyncio.get_running_loop().create_task(self._watch())

    def remove(self, subscription: LiveSubscription) -> None:
        """Forget it; nothing where it is forgotten already."""
        if subscription not in self._subscriptions:
            return
        del self._subscriptions[subscription]
        tenant = subscription.opened.tenant.id
        self._of_tenant[tenant] -= 1
        if not self._of_tenant[tenant]:
            del self._of_tenant[tenant]
            self._answering.pop(tenant, None)
            self._told_events.pop(tenant, None)

    def close(self) -> None:
        """End all: the process goes away, and clients come again to another."""
        self._is_closed = True
        for subscription in list(self._subscriptions):
            subscription.end(None)
        for call in list(self._to_tell_of_end):
            call()

    @contextmanager
    def telling_of_end(self, call: Callable[[], None]) -> Iterator[None]:
        """Have ``call`` run at ``close``, as long as the block runs; at once where that has been."""
        if self._is_closed:
            call()
        self._to_tell_of_end.add(call)
        try:
            yield
        finally:
            self._to_tell_of_end.remove(call)

    @contextmanager
    def conversation(self) -> Iterator[None]:
        """Have ``silence`` wait, as long as the block runs in the current task."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # what runs in the event loop runs in a task
        self._conversations.add(task)
        try:
            yield
        finally:
            self._conversations.remove(task)

    async def silence(self, within_s: float) -> None:
        """Wait until all conversations are over, for so long at most. The server waits for requests alone."""
        if self._conversations:
            await asyncio.wait(self._conversations, timeout=within_s)

    async def greeted(self, call: Callable[[], Result]) -> Result:
        """What ``call`` returns in a thread for those of whom it is not known yet who they are.

        Raises:
            CrowdedError: none is free.
        """
        return await self._reception.run("greetings", partial(_with_sound_connection, call))

    async def in_tenant(self, tenant: int, call: Callable[[], Result]) -> Result:
        """What ``call`` returns in a thread of the tenant.

        Raises:
            CrowdedError: none is free.
        """
        return await self._tenants.run(tenant, partial(_with_sound_connection, call))

    async def next_answer(self, subscription: LiveSubscription) -> str | None:
        """The JSON of what the subscription is told next; None when it is over. A database that is away is waited for."""
        happening = await subscription.next()
        for pause in pauses():
            if happening is None:
                break
            try:
                async with self._turn(subscription):
                    call = partial(_answer, subscription.opened, happening, subscription.principal)
                    return await self.in_tenant(subscription.opened.tenant.id, call)
            except RequestError as error:
                subscription.end(error)
                return None
            except CrowdedError:
                pass
            except DATABASE_UNAVAILABLE as error:
                if not is_passing(error):
                    raise
            await asyncio.sleep(pause)
        return None

    def _turn(self, subscription: LiveSubscription) -> asyncio.Semaphore:
        # A happening that a hundred wait for must not fill the lane of the tenant, where its queries wait too.
        tenant = subscription.opened.tenant.id
        return self._answering.setdefault(tenant, asyncio.Semaphore(ANSWERS_AT_ONCE))

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        outage, looked_for_events = Outage("live feed"), 0.0
        while self._subscriptions:
            begun, pause = loop.time(), LOOK_EVERY_S
            try:
                await self._look()
            except CrowdedError:
                log.warning("No thread was free to look for what happened.", extra={"action": "live_crowded"})
            except DATABASE_UNAVAILABLE as error:
                pause = outage.meet(error)
            else:
                outage.end()
            if begun - looked_for_events >= LOOK_FOR_EVENTS_EVERY_S:
                looked_for_events = begun
                self._look_in_tenants(Topic.EVENTS, self._look_at_events)
            self._look_in_tenants(Topic.SIGNALS, self._look_at_signals)
            await asyncio.sleep(max(0.0, begun + pause - loop.time()))

    async def _look(self) -> None:
        tenants = {one.opened.tenant.id for one in self._subscriptions if one.opened.topic is Topic.RUNS}
        credentials = {one.credential for one in self._subscriptions}
        # In a lane of its own: nobody's greetings keep those who are greeted from being told, or from being ended.
        call = partial(_with_sound_connection, partial(look, tenants, credentials))
        looked = await self._reception.run("looks", call)
        self._hold_to_rights(looked)
        fresh = [run for run in looked.runs if (run.id, run.finished_at) not in self._told_runs]
        self._told_runs = frozenset((run.id, run.finished_at) for run in looked.runs)
        for tenant, runs in _by_tenant(fresh).items():
            self._tell(tenant, Topic.RUNS, RunsFinished(runs))

    def _hold_to_rights(self, looked: Looked) -> None:
        for subscription in list(self._subscriptions):
            found = looked.principals.get(subscription.credential)
            if isinstance(found, RequestError):
                subscription.end(found)
            elif isinstance(found, Principal):
                if _rights(found) != _rights(subscription.principal):
                    subscription.end(_other_rights())
                subscription.principal = found

    def _look_in_tenants(self, topic: Topic, look_at: Callable[[TenantRef], Awaitable[None]]) -> None:
        """Look in each tenant in which somebody waits for the topic, and where the last look is over."""
        for tenant in {one.opened.tenant for one in self._subscriptions if one.opened.topic is topic}:
            place = topic, tenant.id
            if place not in self._looking:
                task = asyncio.ensure_future(look_at(tenant))
                self._looking[place] = task
                task.add_done_callback(partial(self._note_looked, place))

    def _note_looked(self, place: tuple[Topic, int], task: "asyncio.Future[None]") -> None:
        del self._looking[place]
        if not task.cancelled():
            task.result()  # so that what nobody foresaw is logged by the loop

    async def _found_in(self, tenant: TenantRef, call: Callable[[], Result]) -> Result | None:
        """What ``call`` finds in a thread of the tenant; None where there was no thread or no database for it."""
        try:
            return await self.in_tenant(tenant.id, call)
        except CrowdedError:
            return None
        except DATABASE_UNAVAILABLE as error:
            if not is_passing(error):
                raise
            log.warning(
                "It was not looked for what happened: %s.", type(error).__name__,
                extra={"action": "live_look_missed", "tenant": tenant.slug},
            )  # fmt: skip
            return None

    async def _look_at_events(self, tenant: TenantRef) -> None:
        found = await self._found_in(tenant, partial(look_at_events, tenant))
        if found is None:
            return
        names = frozenset((event.source, event.message_id) for event in found)
        told = self._told_events.get(tenant.id, names)  # what was there before somebody watched is not told
        self._told_events[tenant.id] = names | told if len(told) < _MOST_REMEMBERED else names
        fresh = [event for event in found if (event.source, event.message_id) not in told]
        if fresh:
            self._tell(tenant.id, Topic.EVENTS, EventsReceived(_in_order(fresh)))

    async def _look_at_signals(self, tenant: TenantRef) -> None:
        # Who comes meanwhile is looked for the next time: it may have to hear of earlier ones.
        waiting = [
            one
            for one in self._subscriptions
            if one.opened.topic is Topic.SIGNALS and one.opened.tenant.id == tenant.id
        ]
        if not waiting:
            return
        behind = min(one.reached for one in waiting)
        found = await self._found_in(tenant, partial(look_at_signals, tenant, behind))
        for one in waiting if found else ():
            fresh = [signal for signal in found or () if signal.id > one.reached]
            one.reached = max(one.reached, *(signal.id for signal in fresh), 0)
            one.tell(one.opened.happenings(SignalsRaised(fresh)))

    def _tell(self, tenant: int, topic: Topic, change: Change) -> None:
        for subscription in list(self._subscriptions):
            opened = subscription.opened
            if opened.tenant.id == tenant and opened.topic is topic:
                subscription.tell(opened.happenings(change))


_MOST_REMEMBERED: Final = 10_000


def _answer(opened: Opened, happening: Happening, principal: Principal) -> str:
    return json.dumps(opened.answer(happening, principal))


def _with_sound_connection(call: Callable[[], Result]) -> Result:
    """What ``call`` returns, as Django has it between requests: a connection that broke or is old is replaced."""
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()


def _by_tenant(runs: Iterable[FinishedRun]) -> dict[int, list[FinishedRun]]:
    found: dict[int, list[FinishedRun]] = {}
    for run in runs:
        found.setdefault(run.tenant_id, []).append(run)
    return found


def _in_order(events: Sequence[RecentEvent]) -> Sequence[RecentEvent]:
    return sorted(events, key=lambda event: (event.received_at, event.occurred_at))


def _rights(principal: Principal) -> tuple[object, ...]:
    return principal.tenant.id, principal.permissions, principal.account_id


def _other_rights() -> RequestError:
    return RequestError(
        "What this key or person may see has changed. Remedy: subscribe again.", status=403, code="FORBIDDEN"
    )


def _too_many(what: str) -> RequestError:
    return RequestError(
        f"No subscription can be added: {what}. Remedy: end others, or ask several things by one.",
        status=429,
        code="LIMIT_EXCEEDED",
    )
