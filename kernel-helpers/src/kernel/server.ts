import { ANSWERS, type Answer } from "./answers";
import { Cells, type Outbox } from "./cells";
import type { Channels } from "./channels";
import type { Engine } from "./engine";
import { describeThrown } from "./errors";
import { checkedContent } from "./requests";
import { untouched, workWasEnded } from "./untouched";
import type { Request, Wire } from "./wire";

type Channel = "shell" | "control";

/** Answers the requests of Jupyter clients. */
export class Server implements Outbox {
  readonly cells: Cells;
  /** Called when a request is answered. */
  onReply = () => {};
  readonly #channelOf = new WeakMap<Request, Channel>();

  /** `exit` is called once the reply to a shutdown request is out. */
  constructor(
    readonly channels: Channels,
    readonly wire: Wire,
    readonly engine: Promise<Engine>,
    readonly exit: () => void,
  ) {
    this.cells = new Cells(engine, this);
  }

  /** Reads requests until the process ends. */
  serve(): void {
    for (const channel of ["shell", "control"] as const) void this.#read(channel);
    this.publish("status", undefined, { execution_state: "starting" });
  }

  /**
   * After what the event loop was doing was ended: a promise that was to go on with the reading, or with the cell, can be lost with it.
   */
  goOn(): void {
    workWasEnded();
    for (const channel of ["shell", "control"] as const) void this.#read(channel).catch(alreadyReads);
    this.cells.giveUp();
  }

  publish(msgType: string, parent: Request | undefined, content: object): number {
    return untouched(() => {
      const frames = this.wire.encode([msgType], msgType, parent, content);
      this.channels.iopub.send(frames).catch(ignore);
      return frames.reduce((sum, frame) => sum + Buffer.byteLength(frame), 0);
    });
  }

  reply(msgType: string, parent: Request, content: object): void {
    untouched(() => {
      const channel = this.channels[this.#channelOf.get(parent) ?? "shell"];
      channel.send(this.wire.encode(parent.identities, msgType, parent, content)).catch(ignore);
      this.onReply();
    });
  }

  async #read(channel: Channel): Promise<void> {
    for await (const frames of this.channels[channel]) {
      untouched(() => this.#arrived(channel, frames));
    }
  }

  #arrived(channel: Channel, frames: Buffer[]): void {
    let request: Request;
    try {
      request = this.wire.decode(frames);
    } catch {
      return; // Not from a client that knows the key.
    }
    this.#channelOf.set(request, channel);
    this.#take(request);
  }

  #take(request: Request): void {
    const { msg_type } = request.header;
    try {
      const content = checkedContent(msg_type, request.content);
      if (msg_type === "execute_request") this.cells.add(request);
      else void this.#answer(request, content);
    } catch (thrown) {
      void this.#refuse(request, thrown);
    }
  }

  /** Answers at once, also while a cell runs. */
  async #answer(request: Request, asked: Record<string, unknown>): Promise<void> {
    const { msg_type } = request.header;
    const answer = ANSWERS.get(msg_type);
    await this.#busy(request, async () => {
      if (answer !== undefined) this.reply(replyTo(msg_type), request, await this.#content(answer, asked));
    });
    if (msg_type === "shutdown_request") this.exit();
  }

  /** Says what is wrong with a request, and does nothing else. */
  #refuse(request: Request, why: unknown): Promise<void> {
    const { msg_type } = request.header;
    return this.#busy(request, async () => {
      if (msg_type !== "execute_request" && !ANSWERS.has(msg_type)) return;
      const execution_count = this.cells.current.count;
      const error = { status: "error", ...describeThrown(why) };
      this.reply(replyTo(msg_type), request, msg_type === "execute_request" ? { ...error, execution_count } : error);
    });
  }

  /** Says before and after it that a request is being dealt with. */
  async #busy(request: Request, action: () => Promise<void>): Promise<void> {
    this.publish("status", request, { execution_state: "busy" });
    await action();
    this.publish("status", request, { execution_state: "idle" });
    // A front end shows the last status that it saw, whatever it belongs to.
    const { running } = this.cells;
    if (running !== undefined) this.publish("status", running, { execution_state: "busy" });
  }

  async #content(answer: Answer, asked: Record<string, unknown>): Promise<object> {
    try {
      return await untouched(() => answer(asked, this.engine));
    } catch (thrown) {
      return untouched(() => ({ status: "error", ...describeThrown(thrown) }));
    }
  }
}

const replyTo = (msgType: string): string => msgType.replace("_request", "_reply");

/** A socket is read once at a time: the reading was not lost. */
function alreadyReads(): void {}

/** A message that cannot be sent has nobody to be told of: reporting it would itself be a message. */
function ignore(): void {}
