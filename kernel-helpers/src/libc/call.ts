/** A poll(2) entry: what was asked for, and what was ready. */
export interface PollEntry {
  fd: number;
  events: number;
  revents: number;
}

/**
 * One call of a libc function with its arguments, and with what the call wrote into memory.
 *
 * Addresses are the bytes of the sockaddr; `data` is at most the first {@link PREVIEW} bytes of what was sent or received.
 */
export type Call =
  | { name: "socket"; family: number; type: number; protocol: number }
  | { name: "socketpair"; family: number; type: number; protocol: number; fds?: readonly [number, number] }
  | { name: "bind" | "connect"; fd: number; address: Uint8Array }
  | { name: "listen"; fd: number; backlog: number }
  | { name: "accept"; fd: number; flags: number; room: number; from?: Uint8Array; fromLength?: number }
  | { name: "send"; fd: number; data: Uint8Array; length: number; flags: number }
  | { name: "recv"; fd: number; data?: Uint8Array; length: number; flags: number }
  | { name: "sendto"; fd: number; data: Uint8Array; length: number; flags: number; address: Uint8Array }
  | {
      name: "recvfrom";
      fd: number;
      data?: Uint8Array;
      length: number;
      flags: number;
      room: number;
      from?: Uint8Array;
      fromLength?: number;
    }
  | { name: "shutdown"; fd: number; how: number }
  | { name: "close"; fd: number }
  | { name: "dup"; fd: number }
  | { name: "getsockname" | "getpeername"; fd: number; room: number; address?: Uint8Array; addressLength?: number }
  | { name: "getsockopt"; fd: number; level: number; option: number; room: number; value?: Uint8Array }
  | { name: "setsockopt"; fd: number; level: number; option: number; value: Uint8Array }
  | { name: "fcntl"; fd: number; command: number; argument: number }
  | { name: "poll"; fds: readonly PollEntry[]; timeout: number }
  | { name: "epoll_create1"; flags: number }
  | { name: "epoll_ctl"; epfd: number; op: number; fd: number; events: number; data: number }
  | {
      name: "epoll_wait";
      epfd: number;
      max: number;
      timeout: number;
      ready?: readonly { events: number; data: number }[];
    }
  | { name: "eventfd"; initial: number; flags: number };

/** The name of a C function that the workshop calls. */
export type CallName = Call["name"];

/** How many bytes of a payload a record keeps. */
export const PREVIEW = 64;

/** A call that was made: the arguments, the result, and when. */
export interface CallRecord {
  readonly call: Call;
  /** What the function returned, or -1. */
  readonly result: number;
  /** The errno when the result is -1, else 0. */
  readonly errno: number;
  /** When the call was made and when it returned, in milliseconds since the process started. */
  readonly start: number;
  readonly end: number;
}

/** The first bytes of a payload, copied: the caller may change its buffer afterwards. */
export function preview(bytes: Uint8Array, length = bytes.byteLength): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes, 0, Math.min(length, PREVIEW));
}
