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

FIRST_KERNEL = 'The kernel "TypeScript (socket workshop)" needs none of this.'
NO_NETWORK = "This system gives no program a network of its own:"


def setting(name: str) -> str:
    """What sysctl says, empty when there is no such setting."""
    try:
        with open("/proc/sys/" + name.replace(".", "/")) as file:
            return file.read().strip()
    except OSError:
        return ""


def explanation(error: OSError) -> str:
    """Why the system refused, as far as it can be told. In short lines: JupyterLab's dialog does not wrap them."""
    allows = "An administrator allows it with"
    if setting("user.max_user_namespaces") == "0" or setting("user.max_net_namespaces") == "0":
        why = ["user.max_user_namespaces or user.max_net_namespaces is 0. " + allows]
        how = "sysctl user.max_user_namespaces=10000 user.max_net_namespaces=10000"
    elif error.errno == errno.ENOSPC:
        why = ["all that user.max_user_namespaces and user.max_net_namespaces allow are in use."]
        why += ["End kernels that are not needed, or let an administrator raise them, with"]
        how = "sysctl user.max_user_namespaces=10000 user.max_net_namespaces=10000"
    elif setting("kernel.unprivileged_userns_clone") == "0":
        why = ["kernel.unprivileged_userns_clone is 0. " + allows]
        how = "sysctl kernel.unprivileged_userns_clone=1"
    elif setting("kernel.apparmor_restrict_unprivileged_userns") == "1":
        why = ["AppArmor forbids it (Ubuntu 23.10 and newer). " + allows]
        how = "sysctl kernel.apparmor_restrict_unprivileged_userns=0"
    elif error.errno in (errno.EPERM, errno.EACCES):
        why = ["a container or a sandbox forbids it (man 2 unshare). Docker allows it with"]
        how = "--security-opt seccomp=unconfined --security-opt apparmor=unconfined"
    else:
        why = ["it answers"]
        how = f"{errno.errorcode.get(error.errno or 0, '?')} ({error.strerror})"
    return "\n".join([NO_NETWORK, *why, f"    {how}", FIRST_KERNEL])


def leave_network() -> None:
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
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
