import { type Credentials, EVERYWHERE, type LingerValue, option, type SocketOption } from "./option";

// Options of every kind of socket, level SOL_SOCKET. Source: socket(7). The macOS numbers are from its headers and have not been run.

/**
 * bind may take a port whose last connection is in TIME_WAIT; set it on the old and on the new socket. Value: 1 or 0. See man 7 socket.
 */
export const SO_REUSEADDR = option("SO_REUSEADDR", {
  level: "SOL_SOCKET",
  linux: 2,
  darwin: 4,
  kind: "bool",
  unit: "1 or 0",
});
/** The type given to socket: SOCK_STREAM is 1. It can only be read. Value: socket type. See man 7 socket. */
export const SO_TYPE = option("SO_TYPE", {
  level: "SOL_SOCKET",
  linux: 3,
  darwin: 0x1008,
  kind: "int",
  unit: "socket type",
  readOnly: EVERYWHERE,
});
/** The error that waits on the socket, 0 for none; reading it clears it. It can only be read. Value: errno. See man 7 socket. */
export const SO_ERROR = option("SO_ERROR", {
  level: "SOL_SOCKET",
  linux: 4,
  darwin: 0x1007,
  kind: "int",
  unit: "errno",
  readOnly: EVERYWHERE,
});
/** Sends only to machines on the same network, without a gateway. Value: 1 or 0. See man 7 socket. */
export const SO_DONTROUTE = option("SO_DONTROUTE", {
  level: "SOL_SOCKET",
  linux: 5,
  darwin: 0x10,
  kind: "bool",
  unit: "1 or 0",
});
/** Allows datagrams to a broadcast address; without it sending there is EACCES. Value: 1 or 0. See man 7 socket. */
export const SO_BROADCAST = option("SO_BROADCAST", {
  level: "SOL_SOCKET",
  linux: 6,
  darwin: 0x20,
  kind: "bool",
  unit: "1 or 0",
});
/** Size of the send buffer. Linux doubles the number that is set, and never goes below 4608. Value: bytes. See man 7 socket. */
export const SO_SNDBUF = option("SO_SNDBUF", {
  level: "SOL_SOCKET",
  linux: 7,
  darwin: 0x1001,
  kind: "int",
  unit: "bytes",
});
/** Size of the receive buffer. Linux doubles the number that is set, and never goes below 2304. Value: bytes. See man 7 socket. */
export const SO_RCVBUF = option("SO_RCVBUF", {
  level: "SOL_SOCKET",
  linux: 8,
  darwin: 0x1002,
  kind: "int",
  unit: "bytes",
});
/** Asks a silent other side from time to time whether it is still there. Value: 1 or 0. See man 7 socket. */
export const SO_KEEPALIVE = option("SO_KEEPALIVE", {
  level: "SOL_SOCKET",
  linux: 9,
  darwin: 8,
  kind: "bool",
  unit: "1 or 0",
});
/** Out-of-band data stays in the stream. Value: 1 or 0. See man 7 socket. */
export const SO_OOBINLINE = option("SO_OOBINLINE", {
  level: "SOL_SOCKET",
  linux: 10,
  darwin: 0x100,
  kind: "bool",
  unit: "1 or 0",
});
/**
 * What close does with unsent data: it waits for so long, or with 0 seconds resets the connection. A handle's close never waits: it switches
 * the option off first, and says so. macOS counts SO_LINGER in clock ticks: its SO_LINGER_SEC is used here. Value: on or off, seconds: {
 * onoff: true, linger: 5 }. See man 7 socket.
 */
export const SO_LINGER = option<LingerValue>("SO_LINGER", {
  level: "SOL_SOCKET",
  linux: 13,
  darwin: 0x1080,
  kind: "linger",
  unit: "on or off, seconds",
});
/** Several sockets that all set it may bind one port and share what arrives. Value: 1 or 0. See man 7 socket. */
export const SO_REUSEPORT = option("SO_REUSEPORT", {
  level: "SOL_SOCKET",
  linux: 15,
  darwin: 0x200,
  kind: "bool",
  unit: "1 or 0",
});
/** How many bytes must be there before recv returns and the socket counts as readable. Value: bytes. See man 7 socket. */
export const SO_RCVLOWAT = option("SO_RCVLOWAT", {
  level: "SOL_SOCKET",
  linux: 18,
  darwin: 0x1004,
  kind: "int",
  unit: "bytes",
});
/**
 * How much room a send buffer must have to count as writable; Linux always says 1 and refuses to set it. Value: bytes. See man 7 socket.
 */
