"""
Becomes a program in a network of its own: enter.py PROGRAM [ARGUMENT …]; without a program it only tries.
What `unshare --user --map-root-user --net` and `ip link set lo up` do, without those programs and in the same process:
the signals and the parent of the program are those that it would have without. When the system refuses, standard error
says what is missing and how to allow it. Standard library only.
"""

import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys

CLONE_NEWUSER = 0x10000000  # linux/sched.h
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914  # linux/sockios.h
IFF_UP = 0x1  # linux/if.h

UNSHARE = "unshare"

FIRST_KERNEL = 'The kernel "TypeScript (socket workshop)" needs none of this.'
NO_NETWORK = "This system gives no program a network of its own:"


def setting(name: str) -> str:
    """What sysctl says, empty when there is no such setting."""
    try:
        with open("/proc/sys/" + name.replace(".", "/")) as file:
            return file.read().strip()
    except OSError:
        return ""


def is_filtered() -> bool:
    """Whether a filter judges this process's calls (seccomp), as in most containers."""
    with open("/proc/self/status") as status:
        return any(line.split() == ["Seccomp:", "2"] for line in status)


# The same advice as that of `npm run check` (scripts/lib/check-own-network.mjs); a test compares the two.
USERNS_CLONE = ("kernel.unprivileged_userns_clone", "0", "1")
# Ubuntu 24.04: unshare(2) succeeds, and what is done after it is denied.
APPARMOR = ("kernel.apparmor_restrict_unprivileged_userns", "1", "0")
LIMITS = [("user.max_user_namespaces", "0", "15000"), ("user.max_net_namespaces", "0", "15000")]


def change(*settings: tuple[str, str, str]) -> list[str]:
    """How the first of these settings that forbids it is changed."""
    for name, forbids, allows in settings:
        if setting(name) == forbids:
            why = f"{name} is {forbids} here."
            return [f"{why} An administrator allows it, until the next restart, with", f"    sudo sysctl -w {name}={allows}"]
    return []


def filter_advice() -> list[str]:
    if not is_filtered():
        return []
    return ["a filter (seccomp) refuses it, as in most containers. Docker allows it with"] + [
        "    --security-opt seccomp=unconfined",
        "or with a profile that allows unshare and the namespaces of users and networks.",
    ]


UNKNOWN = ["a rule of this machine (AppArmor, SELinux, a container) forbids it."]
UNKNOWN += ["Ask whoever runs it to allow user and network namespaces."]
REACHED = ["the limit on namespaces is reached (sysctl user). End kernels that are not needed."]
MISSING = ["its kernel was built without them (CONFIG_USER_NS, CONFIG_NET_NS)."]


def explanation(error: OSError) -> str:
    """Why the system refused, as far as it can be told. In short lines: JupyterLab's dialog does not wrap them."""
    if error.errno == errno.ENOSPC:
        why = change(*LIMITS) or REACHED
    elif error.errno in (errno.EINVAL, errno.ENOSYS):
        why = MISSING
    elif error.errno not in (errno.EPERM, errno.EACCES):
        why = [f"it answers {errno.errorcode.get(error.errno or 0, '?')} ({error.strerror})."]
    elif error.filename == UNSHARE:
        why = change(USERNS_CLONE) or filter_advice() or change(APPARMOR) or UNKNOWN
    else:
        why = change(APPARMOR) or filter_advice() or UNKNOWN
    return "\n".join([NO_NETWORK, *why, FIRST_KERNEL])


def leave_network() -> None:
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), UNSHARE)
    # Root of the new namespace, and of nothing else: the rights survive execve, and capture and loss need them.
    for name, line in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))


def main(program: list[str]) -> None:
    try:
        leave_network()
        raise_loopback()
    except OSError as error:
        sys.exit(explanation(error))
    if program:
        os.execvp(program[0], program)


main(sys.argv[1:])
