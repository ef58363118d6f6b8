import { facts, flagNames } from "../facts";

/** What epoll_wait tells of one descriptor: its events, and the `data` that it was registered with. */
export interface EpollEvent {
  /** EPOLLIN, EPOLLOUT and others, or-ed together: 0 to 2^32 - 1. */
  events: number;
  /** An integer from 0 to 2^53 - 1. */
  data: number;
}

/** The bytes of `count` struct epoll_event: packed on x86-64, with a gap on other processors. */
export function epollEvents(count: number): Buffer {
  return Buffer.alloc(count * facts.epollEventSize);
}

/** Writes one struct epoll_event. */
export function writeEpollEvent(memory: Buffer, index: number, events: number, data: number): void {
  const at = index * facts.epollEventSize;
  memory.writeUInt32LE(events, at);
  memory.writeBigUInt64LE(BigInt(data), at + facts.epollDataOffset);
}

/** Reads one struct epoll_event. */
export function readEpollEvent(memory: Buffer, index: number): EpollEvent {
  const at = index * facts.epollEventSize;
  return { events: memory.readUInt32LE(at), data: Number(memory.readBigUInt64LE(at + facts.epollDataOffset)) };
}

/** One struct epoll_event in strace's words. */
export function exactEvent({ events, data }: EpollEvent): string {
  return `{events=${flagNames("epoll", events)}, data={u32=${data % 0x1_0000_0000}, u64=${data}}}`;
}
