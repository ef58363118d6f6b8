import { decodeSockaddr } from "../bytes";
import type { SocketAddress } from "../bytes/sockaddr";
import { sections } from "../cells/whole";
import { constants, facts, flagNames } from "../facts";
import { declare, type Pointer, returned, starting } from "../libc";
import { freshRoomLength, returnedAddress, room } from "./address";
import { descriptor, int } from "./arguments";
import type { Description, Tried } from "./description";
import { adopt, openedHere } from "./descriptors";
import { fcntl } from "./fcntl";
import { clock, isUnlimited, limit, succeedInTime } from "./limit";
import { blocks } from "./socket";
import { addressText, arrowed, exactRoom } from "./words";

const libc = declare<{ accept(fd: number, address: Pointer, length: Pointer): number }>({
  accept: "int accept(int fd, void *address, void *length)",
});
const linux = declare<{ accept4(fd: number, address: Pointer, length: Pointer, flags: number): number }>(
  { accept4: "int accept4(int fd, void *address, void *length, int flags)" },
  "linux",
);

/** accept(2), as the record keeps it. */
export interface AcceptCall {
  readonly name: "accept";
  /** The descriptor that the call is made on, a C int. */
  readonly fd: number;
  /** The flags, such as SOCK_NONBLOCK, added by |; 0 for none. */
  readonly flags: number;
  /** How many bytes there was room for the address. */
  readonly room: number;
  /** The bytes of the client's address. */
  from?: Uint8Array;
  /** How many bytes the system says that the address has. */
  fromLength?: number;
}

export const ACCEPT: Description<AcceptCall> = {
  short: ({ fd }) => `accept(${fd})`,
  exact: ({ fd, from, fromLength, room: size, flags }) =>
    `accept4(${fd}, ${exactRoom(from, size, fromLength)}, ${flagNames("sock", flags)})`,
  told: ({ from, fromLength }) => arrowed("←", from, fromLength),
  shown: ({ from, fromLength }) => ({ means: "accepts", told: "←", address: addressText(from, fromLength) }),
};

function callOf(fd: number, flags: number): AcceptCall {
  return {
    name: "accept",
    fd: descriptor(fd),
    flags: int("flags", flags) | constants.SOCK_CLOEXEC,
    room: room.byteLength,
  };
}

/**
 * accept, with minus the errno as the result where it failed.
 *
 * @internal
 */
export function tryAccept(fd: number, flags: number): Tried<AcceptCall> {
  const call = callOf(fd, flags);
  const length = freshRoomLength();
  const start = starting();
  const result =
    facts.os === "linux" ? linux.accept4(call.fd, room, length, call.flags) : libc.accept(call.fd, room, length);
  if (result >= 0) {
    const from = returnedAddress();
    call.from = from.bytes;
    call.fromLength = from.length;
  }
  return { call, result: adopt(returned(call, result, start), blocks(call.flags), hasLimits(call.fd)) };
}

/** Whether a listening socket has limits of waits, which Linux hands on to the TCP sockets that it accepts (tried; not to Unix-domain ones). */
function hasLimits(fd: number): boolean {
  const listener = openedHere(fd);
  return listener === undefined || listener.elsewhere || listener.limitedIn || listener.limitedOut;
}

/**
 * accept(2) takes the connection that has waited longest and returns a NEW socket for it; the listening socket goes on listening.
 * SOCK_CLOEXEC is always added (accept4 on Linux). On a listener that blocks it waits 10 s at most: SO_RCVTIMEO is set first.
 *
 * Manual: man 2 accept.
 *
 * @param fd the descriptor of a listening socket, a C int
 * @param flags 0 (the default), or SOCK_NONBLOCK: makes the new socket non-blocking (on macOS it inherits that from the listener)
 * @returns Returns the new descriptor and the client's address
 * @throws Errors: SocketError EAGAIN (nobody waits, or has come in time), EINVAL (not listening, or no such flag), EOPNOTSUPP (a datagram socket), EMFILE (no descriptor left), ECONNABORTED (given up while it waited), EBADF (not open), ENOTSOCK (no socket); RangeError for a descriptor that the notebook itself uses; TypeError and RangeError for what is no C int
 */
export function accept(
  fd: number,
  flags = 0,
): {
  /** The descriptor of the new socket. */
  fd: number;
  /** The client's address; undefined when the system told none. */
  address: SocketAddress | undefined;
} {
  sections?.enter();
  try {
    if (isUnlimited(fd, "in")) limit(callOf(fd, flags), "in");
    const since = clock();
    const done = tryAccept(fd, flags);
    const accepted = succeedInTime(ACCEPT, done, since);
    if (facts.os === "darwin") fcntl(accepted, constants.F_SETFD, constants.FD_CLOEXEC);
    const { from, fromLength } = done.call;
    return { fd: accepted, address: from === undefined ? undefined : decodeSockaddr(from, fromLength ?? 0) };
  } finally {
    sections?.leave();
  }
}
