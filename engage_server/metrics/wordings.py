"""The numbers of texts that many values share, in one statement for all of a kind. Inside the tenant's scope."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from django.db import connection

Series = tuple[str, str]
KNOWN_SERIES: Final = """
    SELECT metric, subject_kind, id FROM metrics_wording WHERE metric = ANY(%s) AND metric <> ''
"""
# In one order everywhere, so that two runs that bring the same texts cannot wait for each other in a circle.
NEW_SERIES: Final = """
    INSERT INTO metrics_wording (metric, subject_kind)
    SELECT * FROM unnest(%s::text[], %s::text[]) AS fresh (metric, kind) ORDER BY 1, 2
    ON CONFLICT (metric, subject_kind) WHERE NOT (metric = '') DO NOTHING
"""
KNOWN_TEXTS: Final = "SELECT digest, id FROM metrics_wording WHERE digest = ANY(%s)"
NEW_TEXTS: Final = """
    INSERT INTO metrics_wording (metric, subject_kind, digest, body)
    SELECT '', '', digest, body::jsonb FROM unnest(%s::uuid[], %s::text[]) AS fresh (digest, body) ORDER BY digest
    ON CONFLICT (digest) DO NOTHING
"""


def numbers_of_series(series: Collection[Series]) -> dict[Series, int]:
    """The number of each metric and kind of subject; new ones are given one."""
    metrics = sorted({metric for metric, _ in series})
    known = _known_series(metrics)
    if missing := sorted(set(series) - known.keys()):
        with connection.cursor() as cursor:
            cursor.execute(NEW_SERIES, [[metric for metric, _ in missing], [kind for _, kind in missing]])
        known = _known_series(metrics)
    return known


def numbers_of_texts(bodies: Collection[bytes]) -> dict[bytes, int]:
    """The number of each text, which is JSON; new ones are given one."""
    digests = {_digest(body): body for body in bodies}
    known = _known_texts(digests)
    if missing := sorted(digests.keys() - known.keys()):
        with connection.cursor() as cursor:
            cursor.execute(NEW_TEXTS, [missing, [digests[digest].decode() for digest in missing]])
        known = _known_texts(digests)
    return {digests[digest]: number for digest, number in known.items()}


def _known_series(metrics: list[str]) -> dict[Series, int]:
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_SERIES, [metrics])
        return {(metric, kind): number for metric, kind, number in cursor.fetchall()}


def _known_texts(digests: Mapping[UUID, bytes]) -> dict[UUID, int]:
    if not digests:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_TEXTS, [list(digests)])
        return dict(cursor.fetchall())


def _digest(body: bytes) -> UUID:
    return UUID(bytes=hashlib.md5(body, usedforsecurity=False).digest())
