"""Leaves a plugin's process nothing of the file system but what Python needs to import modules, and that to be read.

Landlock is the kernel's own way (from 5.13 on) for a process without any privilege to give up rights for good. Connecting
and binding (6.7), signals and abstract sockets (6.12) are given up with it where the kernel can.
"""

import ctypes
import os
import stat
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

CREATE_RULESET: Final = 444
ADD_RULE: Final = 445
RESTRICT_SELF: Final = 446
VERSION: Final = 1
PATH_BENEATH: Final = 1
READ_FILE: Final = 1 << 2
READ_DIR: Final = 1 << 3
# Rights that each version of the interface knows, from the first on.
FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NETWORK_FROM: Final = 4
SCOPES_FROM: Final = 6
BOTH: Final = 0b11
SYSTEM: Final = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ld.so.cache",
    "/etc/localtime", "/dev/null", "/dev/urandom", "/dev/zero", "/proc/self", "/sys/devices/system/cpu",
    "/proc/cpuinfo", "/proc/meminfo",
)  # fmt: skip


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


def restrict() -> bool:
    """Give up all rights but to read what Python needs; False where the kernel does not know how.

    ``no_new_privs`` must be set before.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION)
    if version < 1:
        return False
    handled = (1 << FILE_RIGHTS.get(version, FILE_RIGHTS[max(FILE_RIGHTS)])) - 1
    rules = _Ruleset(handled, BOTH if version >= NETWORK_FROM else 0, BOTH if version >= SCOPES_FROM else 0)
    ruleset = libc.syscall(CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(_size(version)), 0)
    if ruleset < 0:
        return False
    try:
        for path, rights in readable():
            _allow(libc, ruleset, path, rights)
        return bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def readable() -> Iterator[tuple[Path, int]]:
    """What stays readable, with the rights beneath it: interpreter, libraries, zones, and modules on the path.

    Of a folder on the path that is no folder of installed packages (a checkout) only modules and packages: its other files
    may be the server's own, and of them the names alone can be listed.
    """
    for place in (*SYSTEM, sys.base_prefix, sys.prefix, *sysconfig.get_paths().values()):
        yield Path(place), READ_FILE | READ_DIR
    for folder in {Path(entry or os.curdir).resolve() for entry in sys.path}:
        if folder.name in {"site-packages", "dist-packages"} or folder.is_file():
            yield folder, READ_FILE | READ_DIR
            continue
        yield folder, READ_DIR
        with suppress(OSError):
            for found in folder.iterdir():
                is_package = found.is_dir() and (
                    found.suffix in {".dist-info", ".egg-info"} or (found / "__init__.py").is_file()
                )
                if is_package or found.suffix in {".py", ".so", ".pth"}:
                    yield found, READ_FILE | READ_DIR


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    """Add a rule; a path that is not there needs none."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= ~READ_DIR
        rule = _Beneath(rights, descriptor)
        libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(descriptor)


def _size(version: int) -> int:
    """An older kernel takes no more of the structure than it knows."""
    if version >= SCOPES_FROM:
        return 24
    return 16 if version >= NETWORK_FROM else 8
