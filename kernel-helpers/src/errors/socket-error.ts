import { inspect } from "node:util";
import { errno as errnoNumbers, errnoText } from "../facts";
import { adviceFor } from "./advice";
import type { KnownSocket } from "./circumstances";
import { manualOf } from "./manual";
import { block, wasExplained } from "./show";

/** What is known about a failed call when its error is made. */
export interface Failure {
  /** The C function that failed, for example "bind". */
  syscall: string;
  /** The errno's name, for example "EADDRINUSE". */
  code: string;
  /** The call as a trace shows it, without its result: `bind(24, 127.0.0.1:20733)`. */
  call: string;
  /** The descriptor that the call was made on, 0 or more. */
  fd?: number | undefined;
  /** The name of the handle, where the call was made through one. */
  handle?: string | undefined;
  /** The address that the call named, where it named one. */
  address?: string | undefined;
  /** The port that the address has, 0 to 65535. */
  port?: number | undefined;
  /** Its family, "AF_INET6" for example. */
  family?: string | undefined;
  /** Of an IPv6 address the number of the interface, 0 for none. */
  scope?: number | undefined;
}

/**
 * A system call returned -1.
 *
 * The fields are the ones of Node's own system errors, with `errno` positive as in C, plus the descriptor and the handle.
 */
export class SocketError extends Error {
  /** The errno's name: "EADDRINUSE". */
  readonly code: string;
  /** The errno's number, positive as in C. */
  readonly errno: number;
  /** The C function that failed. */
  readonly syscall: string;
  /** The address that the call named. */
  readonly address?: string | undefined;
  /** The port that the call named. */
  readonly port?: number | undefined;
  /** The descriptor that the call was made on. */
  readonly fd?: number | undefined;
  /** The name of the handle that the call was made through. */
  handle?: string | undefined;
  /** The call as the trace shows it, without its result. */
  readonly call: string;
  /** What it means here and what to do, in one or two sentences. */
  advice: string;
  readonly #failure: Failure;

  /**
   * Makes the error: the helpers do it.
   *
   * @param failure what is known: `syscall`, `code`, `call`; where they are known `fd`, `handle`, `address`, `port`, `family`, `scope`
   * @param advice what it means here and what to do; without it, what is true of this errno and this call
   * @throws Errors: none
   */
  constructor(failure: Failure, advice = adviceFor(failure.syscall, failure.code, failure)) {
    super();
    this.#failure = failure;
    this.code = failure.code;
    this.errno = errnoNumbers[failure.code] ?? 0;
    this.syscall = failure.syscall;
    this.call = failure.call;
    this.advice = advice;
    if (failure.address !== undefined) this.address = failure.address;
    if (failure.port !== undefined) this.port = failure.port;
    if (failure.fd !== undefined) this.fd = failure.fd;
    if (failure.handle !== undefined) this.handle = failure.handle;
    // Reading the text late lets a floor above say more in `advice` (who holds the port) before anybody looks.
    Object.defineProperty(this, "message", { configurable: true, get: () => this.text() });
  }

  /** The name of this kind of error: "SocketError". */
  override get name(): string {
    return "SocketError";
  }

  /**
   * Says what is true of this socket, and not only of some.
   *
   * @internal
   */
  adviseFor(socket: KnownSocket): void {
    // Who has said something of its own knows better.
    if (this.advice !== adviceFor(this.syscall, this.code, this.#failure)) return;
    this.advice = adviceFor(this.syscall, this.code, { ...this.#failure, socket });
  }

  /** `-1 EADDRINUSE (Address already in use)`: the result as strace prints it. */
  get outcome(): string {
    return `-1 ${this.code} (${errnoText(this.code)})`;
  }

  /** The manual page that explains the call. */
  get manual(): string {
    return manualOf(this.syscall);
  }

  /** The call and how it ended: the line of a trace. */
  get line(): string {
    return this.lineWith("");
  }

  /** What the error means and where to read on: the lines under the failed call. */
  get explanation(): string[] {
    return `${this.advice} ${this.manual}`.split("\n");
  }

  private text(): string {
    const where = this.handle === undefined ? "" : ` on "${this.handle}"`;
    return `${this.lineWith(where)}. ${this.explanation.join(" ")}`;
  }

  protected lineWith(where: string): string {
    return `${this.call}${where} = ${this.outcome}`;
  }

  /**
   * What the cell shows for the error: the call, what happened, and what to do.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  [inspect.custom](): string {
    if (wasExplained(this)) return `${this.name}: ${this.code}`;
    return block(this.line, this.handle, this.explanation);
  }
}

/** A call was made on a handle that is closed: no system call was made. Or the handle was closed while the call waited. */
export class ClosedError extends SocketError {
  /**
   * Makes the error: the helpers do it.
   *
   * @param failure what is known: `syscall`, `call`; where they are known `fd`, `handle`, `address`, `port`, `family`, `scope`
   * @param why what has closed the handle, and what to do
   * @param waited the call waited when the handle was closed; false by default
   * @throws Errors: none
   */
  constructor(
    failure: Omit<Failure, "code">,
    why: string,
    /** The call waited when the handle was closed. */
    readonly waited = false,
  ) {
    super({ ...failure, code: "EBADF" }, why);
  }

  /** The name of this kind of error: "ClosedError". */
  override get name(): string {
    return "ClosedError";
  }

  /** How the call ended, or that it was not made, because the handle is closed. */
  override get outcome(): string {
    return this.waited ? "ended: the handle was closed" : "was not made: the handle is closed";
  }

  protected override lineWith(where: string): string {
    return `${this.call}${where} ${this.outcome}`;
  }

  /** The manual page to read: that of close(2). */
  override get manual(): string {
    return "man 2 close";
  }
}
