"""One JupyterHub for one folder of state: a second one would end the proxy of the first, and with it the class."""

import fcntl
import os
import signal
import threading
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


def end_with_standard_input() -> None:
    """
    Ends JupyterHub when `npm run hub` is gone, which holds the other end, also when that was killed: nobody would know
    of it, and it would keep its ports. What it starts gets none of it.
    """
    held = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def wait() -> None:
        while os.read(held, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
