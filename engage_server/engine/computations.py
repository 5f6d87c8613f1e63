"""Answers questions that take longer than a request: a worker does it, with progress, and the answer is kept.

A computation that lost its worker goes on from the last day that it kept.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import connection
from django.utils import timezone

from engage_server.audit.actor import current_actor
from engage_server.customers.exceptions import NotSliceableError
from engage_server.engine.exceptions import EngineError, TooManyAnswersError, UnknownComputationError
from engage_server.engine.models import Computation
from engage_server.engine.questions import Answered, Question, answers, require_answerable, require_few
from engage_server.plugin_host.exceptions import (
    InvalidConfigurationError,
    PluginDisabledError,
    PluginFailedError,
    PluginHostError,
)
from engage_server.segments.exceptions import SegmentsError
from engage_server.tenancy.scope import TenantRef, current_tenant, shared_scope, tenant_scope

State = Computation.State
MOST_DAYS: Final = 400
MOST_VALUES: Final = 5_000
MOST_OPEN: Final = 20
KEPT: Final = timedelta(days=30)
LEASE_S: Final = 600.0
KEEP_EVERY_S: Final = 2.0
TIMEOUT_MS: Final = 300_000
LOST: Final = timedelta(minutes=2)
# One worker has it, until the lease ends: then it is taken for dead.
CLAIM: Final = """
    UPDATE engine_computation SET state = 'RUNNING', lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
    WHERE id = %(id)s AND (state = 'PENDING' OR state = 'RUNNING' AND lease_until < clock_timestamp())
    RETURNING done
"""
KEEP: Final = """
    UPDATE engine_computation
    SET done = done + %(days)s, result = result || %(values)s::jsonb,
        lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
    WHERE id = %(id)s AND state = 'RUNNING' AND done = %(done)s
"""
# Its own text may quote rows.
FAILED_PLUGIN: Final = "The plugin failed. Remedy: tell the server's operator, whose log says why."
ENCODER: Final = msgspec.json.Encoder(enc_hook=str)
log = logging.getLogger("engage.engine")


@dataclass(frozen=True, slots=True)
class Kept:
    """A computation as it stands: its state, how far it is, and what was answered so far."""

    row: Computation

    @property
    def question(self) -> Question:
        """What was asked."""
        return Question.model_validate(self.row.question)

    @property
    def values(self) -> list[Answered]:
        """Day by day, of each day all groups."""
        return [msgspec.convert(one, Answered, strict=False) for one in self.row.result]


def open_computation(question: Question) -> Computation:
    """Take a question in, inside the tenant's scope; the caller sees to it that a worker hears of it.

    Raises:
        TooManyAnswersError: its range is too long, or the tenant has too many open ones.
        PluginHostError, EngineError: the metric cannot be computed so.
    """
    require_few(question, most=MOST_DAYS)
    require_answerable(question)
    tenant = current_tenant()
    with shared_scope():
        mine = Computation.objects.filter(tenant_id=tenant.id)
        if mine.filter(state__in=[State.PENDING, State.RUNNING]).count() >= MOST_OPEN:
            raise TooManyAnswersError(
                f"{MOST_OPEN} computations are open already. Remedy: wait until one of them is done."
            )
        return Computation.objects.create(
            tenant_id=tenant.id,
            question=question.model_dump(mode="json"),
            total=len(question.days),
            author=current_actor(),
        )


def computation(id: UUID) -> Kept:
    """The tenant's computation of this id, inside its scope.

    Raises:
        UnknownComputationError: there is none, or it is no longer kept; the same for another tenant's.
    """
    tenant = current_tenant()
    with shared_scope():
        row = Computation.objects.filter(pk=id, tenant_id=tenant.id).first()
    if row is None:
        raise UnknownComputationError(
            f"There is no computation {id}. Remedy: start it again; answers are kept for {KEPT.days} days."
        )
    return Kept(row)


def work_on(tenant: TenantRef, id: UUID) -> None:
    """Answer a computation's question, or what is left of it; nothing where it is done or in other hands."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(CLAIM, {"id": id, "lease": LEASE_S})
        claimed = cursor.fetchone()
        if claimed is None:
            return
        question = Question.model_validate(Computation.objects.get(pk=id).question)
    try:
        with tenant_scope(tenant, timeout_ms=TIMEOUT_MS):
            _answer(id, question, done=claimed[0])
    except PluginFailedError as error:
        log.error("%s", error, extra={"action": "computation_failed", "tenant": tenant.slug})
        _end(id, State.FAILED, code="PLUGIN_FAILED", error=FAILED_PLUGIN)
    except (EngineError, SegmentsError, NotSliceableError, PluginHostError) as error:
        code = getattr(error, "code", None) or _code_of(error)
        _end(id, State.FAILED, code=code, error=str(error))
    else:
        _end(id, State.DONE)


def lost_computations() -> list[Computation]:
    """Those that no worker seems to have heard of, or whose worker has died; in the shared scope."""
    now = timezone.now()
    waiting = Computation.objects.filter(state=State.PENDING, created_at__lt=now - LOST)
    return [*waiting, *Computation.objects.filter(state=State.RUNNING, lease_until__lt=now)]


def forget_computations(before: datetime) -> int:
    """Delete those that were asked for before this moment; in the shared scope."""
    deleted, _ = Computation.objects.filter(created_at__lt=before).delete()
    return deleted


def _answer(id: UUID, question: Question, *, done: int) -> None:
    waiting: list[Answered] = []
    days, kept_at = 0, time.monotonic()
    for of_day in answers(question, skip=done, most=MOST_VALUES):
        waiting += of_day
        days += 1
        if time.monotonic() - kept_at >= KEEP_EVERY_S:
            _keep(id, waiting, days=days, done=done)
            done, waiting, days, kept_at = done + days, [], 0, time.monotonic()
    _keep(id, waiting, days=days, done=done)


def _keep(id: UUID, values: list[Answered], *, days: int, done: int) -> None:
    text = ENCODER.encode(values).decode()
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(KEEP, {"id": id, "values": text, "days": days, "done": done, "lease": LEASE_S})


def _end(id: UUID, state: Computation.State, *, code: str = "", error: str = "") -> None:
    changes: dict[str, Any] = {"state": state, "finished_at": timezone.now(), "code": code, "error": error}
    with shared_scope():
        Computation.objects.filter(pk=id).update(**changes)


def _code_of(error: Exception) -> str:
    if isinstance(error, InvalidConfigurationError):
        return "INVALID_CONFIGURATION"
    return "PLUGIN_DISABLED" if isinstance(error, PluginDisabledError) else "FAILED"
