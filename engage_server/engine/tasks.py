"""The one job the queue carries: compute a share of what is due for a tenant."""

import logging
from typing import Final

from procrastinate.contrib.django import app

from engage_server.engine.executor import execute_due
from engage_server.engine.models import Run
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.scope import shared_scope
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
