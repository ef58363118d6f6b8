import { conflict } from "./conflict";
import { type End, endText, type SocketRow, type Transport } from "./socket-table";

/** The addresses of one socket of ours, or of a call that was made on one. */
export interface NamedEnds {
  /** Undefined when it is not known which of the two it was. */
  readonly transport: Transport | undefined;
  readonly local: End | undefined;
  readonly peer: End | undefined;
  /** Whether the socket is open now. */
  readonly open: boolean;
}

interface Entry extends NamedEnds {
  /** The later it was named, the higher. */
  readonly last: number;
}

/**
 * Which sockets in a table have to do with ours: by who is really at the other end. A port alone says nothing: the system gives one
 * ephemeral port to any number of connections, as long as each has another peer.
 */
export class SocketsOfInterest {
  /** What has this port at our end, and what at the other end. */
  private readonly here = new Map<number, Map<string, Entry>>();
  private readonly there = new Map<number, Map<string, Entry>>();
  private count = 0;

  /** Adds what was named after all that was added before. */
  add(ends: NamedEnds): void {
    this.count += 1;
    const { transport, local, peer, open } = ends;
    const key = [transport, local && endText(local), peer && endText(peer), open].join(" ");
    const entry = { ...ends, last: this.count };
    if (local !== undefined && local.port > 0) put(this.here, local.port, key, entry);
    if (peer !== undefined && peer.port > 0) put(this.there, peer.port, key, entry);
  }

  /** Undefined when the socket has nothing to do with ours; else a number, the higher the later what it has to do with was named. */
  lastNamed(row: SocketRow): number | undefined {
    return row.inode === 0 ? this.ofNobody(row) : this.ofSomebody(row);
  }

  /** A socket that a process has. */
  private ofSomebody({ protocol, local, peer }: SocketRow): number | undefined {
    const fits = ({ transport }: Entry): boolean => transport === undefined || protocol.startsWith(transport);
    const at = (place: End) => ofPort(this.here, place).filter((entry) => fits(entry) && same(entry.local, place));
    const known = [
      // It has a connection to one of ours, or an address of one of ours that talks to everybody.
      ...[...at(local), ...at(peer)].filter((entry) => entry.open && entry.peer === undefined),
      // It is the other end.
      ...at(peer).filter((entry) => same(entry.peer, local)),
    ];
    // It takes what is sent to the address with which one of ours talks.
    if (peer.port === 0)
      known.push(...ofPort(this.there, local).filter((entry) => fits(entry) && same(entry.peer, local)));
    return latest(known);
  }

  /** What no process has any more, or none yet: the end of a connection, or one that waits to be accepted. Only TCP has such. */
  private ofNobody({ local, peer }: SocketRow): number | undefined {
    const named = (place: End) => [
      ...ofPort(this.here, place).filter((entry) => same(entry.local, place)),
      ...ofPort(this.there, place).filter((entry) => same(entry.peer, place)),
    ];
    const [near, far] = [named(local), named(peer)];
    const both = near.length > 0 && far.length > 0 ? [...near, ...far] : [];
    // Of a connection from elsewhere only the end here was named.
    const mine = [local, peer].flatMap((place) =>
      ofPort(this.here, place).filter((entry) => entry.peer === undefined && same(entry.local, place)),
    );
    return latest([...both, ...mine]);
  }
}

function put(entries: Map<number, Map<string, Entry>>, port: number, key: string, entry: Entry): void {
  const found = entries.get(port) ?? new Map<string, Entry>();
  entries.set(port, found.set(key, entry));
}

function ofPort(entries: ReadonlyMap<number, ReadonlyMap<string, Entry>>, { port }: End): Entry[] {
  return port === 0 ? [] : [...(entries.get(port)?.values() ?? [])];
}

function same(one: End | undefined, other: End): boolean {
  return one !== undefined && one.port === other.port && conflict(one.address, other.address);
}

function latest(entries: readonly Entry[]): number | undefined {
  return entries.length === 0 ? undefined : Math.max(...entries.map(({ last }) => last));
}
