"""Refuses system calls that no plugin needs to compute: sockets, new programs and processes, signals to others.

A filter for the kernel, assembled by hand: a plugin's process installs it before the plugin is imported, and it cannot be
taken off again. A refused call fails with EPERM; the plugin's run says so.
"""

import ctypes
import os
import platform
import struct
from typing import Final, NamedTuple

PR_SET_SECCOMP: Final = 22
SECCOMP_MODE_FILTER: Final = 2
ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000 | 1  # EPERM
MISSING: Final = 0x00050000 | 38  # ENOSYS
KILL: Final = 0x80000000
CLONE_THREAD: Final = 0x00010000
# Offsets in the kernel's struct seccomp_data.
NUMBER: Final = 0
ARCHITECTURE: Final = 4
FIRST_ARGUMENT: Final = 16
LOAD: Final = 0x20
JUMP_IF_EQUAL: Final = 0x15
JUMP_IF_AT_LEAST: Final = 0x35
JUMP_IF_ANY_BIT: Final = 0x45
RETURN: Final = 0x06
X32: Final = 0x40000000
COMMON: Final = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "pidfd_open": 434, "pidfd_getfd": 438,
    "process_madvise": 440, "mount_setattr": 442, "memfd_secret": 447,
}  # fmt: skip


class Numbers(NamedTuple):
    """An architecture's name for the kernel, and its numbers of system calls."""

    architecture: int
    refused: dict[str, int]
    own_process_only: dict[str, int]
    clone: int
    clone3: int = 435


ARCHITECTURES: Final = {
    "x86_64": Numbers(
        0xC000003E,
        {
            "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "socketpair": 53, "fork": 57,
            "vfork": 58, "execve": 59, "ptrace": 101, "setpgid": 109, "setsid": 112, "personality": 135, "chroot": 161,
            "mount": 165, "umount2": 166, "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272,
            "accept4": 288, "perf_event_open": 298, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
            "kcmp": 312, "bpf": 321, "execveat": 322, "userfaultfd": 323, "open_by_handle_at": 304, "tkill": 200,
        },
        {"kill": 62, "tgkill": 234, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "prlimit64": 302,
         "sched_setaffinity": 203},
        clone=56,
    ),
    "aarch64": Numbers(
        0xC00000B7,
        {
            "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202, "connect": 203, "accept4": 242,
            "execve": 221, "execveat": 281, "ptrace": 117, "setpgid": 154, "setsid": 157, "personality": 92,
            "chroot": 51, "mount": 40, "umount2": 39, "add_key": 217, "request_key": 218, "keyctl": 219, "unshare": 97,
            "perf_event_open": 241, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272,
            "bpf": 280, "userfaultfd": 282, "open_by_handle_at": 265, "tkill": 130,
        },
        {"kill": 129, "tgkill": 131, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "prlimit64": 261,
         "sched_setaffinity": 122},
        clone=220,
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def install() -> bool:
    """Install the filter for this process and all its threads; False where kernel or architecture know none.

    ``no_new_privs`` must be set before.
    """
    numbers = ARCHITECTURES.get(platform.machine())
    if numbers is None:
        return False
    code = program(numbers, own_pid=os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    given = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(given), 0, 0) == 0)


def program(numbers: Numbers, *, own_pid: int) -> bytes:
    """The filter's instructions, each of eight bytes."""
    lines = [
        _line(LOAD, ARCHITECTURE),
        _line(JUMP_IF_EQUAL, numbers.architecture, then=1),
        _line(RETURN, KILL),
        _line(LOAD, NUMBER),
        _line(JUMP_IF_AT_LEAST, X32, otherwise=1),
        _line(RETURN, REFUSE),
    ]
    for number in (*numbers.refused.values(), *COMMON.values()):
        lines += [_line(JUMP_IF_EQUAL, number, otherwise=1), _line(RETURN, REFUSE)]
    # glibc asks for clone3 first, whose flags a filter cannot see, and then for clone.
    lines += [_line(JUMP_IF_EQUAL, numbers.clone3, otherwise=1), _line(RETURN, MISSING)]
    lines += [
        _line(JUMP_IF_EQUAL, numbers.clone, otherwise=4),
        _line(LOAD, FIRST_ARGUMENT),
        _line(JUMP_IF_ANY_BIT, CLONE_THREAD, otherwise=1),
        _line(RETURN, ALLOW),
        _line(RETURN, REFUSE),
    ]
    for number in numbers.own_process_only.values():
        lines += [
            _line(JUMP_IF_EQUAL, number, otherwise=5),
            _line(LOAD, FIRST_ARGUMENT),
            _line(JUMP_IF_EQUAL, own_pid, then=1),
            _line(JUMP_IF_EQUAL, 0, otherwise=1),
            _line(RETURN, ALLOW),
            _line(RETURN, REFUSE),
        ]
    return b"".join([*lines, _line(RETURN, ALLOW)])


def _line(code: int, operand: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, operand)
