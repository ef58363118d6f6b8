import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  calls,
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
import { Fault } from "./fault.js";
import { Abort, PendingCalls } from "./pending.js";
import type { Random } from "./random.js";
import { Serving } from "./serving.js";
import { type AnyHandle, SentBytes, SentDatagrams } from "./streams.js";

const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"];
const WAIT = [0, 0, 0, 0, 0, 0, 1, 3];
const LENGTHS = [0, 1, 2, 100, 1000, 70_000];
/** More than the buffers of a connection hold. */
const MUCH = 5_000_000;
/** So often an operation is made on a handle that is in a state for it; else on any. */
const FITTING = 0.85;

type Ends = readonly [own: string, peer: string];
type Waiting = { timeout: number; signal?: AbortSignal };

/** What a random program does, and what it has come to. */
export class Operations {
  /** The last operations in words: what led to a failure. */
  readonly log: string[] = [];
  done = 0;
  readonly outcomes = new Map<string, number>();
  private readonly open = new Map<string, AnyHandle>();
  private readonly families = new WeakMap<AnyHandle, number>();
  private readonly boxes = new WeakSet<AnyHandle>();
  private readonly bound = new WeakSet<AnyHandle>();
  private readonly listeners = new WeakSet<AnyHandle>();
  private readonly streams = new WeakSet<AnyHandle>();
  /** On these a sendAll may be under way: what is sent meanwhile comes after it. */
  private readonly sending = new WeakSet<AnyHandle>();
  /** How many receives are under way on each: one may have got its bytes, or a part of them, and hand them over after the next one's. */
  private readonly receiving = new Map<AnyHandle, number>();
  /** The ends that each had when it was asked last: a connection that was shut down does not tell them any more. */
  private readonly lastEnds = new WeakMap<AnyHandle, Ends>();
  private readonly bytes = new SentBytes();
  private readonly datagrams = new SentDatagrams();
  private readonly pending: PendingCalls;
  private readonly serving: Serving;
  private paths = 0;
  private fault: Fault | undefined;

  constructor(
    private readonly random: Random,
    private readonly other?: OtherProcess,
  ) {
    this.pending = new PendingCalls(
      random,
      (name, outcome) => this.count(name, outcome),
      (name, error) => this.outcomeOf(name, error),
    );
    this.serving = new Serving(random, other);
  }

  /** Makes one operation. Throws when something has happened that must not. */
  async step(): Promise<void> {
    const [name, operation] = this.random.pick(this.all);
    const at = this.log.push(name) - 1;
    if (this.log.length > 40) this.log.splice(0, 20);
    let outcome = "ok";
    try {
      const said: unknown = await operation();
      if (typeof said === "string") outcome = said;
    } catch (error) {
      outcome = this.outcomeOf(name, error);
    }
    if (this.fault !== undefined) throw this.fault;
    this.log[Math.min(at, this.log.length - 1)] += ` → ${outcome}`;
    this.count(name, outcome);
    this.done += 1;
  }

  /** When all handles are closed: what still waited is over. */
  async end(): Promise<void> {
    await this.pending.all();
    if (this.fault !== undefined) throw this.fault;
  }

  private count(name: string, outcome: string): void {
    const key = `${name} ${outcome}`;
    this.outcomes.set(key, (this.outcomes.get(key) ?? 0) + 1);
  }

  /** What an error comes to, in a word. One that must not be is kept, and ends the program. */
  private outcomeOf(name: string, error: unknown): string {
    if (error instanceof Fault) this.fault ??= error;
    else if (!(error instanceof Abort)) {
      const fault = faultOf(error);
      if (fault !== undefined) this.fault ??= new Fault(`${name}: ${fault}`, { cause: error });
    }
    const outcome = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : "thrown";
    if (outcome === "ERR_WAIT_INTERRUPTED") this.fault ??= new Fault(`${name} was interrupted`, { cause: error });
    // Closed while it waited is another state than closed before.
    return error instanceof Error && "waited" in error && error.waited === true ? "closed meanwhile" : outcome;
  }

