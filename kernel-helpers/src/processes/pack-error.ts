import { BusyError, ClosedError, InterruptedError, SocketError, TimeoutError } from "../errors";
import type { PackedError } from "./messages";

/** Takes an error apart for the way to another process: a message keeps fields, and neither classes nor getters. */
export function packError(error: unknown): PackedError {
  if (error instanceof SocketError) {
    const { code, syscall, call, fd, handle, address, port, advice } = error;
    const closed = error instanceof ClosedError ? { waited: error.waited } : {};
    return { kind: error.name, code, syscall, call, fd, handle, address, port, advice, ...closed };
  }
  if (error instanceof TimeoutError || error instanceof InterruptedError || error instanceof BusyError) {
    const { call, handle, happened, advice } = error;
    return { kind: error.name, call, handle, happened, advice };
  }
  if (error instanceof Error) return { kind: error.name, message: error.message };
  return { kind: "Error", message: String(error) };
}

const WAIT_ERRORS = { TimeoutError, InterruptedError, BusyError } as const;
const PLAIN_ERRORS = { TypeError, RangeError } as const;

/** The same error again, of the same class. */
export function unpackError(packed: PackedError): Error {
  const { kind } = packed;
  if (kind === "SocketError" || kind === "ClosedError") return socketError(packed);
  if (kind in WAIT_ERRORS) {
    const { call, handle, happened, advice } = packed as Record<string, string>;
    return new WAIT_ERRORS[kind as keyof typeof WAIT_ERRORS](call!, handle, happened!, advice!);
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
