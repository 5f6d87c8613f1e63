"""Whoever asks here for a tenant that lives elsewhere by now is told where, and to come again; never that it is unknown.

A client drops what it is told nobody knows. Upon 503 it keeps its batch, until names lead it to the right place.
"""

from engage_server.tenancy.exceptions import TenantMovingError
from engage_server.tenancy.models import Move
from engage_server.tenancy.scope import shared_scope


def refuse_key_of_the_moved(public_id: str) -> None:
    """Go on unless the key left with a tenant.

    Raises:
        TenantMovingError: says with which, and whither.
    """
    with shared_scope():
        _refuse(Move.objects.filter(step=Move.Step.LEFT, key_ids__contains=[public_id]).first())


def refuse_host_of_the_moved(host: str) -> None:
    """Go on unless the host left with a tenant.

    Raises:
        TenantMovingError: says with which, and whither.
    """
    with shared_scope():
        _refuse(Move.objects.filter(step=Move.Step.LEFT, hosts__contains=[host.lower()]).first())


def _refuse(move: Move | None) -> None:
    if move is not None:
        raise TenantMovingError(
            f"The tenant {move.slug!r} lives in the cell {move.cell!r} by now; nothing was stored. Remedy: its operator "
            "leads its names there; the same again then."
        )
