"""The one job the queue carries: compute what is due for a tenant."""

import logging

from procrastinate.contrib.django import app

from engage_server.engine.executor import execute_due
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.services import tenant_ref

log = logging.getLogger("engage.engine")


@app.task(queue="compute", name="engage.compute_tenant")
def compute_tenant(tenant_id: int) -> None:
    """Execute every due run of a tenant. Neither lock nor retry of the queue: the ledger has both."""
    try:
        tenant = tenant_ref(tenant_id)
    except TenancyError as error:
        # Deleted or suspended since the job was queued: its runs stay in the ledger or went with it.
        log.info("%s", error, extra={"action": "job_skipped", "tenant": tenant_id})
        return
    execute_due(tenant)
