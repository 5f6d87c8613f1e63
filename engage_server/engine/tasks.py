"""The jobs the queue carries: compute a share of what is due for a tenant, or answer a question of one."""

import contextlib
import logging
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from engage_server.engine.computations import (
    KEPT,
    forget_computations,
    lost_computations,
    open_computation,
    work_on,
)
from engage_server.engine.executor import execute_due
from engage_server.engine.models import Computation, Run
from engage_server.engine.questions import Question
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.scope import current_tenant, shared_scope
from engage_server.tenancy.services import tenant_ref

QUEUE: Final = "compute"
log = logging.getLogger("engage.engine")


def job_priority(*, background: bool) -> int:
    """The queue's priority of a job: a backfill's is fetched when no tenant has scheduled runs waiting."""
    return int(Run.Priority.BACKFILL if background else Run.Priority.SCHEDULED)


@app.task(queue=QUEUE, name="engage.compute_tenant")
def compute_tenant(tenant_id: int, background: bool = True) -> None:
    """Execute a share of a tenant's due runs (``background``: of its backfill too), then queue up again behind the others.

    Neither lock nor retry of the queue: the ledger has both.
    """
    try:
        tenant = tenant_ref(tenant_id)
    except TenancyError as error:
        # Deleted or suspended since the job was queued: its runs stay in the ledger or went with it.
        log.info("%s", error, extra={"action": "job_skipped", "tenant": tenant_id})
        return
    lowest = Run.Priority.BACKFILL if background else Run.Priority.SCHEDULED
    executed = execute_due(tenant, lowest=lowest)
    if executed.more:
        with shared_scope():
            compute_tenant.configure(priority=job_priority(background=background)).defer(
                tenant_id=tenant_id, background=background
            )


@app.task(queue=QUEUE, name="engage.answer_question")
def answer_question(tenant_id: int, computation: str) -> None:
    """Work on a computation; one that is done, or in other hands, is left alone."""
    try:
        tenant = tenant_ref(tenant_id)
    except TenancyError as error:
        log.info("%s", error, extra={"action": "job_skipped", "tenant": tenant_id})
        return
    work_on(tenant, UUID(computation))


def start_computation(question: Question) -> Computation:
    """Take a question in and call a worker to it; inside the tenant's scope.

    Raises:
        TooManyAnswersError, PluginHostError, EngineError: see ``computations.open_computation``.
    """
    tenant = current_tenant()
    with transaction.atomic():
        opened = open_computation(question)
        with shared_scope():
            answer_question.configure(priority=job_priority(background=True)).defer(
                tenant_id=tenant.id, computation=str(opened.id)
            )
    return opened


def ring_again() -> int:
    """Call workers to computations that seem to be lost, and forget old ones; return how many calls."""
    with shared_scope():
        forget_computations(timezone.now() - KEPT)
        lost = lost_computations()
        for one in lost:
            job = answer_question.configure(
                priority=job_priority(background=True), queueing_lock=f"computation {one.id}"
            )
            with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
                job.defer(tenant_id=one.tenant_id, computation=str(one.id))
    return len(lost)
