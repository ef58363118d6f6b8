import { decodeOptionValue } from "../bytes";
import { getsockopt } from "../calls";
import { SocketError } from "../errors";
import { TCP_INFO, TCP_INFO_SIZE, TCP_STATES, type TcpInfo } from "../facts";

/**
 * What the system knows of a TCP connection, its state first; undefined for a socket that is not TCP, and where the system does not tell.
 *
 * @see man 7 tcp, TCP_INFO
 */
export function tcpInfo(fd: number): TcpInfo | undefined {
  if (TCP_INFO.number < 0) return undefined;
  try {
    return decodeOptionValue(TCP_INFO, getsockopt(fd, TCP_INFO.level, TCP_INFO, TCP_INFO_SIZE));
  } catch (error) {
    if (error instanceof SocketError) return undefined;
    throw error;
  }
}

/**
 * The state of a TCP socket, by its kernel name: the first byte of TCP_INFO and no more, because this is asked after every step.
 *
 * @returns undefined for a socket that is not TCP or not open
 */
export function tcpState(fd: number): string | undefined {
  if (TCP_INFO.number < 0) return undefined;
  try {
    return TCP_STATES[getsockopt(fd, TCP_INFO.level, TCP_INFO, 1)[0] ?? 0];
  } catch (error) {
    if (error instanceof SocketError) return undefined;
    throw error;
  }
}
