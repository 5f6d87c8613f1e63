"""Tells two states of an account apart, for who changes one that somebody else may have changed since."""

from hashlib import blake2b
from typing import Final

import msgspec

from engage_server.customers.models import Account

BYTES: Final = 8


def version_of(account: Account) -> str:
    """A digest of what is known of the account now, in hexadecimal: the same as long as nothing of it changes."""
    known = [
        account.external_id,
        account.name,
        account.parent_id,
        account.plan,
        account.stage,
        account.owner,
        account.traits,
        account.started_at,
    ]
    return blake2b(msgspec.json.encode(known, order="sorted"), digest_size=BYTES).hexdigest()
