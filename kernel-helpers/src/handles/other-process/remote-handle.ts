import { inspect } from "node:util";
import type { ControlToSend } from "../../bytes/control";
import { payload } from "../../calls";
import type { Data } from "../../calls/arguments";
import { processWide } from "../../cells";
import { nameOf } from "../../facts";
import type { OptionInput, SocketOption } from "../../facts/option";
import { Wait } from "../../readiness";
import type { EndPoint } from "../address";
import { knownOption } from "../handle";
import type { Message } from "../messages";
import type { Datagram } from "../receiving";
import { flagsFor } from "../sending";
import { checkWaiting, type Waiting } from "../waiting";
import { explainRemote } from "./explain-remote";
import type { Link } from "./link";
import type { HandleFacts, HelperName } from "./messages";

/**
 * Has one of the helpers that take a handle do its work in the other process: see inside/answer.ts.
 *
 * @internal
 */
export let helperThere: (handle: RemoteHandle, name: HelperName, args: unknown[]) => Promise<void>;

/**
 * A socket of another process: see {@link OtherProcess}. Each method makes the system call of the same name there, and does what the
 * method of the same name of a handle does; but as the call is made elsewhere, every one of them has to be awaited.
 */
export class RemoteHandle {
  readonly #link: Link;
  readonly #facts: HandleFacts;

  /** @internal */
  constructor(link: Link, facts: HandleFacts) {
    this.#link = link;
    this.#facts = facts;
  }

  static {
    helperThere = (handle, name, args) => handle.#call(name, () => args);
  }

  /** The name: the lane in the pictures, and the first word of a trace line. */
  get name(): string {
    return this.#facts.name;
  }

  /** The descriptor in the other process. This process may have another socket under the same number. */
  get fd(): number {
    return this.#facts.fd;
  }

  /** The process that has the socket. */
  get pid(): number {
    return this.#link.pid;
  }

  /** True after close(), and when the process has ended. */
  get closed(): boolean {
    return this.#facts.closed;
  }

  /** bind(2): gives the socket its local address. See the handle's `bind`. */
  bind(address: string, port?: number): Promise<void> {
    return this.#call("bind", () => [address, port]);
  }

  /** listen(2): makes the socket a listening one. See the handle's `listen`. */
  listen(backlog?: number): Promise<void> {
    return this.#call("listen", () => [backlog]);
  }

  /** accept(2): takes the connection that has waited longest; its socket belongs to the other process too. See the handle's `accept`. */
  accept(options: Waiting = {}): Promise<RemoteHandle> {
    return this.#call("accept", () => [options], options);
  }

  /** connect(2): connects, or sets the default peer of a datagram socket. See the handle's `connect`. */
  connect(address: string, port?: number, options: Waiting = {}): Promise<void> {
    return this.#call("connect", () => [address, port, options], options);
  }

  /** send(2), once. See the handle's `send`. */
  send(data: Data, flags = 0, options: Waiting = {}): Promise<number> {
    return this.#call("send", () => [sendable(data, flags), flags, options], options);
  }

  /** Repeats send(2) until everything is sent. See the handle's `sendAll`. */
  sendAll(data: Data, options: Waiting = {}): Promise<void> {
    return this.#call("sendAll", () => [payload(data), options], options);
  }

  /** recv(2), once. See the handle's `recv`. */
  recv(length?: number, flags = 0, options: Waiting = {}): Promise<Buffer> {
    return this.#call("recv", () => [length, flags, options], options, copy);
  }

  /** sendto(2): sends one datagram to an address. See the handle's `sendto`. */
  sendto(data: Data, address: string, port?: number, options: Waiting & { flags?: number } = {}): Promise<number> {
    return this.#call("sendto", () => [sendable(data, options?.flags ?? 0), address, port, options], options);
  }

