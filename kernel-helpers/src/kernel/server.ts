import { ANSWERS, type Answer } from "./answers";
import { Cells, type Outbox } from "./cells";
import type { Channels } from "./channels";
import type { Engine } from "./engine";
import { describeThrown } from "./errors";
import type { Request, Wire } from "./wire";

type Channel = "shell" | "control";

/** Answers the requests of Jupyter clients. */
export class Server implements Outbox {
  readonly cells: Cells;
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
    void this.#read("shell");
    void this.#read("control");
    this.publish("status", undefined, { execution_state: "starting" });
  }

  publish(msgType: string, parent: Request | undefined, content: object): number {
    const frames = this.wire.encode([msgType], msgType, parent, content);
    this.channels.iopub.send(frames).catch(ignore);
    return frames.reduce((sum, frame) => sum + Buffer.byteLength(frame), 0);
  }

  reply(msgType: string, parent: Request, content: object): void {
    const channel = this.channels[this.#channelOf.get(parent) ?? "shell"];
    channel.send(this.wire.encode(parent.identities, msgType, parent, content)).catch(ignore);
  }

  async #read(channel: Channel): Promise<void> {
    for await (const frames of this.channels[channel]) {
      let request: Request;
      try {
        request = this.wire.decode(frames);
      } catch {
        continue; // Not from a client that knows the key.
      }
      this.#channelOf.set(request, channel);
      if (request.header.msg_type === "execute_request") this.cells.add(request);
      else void this.#answer(request);
    }
  }

  /** Answers at once, also while a cell runs. */
  async #answer(request: Request): Promise<void> {
    this.publish("status", request, { execution_state: "busy" });
    const answer = ANSWERS.get(request.header.msg_type);
    if (answer !== undefined) {
      const content = await this.#content(answer, request);
      this.reply(request.header.msg_type.replace("_request", "_reply"), request, content);
    }
    this.publish("status", request, { execution_state: "idle" });
    if (request.header.msg_type === "shutdown_request") this.exit();
    // A front end shows the last status that it saw, whatever it belongs to.
    const { running } = this.cells;
    if (running !== undefined) this.publish("status", running, { execution_state: "busy" });
  }

  async #content(answer: Answer, request: Request): Promise<object> {
    try {
      return await answer(request.content, this.engine);
    } catch (thrown) {
      return { status: "error", ...describeThrown(thrown) };
    }
  }
}

/** A message that cannot be sent has nobody to be told of: reporting it would itself be a message. */
function ignore(): void {}
