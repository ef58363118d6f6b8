# Switches the loopback interface of this network on and sends one datagram over it, as kernel-helpers does in a network
# of its own. Prints nothing when all went well, else the name of the errno.
import errno
import fcntl
import socket
import struct
import sys

SIOCSIFFLAGS = 0x8914  # linux/sockios.h
IFF_UP = 1  # linux/if.h
LOOPBACK = ("127.0.0.1", 0)

try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        fcntl.ioctl(here, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))
        here.bind(LOOPBACK)
        here.settimeout(5)
        here.sendto(b"x", here.getsockname())
        here.recv(1)
except OSError as error:
    sys.exit(errno.errorcode.get(error.errno, str(error)))
