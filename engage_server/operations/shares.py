"""Shares what stands behind a secret address, and ends that, on record. Works inside the tenant's scope."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from engage_server.audit.log import record
from engage_server.automation.exceptions import UnknownShareError
from engage_server.automation.shares import SHARE, Share, ShareBody, share
from engage_server.customers.models import Account
from engage_server.definitions import store
from engage_server.definitions.kinds import read_body
from engage_server.plugin_host.registry import registry


def create_share(name: str, body: Mapping[str, Any]) -> Share:
    """Show an account's metrics and goals, or the renewals, to whoever has the address.

    Args:
        name: for people; no two shares have one name.
        body: fields of a ``ShareBody``.

    Raises:
        DefinitionsError, UnknownPluginError, UnknownShareError: says what is wrong with it; nothing is shared.
    """
    checked = read_body(ShareBody, body)
    for metric in checked.metrics:
        _, found = registry().metric(metric)
        if "account" not in found.subjects:
            raise UnknownShareError(
                f"The metric {metric!r} is not measured for accounts. Remedy: one that is; `metrics` says which."
            )
    if checked.account is not None and not Account.objects.filter(pk=checked.account).exists():
        raise UnknownShareError(
            f"There is no account {checked.account}. Remedy: `accounts` lists those there are."
        )
    with transaction.atomic():
        made = share(store.define(SHARE, name, checked))
        record("share.created", subject=f"share {made.number}", details=_details(made))
    return made


def revoke_share(number: int) -> Share:
    """End a share: its address shows nothing from now on.

    Raises:
        UnknownDefinitionError
    """
    with transaction.atomic():
        former = share(number)
        store.retire(SHARE, number)
        record("share.revoked", subject=f"share {number}", details=_details(former))
    return former


def _details(made: Share) -> dict[str, Any]:
    body = made.body
    return {"kind": body.kind.value, "account": body.account, "metrics": list(body.metrics)}
