import { rmSync } from "node:fs";
import { Dealer, Subscriber } from "zeromq";
import { PATIENCE_MS } from "../time.js";
import { Cell } from "./cell.js";
import { type Connection, newConnection, type Transport } from "./connection.js";
import { portsAreOpen } from "./listening.js";
import { type Exit, KernelProcess, kernelCommand, ROOT, type Spec } from "./process.js";
import { Waiters } from "./wait.js";
import { decode, encode, type Message, newHeader, signed } from "./wire.js";

export interface KernelOptions {
  spec: Spec;
  /** Working directory of the kernel; the notebooks' folder when left out. */
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** The command line to start instead of the spec's, given that and returning one. */
  command?: (command: string[]) => string[];
  /** "tcp" when left out; "ipc" for our kernel in a network namespace of its own. */
  transport?: Transport;
  /** The number of the user who runs it, when that is not the one who runs the tests. */
  owner?: number;
  /** Milliseconds until the kernel must have answered; PATIENCE_MS when left out. */
  readyTimeout?: number;
}

export interface ExecuteOptions {
  stopOnError?: boolean;
  /** The notebook's cell id, sent as message metadata as JupyterLab does. */
  cellId?: string;
  silent?: boolean;
  storeHistory?: boolean;
  /** Milliseconds; PATIENCE_MS when left out. */
  timeout?: number;
}

/** How long a new subscriber may stay deaf before the handshake is repeated. */
const NUDGE = 200;

/** A kernel process and a client that is connected to it. */
export class Kernel {
  /** Every iopub message of the session, in order. */
  readonly iopub: Message[] = [];
  /** Milliseconds from starting the process to the first answer with its status messages. */
  readyMs = 0;
  readonly #cells = new Map<string, Cell>();
  readonly #replies = new Map<string, Message>();
  readonly #waiters = new Waiters();
  readonly #shell = new Dealer({ linger: 0, reconnectInterval: 10, receiveHighWaterMark: 0 });
  readonly #control = new Dealer({ linger: 0, reconnectInterval: 10 });
  readonly #subscriber = new Subscriber({ linger: 0, reconnectInterval: 10, receiveHighWaterMark: 0 });

  private constructor(
    readonly process: KernelProcess,
    readonly connection: Connection,
    readonly directory: string,
  ) {
    const { transport } = connection;
    const join = transport === "ipc" ? "-" : ":";
    const address = (port: number) => `${transport}://${connection.ip}${join}${port}`;
    this.#shell.connect(address(connection.shell_port));
    this.#control.connect(address(connection.control_port));
    this.#subscriber.connect(address(connection.iopub_port));
    this.#subscriber.subscribe();
    this.#receive(this.#shell, "shell");
    this.#receive(this.#control, "control");
    this.#receive(this.#subscriber, "iopub");
    process.exited.then(
      (exit) => this.#waiters.fail(new Error(`the kernel has ended (${exit.signal ?? `exit code ${exit.code}`})`)),
      (error: Error) => this.#waiters.fail(error),
    );
  }

  /** Starts a kernel and waits until it has answered and its output can be heard. */
  static async start(options: KernelOptions): Promise<Kernel> {
    const started = performance.now();
    const { connection, directory, file } = await newConnection(options.spec, options.transport, options.owner);
    const own = kernelCommand(options.spec, file);
    const command = options.command?.(own) ?? own;
    const child = new KernelProcess(command, options.cwd ?? `${ROOT}notebooks`, options.env ?? {});
    const timeout = options.readyTimeout ?? PATIENCE_MS;
    const left = options.spec === "stock" ? await portsAreOpen(connection, started + timeout) : 0;
    const kernel = new Kernel(child, connection, directory);
    try {
      await kernel.#handshake(timeout);
    } catch (error) {
      await kernel.stop();
      throw error;
    }
    kernel.readyMs = performance.now() - started - left;
    return kernel;
  }

  get pid(): number {
    return this.process.child.pid!;
  }

  /** How and when the process ended. */
  get exited(): Promise<Exit> {
    return this.process.exited;
  }

  /** Sends code and does not wait: the cell fills while messages arrive. */
  submit(code: string, options: ExecuteOptions = {}): Cell {
    const content = {
      code,
      silent: options.silent ?? false,
      store_history: options.storeHistory ?? !options.silent,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: options.stopOnError ?? true,
    };
    const header = newHeader("execute_request");
    const cell = new Cell(header.msg_id, code);
    this.#cells.set(cell.id, cell);
    const metadata = options.cellId === undefined ? {} : { cellId: options.cellId };
    this.#shell.send(encode(this.connection.key, header, content, metadata));
    return cell;
  }

  /** Runs code and waits for the reply and for the idle status. */
  async execute(code: string, options: ExecuteOptions = {}): Promise<Cell> {
    const cell = this.submit(code, options);
    await this.finish(cell, options.timeout);
    return cell;
  }

