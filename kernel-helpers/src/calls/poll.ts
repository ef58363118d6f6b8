import { libc } from "../libc";
import type { Call, PollEntry } from "../libc/call";
import { make, succeed } from "./done";
import { descriptor, integer } from "./validate";

type PollCall = Extract<Call, { name: "poll" }>;
const ENTRY = 8; // struct pollfd: int fd, short events, short revents

/**
 * poll(2) tells which descriptors are ready. The calling thread sleeps for as long as `timeout` says: in a notebook that is the kernel
 * itself, so a wait without end is refused.
 *
 * @param entries descriptors, each with the events asked for (POLLIN, POLLOUT)
 * @param timeout in milliseconds, 0 (do not wait) to 10,000
 * @returns the entries with what is ready in `revents`
 * @throws SocketError EINTR, EINVAL (too many entries); RangeError for a longer timeout
 */
export function poll(entries: readonly { fd: number; events: number }[], timeout = 0): PollEntry[] {
  const fds: PollEntry[] = entries.map(({ fd, events }) => ({
    fd: descriptor(fd),
    events: integer("events", events, 0, 0xffff),
    revents: 0,
  }));
  const memory = Buffer.alloc(Math.max(fds.length, 1) * ENTRY);
  fds.forEach((entry, i) => {
    memory.writeInt32LE(entry.fd, i * ENTRY);
    memory.writeUInt16LE(entry.events, i * ENTRY + 4);
  });
  const call: PollCall = { name: "poll", fds, timeout: integer("timeout", timeout, 0, 10_000) };
  succeed(
    make(call, () => {
      const result = libc.poll(memory, fds.length, call.timeout);
      fds.forEach((entry, i) => {
        entry.revents = memory.readUInt16LE(i * ENTRY + 6);
      });
      return result;
    }),
  );
  return fds;
}