  private readonly all: readonly (readonly [name: string, operation: () => unknown])[] = weighted({
    open: [3, () => this.make()],
    pair: [2, () => this.pair()],
    bind: [2, () => this.bind()],
    listen: [2, () => this.listen()],
    connect: [5, () => this.connect()],
    accept: [5, () => this.accept(this.waiting())],
    send: [6, () => this.send()],
    sendAll: [3, () => this.sendAll()],
    recv: [8, () => this.recv("recv", this.waiting())],
    recvExactly: [3, () => this.recv("recvExactly", this.waiting())],
    bulk: [0.1, () => this.bulk()],
    "for await": [2, () => this.forAwait()],
    sendto: [4, () => this.sendto()],
    recvfrom: [4, () => this.recvfrom("recvfrom", this.waiting())],
    recvmsg: [1, () => this.recvfrom("recvmsg", this.waiting())],
    begin: [6, () => this.begin()],
    look: [6, () => this.pending.look()],
    serve: [1, () => this.serving.start()],
    ask: [4, () => this.serving.ask()],
    stop: [0.5, () => this.serving.stop()],
    server: [1, () => this.serving.look()],
    shutdown: [2, () => this.fitting(this.streams).shutdown(this.random.pick([SHUT_RD, SHUT_WR, SHUT_RDWR]))],
    close: [2, () => this.any().close()],
    reset: [1, () => this.reset()],
    number: [1, () => this.number()],
    setsockopt: [1, () => this.set()],
    getsockname: [1, () => this.any().getsockname()],
    getpeername: [1, () => this.any().getpeername()],
    text: [1, () => void String(this.any())],
    pictures: [0.05, () => this.look()],
    closeAll: [0.1, () => this.closeAll()],
  });

  private any(): AnyHandle {
    const all = [...this.open.values()];
    if (all.length === 0) throw new RangeError("nothing is open");
    return this.random.pick(all);
  }

  /** Nearly always one that is in this state, and whatever else is asked of it. */
  private fitting(
    state: Pick<WeakSet<AnyHandle>, "has">,
    also: (handle: AnyHandle) => boolean = () => true,
  ): AnyHandle {
    if (!this.random.chance(FITTING)) return this.any();
    const all = [...this.open.values()].filter((handle) => !handle.closed && state.has(handle) && also(handle));
    return all.length === 0 ? this.any() : this.random.pick(all);
  }

  /** One for datagrams: on a stream sendto and recvfrom are send and recv, and their bytes would not be counted. */
  private box(also: (handle: AnyHandle) => boolean = () => true): AnyHandle {
    const boxes = [...this.open.values()].filter((handle) => this.boxes.has(handle));
    const fitting = boxes.filter((box) => !box.closed && also(box));
    if (boxes.length === 0) throw new RangeError("no box");
    return this.random.pick(fitting.length > 0 && this.random.chance(FITTING) ? fitting : boxes);
  }

  private async make(): Promise<void> {
    const family = this.random.pick([AF_INET, AF_INET, AF_INET, AF_INET6, AF_UNIX]);
    const handle = await this.opened(this.random.pick([SOCK_STREAM, SOCK_DGRAM]), family);
    // A box is good for nothing without an address.
    if (this.boxes.has(handle) && this.random.chance(0.7)) await this.bindTo(handle, this.port());
    this.forgetClosed();
  }

  private async bind(): Promise<void> {
    const handle = this.fitting(this.families, (one) => !this.bound.has(one) && !this.streams.has(one));
    await this.bindTo(handle, this.port(), this.random.chance(0.9));
  }

  private async bindTo(handle: AnyHandle, port: number, ofItsFamily = true): Promise<void> {
    const family = ofItsFamily ? this.families.get(handle) : this.random.pick([AF_INET, AF_INET6, AF_UNIX]);
    this.paths += 1;
    // Now and then a name that another one has; of streams each has its own, by which its bytes are known.
    const path = `\0soak ${process.pid} ${this.boxes.has(handle) && this.random.chance(0.2) ? 0 : this.paths}`;
    if (family === AF_UNIX) await handle.bind(path);
    else await handle.bind(this.random.pick(family === AF_INET6 ? [LOOPBACK6, "::"] : [LOOPBACK, "0.0.0.0"]), port);
    this.bound.add(handle);
  }

  private async listen(): Promise<void> {
    const handle = this.fitting(this.bound, (one) => !this.boxes.has(one) && !this.streams.has(one));
    await handle.listen(this.random.below(4));
    this.listeners.add(handle);
  }

