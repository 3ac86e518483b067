"""Starts another script of ours in a cage: memory, time, writing and the network are given up before a parser is loaded.

Run as a script with the limits, the other script and its arguments; it imports nothing of this program."""

import ctypes
import resource
import runpy
import sys

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 5

_NEW_USER = 0x10000000
_NEW_NETWORK = 0x40000000


def cage(memory: int = MEMORY_BYTES, seconds: int = CPU_SECONDS) -> None:
    """Keep this process, from now on, to so many bytes of memory and seconds of work, without files to write or a network."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The parent has already tried bubblewrap, and finds out at its start whether any of it works here (`cage.look`).
    unshare = ctypes.CDLL(None).unshare
    if unshare(_NEW_USER | _NEW_NETWORK) != 0:
        # Whoever may do everything in a container often may not make new users in it.
        unshare(_NEW_NETWORK)


def main() -> None:
    """Run the script that the arguments name as if it had been started itself, but caged."""
    memory, seconds, script, *arguments = sys.argv[1:]
    cage(int(memory), int(seconds))
    sys.argv[:] = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
