import { errnoMeaning } from "../facts";

/** What to do about an errno of one call, where it differs from what the errno means everywhere. */
const ADVICE: Readonly<Record<string, string>> = {
  "socket EAFNOSUPPORT": "This system does not know the address family. AF_INET is the usual one.",
  "socket EINVAL": "There is no such socket type. SOCK_STREAM and SOCK_DGRAM are the usual ones.",
  "socket EPROTONOSUPPORT": "This protocol does not go with this type and family. Leave it out, or write 0.",
  "socket EMFILE": "The process has no descriptor left. Run closeAll(), or close() what is no longer used.",
  "socketpair EMFILE": "The process has no descriptor left. Run closeAll(), or close() what is no longer used.",
  "accept EMFILE":
    "The process has no descriptor left for the new socket. Run closeAll(), or close() what is no longer used.",
  "bind EADDRINUSE": "The address and port are taken. Choose another port, or close the socket that has it.",
  "bind EADDRNOTAVAIL":
    "The address does not belong to this machine: bind() sets the local end. Use 127.0.0.1 or 0.0.0.0.",
  "bind EACCES": "Ports below 1024 need a privilege. Choose a port from 1024 up.",
  "bind EINVAL":
    "The socket is bound already (a socket is bound once), or the address is too short. Open a new socket first.",
  "bind EAFNOSUPPORT": "The address is of another family than the socket.",
  "listen EADDRINUSE": "Another socket listens on this address and port.",
  "listen EINVAL": "A socket that is connected cannot listen. Open a new socket for it.",
  "listen EOPNOTSUPP": "A datagram socket has no connections, so there is nothing to listen for. Use recvfrom().",
  "accept EINVAL": "The socket does not listen. Call listen() first.",
  "accept EOPNOTSUPP": "A datagram socket has no connections to accept. Use recvfrom().",
  "accept EAGAIN": "Nobody waits to be accepted: accept would wait.",
  "connect ECONNREFUSED":
    "Nobody listens at that address and port. Run the server's listen() first, and compare the port numbers.",
  "connect EISCONN": "The socket is connected already. Open a new socket for a second connection.",
  "connect EALREADY": "The connection is still being set up. Await the first connect().",
  "connect EINPROGRESS": "The connection is being set up: the handshake is on its way.",
  "connect ENETUNREACH": "No route leads to that address from this machine.",
  "connect ETIMEDOUT": "The other end never answered.",
  "connect EAGAIN":
    "The server's queue is full, and a Unix-domain connect tells that instead of waiting. Let the server accept() first.",
  "connect ECONNABORTED":
    "The handshake failed, and its error was told to another call already (SO_ERROR is cleared when it is read).",
  "connect ENOENT": "Nothing has this path. Run the server's bind() first, and compare the paths.",
  "connect EADDRNOTAVAIL": "No local address or port is free for this connection.",
  "send EPIPE":
    "This socket cannot send (any more): it never was connected, its peer is gone, or it has shut down its sending side.",
  "sendto EPIPE":
    "This socket cannot send (any more): it never was connected, its peer is gone, or it has shut down its sending side.",
  "send ECONNRESET": "The peer ended the connection abruptly (it sent RST). Open a new connection.",
  "recv ECONNRESET": "The peer ended the connection abruptly (it sent RST), for example with unread data in its queue.",
  "send EDESTADDRREQ": "A datagram needs an address: use sendto(), or connect() first.",
  "sendto EDESTADDRREQ": "A datagram needs an address: use sendto(), or connect() first.",
  "send EMSGSIZE":
    "A datagram goes out whole or not at all, and this one is too long: 65,507 bytes is the most over IPv4.",
  "sendto EMSGSIZE":
    "A datagram goes out whole or not at all, and this one is too long: 65,507 bytes is the most over IPv4.",
  "sendto EACCES": "Sending to a broadcast address needs setsockopt(SO_BROADCAST, 1) first.",
  "sendto EINVAL": "Port 0 is no destination.",
  "sendto EISCONN": "The socket is connected already: use send().",
  "send ECONNREFUSED":
    "The answer to an earlier datagram came back: nobody has that port. The error is told one call late.",
  "recv ECONNREFUSED":
    "The answer to an earlier datagram came back: nobody has that port. The error is told one call late.",
  "recvfrom ECONNREFUSED":
    "The answer to an earlier datagram came back: nobody has that port. The error is told one call late.",
  "recv ENOTCONN": "The socket is not connected: call connect(), or receive on the socket that accept() returned.",
  "recvfrom ENOTCONN": "The socket is not connected: call connect(), or receive on the socket that accept() returned.",
  "recv EAGAIN": "Nothing has arrived: recv would wait.",
  "recvfrom EAGAIN": "Nothing has arrived: recvfrom would wait.",
  "send EAGAIN": "The buffers are full: send would wait until the peer reads.",
  "shutdown ENOTCONN": "There is no connection to shut down.",
  "shutdown EINVAL": "how is SHUT_RD, SHUT_WR or SHUT_RDWR.",
  "getpeername ENOTCONN": "There is no peer: the socket is not connected.",
  "setsockopt ENOPROTOOPT": "This socket has no such option at this level, or the option can only be read.",
  "getsockopt ENOPROTOOPT": "This socket has no such option at this level.",
  "setsockopt EINVAL": "The value or its length does not fit the option.",
  "close EBADF": "No open descriptor has this number.",
};

/** What to do instead where the call names IPv6: 127.0.0.1 goes with sockets of the other family only. */
const ADVICE_IPV6: Readonly<Record<string, string>> = {
  "socket EAFNOSUPPORT": "This system does not know IPv6. Use AF_INET, and IPv4 addresses such as 127.0.0.1.",
  "bind EADDRNOTAVAIL": "The address does not belong to this machine: bind() sets the local end. Use ::1 or ::.",
  "connect EADDRNOTAVAIL": "This machine has no IPv6 address to connect from, or no local port is left.",
  "sendto EADDRNOTAVAIL": "This machine has no IPv6 address to send from, or no local port is left.",
};

const NO_LOOPBACK6 =
  "IPv6 is switched off here: ::1 is this machine itself, but no network interface has the address. Use AF_INET and 127.0.0.1.";

/** What a failed call has named, where it makes a difference. */
interface Named {
  call?: string | undefined;
  address?: string | undefined;
}

/** What to do about this errno of this call, in one or two sentences. */
export function adviceFor(syscall: string, code: string, { call = "", address = "" }: Named = {}): string {
  const what = `${syscall} ${code}`;
  if (address === "::1" && code === "EADDRNOTAVAIL") return NO_LOOPBACK6;
  const ipv6 = address.includes(":") || call.startsWith("socket(AF_INET6");
  return (ipv6 ? ADVICE_IPV6[what] : undefined) ?? ADVICE[what] ?? errnoMeaning(code);
}
