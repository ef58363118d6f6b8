import { whole } from "../cells/whole";
import { constants, exactNameOf, socketTypeName } from "../facts";
import { declare, type Pointer, returned, starting } from "../libc";
import { int } from "./arguments";
import { type Description, succeed } from "./description";
import { adopt } from "./descriptors";
import { blocks, KINDS, kindText, plainType, withoutSignal } from "./socket";
import { SOMEWHERE } from "./words";

const libc = declare<{ socketpair(domain: number, type: number, protocol: number, fds: Pointer): number }>({
  socketpair: "int socketpair(int domain, int type, int protocol, void *fds)",
});

/** socketpair(2), as the record keeps it. */
export interface SocketpairCall {
  readonly name: "socketpair";
  /** AF_INET, AF_INET6, AF_UNIX, … */
  readonly family: number;
  /** SOCK_STREAM, SOCK_DGRAM, …, with SOCK_CLOEXEC and SOCK_NONBLOCK added by |. */
  readonly type: number;
  /** The protocol, such as IPPROTO_TCP; 0 for the only one of the type. */
  readonly protocol: number;
  /** The two descriptors, when it has succeeded. */
  fds?: readonly [number, number];
}

export const SOCKETPAIR: Description<SocketpairCall> = {
  short: ({ family, type, protocol }) => `socketpair(${kindText(family, type, protocol)})`,
  exact: ({ family, type, protocol, fds }) => {
    const pair = fds === undefined ? SOMEWHERE : `[${fds.join(", ")}]`;
    return `socketpair(${exactNameOf("family", family)}, ${socketTypeName(type)}, ${protocol}, ${pair})`;
  },
  shown: ({ family, type, protocol, fds }) => ({
    means: "pairs",
    fd: fds?.[0],
    pair: fds,
    detail: kindText(family, type, protocol).replaceAll(",", ""),
    kind: KINDS[plainType(type)],
  }),
};

/**
 * socketpair(2) creates two sockets that are connected to each other.
 *
 * Manual: man 2 socketpair.
 *
 * @param family AF_UNIX: Linux and macOS have no pairs of another family
 * @param type SOCK_STREAM or SOCK_DGRAM, with SOCK_NONBLOCK where wanted
 * @param protocol 0 (the default): the only protocol of the type
 * @returns Returns both descriptors
 * @throws Errors: SocketError EOPNOTSUPP (the family has no pairs), EAFNOSUPPORT (no such family), EMFILE (no descriptors left); TypeError and RangeError for what is no C int
 */
export function socketpair(family: number, type: number, protocol = 0): [number, number] {
  return whole(() => {
    const call: SocketpairCall = {
      name: "socketpair",
      family: int("family", family),
      type: int("type", type) | constants.SOCK_CLOEXEC,
      protocol: int("protocol", protocol),
    };
    const memory = Buffer.alloc(8);
    const start = starting();
    const result = libc.socketpair(call.family, call.type, call.protocol, memory);
    const pair: [number, number] = [memory.readInt32LE(0), memory.readInt32LE(4)];
    if (result === 0) call.fds = [...pair];
    succeed(SOCKETPAIR, call, returned(call, result, start));
    return pair.map((fd) => withoutSignal(adopt(fd, blocks(call.type)))) as [number, number];
  });
}