  /** Nearly always to one that listens, or a box to a box, of the same family. */
  private async connect(waiting?: Waiting): Promise<void> {
    const from = this.fitting(this.families, (one) => !this.streams.has(one) && !this.listeners.has(one));
    const to = this.fitting(
      this.boxes.has(from) ? this.boxes : this.listeners,
      (one) => this.families.get(one) === this.families.get(from),
    );
    const { family, address, port } = await to.getsockname();
    await from.connect(
      address,
      family === "AF_UNIX" ? undefined : port,
      waiting ?? {
        timeout: this.waiting().timeout + 5,
      },
    );
    await this.begins(from, waiting !== undefined);
  }

  /** A connection with both its ends: rare when everything is left to chance. */
  private async pair(): Promise<{ client: AnyHandle; accepted: AnyHandle }> {
    const family = this.random.pick([AF_INET, AF_INET, AF_INET6, AF_UNIX]);
    const [listener, client] = [await this.opened(SOCK_STREAM, family), await this.opened(SOCK_STREAM, family)];
    await this.bindTo(listener, 0);
    if (family === AF_UNIX) await this.bindTo(client, 0);
    await listener.listen(5);
    this.listeners.add(listener);
    const { address, port } = await listener.getsockname();
    await client.connect(address, family === AF_UNIX ? undefined : port, { timeout: 5000 });
    await this.begins(client);
    const accepted = await listener.accept({ timeout: 5000 });
    this.adopt(accepted, listener);
    return { client, accepted };
  }

  /** More than the buffers hold goes through a connection, in parts. */
  private async bulk(): Promise<void> {
    const { client, accepted } = await this.pair();
    const ends = await this.endsOf(client);
    if (ends === undefined) return;
    const sending = client.sendAll(this.bytes.next(...ends, MUCH), { timeout: 60_000 });
    const check = (got: Buffer): void => {
      const fault = this.bytes.faultOf(...ends, got, true);
      if (fault !== undefined) throw new Fault(`${accepted.name}: ${fault}`);
    };
    for (let got = 0; got < MUCH; ) {
      const part = this.random.chance(0.5)
        ? await accepted.recv(1 + this.random.below(500_000), 0, { timeout: 60_000 })
        : await accepted.recvExactly(1 + this.random.below(Math.min(MUCH - got, 500_000)), { timeout: 60_000 });
      check(part);
      got += part.byteLength;
    }
    await sending;
  }

  private async begins(client: AnyHandle, inBackground = false): Promise<void> {
    if (this.boxes.has(client)) return;
    this.streams.add(client);
    const ends = await this.addressesOf(client);
    if (ends === undefined) return;
    if (inBackground) this.bytes.forget(...ends);
    else this.bytes.begin(...ends);
  }

  private async opened(type: number, family: number): Promise<AnyHandle> {
    const name = this.random.pick(NAMES);
    const there = this.other !== undefined && this.random.chance(0.12);
    const handle = there ? await this.other!.socket(`${name} there`, family, type) : socket(name, family, type);
    this.open.set(handle.name, handle);
    this.families.set(handle, family);
    if (type === SOCK_DGRAM) this.boxes.add(handle);
    return handle;
  }

  private adopt(accepted: AnyHandle, listener: AnyHandle): void {
    this.open.set(accepted.name, accepted);
    this.streams.add(accepted);
    this.families.set(accepted, this.families.get(listener) ?? AF_INET);
  }

  private async accept(waiting: Waiting): Promise<void> {
    const listener = this.fitting(this.listeners);
    const accepted = await listener.accept(waiting);
    this.adopt(accepted, listener);
    if (this.open.size > 60) await accepted.close();
    this.forgetClosed();
  }

  private async send(): Promise<void> {
    const handle = this.fitting(this.streams, (one) => !this.sending.has(one));
    const ends = await this.endsOf(handle);
    const flags = this.random.chance(0.5) ? MSG_DONTWAIT : 0;
    if (ends === undefined || this.sending.has(handle)) {
      if (ends === undefined) await handle.send(this.datagrams.next(this.length() % 2000), flags, this.waiting());
      return;
    }
    const data = this.bytes.next(...ends, this.random.chance(0.05) ? MUCH : this.length());
    let sent = 0;
    try {
      sent = await handle.send(data, flags, this.waiting());
    } finally {
      this.bytes.notSent(...ends, data.byteLength - sent);
    }
  }

