import { constants } from "../facts";
import { libc } from "../libc";
import { make, succeed } from "./done";
import { descriptor, int } from "./validate";

/**
 * fcntl(2) reads and sets a descriptor's flags.
 *
 * @param command F_GETFL or F_SETFL (O_NONBLOCK), F_GETFD or F_SETFD (FD_CLOEXEC); others are refused
 * @returns the flags for the reading commands, else 0
 * @throws SocketError EBADF; RangeError for another command
 */
export function fcntl(fd: number, command: number, argument = 0): number {
  const { F_GETFD, F_SETFD, F_GETFL, F_SETFL } = constants;
  if (![F_GETFD, F_SETFD, F_GETFL, F_SETFL].includes(command)) {
    throw new RangeError("command is F_GETFD, F_SETFD, F_GETFL or F_SETFL.");
  }
  const call = { name: "fcntl" as const, fd: descriptor(fd), command, argument: int("argument", argument) };
  return succeed(make(call, () => libc.fcntl(call.fd, call.command, "int", call.argument)));
}
