"""Gives large stretches of memory back to the machine as soon as they are free."""

import ctypes
from typing import Final

_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 128 * 1024


def give_back() -> None:
    """Let this process return what is larger than 128 kB, once it is free; does nothing where the C library is not glibc.

    By itself glibc keeps what was freed once, in as many heaps as there are threads: after fifty uploads a server would stay large."""
    try:
        tell = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    tell(_MMAP_THRESHOLD, _LARGE_BYTES)
    tell(_ARENA_MAX, 2)
