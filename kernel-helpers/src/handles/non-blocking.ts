import { fcntl } from "../calls";
import { constants, facts } from "../facts";

/** The socket type with SOCK_NONBLOCK, where the system has it. */
export function nonBlocking(type: number): number {
  return type | constants.SOCK_NONBLOCK;
}

/** Makes a new descriptor non-blocking where socket() and accept() could not (macOS). */
export function makeNonBlocking(fd: number): number {
  if (facts.os !== "linux") {
    fcntl(fd, constants.F_SETFL, fcntl(fd, constants.F_GETFL) | constants.O_NONBLOCK);
    fcntl(fd, constants.F_SETFD, constants.FD_CLOEXEC);
  }
  return fd;
}
