"""A kernel's own folder for its five sockets: short, and closed to everybody else."""

import fcntl
import os
import shutil
import tempfile
import time

PREFIX = "socket-workshop-"
# A path in a socket's address ends at 107 bytes (man 7 unix); "/k-5" and the name that mkdtemp makes come after the folder.
LONGEST = 107 - len("/" + PREFIX + "xxxxxxxx" + "/k-5")
# A folder so young may not have its lock yet.
YOUNG_SECONDS = 60

# The lock of each folder of this process, as an open descriptor: when the process is gone, however it ended, the lock
# is gone, and the folder is known to be left over. (systemd-tmpfiles also spares a folder that is locked.)
_locks: dict[str, int] = {}


def _base() -> str:
    chosen = tempfile.gettempdir()
    return chosen if len(os.fsencode(chosen)) <= LONGEST else "/tmp"


def _remove_left_over(base: str) -> None:
    """Removes the folders of servers that were killed."""
    with os.scandir(base) as entries:
        for entry in entries:
            if not entry.name.startswith(PREFIX):
                continue
            try:
                found = entry.stat(follow_symlinks=False)
                if not entry.is_dir(follow_symlinks=False) or found.st_uid != os.getuid():
                    continue
                if time.time() - found.st_mtime < YOUNG_SECONDS:
                    continue
                descriptor = os.open(entry.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(entry.path, ignore_errors=True)
                finally:
                    os.close(descriptor)
            except OSError:
                pass  # in use, or just gone


def make() -> str:
    """A new folder, which only this user can enter."""
    base = _base()
    _remove_left_over(base)
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=base)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    _locks[folder] = descriptor
    return folder


def is_ours(folder: str) -> bool:
    return folder in _locks


def remove(folder: str) -> None:
    descriptor = _locks.pop(folder, None)
    if descriptor is None:
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.close(descriptor)