export const SO_SNDLOWAT = option("SO_SNDLOWAT", {
  level: "SOL_SOCKET",
  linux: 19,
  darwin: 0x1003,
  kind: "int",
  unit: "bytes",
  readOnly: ["linux"],
});
/** How long a blocking recv or accept waits before EAGAIN; 0 is for ever. Value: ms (milliseconds). See man 7 socket. */
export const SO_RCVTIMEO = option("SO_RCVTIMEO", {
  level: "SOL_SOCKET",
  linux: 20,
  darwin: 0x1006,
  kind: "timeval",
  unit: "ms",
  traceName: "SO_RCVTIMEO_OLD",
});
/** How long a blocking send or connect waits before it gives up; 0 is for ever. Value: ms (milliseconds). See man 7 socket. */
export const SO_SNDTIMEO = option("SO_SNDTIMEO", {
  level: "SOL_SOCKET",
  linux: 21,
  darwin: 0x1005,
  kind: "timeval",
  unit: "ms",
  traceName: "SO_SNDTIMEO_OLD",
});
/**
 * Uses one network interface only, by its name; an empty name ends it. macOS does not have it. Value: interface name. See man 7 socket.
 */
export const SO_BINDTODEVICE = option<string>("SO_BINDTODEVICE", {
  level: "SOL_SOCKET",
  linux: 25,
  darwin: -1,
  kind: "text",
  unit: "interface name",
});
// With its type written out: an inferred one is declared as Uint8Array<ArrayBufferLike>, which the notebooks' TypeScript 5.0 cannot read.
/**
 * A BPF program that drops what it refuses: 8 bytes an instruction. setsockopt takes them inside a struct sock_fprog. macOS does not have
 * it. Value: struct sock_filter[]. See man 7 socket.
 */
export const SO_ATTACH_FILTER: SocketOption<Uint8Array> = option("SO_ATTACH_FILTER", {
  level: "SOL_SOCKET",
  linux: 26,
  darwin: -1,
  kind: "bytes",
  unit: "struct sock_filter[]",
});
/** Takes the BPF program away; the value does not matter. macOS does not have it. Value: ignored (give 0). See man 7 socket. */
export const SO_DETACH_FILTER = option("SO_DETACH_FILTER", {
  level: "SOL_SOCKET",
  linux: 27,
  darwin: -1,
  kind: "int",
  unit: "ignored",
  writeOnly: EVERYWHERE,
});
/** 1 when the socket listens. It can only be read. Value: 1 or 0. See man 7 socket. */
export const SO_ACCEPTCONN = option("SO_ACCEPTCONN", {
  level: "SOL_SOCKET",
  linux: 30,
  darwin: 2,
  kind: "bool",
  unit: "1 or 0",
  readOnly: EVERYWHERE,
});
/** The protocol of the socket: IPPROTO_TCP is 6. macOS does not have it. It can only be read. Value: protocol number. See man 7 socket. */
export const SO_PROTOCOL = option("SO_PROTOCOL", {
  level: "SOL_SOCKET",
  linux: 38,
  darwin: -1,
  kind: "int",
  unit: "protocol number",
  readOnly: EVERYWHERE,
});
/** The family given to socket: AF_INET is 2. macOS does not have it. It can only be read. Value: address family. See man 7 socket. */
export const SO_DOMAIN = option("SO_DOMAIN", {
  level: "SOL_SOCKET",
  linux: 39,
  darwin: -1,
  kind: "int",
  unit: "address family",
  readOnly: EVERYWHERE,
});
/** macOS only: a send to a closed connection is EPIPE and not also the deadly signal SIGPIPE. Value: 1 or 0. See man 7 socket. */
export const SO_NOSIGPIPE = option("SO_NOSIGPIPE", {
  level: "SOL_SOCKET",
  linux: -1,
  darwin: 0x1022,
  kind: "bool",
  unit: "1 or 0",
});
/**
 * Who is at the other end of a Unix-domain connection: process, user and group, as they were at connect() or listen(). The system tells it, so
 * it cannot be forged. macOS does not have it. It can only be read. Value: pid, uid, gid. See man 7 socket.
 */
export const SO_PEERCRED: SocketOption<Credentials> = option("SO_PEERCRED", {
  level: "SOL_SOCKET",
  linux: 17,
  darwin: -1,
  kind: "ucred",
  unit: "pid, uid, gid",
  readOnly: EVERYWHERE,
});
/** Each message from a Unix-domain socket comes with its sender's credentials: recvmsg() tells them. macOS does not have it. Value: 1 or 0. See man 7 socket. */
export const SO_PASSCRED = option("SO_PASSCRED", {
  level: "SOL_SOCKET",
  linux: 16,
  darwin: -1,
  kind: "bool",
  unit: "1 or 0",
});
