import { constants, facts } from "../facts";
import { type Call, libc } from "../libc";
import { make, succeed } from "./done";
import { own } from "./owned";
import { descriptor, int, integer } from "./validate";

type WaitCall = Extract<Call, { name: "epoll_wait" }>;

/** What epoll_wait tells of one descriptor: its events, and the `data` that it was registered with. */
export interface EpollEvent {
  events: number;
  data: number;
}

/**
 * The bytes of `count` struct epoll_event: packed on x86-64, with a gap on other processors.
 *
 * @internal
 */
export function epollEvents(count: number): Buffer {
  return Buffer.alloc(count * facts.epollEventSize);
}

/**
 * Writes one struct epoll_event.
 *
 * @internal
 */
export function writeEpollEvent(memory: Buffer, index: number, event: EpollEvent): void {
  const at = index * facts.epollEventSize;
  memory.writeUInt32LE(event.events, at);
  memory.writeBigUInt64LE(BigInt(event.data), at + facts.epollDataOffset);
}

/**
 * Reads one struct epoll_event.
 *
 * @internal
 */
export function readEpollEvent(memory: Buffer, index: number): EpollEvent {
  const at = index * facts.epollEventSize;
  return { events: memory.readUInt32LE(at), data: Number(memory.readBigUInt64LE(at + facts.epollDataOffset)) };
}

/**
 * epoll_create(2): a new set of descriptors to watch. Linux only. EPOLL_CLOEXEC is always added.
 *
 * @throws SocketError EMFILE
 */
export function epoll_create1(flags = 0): number {
  const call = { name: "epoll_create1" as const, flags: int("flags", flags) | constants.EPOLL_CLOEXEC };
  return succeed(make(call, () => own(libc.epoll_create1(call.flags))));
}

const one = epollEvents(1);

/**
 * epoll_ctl(2) adds a descriptor to the set, changes what is asked of it, or takes it out.
 *
 * @param op EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL
 * @param event the events asked for, and a number up to 2^53 that epoll_wait gives back
 * @throws SocketError EEXIST, ENOENT, EPERM (the descriptor is a file), EBADF
 */
export function epoll_ctl(epfd: number, op: number, fd: number, event: EpollEvent = { events: 0, data: 0 }): void {
  const call = {
    name: "epoll_ctl" as const,
    epfd: descriptor(epfd, "epfd"),
    op: int("op", op),
    fd: descriptor(fd),
    events: integer("events", event.events, 0, 0xffffffff),
    data: integer("data", event.data, 0, Number.MAX_SAFE_INTEGER),
  };
  writeEpollEvent(one, 0, event);
  succeed(make(call, () => libc.epoll_ctl(call.epfd, call.op, call.fd, one)));
}

/**
 * epoll_wait(2) tells which descriptors of the set are ready. The calling thread sleeps for as long as `timeout` says.
 *
 * @param max at most so many events, 1 to 1024
 * @param timeout in milliseconds, 0 to 10,000
 * @throws SocketError EINTR, EBADF, EINVAL (not an epoll set); RangeError for a longer timeout
 */
export function epoll_wait(epfd: number, max: number, timeout = 0): EpollEvent[] {
  const call: WaitCall = {
    name: "epoll_wait",
    epfd: descriptor(epfd, "epfd"),
    max: integer("max", max, 1, 1024),
    timeout: integer("timeout", timeout, 0, 10_000),
  };
  const memory = epollEvents(call.max);
  const ready: EpollEvent[] = [];
  succeed(
    make(call, () => {
      const result = libc.epoll_wait(call.epfd, memory, call.max, call.timeout);
      for (let i = 0; i < result; i++) ready.push(readEpollEvent(memory, i));
      call.ready = ready;
      return result;
    }),
  );
  return ready;
}
