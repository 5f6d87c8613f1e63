"""Sends what is due: claims a share, sends it side by side, and notes what came of each.

At least once: a worker that dies between sending and noting leaves a claim that another takes up, under the same key.
"""

import json
import logging
import random
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from psycopg.types.json import Jsonb

from engage_server.automation import invitations, outbox
from engage_server.automation.addressees import (
    NOT_OF_TENANT,
    Addressee,
    addressees,
    own_addresses,
    persons_to_tell,
)
from engage_server.automation.channels import Channel, ChannelKind, channels
from engage_server.automation.exceptions import FailedAttemptError, RefusedForeverError, UnsendableError
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery
from engage_server.automation.senders import Sending, send
from engage_server.engine import agenda
from engage_server.engine.background_tasks import BackgroundTask
from engage_server.suppression.exceptions import UnknownPrivacyKeyError
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import TenantRef, tenant_scope

LANE: Final = "deliveries"
SHARE: Final = 32
AT_ONCE: Final = 8
MOST_ATTEMPTS: Final = 12
FIRST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 6 * 3_600.0
"""Twelve attempts take a day and a half: a mail server that is away for a day loses nothing."""
NOTHING_DUE: Final = timedelta(days=1)
LONGEST_WAIT_S: Final = 23 * 3_600.0
# Nothing waits for longer than a day: what is due later was noted while the database's clock was wrong.
IS_DUE: Final = "(due_at <= statement_timestamp() OR due_at > statement_timestamp() + interval '1 day')"
# What may go now by each channel: its own limit a minute, less what went in the last one; likewise of the tenant. What went
# at a time that is still to come counts for neither.
CLAIM: Final = f"""
    WITH lately AS (
        SELECT channel, count(*) AS number FROM automation_delivery
        WHERE tried_at BETWEEN statement_timestamp() - interval '1 minute' AND statement_timestamp()
          AND channel = ANY(%(channels)s::int[]) GROUP BY channel
    ), due AS (
        SELECT one.id FROM unnest(%(channels)s::int[], %(limits)s::int[]) AS known (channel, per_minute)
        CROSS JOIN LATERAL (
            SELECT id, due_at FROM automation_delivery AS waiting
            WHERE waiting.channel = known.channel AND waiting.finished_at IS NULL AND {IS_DUE}
            ORDER BY due_at, id
            LIMIT greatest(0, LEAST(%(share)s, known.per_minute - COALESCE(
                (SELECT number FROM lately WHERE lately.channel = known.channel), 0)))
            FOR UPDATE SKIP LOCKED) AS one
        ORDER BY one.due_at, one.id
        LIMIT greatest(0, LEAST(%(share)s, %(of_tenant)s - COALESCE((SELECT sum(number) FROM lately), 0)))
    )
    UPDATE automation_delivery AS delivery SET state = 'SENDING', attempts = attempts + 1, tried_at = statement_timestamp(),
        due_at = statement_timestamp() + make_interval(secs => %(lease)s)
    FROM due WHERE delivery.id = due.id
    RETURNING delivery.id, delivery.key, delivery.channel, delivery.message::text, delivery.attempts, delivery.created_at
"""  # noqa: S608  # a constant of ours
# Only the attempt that is noted ends it: one that was taken over since has another number.
# One that was put off was none. A Citus cluster adds no column to a time: hence seconds, and an ``ended`` that is null or 0.
NOTE: Final = """
    UPDATE automation_delivery AS delivery SET state = noted.state, log = log || noted.entry,
        attempts = attempts - noted.is_put_off::int,
        tried_at = CASE WHEN noted.is_put_off THEN NULL ELSE tried_at END,
        due_at = to_timestamp(extract(epoch FROM statement_timestamp())::float8 + noted.pause),
        finished_at = to_timestamp(extract(epoch FROM statement_timestamp())::float8 + noted.ended)
    FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(states)s::text[], %(pauses)s::float8[], %(ended)s::float8[],
        %(entries)s::jsonb[], %(put_off)s::bool[]) AS noted (id, attempt, state, pause, ended, entry, is_put_off)
    WHERE delivery.id = noted.id AND delivery.attempts = noted.attempt AND delivery.state = 'SENDING'
"""
# Those of channels that are gone wait for nobody; the last attempt of those that were taken up so often was lost. The entry
# is put together as text, since a Citus cluster calls no jsonb_build_object with a column.
GIVE_UP: Final = f"""
    UPDATE automation_delivery SET state = 'DEAD', finished_at = statement_timestamp(),
        log = log || (jsonb_build_object('at', statement_timestamp()) || ('{{"attempt": ' || attempts::text || '}}')::jsonb
            || CASE WHEN channel <> ALL(%(channels)s::int[]) THEN '{{"said": "the channel was retired"}}'::jsonb
            ELSE '{{"said": "what came of the last attempt is not known"}}'::jsonb END)
    WHERE finished_at IS NULL AND {IS_DUE}
      AND (channel <> ALL(%(channels)s::int[]) OR attempts >= %(most_attempts)s)
"""  # noqa: S608  # a constant of ours
ABOUT_NOBODY: Final = (
    "not sent: mail to persons goes to whom a message is about, and this one is about nobody"
)
OUT_OF_HOURS: Final = "not yet: it waits for the hours in which it may go"
WITHDRAWN: Final = "not sent: the person was erased, is suppressed or withdrew consent"
log = logging.getLogger("engage.automation")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery in this worker's hands."""

    id: int
    attempt: int
    sending: Sending

    @property
    def subject(self) -> Mapping[str, Any]:
        """Whom the message is about; empty where it is about nobody."""
        found: Mapping[str, Any] = self.sending.message.data.get("subject", {})
        return found

    @property
    def kind(self) -> ChannelKind:
        """Of its channel."""
        return self.sending.channel.kind


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an attempt; ``pause_s`` until the next. ``is_put_off``: none was made yet."""

    claimed: Claimed
    state: str
    said: str
    at: datetime
    pause_s: float = 0.0
    is_put_off: bool = False


def deliver_due(tenant: TenantRef, stop: threading.Event) -> None:
    """Send what is due of a tenant, a share at a time."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix=LANE) as pool:
        while not stop.is_set():
            with tenant_scope(tenant):
                claimed = claim()
                allowed, came = sort_out(claimed)
            if not claimed:
                break
            attempts = [pool.submit(attempt, one) for one in allowed]
            came += [one.result() for one in attempts if one.exception() is None]
            with tenant_scope(tenant):
                note(came)
            for one in attempts:  # what nobody foresaw of one is raised once the others are noted
                one.result()
    with tenant_scope(tenant):
        call_again()