  private async sendAll(waiting: Waiting = this.waiting()): Promise<void> {
    const handle = this.fitting(this.streams);
    const ends = await this.endsOf(handle);
    if (ends === undefined) return void (await handle.sendAll("", waiting));
    const behind = this.sending.has(handle);
    this.sending.add(handle);
    const data = this.bytes.next(...ends, this.random.chance(0.07) ? MUCH : this.length());
    try {
      await handle.sendAll(data, waiting);
      // The last of those that are behind each other: all that was to be sent was sent.
      if (!behind) this.sending.delete(handle);
    } catch (error) {
      const took = /The system took (\d+) of/.exec(String((error as Error).message))?.[1];
      if (!behind && took !== undefined) this.bytes.notSent(...ends, data.byteLength - Number(took));
      this.bytes.lose(...ends);
      throw error;
    }
  }

  private async recv(name: "recv" | "recvExactly", waiting: Waiting): Promise<void> {
    const handle = this.fitting(this.streams);
    const ends = await this.receivingEndsOf(handle);
    const length = this.random.chance(0.03) ? MUCH : this.length();
    const flags = name === "recv" ? this.flags() : 0;
    const check = (got: Buffer): void => {
      if (got.byteLength > length) throw new Fault(`${name}(${length}) gave ${got.byteLength} bytes`);
      if (ends === undefined) return;
      this.mustBeRight(handle, ends, got, (flags & MSG_PEEK) === 0);
    };
    const wait = name === "recv" ? handle.recv(length, flags, waiting) : handle.recvExactly(length, waiting);
    this.receives(handle, 1);
    const over = () => this.receives(handle, -1);
    // In the order in which the calls have returned, and not in that in which somebody comes to look.
    await wait.then(
      (got) => {
        over();
        check(got);
      },
      (error: Error & { data?: Buffer }) => {
        over();
        if (error.data !== undefined) check(error.data);
        throw error;
      },
    );
  }

  private receives(handle: AnyHandle, change: number): void {
    const count = (this.receiving.get(handle) ?? 0) + change;
    if (count > 0) this.receiving.set(handle, count);
    else this.receiving.delete(handle);
  }

  /** What was received is what was sent; when others receive on the handle too, it can be what comes behind theirs. */
  private mustBeRight(handle: AnyHandle, ends: Ends, got: Buffer, taken: boolean): void {
    const fault = this.bytes.faultOf(ends[1], ends[0], got, taken);
    if (fault === undefined) return;
    if (!this.receiving.has(handle)) throw new Fault(`${handle.name}: ${fault}`);
    this.bytes.lose(ends[1], ends[0]);
  }

  /** A few of what comes. It has no deadline: so the handle is given up after a while. */
  private async forAwait(): Promise<void> {
    const handle = this.fitting(this.streams);
    if ("pid" in handle || this.boxes.has(handle)) throw new RangeError("it is a box, or in another process");
    const ends = await this.receivingEndsOf(handle);
    const giveUp = setTimeout(() => handle.close(), 3);
    let rounds = 0;
    try {
      for await (const data of handle) {
        if (ends !== undefined) this.mustBeRight(handle, ends, data, true);
        rounds += 1;
        if (rounds === 3) break;
      }
    } finally {
      clearTimeout(giveUp);
    }
  }

  private async sendto(): Promise<void> {
    const from = this.box();
    const to = this.fitting(
      this.bound,
      (one) => this.boxes.has(one) && this.families.get(one) === this.families.get(from),
    );
    const { family, address, port } = await to.getsockname();
    const data = this.datagrams.next(this.length() % 2000);
    if (this.random.chance(0.2))
      await from.sendmsg({ data, address, ...(family === "AF_UNIX" ? {} : { port }) }, 0, this.waiting());
    else await from.sendto(data, address, family === "AF_UNIX" ? undefined : port, this.waiting());
  }

  private async recvfrom(name: "recvfrom" | "recvmsg", waiting: Waiting): Promise<void> {
    const box = this.box((one) => this.bound.has(one));
    const { data } = await box[name](this.length(), this.flags(), waiting);
    const fault = this.datagrams.faultOf(data);
    if (fault !== undefined) throw new Fault(`${box.name}: ${fault}`);
  }

