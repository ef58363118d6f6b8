import type { Circumstance } from "./circumstances";

/**
 * What to do about one errno of one call: one sentence or two, true for every cause of it, or for every cause in the circumstance that it
 * stands under. The first circumstance that is known to be the case counts; `otherwise` is said when none is.
 */
export type Advice = string | Partial<Record<Circumstance, string>>;

const NO_DESCRIPTOR =
  "The process has no descriptor left. Close what is no longer used: closeAll() closes every handle.";
const SYSTEM_FULL =
  "The whole system has no descriptor left: programs have to be ended, or whoever runs the machine raises fs.file-max.";

const CONNECTED_SAME = "The other end has to be of the same type: SOCK_STREAM and SOCK_DGRAM do not go together.";
const NO_PATH = "Nothing has this path. Run the other end's bind() first, and compare the paths.";
const NOBODY_AT_PATH =
  "No socket that could take this has the path: it was closed (its file can stay behind), does not listen, is of another type, or this is no socket's file.";
const NOBODY_AT_NAME =
  "No socket that could take this has the abstract name: none was bound to it, it was closed, does not listen, or is of another type.";
const NOT_WRITABLE =
  "You may not write to this socket's file, or not enter a folder on the way to it: whoever made it decides that.";
const LINK_LOCAL =
  'A link-local address (fe80::…) is there on every interface: say which one with its number, such as "fe80::1%2". `ip link` shows the numbers.';
const FROM_LOOPBACK =
  "The socket is bound to a loopback address, from which no other machine can be reached. Leave bind() out, or bind 0.0.0.0 (or ::).";
const UNNAMED =
  "The address is empty: a socket that was never bound has no path, and nobody can answer it. Its owner has to bind() it first.";
const UNSPEC =
  "AF_UNSPEC is no destination: it is for connect() alone, where it takes back what an earlier connect() has done.";
const PORT_0 = "Port 0 is no destination.";
const BROADCAST =
  "If this is a broadcast address, setsockopt(SO_BROADCAST, 1) comes first; if it is none, a rule of this system forbids it.";
const NO_LOOPBACK6 =
  "No network interface has ::1, the address of this machine itself: IPv6 is switched off here, or the loopback interface is. Try AF_INET and 127.0.0.1.";
const NO_IPV6 = "This machine has no IPv6 address to send from. Use AF_INET, or ::1 for this machine itself.";

const CANNOT_SEND =
  "This socket cannot send (any more): it never was connected, its peer is gone or receives no more, or its own sending side is shut down.";
const RESET =
  "The peer ended the connection abruptly, and what was on its way is lost. Over TCP it sent RST. Open a new connection.";
const RESET_UNREAD =
  "The peer ended the connection abruptly, for example because it closed with unread data in its queue (over TCP it sends RST then).";
const TOLD_LATE =
  "The answer to an earlier datagram came back: no socket has that port, or the one that has it is connected to another peer. The error is told one call late, and this call did nothing.";
const TOLD_LATE_OR_NOT =
  "On a datagram socket it is the answer to an earlier datagram, told one call late: no socket has that port, or the one that has it is connected to another peer. On a stream it tells how an earlier connect ended. On a Unix-domain socket the receiver's socket is closed.";
const RECEIVER_GONE = "The receiver's socket is closed. When there is a new one, connect() to it again.";
const TOO_LONG = {
  unix: "A datagram goes out whole or not at all, and this one is longer than the sending buffer takes: see SO_SNDBUF.",
  ipv4: "A datagram goes out whole or not at all, and this one is too long: 65,507 bytes is the most over IPv4, and less where it must not be cut into fragments (IP_MTU_DISCOVER).",
  ipv6: "A datagram goes out whole or not at all, and this one is too long: 65,527 bytes is the most over IPv6, and less where it must not be cut into fragments.",
};
const NO_SUCH_FLAG = "This kind of socket does not know one of the flags: MSG_OOB is TCP's, for example.";
const NO_PORT = "The system has no port left for this socket: close others, or bind() it to a port that is free.";
const NO_ROOM =
  "It cannot be done now: the buffers are full, a connection is still being set up, or the system has no port left for this socket.";

const FAMILY = "The address is of another family than the socket.";
const NO_ROUTE =
  "No route leads to that address from this machine, or it is a broadcast or multicast address, to which no stream can be connected.";
