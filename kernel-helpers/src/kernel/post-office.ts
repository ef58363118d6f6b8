import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";
import type { CellOutput, Office, Piece } from "./cell-output";
import { Pace } from "./pace";
import { untouched } from "./untouched";
import type { Request } from "./wire";

/** How often, in milliseconds, what is printed is sent: a person sees no difference, and a loop that prints makes few messages. */
const INTERVAL = 100;
/** One display is shown anew at most so often. A panel is drawn ten times a second. */
const UPDATE = 50;
/**
 * What a run of a cell prints first goes out at once, so many times: a cell that prints a few lines and then computes for a minute, or waits in
 * a blocking call, has shown them. Nothing can be sent meanwhile.
 */
const PROMPTLY = 20;
/** How many displays are remembered with the time at which they were shown anew. */
const REMEMBERED = 1000;

/** As it is before a cell can replace it. */
const now = performance.now.bind(performance);

/** Sends a message, and tells how many bytes it has. */
export type Publish = (msgType: string, parent: Request, content: object) => number;

/** Sends what the cells show: as few messages, in each cell's order, and no faster than a Jupyter server hands them on. */
export class PostOffice implements Office {
  /** The outputs with messages that wait. */
  readonly #waiting = new Set<CellOutput>();
  /** The displays that wait, by their id: an update takes the place of what nobody has seen yet. */
  readonly #displays = new Map<unknown, Piece>();
  readonly #updated = new Map<unknown, number>();
  readonly #pace = new Pace();
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;

  constructor(readonly publish: Publish) {}

  /** A run of the cell has begun. */
  begins(output: CellOutput): void {
    output.promptly = PROMPTLY;
  }

  /** The kernel has told that it is idle. */
  idle(): void {
    this.#pace.reset();
  }

  printed(output: CellOutput): void {
    const now = performance.now();
    // Also in a cell that makes no turn of the event loop: it prints again, and takes along what waits.
    if (output.promptly > 0 || now - output.last >= INTERVAL) {
      output.promptly -= 1;
      this.flush(output);
    } else this.#later(output, now, output.last + INTERVAL);
    // A loop that never waits holds up the timer, and with it what the other cells have printed.
    if (now >= this.#due) this.flushInTurns();
  }

  canWait(output: CellOutput): boolean {
    const at = now();
    return output.promptly <= 0 && at - output.last < INTERVAL && at < this.#due && this.#timer !== undefined;
  }

  displayed(output: CellOutput, piece: Piece, id: unknown): void {
    if (id !== undefined) this.#displays.set(id, piece);
    const now = performance.now();
    const due = piece.msgType === "display_data" ? now : (this.#updated.get(id) ?? Number.NEGATIVE_INFINITY) + UPDATE;
    if (due <= now) this.flush(output);
    else this.#later(output, now, due);
  }

  replaced(id: unknown, content: object): boolean {
    const piece = this.#displays.get(id);
    if (piece !== undefined) piece.content = content;
    return piece !== undefined;
  }

  flush(output: CellOutput): void {
    while (!output.isEmpty) if (!this.#sendInPace(output)) return;
    this.#waiting.delete(output);
  }

  /** Sends everything at once: the kernel ends. */
  flushAll(): void {
    for (const output of this.#waiting) while (!output.isEmpty) this.#send(output, 0);
    this.#waiting.clear();
  }

  #later(output: CellOutput, now: number, due: number): void {
    this.#waiting.add(output);
    if (due >= this.#due) return;
    this.#due = due;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => untouched(() => this.flushInTurns()), due - now).unref();
  }

  /** Sends what waits of all outputs, as much as may be sent now, in turns: a background that prints without end holds up no other cell. */
  flushInTurns(): void {
    this.#due = Number.POSITIVE_INFINITY;
    while (this.#waiting.size > 0) {
      for (const output of this.#waiting) {
        if (!this.#sendInPace(output)) return;
        if (output.isEmpty) this.#waiting.delete(output);
      }
    }
  }

  /** Sends the next message of an output, or later, if that is too soon now. @returns whether it was sent */
  #sendInPace(output: CellOutput): boolean {
    const now = performance.now();
    const wait = this.#pace.wait(now);
    if (wait > 0) this.#later(output, now, now + wait);
    else this.#send(output, now);
    return wait <= 0;
  }

  #send(output: CellOutput, now: number): void {
    const piece = output.take();
    if (piece === undefined) return;
    const { msgType, content } = piece;
    const bytes = this.publish(msgType, output.parent, content);
    output.last = now;
    this.#pace.sent(now, msgType === "stream" ? bytes : 0);
    const id = (content as { transient?: { display_id?: unknown } }).transient?.display_id;
    if (id === undefined) return;
    if (this.#displays.get(id) === piece) this.#displays.delete(id);
    if (msgType !== "update_display_data") return;
    if (this.#updated.size >= REMEMBERED) this.#updated.clear();
    this.#updated.set(id, now);
  }
}