  /** A call that waits in the background while others are made. */
  private async begin(): Promise<void> {
    const [name, call] = this.random.pick<[string, (waiting: Waiting) => Promise<void>]>([
      ["accept", (waiting) => this.accept(waiting)],
      ["recv", (waiting) => this.recv("recv", waiting)],
      ["recv", (waiting) => this.recv("recv", waiting)],
      ["recvExactly", (waiting) => this.recv("recvExactly", waiting)],
      ["sendAll", (waiting) => this.sendAll(waiting)],
      ["recvfrom", (waiting) => this.recvfrom("recvfrom", waiting)],
      ["connect", (waiting) => this.connect(waiting)],
    ]);
    await this.pending.begin(name, call);
  }

  /** Closes with a reset: the other end is told ECONNRESET. */
  private async reset(): Promise<void> {
    const handle = this.fitting(this.streams);
    await handle.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    await handle.close();
  }

  /** A learner makes calls on a handle's number. */
  private async number(): Promise<void> {
    const handle = this.any();
    if ("pid" in handle) throw new RangeError("it is in another process");
    const copy = (): void => calls.close(calls.dup(handle.fd));
    const choices = [() => calls.getsockname(handle.fd), () => calls.shutdown(handle.fd, SHUT_WR), copy];
    // After it was closed the number may be another's.
    if (!handle.closed) this.random.pick([...choices, () => calls.close(handle.fd)])();
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
    ];
    await this.random.pick(choices)();
  }

  private look(): void {
    this.random.pick([handles, sockets, ladder])();
    const own = [...this.open.values()].filter((handle): handle is Handle => !("pid" in handle) && !handle.closed);
    const streams = own.filter((handle) => !this.boxes.has(handle) && this.families.get(handle) !== AF_UNIX);
    if (streams.length > 0) states(this.random.pick(streams));
  }

  private closeAll(): void {
    // It would end the other process too.
    if (this.other === undefined) closeAll();
    this.forgetClosed();
  }

  private forgetClosed(): void {
    for (const [name, handle] of this.open) if (handle.closed && this.random.chance(0.7)) this.open.delete(name);
  }

  /** The two ends of a connection whose bytes are known. */
  private async endsOf(handle: AnyHandle): Promise<Ends | undefined> {
    const ends = await this.addressesOf(handle);
    if (ends === undefined || !this.bytes.knows(...ends)) return undefined;
    this.lastEnds.set(handle, ends);
    return ends;
  }

  /** The same for a receive. What one gets whose ends are not known any more, nobody counts. */
  private async receivingEndsOf(handle: AnyHandle): Promise<Ends | undefined> {
    const ends = await this.endsOf(handle);
    const last = this.lastEnds.get(handle);
    if (ends === undefined && last !== undefined) this.bytes.lose(last[1], last[0]);
    return ends;
  }

  /** The two addresses of a connected stream socket; undefined for another one, and where an end has no address of its own. */
  private async addressesOf(handle: AnyHandle): Promise<Ends | undefined> {
    if (this.boxes.has(handle)) return undefined;
    try {
      const [own, peer] = [await handle.getsockname(), await handle.getpeername()];
      if (own.address === "" || peer.address === "") return undefined;
      return [`${plain(own.address)} ${own.port}`, `${plain(peer.address)} ${peer.port}`];
    } catch {
      return undefined;
    }
  }

  private port(): number {
    return this.random.chance(0.5) ? 0 : 20_000 + this.random.below(2);
  }

  private length(): number {
    return this.random.pick(LENGTHS);
  }

  private flags(): number {
    return this.random.pick([0, 0, 0, MSG_PEEK, MSG_DONTWAIT]);
  }

  private waiting(): Waiting {
    return { timeout: this.random.pick(WAIT) };
  }
}

function plain(address: string): string {
  return address.replace(/^::ffff:/, "");
}

function weighted(table: Record<string, [weight: number, operation: () => unknown]>) {
  return Object.entries(table).flatMap(([name, [weight, operation]]) =>
    Array.from({ length: Math.round(weight * 10) }, () => [name, operation] as const),
  );
}