const NOT_THERE = {
  ofErrors:
    "No error is in the queue of errors, and no call waits for one. The queue is filled after setsockopt(IP_RECVERR, 1) (IPV6_RECVERR for IPv6), when the network answers a datagram with an error.",
  outOfBand:
    "The urgent byte is announced and has not come yet, and no call waits for it: receive what comes before it.",
  otherwise: "Nothing has arrived: it would wait.",
};
const NOT_CONNECTED = "The socket is not connected: call connect(), or receive on the socket that accept() returned.";
const OWN_FOLDER = "Choose a path in a folder of your own, or one below /tmp.";

/** What is so of every call that sends to an address. */
const TO_ADDRESS: Readonly<Record<string, Advice>> = {
  EPIPE: CANNOT_SEND,
  ECONNRESET: RESET,
  EMSGSIZE: TOO_LONG,
  EACCES: { unix: NOT_WRITABLE, internet: BROADCAST },
  EINVAL: { unspec: UNSPEC, port0: PORT_0, unnamed: UNNAMED, fromLoopback: FROM_LOOPBACK },
  ENOENT: { unix: NO_PATH },
  EPROTOTYPE: { unix: CONNECTED_SAME },
  ENETUNREACH: "No route leads to that address from this machine.",
  EADDRNOTAVAIL: { loopback6: NO_LOOPBACK6, ipv6: NO_IPV6 },
  EAFNOSUPPORT: FAMILY,
  EAGAIN: NO_ROOM,
};

