import { elements, fields, isList, shown } from "../bytes/arguments";
import { flagNames } from "../facts";
import { returned, starting } from "../libc";
import { descriptor, integer } from "./arguments";
import { type Description, succeed } from "./description";
import { libcOfPoll } from "./of-thread";
import { exactMembers, MEMBERS } from "./words";

/** A poll(2) entry: what was asked for, and what was ready. */
export interface PollEntry {
  /** The descriptor, a C int. */
  fd: number;
  /** What was asked for: POLLIN, POLLOUT, …, added by |: 0 to 65,535. */
  events: number;
  /** What was ready, in the same way: 0 to 65,535. */
  revents: number;
}

/** poll(2), as the record keeps it. */
export interface PollCall {
  readonly name: "poll";
  /** The first entries. */
  readonly fds: readonly PollEntry[];
  /** How many entries there were, 0 to 65,535. */
  readonly count: number;
  /** How long it waits at most, in milliseconds. */
  readonly timeout: number;
}

export const POLL: Description<PollCall> = {
  short: ({ fds, count, timeout }) =>
    `poll(${fds.map((entry) => entry.fd).join(", ")}${count > fds.length ? ", ..." : ""}; ${timeout} ms)`,
  exact: ({ fds, count, timeout }) => {
    const entries = fds.map(({ fd, events }) => `{fd=${fd}, events=${flagNames("poll", events)}}`);
    return `poll(${exactMembers(entries, count)}, ${count}, ${timeout})`;
  },
  exactResult: ({ fds }, result) => {
    if (result === 0) return "0 (Timeout)";
    const ready = fds.filter((entry) => entry.revents !== 0);
    const told = ready.map(({ fd, revents }) => `{fd=${fd}, revents=${flagNames("poll", revents)}}`);
    return result > 0 ? `${result} (${exactMembers(told, result)})` : undefined;
  },
};

const ENTRY = 8; // struct pollfd: int fd, short events, short revents
/** More descriptors than this, no process here can have open. */
const LONGEST = 1_048_576;

/**
 * poll(2) tells which descriptors are ready. The calling thread sleeps for as long as `timeout` says: in a notebook that is the kernel
 * itself, so a wait without end is refused.
 *
 * Manual: man 2 poll.
 *
 * @param entries descriptors, each with the events asked for (POLLIN, POLLOUT), 0 to 65,535
 * @param timeout in milliseconds, 0 (the default: do not wait) to 10,000
 * @returns Returns the entries with what is ready in `revents`
 * @throws Errors: SocketError EINTR (a signal came first), EINVAL (too many entries); RangeError for a longer timeout; TypeError and RangeError for what is no C int
 */
export function poll(entries: readonly Pick<PollEntry, "fd" | "events">[], timeout = 0): PollEntry[] {
  if (!isList(entries)) {
    throw new TypeError(`entries is a list such as [{ fd, events: POLLIN }], not ${shown(entries)}.`);
  }
  const list = elements("The list of entries", entries, LONGEST);
  const count = list.length;
  const memory = Buffer.alloc(Math.max(count, 1) * ENTRY);
  const fds: PollEntry[] = [];
  for (let i = 0; i < count; i++) {
    const asked = list[i];
    if (typeof asked !== "object" || asked === null)
      throw new TypeError(`An entry is an object such as { fd, events: POLLIN }, not ${shown(asked)}.`);
    const { fd, events } = fields("An entry", asked as PollEntry, ["fd", "events"]);
    const entry = { fd: descriptor(fd), events: integer("events", events, 0, 0xffff), revents: 0 };
    memory.writeInt32LE(entry.fd, i * ENTRY);
    memory.writeUInt16LE(entry.events, i * ENTRY + 4);
    fds.push(entry);
  }
  const milliseconds = integer("timeout", timeout, 0, 10_000);
  const start = starting();
  const result = libcOfPoll.poll(memory, count, milliseconds);
  for (let i = 0; i < count; i++) fds[i]!.revents = memory.readUInt16LE(i * ENTRY + 6);
  const kept = fds.slice(0, MEMBERS).map((entry) => ({ ...entry }));
  const call: PollCall = { name: "poll", fds: kept, count, timeout: milliseconds };
  succeed(POLL, call, returned(call, result, start));
  return fds;
}
