"""A virus scanner for one machine, where ClamAV is installed: the real daemon, which knows the harmless file that all test with."""

import os
import pwd
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from frontoffice.local.files import let_pass
from frontoffice.local.processes import Program

# The file of EICAR, in two halves: whole, scanners would find it in this text.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_ROOTS_PROGRAMS = "/usr/local/sbin:/usr/sbin"
_DEBIANS_USER = "clamav"
_PATIENCE = 2.0


def clamd() -> str | None:
    """The daemon's program, if it is installed."""
    return shutil.which("clamd", path=f"{os.environ.get('PATH', os.defpath)}:{_ROOTS_PROGRAMS}")


def scanner_address(port: int) -> str:
    """What the product's settings hold; nothing without ClamAV."""
    return f"tcp://127.0.0.1:{port}" if clamd() else ""


def scanner_programs(folder: Path, port: int) -> list[Program]:
    """The daemon with a signature of its own, on loopback only; none where ClamAV is not installed."""
    command = clamd()
    if command is None:
        return []
    user = _system_user()
    return [Program(
        name="scanner", command=[command, "--foreground", f"--config-file={folder / 'clamd.conf'}"],
        before=lambda: _prepare(folder, port, user), ready=_answers(port), system_user=user,
    )]


def _system_user() -> str | None:
    """Root does not open foreign files: Debian's package brings a user for that."""
    brought = any(user.pw_name == _DEBIANS_USER for user in pwd.getpwall())
    return _DEBIANS_USER if os.geteuid() == 0 and brought else None


def _prepare(folder: Path, port: int, user: str | None) -> None:
    """Write the configuration and the signatures anew: they hold nothing worth keeping and no secret."""
    database, scratch = folder / "signatures", folder / "scratch"
    shutil.rmtree(folder, ignore_errors=True)
    for place in (folder, database, scratch):
        place.mkdir(mode=0o755)
    (database / "test.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(
        f"TCPSocket {port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {database}\nTemporaryDirectory {scratch}\n"
        # Somewhat above the largest document: what is larger the daemon does not look at.
        "StreamMaxLength 110M\nMaxFileSize 110M\nMaxScanSize 400M\nMaxThreads 4\nHeuristicAlerts no\n"
    )
    if user:
        let_pass(folder / "clamd.conf")
        shutil.chown(scratch, user)


def _answers(port: int) -> Callable[[], bool]:
    def ask() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), _PATIENCE) as connection:
                connection.settimeout(_PATIENCE)
                connection.sendall(b"zPING\0")
                return connection.recv(8) == b"PONG\0"
        except OSError:
            return False

    return ask