/** The table: by call, then by errno. What is not in it, the errno's meaning says (facts/errno-meaning.ts). */
export const ADVICE: Readonly<Record<string, Readonly<Record<string, Advice>>>> = {
  socket: {
    EAFNOSUPPORT: {
      ipv6: "This system does not know IPv6. Use AF_INET, and IPv4 addresses such as 127.0.0.1.",
      otherwise: "This system does not know the address family. AF_INET is the usual one.",
    },
    EINVAL: "There is no such socket type, or no such protocol. SOCK_STREAM and SOCK_DGRAM are the usual types.",
    ESOCKTNOSUPPORT: "This address family has no sockets of that type. SOCK_STREAM and SOCK_DGRAM are the usual ones.",
    EPROTONOSUPPORT: {
      rawOfNone: "A raw socket is one of a protocol, and 0 is none: name the protocol, IPPROTO_UDP for example.",
      otherwise: "This protocol does not go with this type and family. Leave it out, or write 0.",
    },
    EPERM: { raw: "Raw sockets need the privilege CAP_NET_RAW. SOCK_STREAM and SOCK_DGRAM need none." },
    EMFILE: NO_DESCRIPTOR,
    ENFILE: SYSTEM_FULL,
  },
  socketpair: {
    EOPNOTSUPP: "Only AF_UNIX sockets come in pairs.",
    EMFILE: NO_DESCRIPTOR,
    ENFILE: SYSTEM_FULL,
  },
  bind: {
    EADDRINUSE: {
      abstract: "Another socket has this abstract name. Close it, or choose another name.",
      unix: "Something has this path already: a socket, the file that a closed one left, or another file. Choose another path, or remove it.",
      port0: "No port is left that the system could choose: close sockets, or choose a port yourself.",
      otherwise: "The address and port are taken. Choose another port, or close the socket that has it.",
    },
    EADDRNOTAVAIL: {
      loopback6: NO_LOOPBACK6,
      ipv6: "The address does not belong to this machine: bind() sets the local end. Use ::1 or ::.",
      otherwise: "The address does not belong to this machine: bind() sets the local end. Use 127.0.0.1 or 0.0.0.0.",
    },
    EACCES: {
      unix: `You may not make a file there, or not enter a folder on the way. ${OWN_FOLDER}`,
      internet:
        "The lowest ports need a privilege: those below 1024, unless the system says otherwise. Choose a higher one.",
    },
    EPERM: { unix: `The system takes no new file in this folder. ${OWN_FOLDER}` },
    ENOENT: { unix: "A folder of this path is not there. Make it first, or choose another path." },
    ENOTDIR: { unix: "A part of this path is a file, not a folder. Choose another path." },
    EROFS: { unix: `The folder is on a file system that cannot be written to. ${OWN_FOLDER}` },
    EINVAL: {
      bound: "The socket has an address already: a socket is bound once. Open a new socket first.",
      linkLocal: LINK_LOCAL,
      otherwise:
        "The socket has an address already (a socket is bound once), or this is no address for it: of another family, too short, or a group's for a stream.",
    },
    ENODEV: { ipv6: "No network interface has the number after the %. `ip link` shows the numbers." },
    EAFNOSUPPORT: FAMILY,
  },
  listen: {
    EADDRINUSE:
      "Another socket listens on this address and port; or the socket was not bound, and no port is left to choose.",
    EINVAL: {
      unixUnbound: "A Unix-domain socket listens at a path of its own: call bind() first.",
      connected: "A socket that is connected cannot listen. Open a new socket for it.",
      otherwise:
        "A socket that is connected, or is being connected, cannot listen; nor can a Unix-domain socket that was not bound.",
    },
    EOPNOTSUPP: "A datagram socket has no connections, so there is nothing to listen for. Use recvfrom().",
  },
  accept: {
    EINVAL: {
      stream: "The socket does not listen (any more). Call listen() first.",
      otherwise: "The socket does not listen (any more): call listen() first. Or one of the flags is none of accept's.",
    },
    EOPNOTSUPP: "A datagram socket has no connections to accept. Use recvfrom().",
    EAGAIN: "Nobody waits to be accepted: accept would wait.",
    EMFILE: `${NO_DESCRIPTOR} The client goes on waiting in the queue.`,
    ENFILE: SYSTEM_FULL,
  },
  connect: {
    ECONNREFUSED: {
      abstract: NOBODY_AT_NAME,
      unix: NOBODY_AT_PATH,
      internet:
        "Nobody listens at that address and port. Run the server's listen() first, and compare the port numbers.",
    },
    EISCONN: "The socket is connected already, or it listens. Open a new socket for this connection.",
    EALREADY: "The connection is still being set up: wait until the first connect() has ended.",
    EINPROGRESS: "The connection is being set up: the handshake is on its way.",
    ENETUNREACH: {
      datagram: "No route leads to that address from this machine.",
      otherwise: NO_ROUTE,
    },
    ETIMEDOUT: "The other end did not answer in time.",
    EAGAIN: {
      unix: "The server's queue is full, and a Unix-domain connect tells that instead of waiting. Let the server accept() first.",
      internet: NO_PORT,
    },
    ECONNABORTED:
      "The handshake failed, and its error was told to another call already (SO_ERROR is cleared when it is read).",
    ENOENT: { unix: NO_PATH },
    EPROTOTYPE: { unix: CONNECTED_SAME },
    EACCES: { unix: NOT_WRITABLE, internet: BROADCAST },
    EADDRNOTAVAIL: {
      loopback6:
        "No network interface has ::1, because IPv6 is switched off here (or the loopback interface is), or no local port is left for this connection.",
      ipv6: "This machine has no IPv6 address to connect from, or no local port is left for this connection.",
      otherwise:
        "No local address or port is free for this connection: one with the same two ends may be there already.",
    },
    EAFNOSUPPORT: FAMILY,
    EINVAL: {
      unspec:
        "AF_UNSPEC takes back what connect() has done to a datagram socket, and on Linux to a TCP socket, but not to a Unix-domain stream: close that one.",
      linkLocal: LINK_LOCAL,
      fromLoopback: FROM_LOOPBACK,
      unnamed: UNNAMED,
      unix: "A socket that listens makes no connection itself; or the address is of another family.",
    },
  },
  send: {
    EPIPE: CANNOT_SEND,
    ECONNRESET: RESET,
    EDESTADDRREQ: "A datagram needs an address: use sendto(), or connect() first.",
    ENOTCONN:
      "The socket is not connected: call connect() first. A datagram can go to an address without it: sendto().",
    EMSGSIZE: { ...TOO_LONG, otherwise: "A datagram goes out whole or not at all, and this one is too long." },
    ECONNREFUSED: {
      unix: RECEIVER_GONE,
      datagram: TOLD_LATE,
      otherwise: TOLD_LATE_OR_NOT,
    },
    EAGAIN: NO_ROOM,
    EOPNOTSUPP: NO_SUCH_FLAG,
  },
  sendto: {
    ...TO_ADDRESS,
    EISCONN: "The socket is connected already: use send().",
    EDESTADDRREQ: { unspec: UNSPEC },
    ECONNREFUSED: {
      abstract: NOBODY_AT_NAME,
      unix: NOBODY_AT_PATH,
      datagram: TOLD_LATE,
      otherwise: TOLD_LATE_OR_NOT,
    },
    EOPNOTSUPP: {
      stream: "A stream needs a connection first: connect(), then send(). Or it knows none of such flags.",
      otherwise: NO_SUCH_FLAG,
    },
  },
  sendmsg: {
    ...TO_ADDRESS,
    EISCONN: "The socket is connected already: leave the address out.",
    EDESTADDRREQ: {
      unspec: UNSPEC,
      otherwise: "A datagram needs an address: give it in the message, or connect() first.",
    },
    ENOTCONN: "The socket is not connected: call connect() first. A datagram can go to an address in the message.",
    ECONNREFUSED: {
      unixWithoutAddress: RECEIVER_GONE,
      abstract: NOBODY_AT_NAME,
      unix: NOBODY_AT_PATH,
      datagram: TOLD_LATE,
      otherwise: TOLD_LATE_OR_NOT,
    },
    EOPNOTSUPP: {
      stream: "A stream needs a connection first: connect(), then no address. Or it knows none of such flags.",
      otherwise: NO_SUCH_FLAG,
    },
  },
  recv: {
    ECONNRESET: RESET_UNREAD,
    ECONNREFUSED: { datagram: TOLD_LATE, otherwise: TOLD_LATE_OR_NOT },
    ENOTCONN: NOT_CONNECTED,
    EAGAIN: NOT_THERE,
    EINVAL: {
      outOfBand:
        "No urgent byte is there: none was sent, it was received already, or SO_OOBINLINE leaves it in the stream.",
      unix: NOT_CONNECTED,
    },
  },
  recvfrom: {
    ECONNRESET: RESET_UNREAD,
    ECONNREFUSED: { datagram: TOLD_LATE, otherwise: TOLD_LATE_OR_NOT },
    ENOTCONN: NOT_CONNECTED,
    EAGAIN: NOT_THERE,
    EINVAL: {
      outOfBand:
        "No urgent byte is there: none was sent, it was received already, or SO_OOBINLINE leaves it in the stream.",
      unix: NOT_CONNECTED,
    },
  },
  recvmsg: {
    ECONNRESET: RESET_UNREAD,
    ECONNREFUSED: { datagram: TOLD_LATE, otherwise: TOLD_LATE_OR_NOT },
    ENOTCONN: NOT_CONNECTED,
    EAGAIN: NOT_THERE,
  },
  shutdown: {
    ENOTCONN: "There is no connection to shut down (any more).",
    EINVAL: "how is SHUT_RD, SHUT_WR or SHUT_RDWR.",
  },
  getpeername: { ENOTCONN: "There is no peer: the socket is not connected (any more)." },
  setsockopt: {
    ENOPROTOOPT: "This socket has no such option at this level, or the option can only be read.",
    EOPNOTSUPP: "This kind of socket has no options at this level.",
    EINVAL: {
      tooLate: "This option is set before bind(): the socket has an address already.",
      otherwise:
        "The value or its length does not fit the option, or the socket's state does not: some options are set before bind() or connect().",
    },
    EADDRINUSE: {
      membership:
        "The socket is a member of this group already, on this interface: what is sent there to its port, it receives.",
    },
    EADDRNOTAVAIL: {
      leaving: "The socket is no member of this group on this interface: there is nothing to leave.",
      multicastInterface: "No network interface of this machine has this address.",
    },
    ENODEV: {
      membershipAnywhere:
        "The system was to choose a network interface, and no route leads to this group. Name one: 127.0.0.1 (number 1 for IPv6) is this machine alone.",
      membership:
        "No network interface has this address or number. `ip address` shows them; 127.0.0.1 (number 1 for IPv6) is this machine alone.",
      device: "No network interface has this name. `ip link` shows the names.",
    },
    ENOBUFS: {
      membership:
        "The socket is in as many groups as one socket may be (Linux: net.ipv4.igmp_max_memberships). Leave one, or use a second socket.",
    },
    EPROTO: { membership: "A stream socket is no member of a multicast group: take one with SOCK_DGRAM." },
    EDOM: "The microseconds of a time are 0 to 999,999.",
    EPERM:
      "The system does not let this process set this option, or not to this value: most often a privilege is missing.",
    ENOENT: { filter: "No filter is attached to this socket: there is nothing to take away." },
  },
  getsockopt: {
    ENOPROTOOPT: "This socket has no such option at this level.",
    EOPNOTSUPP: "This kind of socket has no options at this level.",
  },
  close: { EBADF: "No open descriptor has this number." },
  epoll_ctl: {
    EEXIST: "The descriptor is watched already: change that with EPOLL_CTL_MOD.",
    ENOENT: "The descriptor is not watched: add it with EPOLL_CTL_ADD first.",
    EPERM: "epoll cannot watch this kind of file: it is always ready. Sockets and pipes can be watched.",
  },
};