  /** Waits until a submitted cell has its reply and its idle status. */
  finish(cell: Cell, timeout = PATIENCE_MS): Promise<void> {
    return this.#waiters.until(
      () => cell.finished,
      timeout,
      () => this.#describe(cell),
    );
  }

  /** Sends any request and waits for its reply. */
  async request(
    msgType: string,
    content: Record<string, unknown> = {},
    options: { channel?: "shell" | "control"; timeout?: number } = {},
  ): Promise<Message> {
    const header = newHeader(msgType);
    const socket = options.channel === "control" ? this.#control : this.#shell;
    socket.send(encode(this.connection.key, header, content));
    const arrived = () => `no reply to ${msgType}; arrived for it: ${this.#arrived(header.msg_id)}; ${this.#log()}`;
    await this.#waiters.until(() => this.#replies.has(header.msg_id), options.timeout ?? PATIENCE_MS, arrived);
    return this.#replies.get(header.msg_id)!;
  }

  /** Sends parts of a message as they are, signed with the kernel's key: what no client sends that is in its right mind. */
  sendParts(parts: readonly string[], channel: "shell" | "control" = "shell"): void {
    (channel === "control" ? this.#control : this.#shell).send(signed(this.connection.key, parts));
  }

  /** The reply to a request with this msg_id, if it has arrived. */
  replyTo(id: string): Message | undefined {
    return this.#replies.get(id);
  }

  /** Waits for an iopub message, of any cell, past or future, for which `predicate` is true. */
  async waitForOutput(predicate: (message: Message) => boolean, timeout = PATIENCE_MS): Promise<Message> {
    const last = () => `last iopub messages: ${this.iopub.slice(-10).map(summary).join(", ")}; ${this.#log()}`;
    await this.#waiters.until(() => this.iopub.some(predicate), timeout, last);
    return this.iopub.find(predicate)!;
  }

  /** The interrupt button: SIGINT to the kernel process. */
  interrupt(): void {
    this.kill("SIGINT");
  }

  kill(signal: NodeJS.Signals): void {
    this.process.child.kill(signal);
  }

  /** Asks the kernel to end, and waits for the end of the process. */
  async shutdown(
    options: { restart?: boolean; timeout?: number } = {},
  ): Promise<Exit & { ms: number; reply?: Message }> {
    const timeout = options.timeout ?? PATIENCE_MS;
    const started = performance.now();
    const header = newHeader("shutdown_request");
    this.#control.send(encode(this.connection.key, header, { restart: options.restart ?? false }));
    await this.#waiters.until(
      () => !this.process.alive,
      timeout,
      () => `the process still runs; ${this.#log()}`,
    );
    const exit = await this.process.exited;
    const ms = performance.now() - started;
    const reply = this.#replies.get(header.msg_id);
    return reply === undefined ? { ...exit, ms } : { ...exit, ms, reply };
  }

  /** Kills the process if it still runs and releases everything. */
  async stop(): Promise<void> {
    if (this.process.alive) this.kill("SIGKILL");
    await this.process.exited.catch(() => {});
    for (const socket of [this.#shell, this.#control, this.#subscriber]) socket.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #handshake(timeout: number): Promise<void> {
    const deadline = performance.now() + timeout;
    const left = () => Math.max(1, deadline - performance.now());
    for (;;) {
      const reply = await this.request("kernel_info_request", {}, { timeout: left() });
      const idle = (message: Message) =>
        message.parent_header.msg_id === reply.parent_header.msg_id && message.content.execution_state === "idle";
      // A subscriber is deaf until the publisher has processed its subscription; only asking again shows when.
      if (
        await this.waitForOutput(idle, Math.min(NUDGE, left())).then(
          () => true,
          () => false,
        )
      )
        return;
      if (performance.now() >= deadline) throw new Error(`no status message within ${timeout} ms; ${this.#log()}`);
    }
  }

  async #receive(socket: Dealer | Subscriber, channel: Message["channel"]): Promise<void> {
    try {
      for await (const frames of socket) this.#arrive(decode(this.connection.key, channel, frames));
    } catch (error) {
      this.#waiters.fail(error as Error);
    }
  }

  #arrive(message: Message): void {
    const parent = message.parent_header.msg_id ?? "";
    const cell = this.#cells.get(parent);
    if (message.channel === "iopub") {
      this.iopub.push(message);
      cell?.messages.push(message);
    } else {
      this.#replies.set(parent, message);
      if (cell !== undefined) cell.reply = message;
    }
    this.#waiters.notify();
  }

  #describe(cell: Cell): string {
    const reply = cell.reply === undefined ? "no reply" : `reply ${cell.status}`;
    return `${JSON.stringify(cell.code)}: ${reply}; arrived: ${this.#arrived(cell.id)}; ${this.#log()}`;
  }

  #arrived(id: string): string {
    const messages = this.iopub.filter((message) => message.parent_header.msg_id === id);
    const before = messages.length > 10 ? `${messages.length - 10} messages, ` : "";
    return before + (messages.slice(-10).map(summary).join(", ") || "nothing");
  }

  #log(): string {
    return `the process wrote: ${JSON.stringify(this.process.log.slice(-2000))}`;
  }
}

function summary(message: Message): string {
  return `${message.header.msg_type} ${JSON.stringify(message.content).slice(0, 300)}`;
}
