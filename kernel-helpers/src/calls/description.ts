import { decodeSockaddr } from "../bytes";
import { type Failure, SocketError } from "../errors/socket-error";
import { errnoName } from "../facts";
import type { MadeCall, NamedCall } from "../libc/funnel";

/**
 * What a call is in a conversation: `conversation/` finds out from this who spoke to whom, and knows no call by its name. `duplicates`
 * gives another descriptor to the same socket, `pairs` makes two sockets that are connected; the others say what they do.
 */
export type Meaning =
  | "opens"
  | "pairs"
  | "duplicates"
  | "binds"
  | "listens"
  | "connects"
  | "accepts"
  | "sends"
  | "receives"
  | "shuts"
  | "closes"
  | "tells local"
  | "tells peer"
  | "hears of a refusal"
  | "sets";

/** What the ladder shows of a call, beside its name, its times and its result; and what it means for who spoke to whom. */
export interface Shown {
  /** Missing for a call that is no part of a conversation. */
  means?: Meaning | undefined;
  /** The system has told the address: a ladder puts it behind this arrow, after the result. Without it, the call was given the address. */
  told?: "←" | "→" | undefined;
  /** For one that shuts: which directions, as shutdown(2) has them. */
  shuts?: "sending" | "receiving" | "both" | undefined;
  /** For one that sets: the option's name, and its value in words. */
  sets?: { readonly option: string; readonly value: string | undefined } | undefined;
  /** For one that pairs: the two descriptors. */
  pair?: readonly [number, number] | undefined;
  /** The descriptor that the call is about, where it is not its `fd`. */
  fd?: number | undefined;
  /** Arguments that only have to be shown: "AF_INET SOCK_STREAM", "5". */
  detail?: string | undefined;
  kind?: "stream" | "datagram" | undefined;
  /** The address in the call, given to it or got from it. */
  address?: string | undefined;
  /** How many bytes the call was asked to send, or to receive at most. */
  asked?: number | undefined;
  /** The first of the bytes. */
  data?: Uint8Array | undefined;
  /** A receive that leaves the bytes in the queue. */
  peek?: true | undefined;
  /** With a byte out of band, which is not counted with the others. */
  urgent?: true | undefined;
}

/**
 * Everything that is to be known about one call beside making it. A call is plain data, because calls come from other processes too: what
 * is to be done with it is looked up by its name.
 *
 * Here is also the place for the call as a line of C and of Python.
 */
export interface Description<C extends NamedCall> {
  /** As a learner wrote it, without its result. What the workshop always adds (close-on-exec, non-blocking, no SIGPIPE) is left out. */
  short(call: C, result: number): string;
  /** The system call that libc makes for it in strace's words, without its result. */
  exact(call: C, made: MadeCall): string;
  /** A result that strace does not print as the bare number. */
  exactResult?(call: C, result: number): string | undefined;
  /** What follows the result of a short line: `  ← 127.0.0.1:80`. Empty when there is nothing to tell. */
  told?(call: C): string;
  /** What the ladder shows of it. `result` is missing when it has not succeeded. */
  shown?(call: C, result: number | undefined): Shown;
  /** The bytes of the address that the call was given: a failure names it. */
  named?(call: C): Uint8Array;
  /** True for a call that takes effect when it is made first; made again, it only tells how that went. */
  actsAtOnce?: true;
}

/** A call that was made, and minus its errno or what it returned. */
export interface Tried<C extends NamedCall = NamedCall> {
  readonly call: C;
  readonly result: number;
}

/** What an error says of a failed call. */
export function failure<C extends NamedCall>(description: Description<C>, call: C, errno: number): Failure {
  const failed: Failure = { syscall: call.name, code: errnoName(errno), call: description.short(call, 0) };
  if ("fd" in call) failed.fd = call.fd as number;
  const bytes = description.named?.(call);
  const address = bytes === undefined ? undefined : decodeSockaddr(bytes, bytes.byteLength);
  failed.family = address?.family;
  if (address !== undefined && "scopeId" in address) failed.scope = address.scopeId;
  if (address !== undefined && "port" in address) {
    failed.address = address.address;
    failed.port = address.port;
  } else if (address !== undefined && "path" in address) {
    failed.address = address.path;
  }
  return failed;
}

/**
 * @param result what `returned` gave
 * @returns the result when the call succeeded
 * @throws SocketError when it is minus an errno
 */
export function succeed<C extends NamedCall>(description: Description<C>, call: C, result: number): number {
  if (result >= 0) return result;
  throw new SocketError(failure(description, call, -result));
}
