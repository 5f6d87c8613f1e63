"""Whoever asks here for a tenant that lives elsewhere by now is told where, and to come again; never that it is unknown.

A client drops what it is told nobody knows. Upon 503 it keeps its batch, until names lead it to the right place.
"""

from typing import Final

from engage_server.tenancy.exceptions import TenantMovingError
from engage_server.tenancy.models import Move
from engage_server.tenancy.postgresql.prepared import read
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.services import moving_text

# The tenant that has the host, and those that had it when they left.
OWNERS: Final = """
    SELECT tenant.slug, tenant.status, NULL AS cell
    FROM tenancy_domain AS domain JOIN tenancy_tenant AS tenant ON tenant.id = domain.tenant_id
    WHERE domain.domain = %(host)s::text
    UNION ALL
    SELECT slug, step, cell FROM tenancy_move WHERE step = 'LEFT' AND hosts @> ARRAY[%(host)s::text]::varchar[]
"""


def refuse_key_of_the_moved(public_id: str) -> None:
    """Go on unless the key left with a tenant.

    Raises:
        TenantMovingError: says with which, and whither.
    """
    with shared_scope():
        _refuse(Move.objects.filter(step=Move.Step.LEFT, key_ids__contains=[public_id]).first())


def refuse_host_of_the_moved(host: str) -> None:
    """Go on unless the host's tenant is on its way to another installation, or left with the host.

    Raises:
        TenantMovingError: says which, and whither.
    """
    with shared_scope():
        owners = read(OWNERS, {"host": host.lower()})
    # Whose it is now counts, whoever had it before.
    slug, status, cell = min(owners, key=lambda owner: owner[2] is not None, default=("", "", None))
    if status == "MOVING":
        raise TenantMovingError(moving_text(slug))
    if cell is not None:
        raise TenantMovingError(_left_text(slug, cell))


def _refuse(move: Move | None) -> None:
    if move is not None:
        raise TenantMovingError(_left_text(move.slug, move.cell))


def _left_text(slug: str, cell: str) -> str:
    return (
        f"The tenant {slug!r} lives in the cell {cell!r} by now; nothing was stored. Remedy: its operator "
        "leads its names there; the same again then."
    )