def claim() -> list[Claimed]:
    """Take what may be sent now, by the limits of channels and tenant; inside the tenant's scope."""
    known = {one.number: one for one in channels()}
    params: dict[str, Any] = {
        "channels": list(known),
        "limits": [one.body.per_minute for one in known.values()],
        "of_tenant": settings.ENGAGE_DELIVERIES_PER_MINUTE,
        "share": SHARE,
        "most_attempts": MOST_ATTEMPTS,
        "lease": settings.ENGAGE_DELIVERY_LEASE_S,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(GIVE_UP, params)
        cursor.execute(CLAIM, params)
        return [_claimed(row, known) for row in cursor.fetchall()]


def sort_out(claimed: Sequence[Claimed]) -> tuple[list[Claimed], list[Came]]:
    """Those that may be sent by now, mail with whom it goes to; and what came of the others. Inside the tenant's scope.

    Of a person who is suppressed, erased or without consent nothing is told. Mail goes to no person who unsubscribed, and of
    the tenant's people to those alone who still are. What has its hours waits for them. A fixed number of statements.
    """
    about = {one.id: subject["id"] for one in claimed if (subject := one.subject).get("kind") == "person"}
    known = persons_to_tell(set(about.values())) if about else {}
    persons = {id: person for id, pk in about.items() if (person := known.get(pk)) is not None}
    refused: dict[int, str] = {id: WITHDRAWN for id in about if id not in persons}
    to_persons = [one for one in claimed if one.kind is ChannelKind.PERSONS and one.id not in refused]
    refused |= {one.id: ABOUT_NOBODY for one in to_persons if one.id not in persons}
    wanted = {one.id: (one.sending.message.type, persons[one.id]) for one in to_persons if one.id in persons}
    found = _own_people([one for one in claimed if one.kind is ChannelKind.MAIL])
    waits: dict[int, str] = {}
    try:
        found |= addressees(wanted)
    except (UnknownPrivacyKeyError, UnsendableError) as error:  # the operator's to mend: they wait for it
        waits = dict.fromkeys(wanted, str(error))
    allowed, came, at = [], [], datetime.now().astimezone()
    put_off = _out_of_hours(claimed)
    for one in claimed:
        answer = found.get(one.id)
        said = refused.get(one.id) or (answer if isinstance(answer, str) else None)
        if said is not None:
            came.append(Came(one, Delivery.State.DEAD, said, at))
        elif one.id in put_off:
            came.append(Came(one, Delivery.State.PENDING, OUT_OF_HOURS, at, put_off[one.id], is_put_off=True))
        elif one.id in waits:
            came.append(_failed(one, waits[one.id], at))
        elif isinstance(answer, Addressee):
            allowed.append(replace(one, sending=replace(one.sending, addressee=answer)))
        else:
            allowed.append(one)
    return allowed, came


def _out_of_hours(claimed: Sequence[Claimed]) -> dict[int, float]:
    """By delivery, of those that may not go at this hour, seconds until they are asked for again."""
    with_hours = {
        one.id: one.sending.message.allowed for one in claimed if one.sending.message.allowed is not None
    }
    now = database_now() if with_hours else None
    waits = {id: hours.wait(now).total_seconds() for id, hours in with_hours.items() if now is not None}
    return {id: min(wait_s, LONGEST_WAIT_S) for id, wait_s in waits.items() if wait_s > 0}


def _own_people(mails: Sequence[Claimed]) -> dict[int, Addressee | str]:
    """By delivery the tenant's own people whom it goes to, or why to nobody."""
    own = own_addresses({address for one in mails for address in one.sending.channel.to}) if mails else ()
    found: dict[int, Addressee | str] = {}
    for one in mails:
        to = one.sending.channel.to
        still = tuple(address for address in to if address.lower() in own)
        found[one.id] = Addressee(still) if still else NOT_OF_TENANT.format(address=to[0])
    return found


def attempt(claimed: Claimed) -> Came:
    """Send one; whatever its receiver does is an outcome."""
    at = datetime.now().astimezone()
    try:
        said = send(claimed.sending)
    except RefusedForeverError as error:
        return Came(claimed, Delivery.State.DEAD, str(error), at)
    except FailedAttemptError as error:
        return _failed(claimed, str(error), at, retry_after_s=error.retry_after_s or 0.0)
    return Came(claimed, Delivery.State.SENT, said, at)


def _failed(claimed: Claimed, said: str, at: datetime, *, retry_after_s: float = 0.0) -> Came:
    if claimed.attempt >= MOST_ATTEMPTS:
        return Came(claimed, Delivery.State.DEAD, said, at)
    return Came(claimed, Delivery.State.PENDING, said, at, max(pause_s(claimed.attempt), retry_after_s))


def pause_s(attempts: int) -> float:
    """Seconds until the next attempt: four times as long each time, a quarter more or less by chance."""
    whole = min(FIRST_PAUSE_S * 4.0 ** (attempts - 1), LONGEST_PAUSE_S)
    return whole * random.uniform(0.75, 1.25)


def note(came: Sequence[Came]) -> None:
    """Keep what came of attempts; one statement. Inside the tenant's scope."""
    params: dict[str, Any] = {
        "ids": [one.claimed.id for one in came],
        "attempts": [one.claimed.attempt for one in came],
        "states": [str(one.state) for one in came],
        "pauses": [one.pause_s for one in came],
        "ended": [None if one.state == Delivery.State.PENDING else 0.0 for one in came],
        "put_off": [one.is_put_off for one in came],
        "entries": [
            Jsonb(
                {
                    "at": one.at.isoformat(),
                    "attempt": one.claimed.attempt - one.is_put_off,
                    "said": one.said.replace("\x00", ""),
                }
            )
            for one in came
        ],
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, params)
    for one in came:
        if one.state == Delivery.State.DEAD:
            log.warning(
                "A delivery was given up: %s", one.claimed.sending.key, extra={"action": "delivery_dead"}
            )


def call_again() -> None:
    """Agree on when the tenant is visited next: when something is due, or may be by the limits.

    Once a day deliveries that ended and invitations of long ago are deleted.
    """
    with transaction.atomic():
        progress = agenda.take_turn(outbox.TASK)
        if progress is None:
            return
        now = database_now()
        today = now.date().isoformat()
        has_old = progress.get("tidied_on") != today and any([outbox.remove_old(), invitations.remove_old()])
        waiting = Delivery.objects.filter(finished_at=None)
        due: datetime | None = waiting.aggregate(first=Min("due_at"))["first"]
        # What is due and was not claimed waits for a limit, or for another worker's locks.
        soon = now + timedelta(seconds=1)
        following = now + NOTHING_DUE if due is None else max(due, soon)
        if due is not None and due > now + NOTHING_DUE:  # as IS_DUE has it
            following = soon
        noted = {} if has_old else {"tidied_on": today}
        agenda.end_turn(outbox.TASK, soon if has_old else following, noted)


def _claimed(row: Sequence[Any], known: Mapping[int, Channel]) -> Claimed:
    id, key, channel, message, attempts, created_at = row
    return Claimed(
        id, attempts, Sending(key, Message.of(json.loads(message)), known[channel].body, created_at)
    )


TASK: Final = BackgroundTask(
    outbox.TASK, every_s=1.0, tenants=lambda: agenda.due_tenants(outbox.TASK), work=deliver_due, lane=LANE
)
