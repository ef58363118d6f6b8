"""One JupyterHub for one folder of state: a second one would end the proxy of the first, and with it the class."""

import fcntl
import os
from pathlib import Path

PROXY = b"configurable-http-proxy"

# The lock as an open descriptor: it is gone when this process is, however that ended.
_locks: list[int] = []


def lock(state: str) -> None:
    """Ends this process when another one runs with the same state."""
    descriptor = os.open(os.path.join(state, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        folder = Path(state).parents[1]
        raise SystemExit(f"✗ `npm run hub` runs already in {folder}: end that one first, with Ctrl-C in its terminal.") from None
    _locks.append(descriptor)


def _is_proxy(pid: str) -> bool:
    try:
        return PROXY in Path("/proc", pid, "cmdline").read_bytes()
    except OSError:
        return False


def forget_proxy(state: str) -> None:
    """
    JupyterHub ends the process whose number a JupyterHub that was killed has left behind, with SIGKILL if need be and
    whatever it is: after a power failure any program may have that number. So only the proxy's stays written.
    """
    file = Path(state, "proxy.pid")
    if file.exists() and not _is_proxy(file.read_text().strip()):
        file.unlink()
