import { errorWords } from "../bytes/error-words";
import { BusyError, ClosedError, EndError, InterruptedError, SocketError, TimeoutError } from "../errors";
import type { PackedError } from "./messages";

/** What a message of a learner's error may have, in characters. */
const LONGEST = 10_000;

/**
 * Takes an error apart for the way to another process: a message keeps fields, and neither classes nor getters. What a learner's function has
 * thrown can have anything in its fields, or not let itself be read: one that cannot be sent would end this process.
 */
export function packError(error: unknown): PackedError {
  try {
    const packed = apart(error);
    return Object.fromEntries(Object.entries(packed).filter(([, value]) => isPlain(value))) as PackedError;
  } catch {
    return { kind: "Error", message: errorWords(error) };
  }
}

function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value) || Buffer.isBuffer(value);
}

function apart(error: unknown): PackedError {
  if (error instanceof SocketError) {
    const { code, syscall, call, fd, handle, address, port, advice } = error;
    const closed = error instanceof ClosedError ? { waited: error.waited } : {};
    return { kind: error.name, code, syscall, call, fd, handle, address, port, advice, ...closed, ...dataOf(error) };
  }
  if (WAITS.some((kind) => error instanceof kind)) {
    const { name, call, handle, happened, advice } = error as TimeoutError;
    return { kind: name, call, handle, happened, advice, ...dataOf(error as Error) };
  }
  if (error instanceof Error) return { kind: String(error.name), message: String(error.message).slice(0, LONGEST) };
  return { kind: "Error", message: String(error).slice(0, LONGEST) };
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
