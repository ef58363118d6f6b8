import { whole } from "../cells/whole";
import { constants, exactNameOf, facts, nameOf, protocolName, SO_NOSIGPIPE, socketTypeName } from "../facts";
import { declare, type Pointer, returned, starting } from "../libc";
import { int } from "./arguments";
import { type Description, succeed } from "./description";
import { adopt } from "./descriptors";

const libc = declare<{ socket(domain: number, type: number, protocol: number): number }>({
  socket: "int socket(int domain, int type, int protocol)",
});
const darwin = declare<{ setsockopt(fd: number, level: number, option: number, value: Pointer, size: number): number }>(
  { setsockopt: "int setsockopt(int fd, int level, int option, const void *value, uint32_t length)" },
  "darwin",
);

/** socket(2), as the record keeps it. */
export interface SocketCall {
  readonly name: "socket";
  /** AF_INET, AF_INET6, AF_UNIX, … */
  readonly family: number;
  /** SOCK_STREAM, SOCK_DGRAM, …, with SOCK_CLOEXEC and SOCK_NONBLOCK added by |. */
  readonly type: number;
  /** The protocol, such as IPPROTO_TCP; 0 for the only one of the type. */
  readonly protocol: number;
}

/** A socket's type without the flags that the workshop adds. */
export function plainType(type: number): number {
  return type & ~(constants.SOCK_CLOEXEC | constants.SOCK_NONBLOCK);
}

/** Whether a call on a socket of this type can wait. */
export function blocks(type: number): boolean {
  return (type & constants.SOCK_NONBLOCK) === 0 || constants.SOCK_NONBLOCK === 0;
}

export const SOCKET: Description<SocketCall> = {
  short: ({ family, type, protocol }) => `socket(${kindText(family, type, protocol)})`,
  exact: ({ family, type, protocol }) =>
    `socket(${exactNameOf("family", family)}, ${socketTypeName(type)}, ${protocolName(family, protocol)})`,
  shown: ({ family, type, protocol }, result) => ({
    means: "opens",
    fd: result,
    detail: [
      nameOf("family", family),
      nameOf("type", plainType(type)),
      ...(protocol === 0 ? [] : [protocolName(family, protocol)]),
    ].join(" "),
    kind: KINDS[plainType(type)],
  }),
};

/** What sockets of a type carry. */
export const KINDS: Readonly<Record<number, "stream" | "datagram">> = {
  [constants.SOCK_STREAM]: "stream",
  [constants.SOCK_DGRAM]: "datagram",
};

/** `AF_INET, SOCK_STREAM`: the kind of a socket as a learner wrote it. */
export function kindText(family: number, type: number, protocol: number): string {
  const third = protocol === 0 ? "" : `, ${nameOf("protocol", protocol)}`;
  return `${nameOf("family", family)}, ${nameOf("type", plainType(type))}${third}`;
}

/**
 * socket(2) creates an endpoint for communication and returns its descriptor. SOCK_CLOEXEC is always added, so that no other program
 * inherits the socket; without SOCK_NONBLOCK in `type` the descriptor blocks, as in C.
 *
 * Manual: man 2 socket.
 *
 * @param family AF_INET, AF_INET6 or AF_UNIX
 * @param type SOCK_STREAM or SOCK_DGRAM, with SOCK_NONBLOCK where wanted
 * @param protocol 0 (the default) for the only protocol of the type, else for example IPPROTO_UDP
 * @returns Returns the new descriptor, the lowest number that is free
 * @throws Errors: SocketError EAFNOSUPPORT (no such family), EINVAL (no such type), EPROTONOSUPPORT (they do not go together), EMFILE (no descriptor left), EACCES (not allowed); TypeError and RangeError for what is no C int
 */
export function socket(family: number, type: number, protocol = 0): number {
  return whole(() => {
    const call: SocketCall = {
      name: "socket",
      family: int("family", family),
      type: int("type", type) | constants.SOCK_CLOEXEC,
      protocol: int("protocol", protocol),
    };
    const start = starting();
    const result = adopt(returned(call, libc.socket(call.family, call.type, call.protocol), start), blocks(call.type));
    return withoutSignal(succeed(SOCKET, call, result));
  });
}

const ON = Buffer.from([1, 0, 0, 0]);

/**
 * macOS has no MSG_NOSIGNAL: there the new socket itself is told not to raise SIGPIPE, which would end the process. Gives it back.
 *
 * @internal
 */
export function withoutSignal(fd: number): number {
  if (facts.os === "darwin") darwin.setsockopt(fd, constants.SOL_SOCKET, SO_NOSIGPIPE.number, ON, ON.byteLength);
  return fd;
}
