import { TextDecoder } from "node:util";
import type { Request } from "./wire";

export type StreamName = "stdout" | "stderr";

/** Who sends what waits: post-office.ts. */
export interface Office {
  /** More text waits. */
  printed(output: CellOutput): void;
  /** A display waits, or an update of one. */
  displayed(output: CellOutput, piece: Piece, id: unknown): void;
  /** Puts an update in the place of what waits to be shown under its id; false when nothing does. */
  replaced(id: unknown, content: object): boolean;
  /** Sends what waits of an output, as much as may be sent now. */
  flush(output: CellOutput): void;
  /** Whether more text can wait with what waits. */
  canWait(output: CellOutput): boolean;
}

/** A message that waits to be sent. */
export interface Piece {
  msgType: string;
  content: object;
  /** How many there are in a picture or a table, when it began to wait. */
  characters?: number;
}

interface Text extends Piece {
  content: { name: StreamName; text: string };
}

/** Before a cell can replace it. */
const { keys } = Object;

/** A longer text is several messages: the server would throw away one that is larger than what it hands on in three seconds. */
const LONGEST = 65_536;

/**
 * So many characters of a cell wait to be sent at most, which takes 40 s, those of pictures and tables included; more is left out, and how much of
 * it is said. A loop that prints without end makes some 100 MB a second, one that draws ladders 20,000 of them: they took the kernel's memory,
 * and then the kernel.
 */
const MOST = 20_000_000;

/**
 * Everything that one cell shows, in its order. A cell that is run again has the same output: what its earlier run has left in the
 * background goes on in the place that the learner sees.
 */
export class CellOutput {
  /** The messages that wait, the oldest first. */
  readonly #waiting: Piece[] = [];
  #decoders: Partial<Record<StreamName, TextDecoder>> = {};
  /** How many characters wait; and how many of a text, and how many pictures and tables, were left out since that was said. */
  #characters = 0;
  #leftOut = 0;
  #notShown = 0;
  /** How many messages were made so far, and how many of them were sent. */
  #made = 0;
  #sent = 0;
  #whenSent: { count: number; resolve: () => void }[] = [];
  /** Whether the last piece may get more text. */
  #open = false;
  /** How many more times what is printed goes out at once. */
  promptly = 0;
  /** When something was sent last. */
  last = Number.NEGATIVE_INFINITY;

  /** @param parent the request in whose name everything is sent: that of the cell's last run */
  constructor(
    readonly office: Office,
    public parent: Request,
  ) {}

  /** Prints a text. */
  write(name: StreamName, text: string): void {
    if (text === "") return;
    if (!this.#hasRoomFor(text.length)) {
      this.#leftOut += text.length;
      this.office.printed(this);
      return;
    }
    this.#characters += text.length;
    const last = this.#waiting.at(-1) as Text | undefined;
    if (this.#open && last?.content.name === name && last.content.text.length + text.length <= LONGEST)
      last.content.text += text;
    else for (const part of parts(text)) this.#add({ msgType: "stream", content: { name, text: part } });
    this.#open = true;
    this.office.printed(this);
  }

  /**
   * Prints a text that goes out later with what waits already; false when there is more to do. Nearly all lines of a long loop come by here: in the
   * middle of the cell, so it asks for nothing that a cell can have replaced.
   */
  append(name: StreamName, text: string): boolean {
    const last = this.#open ? (this.#waiting[this.#waiting.length - 1] as Text) : undefined;
    if (last?.content.name !== name || last.content.text.length + text.length > LONGEST) return false;
    if (!this.#hasRoomFor(text.length) || !this.office.canWait(this)) return false;
    this.#characters += text.length;
    last.content.text += text;
    return true;
  }

  /** The text of bytes; those of half a character are kept for the next ones. */
  decode(name: StreamName, bytes: Uint8Array): string {
    this.#decoders[name] ??= new TextDecoder();
    return this.#decoders[name].decode(bytes, { stream: true });
  }

  /** Shows something, or shows anew what was shown under the same `display_id`, in this cell or in another one. */
  display(msgType: "display_data" | "update_display_data", content: object): void {
    const id = (content as { transient?: { display_id?: unknown } }).transient?.display_id;
    if (msgType === "update_display_data" && this.office.replaced(id, content)) return;
    const characters = lengthOf(content);
    if (!this.#hasRoomFor(characters)) {
      this.#notShown += 1;
      this.office.printed(this);
      return;
    }
    this.#characters += characters;
    const piece = this.#add({ msgType, content, characters });
    this.office.displayed(this, piece, id);
  }

  /** Sends another message, such as the result, after everything that has been printed. */
  send(msgType: string, content: object): void {
    this.#add({ msgType, content });
    this.office.flush(this);
  }

  /** Resolves when everything is sent that was made so far; undefined when it is. Nothing is added to what is on its way then. */
  flushed(): Promise<void> | undefined {
    this.office.flush(this);
    this.#sayWhatIsLeftOut();
    const count = this.#made;
    if (this.#sent === count) return undefined;
    this.#open = false;
    return new Promise((resolve) => this.#whenSent.push({ count, resolve }));
  }

  /** The next message to send. */
  take(): Piece | undefined {
    const piece = this.#waiting.shift();
    if (piece !== undefined) this.#sent += 1;
    if (piece !== undefined)
      this.#characters -= piece.msgType === "stream" ? (piece as Text).content.text.length : (piece.characters ?? 0);
    if (this.#characters < MOST / 2) this.#sayWhatIsLeftOut();
    if (this.#waiting.length === 0) this.#open = false;
    while (this.#whenSent[0] !== undefined && this.#whenSent[0].count <= this.#sent) this.#whenSent.shift()!.resolve();
    return piece;
  }

  /** Where nothing waits there is room for anything. What comes after something that was left out is left out too, until that was said. */
  #hasRoomFor(characters: number): boolean {
    if (this.#leftOut > 0 || this.#notShown > 0) return false;
    return this.#characters === 0 || this.#characters + characters <= MOST;
  }

  #sayWhatIsLeftOut(): void {
    if (this.#leftOut === 0 && this.#notShown === 0) return;
    const left = [
      said(this.#leftOut, "1 more character was printed", "more characters were printed"),
      said(this.#notShown, "1 more picture or table was shown", "more pictures or tables were shown"),
    ].filter((words) => words !== "");
    this.#leftOut = 0;
    this.#notShown = 0;
    const text = `\n[${left.join(" and ")} here. They are left out: they came faster than they could be shown.]\n`;
    this.#characters += text.length;
    this.#add({ msgType: "stream", content: { name: "stderr", text } });
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  #add(piece: Piece): Piece {
    this.#waiting.push(piece);
    this.#made += 1;
    this.#open = false;
    return piece;
  }
}

function said(count: number, one: string, more: string): string {
  if (count === 0) return "";
  return count === 1 ? one : `${count.toLocaleString("en")} ${more}`;
}

/** How many characters are in what is shown: in each form of it. */
function lengthOf(content: object): number {
  let length = 0;
  const { data } = content as { data?: Readonly<Record<string, unknown>> };
  if (data === undefined) return 0;
  for (const type of keys(data)) {
    const form = data[type];
    if (typeof form === "string") length += form.length;
  }
  return length;
}

function* parts(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    let end = at + LONGEST;
    // Not between the two units of one character.
    if (end < text.length && text.codePointAt(end - 1)! > 0xffff) end -= 1;
    yield text.slice(at, end);
    at = end;
  }
}
