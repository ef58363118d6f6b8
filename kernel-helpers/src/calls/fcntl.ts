import { constants } from "../facts";
import { libc, processWide } from "../libc";
import { make, succeed } from "./done";
import { descriptor, int } from "./validate";

type BeforeBlocking = (fd: number) => void;
const guards = processWide("before blocking", () => [] as BeforeBlocking[]);

/** Has `action` called with every descriptor that is about to be made blocking; it may refuse by throwing. */
export function beforeBlocking(action: BeforeBlocking): void {
  guards.push(action);
}

/**
 * fcntl(2) reads and sets a descriptor's flags.
 *
 * @param command F_GETFL or F_SETFL (O_NONBLOCK), F_GETFD or F_SETFD (FD_CLOEXEC); others are refused
 * @returns the flags for the reading commands, else 0
 * @throws SocketError EBADF; RangeError for another command, and for making the socket of a handle blocking
 */
export function fcntl(fd: number, command: number, argument = 0): number {
  const { F_GETFD, F_SETFD, F_GETFL, F_SETFL } = constants;
  if (![F_GETFD, F_SETFD, F_GETFL, F_SETFL].includes(command)) {
    throw new RangeError("command is F_GETFD, F_SETFD, F_GETFL or F_SETFL.");
  }
  const call = { name: "fcntl" as const, fd: descriptor(fd), command, argument: int("argument", argument) };
  if (command === F_SETFL && (call.argument & constants.O_NONBLOCK) === 0) for (const guard of guards) guard(call.fd);
  return succeed(make(call, () => libc.fcntl(call.fd, call.command, "int", call.argument)));
}
