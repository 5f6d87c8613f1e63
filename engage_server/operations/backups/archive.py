"""A backup as it lies on disk: a folder of packed files, and a manifest that holds the digest of each.

Only its owner may read it. The folder bears its final name only when it is whole; until then it ends in ``.partial``
and is locked by the process that writes it, as exports are.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from engage_server.operations.exceptions import BackupError, DamagedBackupError, UnrestorableError
from engage_server.tenancy.export import PARTIAL, locked, sync

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
BLOCK: Final = 1 << 20
# The fastest: what is written has to keep up with COPY.
PACKING: Final = 1


@dataclass(slots=True)
class Archive:
    """A backup's folder. ``facts`` is what its manifest says, beside the digests in ``files`` by relative path.

    ``lasting``: files are on disk before anybody goes on; what is read once and thrown away need not be.
    """

    folder: Path
    facts: dict[str, Any] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    lasting: bool = True

    @contextmanager
    def writing(self, name: str) -> Iterator[gzip.GzipFile]:
        """A new file of the backup, to write to; on disk, with its digest noted, when the block ends."""
        path = self.folder / name
        _make_private(path.parent)
        with _private(path) as raw, gzip.GzipFile("", "wb", PACKING, raw, mtime=0) as packed:
            yield packed
        if self.lasting:
            sync(path)
        self.files[name] = _fingerprint(path)

    def write_json(self, name: str, value: Any) -> None:
        """A new file that holds a value."""
        with self.writing(name) as file:
            file.write(json.dumps(value).encode())

    def read_json(self, name: str) -> Any:
        """The value that a file holds.

        Raises:
            DamagedBackupError: the file does not hold one.
        """
        try:
            return json.loads(b"".join(self.blocks(name)))
        except ValueError as error:
            raise _damaged(self.folder / name, "it cannot be read") from error

    def blocks(self, name: str) -> Iterator[bytes]:
        """What a file holds, unpacked.

        Raises:
            DamagedBackupError: it is missing, or cannot be unpacked.
        """
        path = self.folder / name
        try:
            with gzip.open(path, "rb") as file:
                while block := file.read(BLOCK):
                    yield block
        except (FileNotFoundError, gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise _damaged(path, "it is missing or cannot be unpacked") from error

    def check(self, under: str = "") -> int:
        """Compare the files (of a folder, or all) with their digests; return how many there are.

        Raises:
            DamagedBackupError: one is missing or another than was written.
        """
        names = [name for name in self.files if name.startswith(under)]
        for name in names:
            path = self.folder / name
            if not path.is_file():
                raise _damaged(path, "it is missing")
            if _fingerprint(path) != self.files[name]:
                raise _damaged(path, "it is not what was written")
        return len(names)


@contextmanager
def new_archive(target: Path) -> Iterator[Archive]:
    """A backup to be filled; it bears the name ``target`` once the block has ended well.

    Raises:
        BackupError: there is something of this name.
    """
    partial = target.with_name(target.name + PARTIAL)
    _make_private(target.parent)
    try:
        partial.mkdir(mode=0o700)
    except FileExistsError:
        raise BackupError(f"{partial} is there already. Remedy: another --out, or remove it.") from None
    with locked(partial):
        archive = Archive(partial)
        yield archive
        content = {"engage_backup": FORMAT, **archive.facts, "files": archive.files}
        with _private(partial / MANIFEST) as file:
            file.write(json.dumps({**content, "digest": _digest(content)}, indent=1).encode())
        for folder in [partial, *(path for path in partial.rglob("*") if path.is_dir())]:
            sync(folder)
        sync(partial / MANIFEST)
        partial.rename(target)
        sync(target.parent)
        archive.folder = target


def open_archive(folder: Path) -> Archive:
    """A backup that was written.

    Raises:
        DamagedBackupError: its manifest is missing or not what was written.
        UnrestorableError: it was written by a later release.
    """
    path = folder / MANIFEST
    if folder.name.endswith(PARTIAL):
        raise _damaged(folder, "writing it was not ended")
    try:
        content = json.loads(path.read_text())
        digest, version = content.pop("digest"), content.pop("engage_backup")
    except FileNotFoundError as error:
        raise _damaged(path, "it is missing") from error
    except (ValueError, KeyError, AttributeError) as error:
        raise _damaged(path, "it cannot be read") from error
    if version != FORMAT:
        raise UnrestorableError(
            f"{folder} is a backup of the form {version}, this release reads {FORMAT}. "
            f"Remedy: restore it with the release that wrote it ({content.get('release', 'unknown')}) or a later one."
        )
    if _digest({"engage_backup": version, **content}) != digest:
        raise _damaged(path, "it is not what was written")
    return Archive(folder, files=content.pop("files"), facts=cast(dict[str, Any], content))


def _make_private(folder: Path) -> None:
    """Make the folder and those above it that are missing, for their owner alone."""
    if not folder.exists():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def _private(path: Path) -> Iterator[Any]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "bytes": path.stat().st_size}


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _damaged(path: Path, how: str) -> DamagedBackupError:
    return DamagedBackupError(
        f"The backup is damaged: {path}: {how}. Nothing was restored from it. "
        "Remedy: another copy of this backup, or another backup."
    )
