import { constants } from "../facts";
import { libc, processWide } from "../libc";
import { make, succeed } from "./done";
import { own, owned } from "./owned";
import { descriptor } from "./validate";

type BeforeClose = (fd: number) => void;
const watchers = processWide("before close", () => [] as BeforeClose[]);

/**
 * Has `action` called with every descriptor that is about to be closed: whoever waits for it must be told first.
 *
 * @internal
 */
export function beforeClose(action: BeforeClose): void {
  watchers.push(action);
}

/**
 * close(2) gives a descriptor back. The last descriptor of a connection that is closed ends the connection. The number is free at once:
 * the next socket may get it. It is never repeated, also not after EINTR: on Linux the descriptor is gone then.
 *
 * @throws SocketError EBADF (no such open descriptor)
 * @throws RangeError for a descriptor that is open but is not the learner's (0 to 2, those of Node itself, and those of the thread that waits)
 */
export function close(fd: number): void {
  const call = { name: "close" as const, fd: descriptor(fd) };
  if (!owned.has(call.fd) && libc.fcntl(call.fd, constants.F_GETFD, "int", 0) !== -1) {
    throw new RangeError(
      `Descriptor ${call.fd} is not one of yours (the notebook itself uses it), so it is not closed here.`,
    );
  }
  owned.delete(call.fd);
  for (const watcher of watchers) watcher(call.fd);
  succeed(make(call, () => libc.close(call.fd)));
}

/**
 * dup(2) makes a second descriptor for the same socket. It is close-on-exec, as every descriptor here.
 *
 * @throws SocketError EBADF, EMFILE
 */
export function dup(fd: number): number {
  const call = { name: "fcntl" as const, fd: descriptor(fd), command: constants.F_DUPFD_CLOEXEC, argument: 0 };
  return succeed(make(call, () => own(libc.fcntl(call.fd, call.command, "int", 0))));
}