  /** recvfrom(2), once: one datagram, and who sent it. See the handle's `recvfrom`. */
  recvfrom(length?: number, flags = 0, options: Waiting = {}): Promise<Datagram> {
    return this.#call(
      "recvfrom",
      () => [length, flags, options],
      options,
      (value) => {
        const datagram = value as Datagram;
        return { ...datagram, data: copy(datagram.data) };
      },
    );
  }

  /** Repeats recv(2) until exactly so many bytes have come. See the handle's `recvExactly`. */
  recvExactly(length: number, options: Waiting = {}): Promise<Buffer> {
    return this.#call("recvExactly", () => [length, options], options, copy);
  }

  /** sendmsg(2): sends data with what goes beside it. See the handle's `sendmsg`. */
  sendmsg(
    message: { data: Data; address?: string; port?: number; control?: readonly ControlToSend[] },
    flags = 0,
    options: Waiting = {},
  ): Promise<number> {
    const checked = () => [{ ...message, data: sendable(message?.data, flags) }, flags, options];
    return this.#call("sendmsg", checked, options);
  }

  /** recvmsg(2), once: data, and all that the system knows of it. See the handle's `recvmsg`. */
  recvmsg(length?: number, flags = 0, options: Waiting = {}): Promise<Message> {
    return this.#call(
      "recvmsg",
      () => [length, flags, options],
      options,
      (value) => {
        const message = value as Message;
        return { ...message, data: copy(message.data) };
      },
    );
  }

  /** shutdown(2): ends one direction of the connection, or both. See the handle's `shutdown`. */
  shutdown(how: number): Promise<void> {
    return this.#call("shutdown", () => [how]);
  }

  /** close(2): gives the descriptor back. See the handle's `close`. */
  close(): Promise<void> {
    return this.#call("close", () => []);
  }

  /** getsockname(2): the local address. See the handle's `getsockname`. */
  getsockname(): Promise<EndPoint> {
    return this.#call("getsockname", () => []);
  }

  /** getpeername(2): the address of the other end. See the handle's `getpeername`. */
  getpeername(): Promise<EndPoint> {
    return this.#call("getpeername", () => []);
  }

  /** getsockopt(2): reads an option. See the handle's `getsockopt`. */
  getsockopt<Value>(option: SocketOption<Value>): Promise<Value> {
    return this.#call("getsockopt", () => [knownOption(option)]);
  }

  /** setsockopt(2): sets an option. See the handle's `setsockopt`. */
  setsockopt<Value>(option: SocketOption<Value>, value: OptionInput<Value>): Promise<void> {
    return this.#call("setsockopt", () => [knownOption(option), value]);
  }

  /** Receives until the peer closes: `for await (const data of conversation) …`, inside a function. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const data = await this.recv(undefined, 0, { timeout: Number.POSITIVE_INFINITY });
      if (data.byteLength === 0) return;
      yield data;
    }
  }

  /** Closes the handle at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.closed) await this.close();
  }

  toString(): string {
    const { name, fd, family, type, closed, local, peer } = this.#facts;
    const kind = `fd ${fd} of process ${this.pid} (${this.#link.name}), ${nameOf("family", family)} ${nameOf("type", type)}`;
    return closed ? `${name}: ${kind} [closed]` : `${name}: ${kind}, local ${local ?? "none"}, peer ${peer ?? "none"}`;
  }

  /** What the cell shows for the handle: what the other process has told of it so far. */
  [inspect.custom](): string {
    return this.toString();
  }

  /** Wrong arguments reject, as everything does that goes wrong here. */
  #call<T>(
    method: string,
    args: () => unknown[],
    waiting?: Waiting,
    finish: (value: unknown) => T = (value) => value as T,
  ): Promise<T> {
    try {
      if (waiting !== undefined) checkWaiting(waiting);
      return this.#link.call<T>({
        handle: this.#facts,
        method,
        args: args().map((value) => (value !== undefined && value === waiting ? withoutSignal(waiting) : value)),
        waiting,
        finish: (answer) => finish("handle" in answer ? remoteHandle(this.#link, answer.handle) : answer.value),
        explain: (error) => explainRemote(error, this.#facts, this.pid),
      });
    } catch (error) {
      return Wait.reject(error) as Wait<T>;
    }
  }
}

/** The bytes to send, with flags that are not their length. */
function sendable(data: Data, flags: number): Uint8Array {
  const bytes = payload(data);
  flagsFor(data, bytes, flags);
  return bytes;
}

/** The signal stays in this process. */
function withoutSignal({ timeout, flags }: Waiting & { flags?: number }): object {
  return { timeout, flags };
}

/** With memory of its own, as a handle's `recv` gives it: what came with a message is a piece of the message's memory. */
function copy(data: unknown): Buffer {
  return Buffer.from(data as Uint8Array);
}

const handles = new WeakMap<HandleFacts, RemoteHandle>();
const factsOf = processWide("remote handles", () => new WeakMap<RemoteHandle, HandleFacts>());

/**
 * What the other process has told of the handle; undefined when it is no handle of another process.
 *
 * @internal
 */
export function factsOfRemote(handle: RemoteHandle): HandleFacts | undefined {
  return typeof handle === "object" && handle !== null ? factsOf.get(handle) : undefined;
}

/**
 * The one object for a handle of another process.
 *
 * @internal
 */
export function remoteHandle(link: Link, facts: HandleFacts): RemoteHandle {
  let handle = handles.get(facts);
  if (handle === undefined) {
    handle = new RemoteHandle(link, facts);
    handles.set(facts, handle);
    factsOf.set(handle, facts);
  }
  return handle;
}
