import type { Handle } from "../../handles/handle";
import { socketOf } from "../../handles/socket-of";
import { helperThere, isProcessHandle, type ProcessHandle } from "../process-handle";
import { lose } from "./lose-share";

/**
 * Loses datagrams that arrive at this socket, each with the same probability: a program of four instructions is given to the system
 * (setsockopt(2) with SO_ATTACH_FILTER), which runs it for every datagram and throws away what the program refuses. The sender learns
 * nothing of it, as on a real network. The system counts them among the socket's drops.
 *
 * It needs no privilege. Linux only. The random numbers are the kernel's own: they cannot be seeded, so no two runs lose the same ones.
 * For TCP there is `loseSegments`.
 *
 * Manual: man 7 socket.
 *
 * @param handle the socket of the RECEIVER, made with SOCK_DGRAM
 * @param probability from 0 (none is lost: the program is taken away, SO_DETACH_FILTER) to 1 (all are)
 * @throws Errors: SocketError ENOMEM (no memory for the program), EPERM (the filter is locked); TypeError for what is no handle of a datagram socket, RangeError for a probability outside 0 to 1
 */
export function loseDatagrams(handle: Handle, probability: number): void;
/**
 * Loses datagrams that arrive at this socket, each with the same probability: a program of four instructions is given to the system
 * (setsockopt(2) with SO_ATTACH_FILTER), which runs it for every datagram and throws away what the program refuses. The sender learns
 * nothing of it, as on a real network. The system counts them among the socket's drops.
 *
 * It needs no privilege. Linux only. The random numbers are the kernel's own: they cannot be seeded, so no two runs lose the same ones.
 * For TCP there is `loseSegments`.
 *
 * Manual: man 7 socket.
 *
 * @param handle the socket of the RECEIVER, made with SOCK_DGRAM
 * @param probability from 0 (none is lost: the program is taken away, SO_DETACH_FILTER) to 1 (all are)
 * @throws Errors: SocketError ENOMEM (no memory for the program), EPERM (the filter is locked); ProcessError (the process has ended); TypeError for what is no handle of a datagram socket, RangeError for a probability outside 0 to 1
 */
export function loseDatagrams(handle: ProcessHandle, probability: number): Promise<void>;
export function loseDatagrams(handle: Handle | ProcessHandle, probability: number): void | Promise<void> {
  if (isProcessHandle(handle)) return helperThere(handle, "loseDatagrams", [probability]);
  const sock = socketOf(handle as Handle);
  if (sock === undefined)
    throw new TypeError("loseDatagrams() takes a handle, for example loseDatagrams(receiver, 0.1).");
  if (!sock.isDatagram) {
    throw new TypeError(
      `"${sock.name}" is a stream socket: it has no datagrams. For TCP use loseSegments(handle, probability), else a socket made with SOCK_DGRAM.`,
    );
  }
  lose(sock, "datagrams", probability);
}
