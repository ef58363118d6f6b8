import { inspect } from "node:util";
import { calledAlone, fields } from "../bytes/arguments";
import { payload } from "../calls";
import type { Data } from "../calls/arguments";
import { processWide } from "../cells";
import { constants, nameOf } from "../facts";
import type { OptionInput, SocketOption } from "../facts/option";
import type { Handle } from "../handles/handle";
import { knownOption } from "../handles/options";
import type { Datagram } from "../handles/receiving";
import { flagsFor } from "../handles/sending";
import { checkWaiting, type WaitOptions } from "../handles/wait-options";
import { handedOver, Wait } from "../readiness";
import { isEndingLoops } from "../readiness/turn";
import type { ProcessChannel } from "./channel";
import { explainTakenPort } from "./explain-taken-port";
import { type Crossing, HANDLE_METHODS, type HelperName, type MethodName } from "./handle-methods";
import type { HandleFacts } from "./messages";

/** Has a call made on the socket of a handle of another process. */
let callThere: <T>(handle: ProcessHandle, name: MethodName | HelperName, how: Crossing, args: unknown[]) => Promise<T>;

/**
 * The methods of a handle whose calls are made elsewhere: the same, but each of them has to be awaited. Not those with types that none can
 * be made from: they return a handle, or have a type parameter.
 */
export type AwaitedMethods = {
  [Name in keyof Handle as Name extends "accept" | "getsockopt" | "setsockopt" | "toString" | symbol
    ? never
    : Handle[Name] extends (...args: never[]) => unknown
      ? Name
      : never]: Handle[Name] extends (...args: infer Arguments) => infer Result
    ? (...args: Arguments) => Promise<Awaited<Result>>
    : never;
};

export interface ProcessHandle extends AwaitedMethods {
  /**
   * accept(2): takes the connection that has waited longest; its socket belongs to the other process too. See the handle's `accept`.
   *
   * Manual: man 2 accept.
   *
   * @param options `timeout` in milliseconds, 0 or more (10 s from the `await` by default; Infinity for none), `signal` to give up
   * @returns Returns a new handle for this one client
   * @throws Errors: SocketError EINVAL (not listening), EOPNOTSUPP (a datagram socket), EMFILE (no descriptor left); TimeoutError (no client came), InterruptedError (the cell was interrupted), ClosedError (the handle is closed); TypeError and RangeError for wrong options; ProcessError (the process has ended)
   */
  accept(options?: WaitOptions): Promise<ProcessHandle>;
  /**
   * getsockopt(2): reads an option.
   *
   * Manual: man 2 getsockopt, man 7 socket, man 7 tcp, man 7 ip, man 7 ipv6.
   *
   * @param option for example SO_RCVBUF (bytes), TCP_NODELAY (1 or 0), TCP_INFO (what the system knows of a connection, its state included)
   * @returns Returns the value in the option's unit
   * @throws Errors: SocketError ENOPROTOOPT (no such option), EOPNOTSUPP (another kind of socket has it); ClosedError (the handle is closed); TypeError for what is no option; ProcessError (the process has ended)
   */
  getsockopt<Value>(option: SocketOption<Value>): Promise<Value>;
  /**
   * setsockopt(2): sets an option.
   *
   * Manual: man 2 setsockopt, man 7 socket, man 7 tcp, man 7 ip, man 7 ipv6.
   *
   * @param option for example SO_RCVBUF, TCP_NODELAY, SO_LINGER
   * @param value in the option's unit: bytes, 1 or 0, milliseconds, …
   * @throws Errors: SocketError ENOPROTOOPT (no such option, or read-only), EINVAL (the value does not fit), EPERM (not allowed); ClosedError (the handle is closed); TypeError and RangeError for a value of another kind; ProcessError (the process has ended)
   */
  setsockopt<Value>(option: SocketOption<Value>, value: OptionInput<Value>): Promise<void>;
}

