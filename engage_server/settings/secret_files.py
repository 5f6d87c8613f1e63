"""Secrets in files: those that an operator mounts, and the one that a machine without set-up makes for itself."""

import os
import secrets
from pathlib import Path

from engage_server.settings.exceptions import SettingError


def read_secret(name: str) -> str:
    """The secret in the environment variable, or in the file that ``<name>_FILE`` names; empty where neither is set.

    Raises:
        SettingError: both are set, or the file cannot be read.
    """
    given, path = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if given and path:
        raise SettingError(
            f"{name} and {name}_FILE are both set. Remedy: unset one, so that it is clear which holds."
        )
    if not path:
        return given
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"The file that {name}_FILE names cannot be read ({error}). Remedy: correct the path or its rights."
        ) from error


def ensure_secret(path: Path, *, variable: str = "ENGAGE_SECRET_KEY") -> str:
    """The secret in this file, which is made where it is missing; readable by its owner alone.

    ``variable`` is what an operator sets instead of it.

    Raises:
        SettingError: the file can be neither read nor made.
    """
    try:
        if not path.exists():
            _make(path)
        return path.read_text()
    except OSError as error:
        raise SettingError(
            f"No secret key can be kept in {path} ({error}). Remedy: set {variable}."
        ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(64))
    try:
        # Whole or not at all, and the first of several processes wins.
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
