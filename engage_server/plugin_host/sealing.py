"""Seals the secrets of configurations for storage, and opens them for the plugin: MultiFernet under the operator's keys.

The first key seals, all of them open; ``manage.py reseal`` brings what is stored under the first.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from engage_server.plugin_host.exceptions import SealingError
from engage_server.plugin_host.secret_fields import change_secrets

SEALED: Final = "$sealed"
SETTING: Final = "ENGAGE_SEALING_KEYS"


def sealed(schema: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration for storage: each secret of the schema as ``{"$sealed": token}``.

    Raises:
        SealingError: it has a secret and there is no key, or it looks sealed already.
    """
    if contains_sealed(config):
        raise SealingError(
            f"A field is called {SEALED!r}, which the server keeps for itself. Remedy: rename it."
        )
    return change_secrets(schema, config, _seal)


def opened(config: Mapping[str, Any]) -> dict[str, Any]:
    """A stored configuration with its secrets in clear.

    Raises:
        SealingError: one was sealed under a key that is none of those set.
    """
    return {name: _opened(value) for name, value in config.items()}


def resealed(schema: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """A stored configuration with all its secrets sealed under the first key, whether they were sealed or in clear.

    Raises:
        SealingError: one was sealed under a key that is none of those set, or there is no key.
    """
    renewed = {name: _renewed(value) for name, value in config.items()}
    return change_secrets(
        schema, renewed, lambda secret: secret if contains_sealed(secret) else _seal(secret)
    )


def _renewed(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.keys() == {SEALED}:
            return _seal(_open(value[SEALED]))
        return {name: _renewed(part) for name, part in value.items()}
    return [_renewed(part) for part in value] if isinstance(value, list) else value


def contains_sealed(value: Any) -> bool:
    """Whether anything within is sealed, or says that it is."""
    if isinstance(value, Mapping):
        return SEALED in value or any(map(contains_sealed, value.values()))
    return isinstance(value, list | tuple) and any(map(contains_sealed, value))


def _opened(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.keys() == {SEALED}:
            return _open(value[SEALED])
        return {name: _opened(part) for name, part in value.items()}
    return [_opened(part) for part in value] if isinstance(value, list) else value


def _seal(secret: Any) -> dict[str, str]:
    return {SEALED: _box().encrypt(json.dumps(secret).encode()).decode()}


def _open(token: str) -> Any:
    try:
        return json.loads(_box().decrypt(token.encode()))
    except InvalidToken as error:
        raise SealingError(
            f"A secret was sealed under a key that is none of {SETTING}. "
            "Remedy: add the former key to it, or set the secret again."
        ) from error


def _box() -> MultiFernet:
    return _made(tuple(settings.ENGAGE_SEALING_KEYS))


@lru_cache(maxsize=8)
def _made(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise SealingError(
            f"A configuration has a secret and {SETTING} is not set. Remedy: set it to 50 or more random characters, "
            "and keep them as safe as the database's backups."
        )
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys]
    )
