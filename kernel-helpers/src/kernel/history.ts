/** A cell that was run. */
interface Entry {
  line: number;
  input: string;
  /** The text of its result. */
  output: string | null;
}

type Shown = [session: number, line: number, input: string | [string, string | null]];

/** A kernel remembers this run of it, and not those before. */
const SESSION = 1;
const CELLS = 1000;
const CHARACTERS = 1_000_000;

/** The cells that were run, for history_request (Jupyter messaging specification, "History"); the oldest are forgotten. */
export class History {
  #entries: Entry[] = [];
  #characters = 0;

  add(line: number, input: string, output: string | undefined): void {
    const entry: Entry = { line, input, output: output ?? null };
    this.#entries.push(entry);
    this.#characters += size(entry);
    while (this.#entries.length > CELLS || this.#characters > CHARACTERS)
      this.#characters -= size(this.#entries.shift()!);
  }

  /** The content of a history_reply. */
  answer(content: Record<string, unknown>): { status: "ok"; history: Shown[] } {
    const history = this.#chosen(content).map(({ line, input, output }): Shown => {
      return [SESSION, line, content.output === true ? [input, output] : input];
    });
    return { status: "ok", history };
  }

  #chosen({ hist_access_type: type, n, session, start, stop, pattern, unique }: Record<string, unknown>): Entry[] {
    if (type === "tail") return last(this.#entries, n);
    if (type === "range") {
      if (session !== SESSION && Number(session ?? 0) !== 0) return [];
      const from = Number(start ?? 1);
      const end = Number(stop ?? Number.POSITIVE_INFINITY);
      return this.#entries.filter(({ line }) => line >= from && line < end);
    }
    if (type !== "search") return [];
    const found = this.#entries.filter(({ input }) => matches(input, String(pattern ?? "*")));
    return last(unique === true ? latest(found) : found, n);
  }
}

function size({ input, output }: Entry): number {
  return input.length + (output?.length ?? 0);
}

/** The last `n`, all without a number. */
function last(entries: Entry[], n: unknown): Entry[] {
  return typeof n === "number" && n >= 0 ? entries.slice(Math.max(0, entries.length - n)) : entries;
}

/** Of equal inputs the last. */
function latest(entries: Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [entry.input, entry])).values()].sort((a, b) => a.line - b.line);
}

/** Whether a pattern fits the whole text: `*` stands for anything, `?` for one character. In time that grows with both lengths only. */
export function matches(text: string, pattern: string): boolean {
  let t = 0;
  let p = 0;
  let star = -1;
  let tried = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      tried = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++tried;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
