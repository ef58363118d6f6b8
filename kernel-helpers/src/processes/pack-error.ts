import { isOf } from "../bytes/arguments";
import { errorWords } from "../bytes/error-words";
import { BusyError, ClosedError, EndError, InterruptedError, SocketError, TimeoutError } from "../errors";
import type { PackedError } from "./messages";

/** How many letters of a message cross: a server tells of its last error with every client that comes or goes. */
const LONGEST = 10_000;

/**
 * Takes an error apart for the way to another process: a message keeps fields, and neither classes nor getters. What a learner's function has
 * thrown can be anything: it comes through as its words, or as what it is, and never disturbs the message that it stands in.
 */
export function packError(error: unknown): PackedError {
  if (isOf(error, SocketError)) {
    const { code, syscall, call, fd, handle, address, port, advice } = error;
    const closed = error instanceof ClosedError ? { waited: error.waited } : {};
    return { kind: error.name, code, syscall, call, fd, handle, address, port, advice, ...closed, ...dataOf(error) };
  }
  if (WAITS.some((kind: abstract new (...values: never[]) => Error) => isOf(error, kind))) {
    const { name, call, handle, happened, advice } = error as TimeoutError;
    return { kind: name, call, handle, happened, advice, ...dataOf(error as Error) };
  }
  return textsOf(error) ?? { kind: "Error", message: errorWords(error) };
}

/** An error of another kind, if its name and message are text, as those of nearly all are. */
function textsOf(error: unknown): PackedError | undefined {
  if (!isOf(error, Error)) return undefined;
  try {
    const { name, message } = error;
    if (typeof name !== "string" || typeof message !== "string") return undefined;
    return { kind: name, message: message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message };
  } catch {
    return undefined;
  }
}

/** The bytes that a recvExactly() had got. */
function dataOf(error: Error & { data?: Buffer }): { data?: Buffer } {
  return error.data === undefined ? {} : { data: error.data };
}

function withData<E extends Error>(error: E, { data }: PackedError): E {
  return data === undefined ? error : Object.assign(error, { data: Buffer.from(data as Uint8Array) });
}

const WAIT_ERRORS = { TimeoutError, InterruptedError, BusyError, EndError } as const;
const WAITS = Object.values(WAIT_ERRORS);
const PLAIN_ERRORS = { TypeError, RangeError } as const;

/** The same error again, of the same class. */
export function unpackError(packed: PackedError): Error {
  const { kind } = packed;
  if (kind === "SocketError" || kind === "ClosedError") return withData(socketError(packed), packed);
  if (kind in WAIT_ERRORS) {
    const { call, handle, happened, advice } = packed as Record<string, string>;
    return withData(new WAIT_ERRORS[kind as keyof typeof WAIT_ERRORS](call!, handle, happened!, advice!), packed);
  }
  const Kind = PLAIN_ERRORS[kind as keyof typeof PLAIN_ERRORS] ?? Error;
  const error = new Kind(String(packed.message));
  if (Kind === Error) error.name = kind;
  return error;
}

function socketError(packed: PackedError): SocketError {
  const { code, syscall, call, fd, handle, address, port, advice } = packed as PackedError & SocketError;
  const failure = { syscall, code, call, fd, handle, address, port };
  if (packed.kind === "ClosedError") return new ClosedError(failure, advice, packed.waited === true);
  return new SocketError(failure, advice);
}
