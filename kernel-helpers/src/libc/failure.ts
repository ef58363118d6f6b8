import { decodeSockaddr } from "../bytes";
import { type Failure, SocketError } from "../errors";
import { errnoName } from "../facts";
import type { Call } from "./call";
import { describeCall } from "./describe";

/** What an error says of a failed call. */
export function failureOf(call: Call, errno: number): Failure {
  const failure: Failure = { syscall: call.name, code: errnoName(errno), call: describeCall(call) };
  if ("fd" in call) failure.fd = call.fd;
  if ("address" in call && call.address !== undefined && call.name !== "getsockname" && call.name !== "getpeername") {
    const address = decodeSockaddr(call.address, call.address.byteLength);
    if (address !== undefined && "port" in address) {
      failure.address = address.address;
      failure.port = address.port;
    } else if (address !== undefined && "path" in address) {
      failure.address = address.path;
    }
  }
  return failure;
}

/**
 * @param result what `perform` returned
 * @returns the result when the call succeeded
 * @throws SocketError when it is minus an errno
 */
export function check(call: Call, result: number): number {
  if (result >= 0) return result;
  throw new SocketError(failureOf(call, -result));
}
