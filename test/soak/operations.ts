import {
  AF_INET,
  AF_INET6,
  closeAll,
  type Handle,
  handles,
  LOOPBACK,
  LOOPBACK6,
  ladder,
  MSG_DONTWAIT,
  MSG_PEEK,
  type OtherProcess,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  sockets,
  states,
  TCP_NODELAY,
} from "kernel-helpers";
import { faultOf } from "../support/bad-values.js";
import type { Random } from "./random.js";
import { type AnyHandle, SentBytes } from "./streams.js";

const NAMES = ["a", "b", "c", "d", "e", "f"];
const WAIT = [0, 0, 0, 0, 1, 3];
const LENGTHS = [0, 1, 2, 100, 1000, 70_000];

/** What a random program does, and what it has come to. */
export class Operations {
  /** The last operations in words: what led to a failure. */
  readonly log: string[] = [];
  done = 0;
  readonly outcomes = new Map<string, number>();
  private readonly open = new Map<string, AnyHandle>();
  private readonly boxes = new WeakSet<AnyHandle>();
  private readonly bytes = new SentBytes();

  constructor(
    private readonly random: Random,
    private readonly other?: OtherProcess,
  ) {}

  /** Makes one operation. Throws when something has happened that must not. */
  async step(): Promise<void> {
    const [name, operation] = this.random.pick(this.all);
    const at = this.log.push(name) - 1;
    if (this.log.length > 40) this.log.splice(0, 20);
    let outcome = "ok";
    try {
      await operation();
    } catch (error) {
      if (error instanceof Fault) throw error;
      const fault = faultOf(error);
      if (fault !== undefined || !(error instanceof Error)) throw new Fault(`${name}: ${fault}`, { cause: error });
      outcome = (error as NodeJS.ErrnoException).code ?? error.name;
      // A wait that was not to be longer than 5 ms.
      if (outcome === "InterruptedError") throw new Fault(`${name} was interrupted`, { cause: error });
    }
    this.log[Math.min(at, this.log.length - 1)] += ` → ${outcome}`;
    this.outcomes.set(`${name} ${outcome}`, (this.outcomes.get(`${name} ${outcome}`) ?? 0) + 1);
    this.done += 1;
  }

  private readonly all: readonly (readonly [name: string, operation: () => unknown])[] = weighted({
    open: [4, () => this.make()],
    pair: [2, () => this.pair()],
    bind: [3, () => this.any().bind(this.address(), this.port())],
    listen: [3, () => this.any().listen(this.random.below(4))],
    connect: [6, () => this.connect()],
    accept: [6, () => this.accept()],
    send: [8, () => this.send()],
    recv: [10, () => this.recv()],
    sendto: [3, () => this.sendto()],
    recvfrom: [3, () => this.box().recvfrom(this.length(), this.flags(), this.waiting())],
    shutdown: [2, () => this.any().shutdown(this.random.pick([SHUT_RD, SHUT_WR, SHUT_RDWR]))],
    close: [3, () => this.any().close()],
    setsockopt: [2, () => this.set()],
    getsockname: [1, () => this.any().getsockname()],
    getpeername: [1, () => this.any().getpeername()],
    text: [1, () => String(this.any())],
    pictures: [0.2, () => this.look()],
    closeAll: [0.1, () => this.closeAll()],
  });

  private any(): AnyHandle {
    const all = [...this.open.values()];
    if (all.length === 0) throw new RangeError("nothing is open");
    return this.random.pick(all);
  }

  /** One for datagrams: on a stream sendto and recvfrom are send and recv, and their bytes would not be counted. */
  private box(): AnyHandle {
    const boxes = [...this.open.values()].filter((handle) => this.boxes.has(handle));
    if (boxes.length === 0) throw new RangeError("no box is open");
    return this.random.pick(boxes);
  }

  private async make(): Promise<void> {
    const family = this.random.pick([AF_INET, AF_INET, AF_INET6]);
    await this.opened(this.random.pick([SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM]), family);
    this.forgetClosed();
  }

  /** To the address of another handle: nearly always somebody is there. */
  private async connect(): Promise<void> {
    const [from, to] = [this.any(), await this.any().getsockname()];
    const { timeout } = this.waiting();
    await from.connect(to.address, to.port, { timeout: timeout + 5 });
    await this.begins(from);
  }

  /** A connection with both its ends: rare when everything is left to chance. */
  private async pair(): Promise<void> {
    const [listener, client] = [await this.opened(SOCK_STREAM), await this.opened(SOCK_STREAM)];
    await listener.bind(LOOPBACK, 0);
    await listener.listen(5);
    const { address, port } = await listener.getsockname();
    await client.connect(address, port, { timeout: 5000 });
    await this.begins(client);
    const accepted = await listener.accept({ timeout: 5000 });
    this.open.set(accepted.name, accepted);
  }

