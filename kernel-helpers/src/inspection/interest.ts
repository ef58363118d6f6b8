import { conflict } from "./conflict";
import type { End, SocketRow, Transport } from "./socket-table";

/** The addresses of one socket of ours, or of a call that was made on one. */
export interface NamedEnds {
  /** Undefined when it is not known which of the two it was. */
  readonly transport: Transport | undefined;
  readonly local: End | undefined;
  readonly peer: End | undefined;
  /** Whether the socket is open now. */
  readonly open: boolean;
}

/** An address that was named, of whom, and when: the later, the higher. */
interface Entry {
  readonly address: string;
  readonly transport: Transport | undefined;
  readonly open: boolean;
  readonly last: number;
}

/** The two ends of a connection that was named. */
interface Pair extends Entry {
  readonly peer: string;
}

/**
 * Which sockets in a table have to do with ours: by who is really at the other end. A port alone says nothing: the system gives one
 * ephemeral port to any number of connections, as long as each has another peer.
 *
 * Each answer looks at a few entries, however many sockets there are.
 */
export class SocketsOfInterest {
  /** Sockets of ours with both their ends, by the two ports. */
  private readonly pairs = new Lookup<Pair>();
  /** Those that talk to everybody, by their port. */
  private readonly alone = new Lookup<Entry>();
  /** Whom ours talk to, by the port. */
  private readonly peers = new Lookup<Entry>();
  /** All of these addresses. */
  private readonly named = new Lookup<Entry>();
  private count = 0;

  /** Adds what was named after all that was added before. */
  add({ transport, local, peer, open }: NamedEnds): void {
    this.count += 1;
    const entry = ({ address }: End): Entry => ({ address, transport, open, last: this.count });
    const about = `${transport} ${open}`;
    const [here, there] = [local, peer].map((end) => (end === undefined || end.port === 0 ? undefined : end));
    if (here !== undefined && there !== undefined) {
      const pair = { ...entry(here), peer: there.address };
      this.pairs.put(ports(here, there), `${about} ${here.address} ${there.address}`, pair);
    }
    if (here !== undefined && peer === undefined)
      this.alone.put(`${here.port}`, `${about} ${here.address}`, entry(here));
    if (there !== undefined) this.peers.put(`${there.port}`, `${about} ${there.address}`, entry(there));
    for (const end of [here, there]) if (end !== undefined) this.named.put(`${end.port}`, end.address, entry(end));
  }

  /** Undefined when the socket has nothing to do with ours; else a number, the higher the later what it has to do with was named. */
  lastNamed(row: SocketRow): number | undefined {
    return latest(row.inode === 0 ? this.ofNobody(row) : this.ofSomebody(row));
  }

  /** A socket that a process has. */
  private ofSomebody({ protocol, local, peer }: SocketRow): Entry[] {
    // It has a connection to one of ours, or an address of one of ours that talks to everybody.
    const alone = [...at(this.alone, local), ...at(this.alone, peer)].filter(({ open }) => open);
    // It is the other end.
    const ends = this.pairs
      .get(ports(peer, local))
      .filter((pair) => conflict(pair.address, peer.address) && conflict(pair.peer, local.address));
    // It takes what is sent to the address with which one of ours talks.
    const heard = peer.port === 0 ? at(this.peers, local) : [];
    return [...alone, ...ends, ...heard].filter(
      ({ transport }) => transport === undefined || protocol.startsWith(transport),
    );
  }

  /** What no process has any more, or none yet: the end of a connection, or one that waits to be accepted. Only TCP has such. */
  private ofNobody({ local, peer }: SocketRow): Entry[] {
    const [near, far] = [at(this.named, local), at(this.named, peer)];
    const both = near.length > 0 && far.length > 0 ? [...near, ...far] : [];
    // Of a connection from elsewhere only the end here was named.
    return [...both, ...at(this.alone, local), ...at(this.alone, peer)];
  }
}

/** Entries by their ports, each of them once, as it was put last. */
class Lookup<E extends Entry> {
  private readonly entries = new Map<string, Map<string, E>>();

  put(port: string, key: string, entry: E): void {
    const found = this.entries.get(port) ?? new Map<string, E>();
    this.entries.set(port, found.set(key, entry));
  }

  get(port: string): E[] {
    return [...(this.entries.get(port)?.values() ?? [])];
  }
}

/** The entries for an address and port. */
function at(lookup: Lookup<Entry>, { address, port }: End): Entry[] {
  return lookup.get(`${port}`).filter((entry) => conflict(entry.address, address));
}

function ports(one: End, other: End): string {
  return `${one.port} ${other.port}`;
}

function latest(entries: readonly Entry[]): number | undefined {
  return entries.length === 0 ? undefined : Math.max(...entries.map(({ last }) => last));
}
