"""Keeps what changes were answered with that bore an idempotency key, so that a repeated request changes nothing.

Keys are the tenant's. They and what was asked for are kept as keyed digests, answers without anything personal; both for
a day, and the newest ten thousand of a tenant. See the Internet draft ``draft-ietf-httpapi-idempotency-key-header``.
"""

import json
from collections.abc import Mapping
from typing import Final

from django.db import connection
from django.utils.crypto import salted_hmac
from pydantic import JsonValue

from engage_server.audit.exceptions import KeyReusedError
from engage_server.audit.models import KeptAnswer

KEPT_H: Final = 24
MOST_KEPT: Final = 10_000
SALT: Final = "engage.audit.idempotency"
FORGET: Final = """
    DELETE FROM audit_keptanswer WHERE at < statement_timestamp() - make_interval(hours => %s)
       OR at <= (SELECT at FROM audit_keptanswer ORDER BY at DESC OFFSET %s LIMIT 1)
"""
# Who comes second with a key waits here until the first one's transaction has ended.
CLAIM: Final = """
    INSERT INTO audit_keptanswer (key, content, answer) VALUES (%s, %s, '{}') ON CONFLICT (key) DO NOTHING
"""


def claim(key: str, content: Mapping[str, JsonValue]) -> Mapping[str, JsonValue] | None:
    """Begin a change under a key, in the change's transaction; the answer of the first one where this is a repetition.

    Where there is none, ``keep`` is to be called in the same transaction.

    Raises:
        KeyReusedError: the key came with other content.
    """
    digest, asked = _digest(key), _digest(json.dumps(content, sort_keys=True))
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [KEPT_H, MOST_KEPT - 1])
        cursor.execute(CLAIM, [digest, asked])
        if cursor.rowcount:
            return None
    kept = KeptAnswer.objects.get(key=digest)
    if kept.content != asked:
        raise KeyReusedError(
            f"This idempotency key came with another content within {KEPT_H} hours. Remedy: a new key for each change; "
            "the same key only to send the same once more."
        )
    answer: Mapping[str, JsonValue] = kept.answer
    return answer


def keep(key: str, answer: Mapping[str, JsonValue]) -> None:
    """Keep the answer of the change that ``claim`` began."""
    KeptAnswer.objects.filter(key=_digest(key)).update(answer=dict(answer))


def _digest(text: str) -> str:
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()