  private async begins(client: AnyHandle): Promise<void> {
    const ends = await this.endsOf(client);
    if (ends !== undefined) this.bytes.begin(...ends);
  }

  private async opened(type: number, family = AF_INET): Promise<AnyHandle> {
    const name = this.random.pick(NAMES);
    const there = this.other !== undefined && this.random.chance(0.3);
    const handle = there ? await this.other!.socket(`${name} there`, family, type) : socket(name, family, type);
    this.open.set(handle.name, handle);
    if (type === SOCK_DGRAM) this.boxes.add(handle);
    return handle;
  }

  private async accept(): Promise<void> {
    const accepted = await this.any().accept(this.waiting());
    this.open.set(accepted.name, accepted);
    if (this.open.size > 60) await accepted.close();
    this.forgetClosed();
  }

  private async send(): Promise<void> {
    const handle = this.any();
    const ends = await this.endsOf(handle);
    if (ends === undefined) {
      await handle.send(this.text(), 0, this.waiting());
      return;
    }
    const data = this.bytes.next(...ends, this.length());
    const flags = this.random.chance(0.5) ? MSG_DONTWAIT : 0;
    this.bytes.took(...ends, await handle.send(data, flags, this.waiting()));
  }

  private async recv(): Promise<void> {
    const handle = this.any();
    const ends = await this.endsOf(handle);
    const flags = this.flags();
    const length = this.length();
    const got = await handle.recv(length, flags, this.waiting());
    if (got.byteLength > length) throw new Fault(`recv(${length}) gave ${got.byteLength} bytes`);
    if (ends === undefined) return;
    const fault = this.bytes.faultOf(ends[1], ends[0], got, (flags & MSG_PEEK) === 0);
    if (fault !== undefined) throw new Fault(`${handle.name}: ${fault}`);
  }

  private async sendto(): Promise<void> {
    const { address, port } = await this.any().getsockname();
    await this.box().sendto(this.text(), address, port, this.waiting());
  }

  private async set(): Promise<void> {
    const handle = this.any();
    const choices = [
      () => handle.setsockopt(SO_RCVBUF, this.random.pick([0, 2000, 100_000])),
      () => handle.setsockopt(SO_SNDBUF, this.random.pick([0, 2000, 100_000])),
      () => handle.setsockopt(SO_KEEPALIVE, true),
      () => handle.setsockopt(SO_REUSEADDR, this.random.chance(0.5)),
      () => handle.setsockopt(TCP_NODELAY, true),
      () => handle.setsockopt(SO_RCVTIMEO, this.random.pick([0, 3])),
      () => handle.setsockopt(SO_LINGER, { onoff: this.random.chance(0.5), linger: 0 }),
    ];
    await this.random.pick(choices)();
  }

  private look(): void {
    this.random.pick([handles, sockets, ladder])();
    const own = [...this.open.values()].filter((handle): handle is Handle => !("pid" in handle) && !handle.closed);
    if (own.length > 0) states(this.random.pick(own));
  }

  private closeAll(): void {
    // It would end the other process too.
    if (this.other === undefined) closeAll();
    this.forgetClosed();
  }

  private forgetClosed(): void {
    for (const [name, handle] of this.open) if (handle.closed && this.random.chance(0.7)) this.open.delete(name);
  }

  /** The two addresses of a connected stream socket. */
  private async endsOf(handle: AnyHandle): Promise<[own: string, peer: string] | undefined> {
    if (this.boxes.has(handle)) return undefined;
    try {
      const [own, peer] = [await handle.getsockname(), await handle.getpeername()];
      return [`${plain(own.address)} ${own.port}`, `${plain(peer.address)} ${peer.port}`];
    } catch {
      return undefined;
    }
  }

  private address(): string {
    return this.random.pick([LOOPBACK, LOOPBACK, "0.0.0.0", LOOPBACK6, "::"]);
  }

  private port(): number {
    return this.random.chance(0.7) ? 0 : 20_000 + this.random.below(20);
  }

  private length(): number {
    return this.random.pick(LENGTHS);
  }

  private text(): string {
    return "x".repeat(this.length() % 2000);
  }

  private flags(): number {
    return this.random.pick([0, 0, 0, MSG_PEEK, MSG_DONTWAIT]);
  }

  private waiting(): { timeout: number } {
    return { timeout: this.random.pick(WAIT) };
  }
}

/** What must not happen, as opposed to what the system or the package refuses. */
export class Fault extends Error {}

function plain(address: string): string {
  return address.replace(/^::ffff:/, "");
}

function weighted(table: Record<string, [weight: number, operation: () => unknown]>) {
  return Object.entries(table).flatMap(([name, [weight, operation]]) =>
    Array.from({ length: Math.round(weight * 10) }, () => [name, operation] as const),
  );
}