/**
 * A handle of another process: see `otherProcess`. Each method makes the system call of the same name there, and does what the
 * method of the same name of a handle does; but as the call is made elsewhere, every one of them has to be awaited.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are made from the table, which the compiler has checked.
export class ProcessHandle {
  readonly #channel: ProcessChannel;
  readonly #facts: HandleFacts;

  /** @internal */
  constructor(channel: ProcessChannel, facts: HandleFacts) {
    this.#channel = channel;
    this.#facts = facts;
  }

  static {
    callThere = (handle, name, how, args) =>
      isProcessHandle(handle)
        ? handle.#call(name, how, args)
        : handedOver(Wait.reject(calledAlone("a handle", "client.close()")) as Wait<never>);
  }

  /** The name: the lane in the pictures, and the first word of a trace line. */
  get name(): string {
    return this.#facts.name;
  }

  /** The descriptor in the other process, 0 or more. This process may have another socket under the same number. */
  get fd(): number {
    return this.#facts.fd;
  }

  /** The process number of the process that has the socket. */
  get pid(): number {
    return this.#channel.pid;
  }

  /** True after close(), and when the process has ended. */
  get closed(): boolean {
    return this.#facts.closed;
  }

  /**
   * Receives until the peer sends no more: `for await (const data of conversation) …`, inside a function. Of a datagram socket, datagram after datagram, without an end.
   *
   * @returns Returns what each recv() gives, one after the other
   * @throws Errors: those of recv(); it waits without a deadline
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const data = await this.recv(undefined, 0, { timeout: Number.POSITIVE_INFINITY });
      // A datagram can be empty.
      if (data.byteLength === 0 && this.#facts.type !== constants.SOCK_DGRAM) return;
      yield data;
    }
  }

  /**
   * Closes the handle at the end of an `await using` block.
   *
   * @throws Errors: ProcessError (the process ends before it has answered)
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.closed ? Promise.resolve() : this.close();
  }

  /**
   * The handle in one line: its name, descriptor, kind and addresses as the other process has told them.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  toString(): string {
    const { name, fd, family, type, closed, local, peer } = this.#facts;
    const kind = `fd ${fd} of process ${this.pid} (${this.#channel.name}), ${nameOf("family", family)} ${nameOf("type", type)}`;
    return closed ? `${name}: ${kind} [closed]` : `${name}: ${kind}, local ${local ?? "none"}, peer ${peer ?? "none"}`;
  }

  /**
   * What the cell shows for the handle: what the other process has told of it so far.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  [inspect.custom](): string {
    return this.toString();
  }

  /** Wrong arguments reject, as everything does that goes wrong here. */
  #call<T>(method: MethodName | HelperName, how: Crossing, args: unknown[]): Promise<T> {
    const { data, message, option, options, answer: kind = "value" } = how;
    try {
      const given = options === undefined ? undefined : args[options];
      const waiting = given === undefined ? undefined : checkWaiting(given);
      const crossing = args.map((value, at) => {
        if (at === data) return sendable(value as Data, flagsIn(args, how));
        if (at === message) return sendableMessage(value, flagsIn(args, how));
        if (at === option) return knownOption(value as SocketOption<unknown>);
        return at === options && waiting !== undefined ? withoutSignal(waiting) : value;
      });
      return this.#channel.call<T>({
        handle: this.#facts,
        method,
        args: crossing,
        waiting,
        finish: (answer) =>
          ("handle" in answer ? processHandle(this.#channel, answer.handle) : SHOW[kind](answer.value)) as T,
        explain: (error) => explainTakenPort(error, this.#facts, this.pid),
      });
    } catch (error) {
      if (isEndingLoops(error)) throw error;
      return handedOver(Wait.reject(error) as Wait<T>);
    }
  }
}

for (const [name, how] of Object.entries(HANDLE_METHODS) as [MethodName, Crossing][]) {
  const method = {
    [name](this: ProcessHandle, ...args: unknown[]): Promise<unknown> {
      return callThere(this, name, how, args);
    },
  };
  Object.defineProperty(ProcessHandle.prototype, name, {
    value: method[name],
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

/**
 * Has one of the helpers that take a handle do its work in the other process: see inside/answer.ts.
 *
 * @internal
 */
export function helperThere(handle: ProcessHandle, name: HelperName, args: unknown[]): Promise<void> {
  return callThere(handle, name, {}, args);
}

const SHOW: Readonly<Record<NonNullable<Crossing["answer"]>, (value: unknown) => unknown>> = {
  value: (value) => value,
  handle: (value) => value,
  bytes: (value) => copy(value as Uint8Array),
  datagram: (value) => ({ ...(value as Datagram), data: copy((value as Datagram).data) }),
};

/** The bytes to send, with flags that are not their length. */
function sendable(data: Data, flags: number): Uint8Array {
  const bytes = payload(data);
  flagsFor(data, bytes, flags);
  return bytes;
}

/** The same in a message. What is none crosses as it is, and is refused there. */
function sendableMessage(message: unknown, flags: number): unknown {
  if (typeof message !== "object" || message === null) return message;
  const parts = fields("The message", message, ["data", "address", "port", "control"]);
  return { ...parts, data: sendable(parts.data as Data, flags) };
}

/** The flags among the arguments; 0 when there are none. */
function flagsIn(args: readonly unknown[], { flags }: Crossing): number {
  const given = flags === undefined ? undefined : args[flags];
  const found = typeof given === "object" && given !== null ? fields("The options", given, ["flags"]).flags : given;
  return (found ?? 0) as number;
}

/** What may cross of the options of a call that waits: the signal stays in this process. */
function withoutSignal({ timeout, flags }: WaitOptions & { flags?: unknown }): object {
  return { timeout, flags };
}

/** With memory of its own, as a handle's `recv` gives it: what came with a message is a piece of the message's memory. */
function copy(data: Uint8Array): Buffer {
  return Buffer.from(data);
}

const handles = new WeakMap<HandleFacts, ProcessHandle>();
const factsOf = processWide("handles of processes", () => new WeakMap<ProcessHandle, HandleFacts>());

/**
 * What the other process has told of the handle; undefined when it is no handle of another process.
 *
 * @internal
 */
export function factsOfProcessHandle(handle: ProcessHandle): HandleFacts | undefined {
  return typeof handle === "object" && handle !== null ? factsOf.get(handle) : undefined;
}

/**
 * Whether it is a handle of another process. Nothing is asked of the value: it may be a Proxy that was revoked.
 *
 * @internal
 */
export function isProcessHandle(value: unknown): value is ProcessHandle {
  return factsOfProcessHandle(value as ProcessHandle) !== undefined;
}

/**
 * The one object for a handle of another process.
 *
 * @internal
 */
export function processHandle(channel: ProcessChannel, facts: HandleFacts): ProcessHandle {
  let handle = handles.get(facts);
  if (handle === undefined) {
    handle = new ProcessHandle(channel, facts);
    handles.set(facts, handle);
    factsOf.set(handle, facts);
  }
  return handle;
}
