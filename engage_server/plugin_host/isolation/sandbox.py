"""Takes from a plugin's process, for good and before the plugin is imported, what it does not need to compute."""

import ctypes
import resource
from typing import Final

import psutil

from engage_server.plugin_host.isolation import landlock, seccomp

PR_SET_DUMPABLE: Final = 4
PR_SET_NO_NEW_PRIVS: Final = 38
CAPABILITY_VERSION: Final = 0x20080522
MOST_FILES: Final = 256


def confine(*, memory_bytes: int, most_processes: int) -> tuple[str, ...]:
    """Bound what the process may use, and give up what it may do; the names of the kernel's walls that stand."""
    _set_limits(memory_bytes=memory_bytes, most_processes=most_processes)
    libc = ctypes.CDLL(None, use_errno=True)
    # Nobody of the same user looks into its memory, and it keeps no core.
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    _drop_capabilities(libc)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return ()
    walls = [("landlock", landlock.restrict), ("seccomp", seccomp.install)]
    return tuple(name for name, build in walls if build())


def _set_limits(*, memory_bytes: int, most_processes: int) -> None:
    memory = psutil.Process().memory_info().vms + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind, wanted in ((resource.RLIMIT_NPROC, most_processes), (resource.RLIMIT_NOFILE, MOST_FILES)):
        _, most = resource.getrlimit(kind)
        allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(kind, (allowed, allowed))


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """Give up what root may do beyond its files, should the server run as root."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    libc.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
