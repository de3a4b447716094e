"""The system calls that student code may make, as a seccomp program. What is not listed fails with EPERM.

A table of our own in place of libseccomp: it needs nothing installed, costs nothing to build, and a test holds
its numbers against libseccomp's for both processors. The numbers are those of the kernel's unistd.h.
"""

import platform
import struct
from typing import NamedTuple


class _Processor(NamedTuple):
    audit_name: int
    """How the kernel names the processor to a filter (linux/audit.h)."""
    column: int
    """Where its numbers stand in the table."""


_PROCESSORS = {"x86_64": _Processor(0xC000003E, 0), "aarch64": _Processor(0xC00000B7, 1)}
_X32_BIT = 0x40000000

# Each with its number on x86-64 and on 64-bit ARM, which lacks the older calls. Left out on purpose, beside
# processes, sockets, signals to others and all that only root may do: chmod, chown, utime, xattr, flock and
# truncate by name, which Landlock does not cover; prlimit's setting half; threads.
NUMBERS: dict[str, tuple[int, int | None]] = {
    # reading and writing
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67),
    "pwrite64": (18, 68), "close": (3, 57), "lseek": (8, 62), "sendfile": (40, 71), "fadvise64": (221, 223),
    "ftruncate": (77, 46), "fsync": (74, 82), "fdatasync": (75, 83), "dup": (32, 23), "dup2": (33, None),
    "dup3": (292, 24), "pipe": (22, None), "pipe2": (293, 59),
    # files and folders, within what Landlock allows
    "fstat": (5, 80), "newfstatat": (262, 79), "statx": (332, 291), "statfs": (137, 43), "fstatfs": (138, 44),
    "stat": (4, None), "lstat": (6, None), "access": (21, None), "faccessat": (269, 48),
    "faccessat2": (439, 439), "creat": (85, None), "readlink": (89, None), "readlinkat": (267, 78),
    "getdents64": (217, 61), "getcwd": (79, 17), "chdir": (80, 49), "umask": (95, 166), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35),
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276),
    # waiting, as an event loop does
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "epoll_create1": (291, 20), "epoll_ctl": (233, 21), "epoll_wait": (232, None), "epoll_pwait": (281, 22),
    # memory
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "mremap": (25, 216), "msync": (26, 227),
    "madvise": (28, 233), "mincore": (27, 232), "brk": (12, 214),
    # its own signals and timers
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132), "getitimer": (36, 102), "setitimer": (38, 103), "alarm": (37, None),
    "pause": (34, None), "restart_syscall": (219, 128),
    # clocks, and what it may know of itself
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153),
    "getrusage": (98, 165), "sysinfo": (99, 179), "getpid": (39, 172), "getppid": (110, 173),
    "gettid": (186, 178), "getpgid": (121, 155), "getpgrp": (111, None), "getsid": (124, 156),
    "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "getresuid": (118, 148), "getresgid": (120, 150), "getgroups": (115, 158), "uname": (63, 160),
    "getcpu": (309, 168), "sched_getaffinity": (204, 123), "sched_yield": (24, 124), "getrlimit": (97, 163),
    # what the C library does by itself
    "futex": (202, 98), "set_robust_list": (273, 99), "rseq": (334, 293), "arch_prctl": (158, None),
    "getrandom": (318, 278), "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip

LOW, HIGH = 0, 4
"""The two halves of an argument: 8 bytes, little-endian on both processors."""


class Condition(NamedTuple):
    """One half of an argument, masked, has a value."""

    argument: int
    half: int
    mask: int
    value: int

    @property
    def offset(self) -> int:
        """Where the half stands in what a filter is shown (struct seccomp_data)."""
        return 16 + 8 * self.argument + self.half


def _is(argument: int, value: int) -> tuple[Condition]:
    return (Condition(argument, LOW, 0xFFFFFFFF, value),)


_TCGETS, _FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX = 0x5401, 0x541B, 0x5421, 0x5450, 0x5451
_DUPFD, _GETFD, _SETFD, _GETFL, _SETFL, _GETLK, _SETLK, _SETLKW, _DUPFD_CLOEXEC = 0, 1, 2, 3, 4, 5, 6, 7, 1030
_AF_UNIX = 1
_NULL_5TH = (Condition(4, LOW, 0xFFFFFFFF, 0), Condition(4, HIGH, 0xFFFFFFFF, 0))
# Out-of-band data on UNIX sockets is what nobody uses, and where kernels have had holes.
_NOT_OUT_OF_BAND = Condition(3, LOW, 0x1, 0)
_ACCESS, _WRITE_ONLY, _READ_AND_WRITE, _TRUNCATE = 0x3, 0x1, 0x2, 0x200


