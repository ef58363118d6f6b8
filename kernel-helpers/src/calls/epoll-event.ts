import { facts } from "../facts/current";

/** What epoll_wait tells of one descriptor: its events, and the `data` that it was registered with. */
export interface EpollEvent {
  /** EPOLLIN, EPOLLOUT and others, or-ed together: 0 to 2^32 - 1. */
  events: number;
  /** An integer from 0 to 2^53 - 1. */
  data: number;
}

/** The 64 bits of `data` are written as two halves: a BigInt of them would be an object of its own. */
const WORD = 0x1_0000_0000;

/** The bytes of `count` struct epoll_event: packed on x86-64, with a gap on other processors. */
export function epollEvents(count: number): Buffer {
  return Buffer.alloc(count * facts.epollEventSize);
}

/** Writes one struct epoll_event. */
export function writeEpollEvent(memory: Buffer, index: number, events: number, data: number): void {
  const at = index * facts.epollEventSize;
  memory.writeUInt32LE(events, at);
  memory.writeUInt32LE(data % WORD, at + facts.epollDataOffset);
  memory.writeUInt32LE(Math.floor(data / WORD), at + facts.epollDataOffset + 4);
}

/** Reads one struct epoll_event. */
export function readEpollEvent(memory: Buffer, index: number): EpollEvent {
  return { events: readEpollEvents(memory, index), data: readEpollKey(memory, index) };
}

/** Reads the events of one alone. */
export function readEpollEvents(memory: Buffer, index: number): number {
  return memory.readUInt32LE(index * facts.epollEventSize);
}

/** Reads the `data` of one alone. */
export function readEpollKey(memory: Buffer, index: number): number {
  const from = index * facts.epollEventSize + facts.epollDataOffset;
  return memory.readUInt32LE(from) + WORD * memory.readUInt32LE(from + 4);
}
