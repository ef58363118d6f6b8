import { unfolded } from "../unfolded.js";
import type { Message } from "./wire.js";

/** An error as a cell shows it. */
export interface CellError {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** A MIME bundle of a display_data or execute_result message. */
export type Bundle = Record<string, string>;

/**
 * Everything that arrived for one execute request. It stays connected: output that comes after the cell has ended
 * (a timer, a background server) is added to `messages` and seen by all the getters.
 */
export class Cell {
  /** All iopub messages of this cell, in the order in which they came. */
  readonly messages: Message[] = [];
  reply: Message | undefined;

  constructor(
    readonly id: string,
    readonly code: string,
  ) {}

  /** "ok", "error" or "aborted" ("abort" from the stock kernel); undefined while it runs. */
  get status(): string | undefined {
    return this.reply?.content.status as string | undefined;
  }

  get executionCount(): number | undefined {
    return this.reply?.content.execution_count as number | undefined;
  }

  /** What it printed, with the lines of the trace put together again that a cell breaks between words. */
  get stdout(): string {
    return unfolded(this.printed);
  }

  /** What it printed, as the cell shows it. */
  get printed(): string {
    return this.#stream("stdout");
  }

  get stderr(): string {
    return this.#stream("stderr");
  }

  get displays(): Bundle[] {
    return this.#contents("display_data").map((content) => content.data as Bundle);
  }

  get results(): Bundle[] {
    return this.#contents("execute_result").map((content) => content.data as Bundle);
  }

  get errors(): CellError[] {
    return this.#contents("error") as unknown as CellError[];
  }

  /** Whether both the reply and the idle status have come. */
  get finished(): boolean {
    const idle = this.messages.some(
      (message) => message.header.msg_type === "status" && message.content.execution_state === "idle",
    );
    return this.reply !== undefined && idle;
  }

  /** The message types in order, status messages as "busy" and "idle". */
  get sequence(): string[] {
    return this.messages.map((message) =>
      message.header.msg_type === "status" ? String(message.content.execution_state) : message.header.msg_type,
    );
  }

  #contents(msgType: string): Record<string, unknown>[] {
    return this.messages.filter((message) => message.header.msg_type === msgType).map((message) => message.content);
  }

  #stream(name: string): string {
    return this.#contents("stream")
      .filter((content) => content.name === name)
      .map((content) => content.text)
      .join("");
  }
}