def _emptying_only_to_write(flags: int) -> tuple[tuple[Condition, ...], ...]:
    """Not O_TRUNC without writing: before Linux 6.2 Landlock lets it empty a file that may only be read.

    That is O_RDONLY, and the access mode 3 as well, which Landlock takes for no access at all.
    """
    return (
        (Condition(flags, LOW, _TRUNCATE, 0),),
        (Condition(flags, LOW, _TRUNCATE | _ACCESS, _TRUNCATE | _WRITE_ONLY),),
        (Condition(flags, LOW, _TRUNCATE | _ACCESS, _TRUNCATE | _READ_AND_WRITE),),
    )


CONDITIONAL: dict[str, tuple[tuple[int, int | None], tuple[tuple[Condition, ...], ...]]] = {
    "ioctl": (
        (16, 29),
        tuple(_is(1, request) for request in (_TCGETS, _FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX)),
    ),
    "fcntl": (
        (72, 25),
        tuple(
            _is(1, command)
            for command in (
                *(_DUPFD, _GETFD, _SETFD, _GETFL, _SETFL, _DUPFD_CLOEXEC),
                *(_GETLK, _SETLK, _SETLKW),
            )
        ),
    ),
    # Only to ask for one's own limits: process 0, and no new ones.
    "prlimit64": (
        (302, 261),
        ((*_is(0, 0), Condition(2, LOW, 0xFFFFFFFF, 0), Condition(2, HIGH, 0xFFFFFFFF, 0)),),
    ),
    # An event loop's own pair of sockets, and writing to an end of it: never to an address.
    "socketpair": ((53, 199), (_is(0, _AF_UNIX),)),
    "sendto": ((44, 206), ((*_NULL_5TH, _NOT_OUT_OF_BAND),)),
    "recvfrom": ((45, 207), ((_NOT_OUT_OF_BAND,),)),
    "open": ((2, None), _emptying_only_to_write(1)),
    "openat": ((257, 56), _emptying_only_to_write(2)),
}
"""Calls that are allowed where, for one of the alternatives, all tests of the arguments hold."""

CLONE3 = 435
"""Refused with ENOSYS on both processors: the C library then falls back to clone, which is refused."""

_ALLOW, _KILL, _ERRNO, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x00050000, 1, 38
_LOAD, _AND, _EQUAL, _AT_LEAST, _JUMP, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x05, 0x06
_NUMBER_OFFSET, _PROCESSOR_OFFSET = 0, 4

_Instruction = tuple[int, int, int, int]


def program(machine: str = platform.machine()) -> bytes:
    """Give the filter for a processor, named as `uname -m` does. OSError where there is no table for it."""
    if machine not in _PROCESSORS:
        raise OSError(f"there is no table of system calls for the processor {machine}")
    processor = _PROCESSORS[machine]
    column = processor.column
    allowed = sorted(number for numbers in NUMBERS.values() if (number := numbers[column]) is not None)
    instructions: list[_Instruction] = [
        (_LOAD, 0, 0, _PROCESSOR_OFFSET),
        (_EQUAL, 1, 0, processor.audit_name),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_OFFSET),
        (_AT_LEAST, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
    ]
    # Each jumps to the one `allow` behind the list; past it comes the rest.
    instructions += [(_EQUAL, len(allowed) - at, 0, number) for at, number in enumerate(allowed)]
    instructions += [(_JUMP, 0, 0, 1), (_RETURN, 0, 0, _ALLOW)]
    for numbers, alternatives in CONDITIONAL.values():
        instructions += _for_call(numbers[column], _where_one_holds(alternatives))
    instructions += _for_call(CLONE3, [(_RETURN, 0, 0, _ERRNO | _ENOSYS)])
    instructions.append((_RETURN, 0, 0, _ERRNO | _EPERM))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions)


def _for_call(number: int | None, body: list[_Instruction]) -> list[_Instruction]:
    return [] if number is None else [(_EQUAL, 0, len(body), number), *body]


def _where_one_holds(alternatives: tuple[tuple[Condition, ...], ...]) -> list[_Instruction]:
    body: list[_Instruction] = []
    for tests in alternatives:
        left = 3 * len(tests)
        for test in tests:
            left -= 3
            body += [(_LOAD, 0, 0, test.offset), (_AND, 0, 0, test.mask), (_EQUAL, 0, left + 1, test.value)]
        body.append((_RETURN, 0, 0, _ALLOW))
    return [*body, (_RETURN, 0, 0, _ERRNO | _EPERM)]
