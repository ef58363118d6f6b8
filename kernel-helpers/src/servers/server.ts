import { setImmediate as turn } from "node:timers/promises";
import { inspect } from "node:util";
import { calledAlone, fields, isOf, shown } from "../bytes/arguments";
import { startedBy, within } from "../cells/cell";
import { inSilence } from "../cells/silence";
import { whole } from "../cells/whole";
import { ClosedError } from "../errors/socket-error";
import { constants } from "../facts/current";
import { closeHandle } from "../handles/closing";
import { shutdownHandle } from "../handles/connecting";
import type { Handle } from "../handles/handle";
import { openHandles } from "../handles/registry";
import { handleOf, socketOf } from "../handles/socket-of";
import { steps } from "../trace/kept-steps";
import { acceptClients, pause } from "./accept-loop";
import { describeServer, type ServerState } from "./describe";
import type { CheckedOptions, OnConversation } from "./options";

/** How long a server that is stopped waits for its conversations to end, in milliseconds, unless told. */
const WITHIN = 1000;

let isServer: (value: unknown) => boolean;

/**
 * A server in the background of the notebook: see `serve`.
 */
export class Server {
  static {
    isServer = (value) => typeof value === "object" && value !== null && #handle in value;
  }

  readonly #handle: Handle;
  readonly #options: CheckedOptions;
  readonly #onConversation: OnConversation;
  readonly #address: string;
  readonly #port: number | undefined;
  readonly #open = new Set<Handle>();
  /** Those that were given to the function. */
  readonly #begun = new WeakSet<Handle>();
  /** Its own run, apart from that of the cell that has started it. */
  readonly #run = startedBy();
  /** Counts the loops that serve: only the newest goes on. */
  #loop = 0;
  #over: () => void = () => {};
  #state: ServerState = "listening";
  #why: string | undefined;
  #served = 0;
  #failed = 0;
  #lastError: unknown;
  #whenEnded: (() => void) | undefined;
  #stopped: Promise<void> | undefined;
  /** Until when conversations may take to end, once it is stopped; and what ends them then. */
  #endsAt = Number.POSITIVE_INFINITY;
  #deadline: NodeJS.Timeout | undefined;
  #late: () => void = () => {};
  #changed: () => void = () => {};
  /** One function for all conversations: what lives as long as a client is counted in bytes. */
  readonly #oneClosed = (): void => {
    this.#changed();
    this.#whenEnded?.();
  };
  /** The function of a server for datagrams runs. */
  #answers = false;

  /** @internal */
  constructor(handle: Handle, options: CheckedOptions, onConversation: OnConversation) {
    this.#handle = handle;
    this.#options = options;
    this.#onConversation = onConversation;
    this.#address = options.address;
    const sock = socketOf(handle)!;
    // From here on an interrupt of the kernel leaves its waits alone, and they have no deadline; so it is with all that it accepts.
    sock.serveInBackground(() => this.#handleClosed());
    // bind() has asked the system for it, where it was to choose.
    const { local = "" } = sock;
    this.#port = options.family === constants.AF_UNIX ? undefined : Number(local.slice(local.lastIndexOf(":") + 1));
  }

  /** The name of its listening handle: the lane in the pictures. */
  get name(): string {
    return this.#handle.name;
  }

  /** The address that it listens on, or the path. */
  get address(): string {
    return this.#address;
  }

  /** The port that it listens on, 1 to 65535; undefined with a path. */
  get port(): number | undefined {
    return this.#port;
  }

  /** "listening"; "paused" while no descriptor is left for another client; "stopping" and "stopped" after stop(), or when it was closed or replaced. */
  get state(): ServerState {
    return this.#state;
  }

  /** How many conversations there are now, 0 or more. One that was closed is none, also when its function goes on. */
  get clients(): number {
    let count = 0;
    for (const conversation of this.#open) if (isOpen(conversation)) count += 1;
    return count;
  }

  /** How many conversations have ended well, 0 or more. */
  get served(): number {
    return this.#served;
  }

  /** How many conversations have ended with an error, 0 or more. */
  get failed(): number {
    return this.#failed;
  }

  /** What failed last: in a conversation, or at accept(); undefined when nothing has. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /**
   * Stops the server: nobody is accepted any more, and conversations that go on receive the end (shutdown(2) with SHUT_RD), so that their
   * functions can finish. What has not ended in time is closed. Asked again meanwhile, it ends them at the earlier of the two times.
   *
   * Manual: man 2 shutdown, man 2 close.
   *
   * @param options `within`: how long the conversations may take, in milliseconds, 0 or more; 1,000 unless told
   * @returns Returns when the last of them has ended
   * @throws Errors: TypeError and RangeError for other options
   */
  stop(
    options: {
      /** How long the conversations may take to end, in milliseconds, 0 or more; 1,000 unless told. */
      within?: number;
    } = {},
  ): Promise<void> {
    const within = checkedWithin(options);
    if (!isServer(this)) throw calledAlone("a server", "echo.stop()");
    this.#stopped ??= whole(() => inSilence(!this.#options.print, () => this.#stop()));
    this.#endWithin(within);
    return this.#stopped;
  }

  /**
   * Stops the server at the end of an `await using` block.
   *
   * @throws Errors: none
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * The server in one line: where it listens, how many clients it has and had, and what failed last.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  toString(): string {
    return describeServer(this, this.#why, this.#options.type === constants.SOCK_STREAM);
  }

  /**
   * What the cell shows for the server: where it listens, how many clients it has and had, and what failed last.
   *
   * @returns Returns these words as text
   * @throws Errors: none
   */
  [inspect.custom](): string {
    return this.toString();
  }

  /**
   * Calls a function whenever what there is to say of it has changed.
   *
   * @internal
   */
  whenChanged(action: () => void): void {
    this.#changed = action;
  }

  /**
   * How it has ended, if it has.
   *
   * @internal
   */
  get why(): string | undefined {
    return this.#why;
  }

  /**
   * Begins to serve.
   *
   * @param over called when it has ended
   * @internal
   */
  start(over: () => void): void {
    this.#over = over;
    this.#begin();
  }

  #begin(): void {
    this.#loop += 1;
    if (this.#options.type === constants.SOCK_DGRAM) void this.#answerDatagrams(this.#loop);
    else void this.#serve(this.#loop);
  }

  /**
   * Goes on after code that left nothing else its turn was ended from outside. Whoever was due in that turn of the event loop, between these
   * times, never hears of it: this server's own loop too. A conversation of which that is so is closed: its client would wait for ever.
   *
   * @internal
   */
  goOn(since: number, until: number): void {
    within(this.#run, () => inSilence(!this.#options.print, () => this.#goOn(since, until)));
  }

  #goOn(since: number, until: number): void {
    // It can be asked to stop once more.
    this.#stopped = undefined;
    const inTime = steps().filter(({ end = 0 }) => since <= end && end <= until);
    const busy = new Set(inTime.flatMap(({ handle, opened = handle }) => [handle, opened]));
    const isLost = (handle: Handle): boolean => busy.has(socketOf(handle)!.name) && socketOf(handle)!.waiting === 0;
    for (const conversation of this.#open) {
      if (!isLost(conversation)) continue;
      this.#open.delete(conversation);
      this.#fails(lostWithLoop());
      end(conversation);
    }
    if (this.#state === "listening" || this.#state === "paused") this.#serveAgain(isLost);
    this.#changed();
    this.#whenEnded?.();
  }

  #serveAgain(isLost: (handle: Handle) => boolean): void {
    const listener = socketOf(this.#handle)!;
    if (this.#options.type === constants.SOCK_DGRAM) {
      if (!isLost(this.#handle)) return;
      this.#fails(lostWithLoop());
      this.#begin();
      return;
    }
    for (const sock of openHandles()) if (sock.listener === listener) void this.#talk(handleOf(sock) as Handle);
    if (listener.waiting === 0) this.#begin();
  }

  /**
   * Another one of its name has taken its place.
   *
   * @internal
   */
  replaced(): void {
    this.#end("was started anew");
  }

  #handleClosed(): void {
    this.#whenEnded?.();
    // An accept that waits hears of it, and so does whoever receives datagrams; a function that does not is asked by nobody. Later: who has
    // closed it, to stop or to replace this server, says so first.
    if (this.#options.type === constants.SOCK_DGRAM) queueMicrotask(() => this.#end("was closed"));
  }

  async #serve(loop: number): Promise<void> {
    try {
      await acceptClients(this.#handle, {
        took: (conversation) => void this.#talk(conversation),
        paused: (error) => {
          if (error !== undefined) this.#lastError = error;
          if (this.#state === "listening" || this.#state === "paused")
            this.#state = error === undefined ? "listening" : "paused";
          this.#changed();
        },
        room: () => this.#room(loop),
      });
      if (loop === this.#loop) this.#end("was closed");
    } catch (error) {
      this.#lastError = error;
      end(this.#handle);
      this.#end("cannot accept any more");
    }
  }

  /** One conversation, from its beginning to its end. It fails alone. */
  async #talk(conversation: Handle): Promise<void> {
    if (this.#begun.has(conversation)) return;
    this.#begun.add(conversation);
    // What accept() has returned is heard of in a later turn where calls have used up theirs: the server can have been stopped meanwhile.
    if (this.#state === "stopping" || this.#state === "stopped") {
      end(conversation);
      return;
    }
    socketOf(conversation)!.serveInBackground(this.#oneClosed);
    this.#open.add(conversation);
    this.#changed();
    const count = await this.#outcomeOf(conversation);
    // Whoever has closed and forgotten it has counted it.
    if (this.#open.delete(conversation)) count();
    end(conversation);
    this.#changed();
    this.#whenEnded?.();
  }

  /** Gives the conversation to the function, and gives how its end is counted. */
  async #outcomeOf(conversation: Handle): Promise<() => void> {
    const served = (): void => {
      this.#served += 1;
    };
    try {
      await this.#onConversation(conversation);
      return served;
    } catch (error) {
      // Closed by stop(), closeAll() or its own close(): what waited has heard of it.
      const isClosed = !isOpen(conversation) && isOf(error, ClosedError);
      return isClosed ? served : () => this.#fails(error);
    }
  }

  /** There is one socket for everybody: what fails on it is not to end it. */
  async #answerDatagrams(loop: number): Promise<void> {
    const mailbox = this.#handle;
    this.#answers = true;
    for (;;) {
      try {
        await this.#onConversation(mailbox);
        this.#served += 1;
        break;
      } catch (error) {
        if (!isOpen(mailbox)) break;
        this.#fails(error);
        this.#changed();
        await pause();
      }
    }
    // One that was lost with a loop can come to its end all the same.
    if (loop !== this.#loop) return;
    const why = isOpen(mailbox) ? "its function has ended" : "was closed";
    end(mailbox);
    this.#answers = false;
    this.#end(why);
    this.#whenEnded?.();
  }

  #fails(error: unknown): void {
    this.#failed += 1;
    this.#lastError = error;
  }

  /** Resolves when another conversation may begin; with false when another loop accepts by now. */
  async #room(loop: number): Promise<boolean> {
    const { most } = this.#options;
    while (this.#open.size >= most && this.clients >= most && isOpen(this.#handle)) await this.#nextEnd();
    return loop === this.#loop;
  }

  #nextEnd(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#whenEnded;
      this.#whenEnded = () => {
        this.#whenEnded = undefined;
        before?.();
        resolve();
      };
    });
  }

  /** It accepts no more. One that is being stopped tells by itself when it has ended. */
  #end(why: string): void {
    if (this.#state === "stopped" || this.#state === "stopping") return;
    this.#ended(why);
  }

  #ended(why: string): void {
    this.#why = why;
    this.#state = "stopped";
    this.#changed();
    this.#whenEnded?.();
    this.#over();
  }

  #endWithin(within: number): void {
    const at = performance.now() + within;
    if (this.#state !== "stopping" || at >= this.#endsAt) return;
    this.#endsAt = at;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#late(), within);
  }

  async #stop(): Promise<void> {
    // One that was closed, or cannot accept any more, can have conversations still.
    const why = this.#state === "stopped" ? this.#why : undefined;
    if (why !== undefined && this.#open.size === 0 && !this.#answers) return;
    this.#state = "stopping";
    this.#changed();
    end(this.#handle);
    for (const conversation of this.#open) endInput(conversation);
    this.#endsAt = Number.POSITIVE_INFINITY;
    const late = new Promise<void>((resolve) => (this.#late = resolve));
    await Promise.race([late, this.#emptied()]);
    clearTimeout(this.#deadline);
    for (const conversation of this.#open) end(conversation);
    // What waited on them hears of it in this turn; a function that waits for something else can wait for ever.
    await turn();
    this.#open.clear();
    this.#ended(why ?? "was stopped");
  }

  async #emptied(): Promise<void> {
    while (this.#open.size > 0 || this.#answers) await this.#nextEnd();
  }
}

/*
 * Of the socket behind a handle, and not of the handle: that one is a learner's, who can have given it a `close` of its own.
 */

function isOpen(handle: Handle): boolean {
  return socketOf(handle)?.closed === undefined;
}

function end(handle: Handle): void {
  if (isOpen(handle)) closeHandle(socketOf(handle)!);
}

function lostWithLoop(): Error {
  return new Error(
    "An interrupt ended a loop that left nothing else its turn, and what this function was about to do is lost with it.",
  );
}

/** Whoever receives on it gets the end, after what has arrived already. */
function endInput(conversation: Handle): void {
  try {
    if (isOpen(conversation)) shutdownHandle(socketOf(conversation)!, constants.SHUT_RD);
  } catch {
    // It has no peer any more.
  }
}

/**
 * @throws TypeError and RangeError for other options of stop()
 *
 * @internal
 */
export function checkedWithin(options: unknown): number {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`The options are an object such as { within: 500 }, not ${shown(options)}.`);
  const { within = WITHIN } = fields("The options", options as { within?: unknown }, ["within"]);
  if (typeof within !== "number") throw new TypeError(`within is a number of milliseconds, not ${shown(within)}.`);
  if (!(within >= 0 && within <= 0x7fffffff))
    throw new RangeError(`within is 0 to ${0x7fffffff} milliseconds, not ${within}.`);
  return within;
}
