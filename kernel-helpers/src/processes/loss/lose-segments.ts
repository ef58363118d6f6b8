import { SocketError } from "../../errors";
import { SENTENCES } from "../../errors/sentences";
import { constants } from "../../facts";
import type { Handle } from "../../handles/handle";
import { socketOf } from "../../handles/socket-of";
import { helperThere, isProcessHandle, type ProcessHandle } from "../process-handle";
import { lose } from "./lose-share";

/**
 * Loses TCP segments that arrive at this socket, each with the same probability, by the same means as `loseDatagrams`. TCP at the
 * other end notices that they are not acknowledged and sends them again: nothing is missing at last, but it comes later.
 *
 * New kernels allow it only with the privilege CAP_NET_ADMIN, which a process has in a network of its own: see `otherProcess`. Linux only.
 *
 * Manual: man 7 socket, RFC 9293 section 3.8.1.
 *
 * @param handle the RECEIVER's socket of a connection. On a socket that is not connected yet, segments of the handshake are lost too
 * @param probability from 0 (none is lost: the program is taken away, SO_DETACH_FILTER) to 1 (all are)
 * @throws Errors: SocketError EPERM (no privilege), ENOMEM (no memory for the program); TypeError for what is no handle of a TCP socket, RangeError for a probability outside 0 to 1
 */
export function loseSegments(handle: Handle, probability: number): void;
/**
 * Loses TCP segments that arrive at this socket, each with the same probability, by the same means as `loseDatagrams`. TCP at the
 * other end notices that they are not acknowledged and sends them again: nothing is missing at last, but it comes later.
 *
 * New kernels allow it only with the privilege CAP_NET_ADMIN, which a process has in a network of its own: see `otherProcess`. Linux only.
 *
 * Manual: man 7 socket, RFC 9293 section 3.8.1.
 *
 * @param handle the RECEIVER's socket of a connection. On a socket that is not connected yet, segments of the handshake are lost too
 * @param probability from 0 (none is lost: the program is taken away, SO_DETACH_FILTER) to 1 (all are)
 * @throws Errors: SocketError EPERM (no privilege), ENOMEM (no memory for the program); ProcessError (the process has ended); TypeError for what is no handle of a TCP socket, RangeError for a probability outside 0 to 1
 */
export function loseSegments(handle: ProcessHandle, probability: number): Promise<void>;
export function loseSegments(handle: Handle | ProcessHandle, probability: number): void | Promise<void> {
  if (isProcessHandle(handle)) return helperThere(handle, "loseSegments", [probability]);
  const sock = socketOf(handle as Handle);
  if (sock === undefined)
    throw new TypeError("loseSegments() takes a handle, for example loseSegments(receiver, 0.1).");
  if (!sock.isInternet || sock.type !== constants.SOCK_STREAM) {
    throw new TypeError(
      `"${sock.name}" is not a TCP socket: it has no segments.${sock.isDatagram ? ` Use loseDatagrams(handle, probability).` : ""}`,
    );
  }
  try {
    lose(sock, "segments", probability);
  } catch (error) {
    if (error instanceof SocketError && error.code === "EPERM") error.advice = SENTENCES.lossNotAllowed();
    throw error;
  }
}
