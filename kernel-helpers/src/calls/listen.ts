import { libc } from "../libc";
import { make, succeed } from "./done";
import { descriptor, int } from "./validate";

/**
 * listen(2) makes a stream socket passive: the system accepts connections for it from now on and queues them until accept(2) takes them.
 *
 * @param backlog how many connections may wait; Linux lets one more wait, and cuts the number at net.core.somaxconn; a negative one counts as that limit
 * @throws SocketError EADDRINUSE (another socket listens there), EINVAL (connected), EOPNOTSUPP (a datagram socket), EBADF, ENOTSOCK
 */
export function listen(fd: number, backlog: number): void {
  const call = { name: "listen" as const, fd: descriptor(fd), backlog: int("backlog", backlog) };
  succeed(make(call, () => libc.listen(call.fd, call.backlog)));
}
