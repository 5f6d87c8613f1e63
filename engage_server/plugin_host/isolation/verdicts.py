"""What the examination of a foreign plugin came to, remembered on disk by its distribution, version and digest.

A server with fifty foreign plugins starts in a second this way. A refusal is believed for an hour: what was slow under
load, or lacked something that was installed since, gets another chance.
"""

import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings

from engage_server import sdk
from engage_server.plugin_host.limits import limits
from engage_server.plugin_host.loading import ENTRY_POINT_GROUP, Candidate

REFUSAL_STANDS_S: Final = 3_600
LARGEST_FILE: Final = 64 << 20
FORMAT: Final = "1"
log = logging.getLogger("engage.plugins")


class Verdict(msgspec.Struct, frozen=True):
    """``described`` is the encoded manifest of a sound plugin; of any other, ``refusal`` says what is wrong with it."""

    described: bytes = b""
    refusal: str = ""


def remembered(candidate: Candidate) -> Verdict | None:
    """The verdict of an earlier examination of the very same code, here or by another process; None: examine it."""
    path = _path(candidate)
    if path is None:
        return None
    try:
        age_s = time.time() - path.stat().st_mtime
        found = msgspec.msgpack.decode(path.read_bytes(), type=Verdict)
    except (OSError, msgspec.MsgspecError):
        return None
    return None if found.refusal and age_s > REFUSAL_STANDS_S else found


def remember(candidate: Candidate, verdict: Verdict) -> Verdict:
    """Keep a verdict for the next start; where nothing can be written, the next start examines again."""
    path = _path(candidate)
    if path is None:
        return verdict
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.write_bytes(msgspec.msgpack.encode(verdict))
        draft.replace(path)
    except OSError as error:
        log.warning("%s", error, extra={"action": "verdict_not_kept", "plugin": candidate.name})
    return verdict


def _path(candidate: Candidate) -> Path | None:
    if not settings.ENGAGE_PLUGIN_VERDICTS:
        return None
    known = "\0".join(
        [
            FORMAT, candidate.name, candidate.distribution, candidate.version, sdk.__version__, sys.version,
            repr(limits()), _surroundings(), digest_of(candidate),
        ]
    )  # fmt: skip
    return Path(settings.ENGAGE_PLUGIN_VERDICTS) / hashlib.sha256(known.encode()).hexdigest()


@cache
def _surroundings() -> str:
    """All installed distributions with their versions: a plugin may work with one release of another and not the next."""
    return "\0".join(sorted(f"{found.name} {found.version}" for found in importlib.metadata.distributions()))


def digest_of(candidate: Candidate) -> str:
    """A digest of the plugin's code as it lies on disk: of its distribution's files and of the package it names."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(set(_files(candidate))):
        digest.update(str(path).encode())
        digest.update(path.read_bytes() if path.stat().st_size <= LARGEST_FILE else str(path.stat()).encode())
    return digest.hexdigest()


def _files(candidate: Candidate) -> Iterator[Path]:
    for entry in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP, name=candidate.name):
        if entry.dist is None or entry.dist.name != candidate.distribution:
            continue
        for file in entry.dist.files or ():
            yield from _existing(Path(str(file.locate())))
        # Of an editable installation the distribution lists no code. Found, not imported.
        spec = importlib.util.find_spec(entry.module.partition(".")[0])
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for path in Path(folder).rglob("*"):
                yield from _existing(path)
        if spec and spec.origin:
            yield from _existing(Path(spec.origin))


def _existing(path: Path) -> Iterator[Path]:
    if path.suffix != ".pyc" and path.is_file():
        yield path
