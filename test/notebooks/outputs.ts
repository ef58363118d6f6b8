import { expect } from "vitest";
import { type Bundle, type Cell, type Kernel, withKernel } from "../support/jupyter/index.js";
import { readNotebook } from "../support/notebooks.js";

function wordsOf(html: string): string {
  const alt = /<img [^>]*alt="([^"]*)"/.exec(html)?.[1] ?? "";
  return alt.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** What one cell has shown. */
export class Output {
  constructor(private readonly cell: Cell) {}

  /** The lines it printed, broken explanations put together again. */
  get text(): string {
    return this.cell.stdout.replace(/\n {14}(?=\S)/g, " ");
  }

  /** Its last value, as the cell shows it. */
  get value(): string {
    return this.cell.results.map((bundle) => bundle["text/plain"] ?? "").join("\n");
  }

  /** The words of a picture: its alternative text. */
  get picture(): string {
    return wordsOf(this.html);
  }

  /** The same of a picture that has changed while the cell ran: each of its states, the first one first. */
  get film(): string[] {
    const shown = this.cell.messages.filter(({ header }) => /^(update_)?display_data$/.test(header.msg_type));
    return shown.map(({ content }) => wordsOf((content.data as Bundle)["text/html"] ?? ""));
  }

  /** The rows of a table, each by its headings. */
  get rows(): Record<string, string>[] {
    const cells = (row: string, tag: string) =>
      [...row.matchAll(new RegExp(`<${tag}[^>]*>(.*?)</${tag}>`, "g"))].map(([, text]) => text!);
    const [head = "", ...body] = [...this.html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) => row!);
    const headings = cells(head, "th");
    return body.map((row) => Object.fromEntries(cells(row, "td").map((text, i) => [headings[i], text])));
  }

  private get html(): string {
    return this.cell.displays.map((bundle) => bundle["text/html"] ?? "").join("\n");
  }
}

/** What the cells of a notebook show, by their ids. */
export type Outputs = (id: string) => Output;

/**
 * Runs a notebook in our kernel, once.
 *
 * @param ids only these cells
 * @param command another command line for the kernel, given its own
 */
export async function outputsOf(
  name: string,
  { ids, command }: { ids?: string[]; command?: (own: string[]) => string[] } = {},
): Promise<Outputs> {
  const cells = readNotebook(name).code.filter(({ id }) => ids?.includes(id) ?? true);
  const shown = new Map<string, Output>();
  const runAll = async (kernel: Kernel) => {
    for (const { id, source } of cells) {
      const cell = await kernel.execute(source, { cellId: id });
      expect(cell.status, `${id}\n${cell.stdout}\n${cell.errors.map(({ traceback }) => traceback.join("\n"))}`).toBe(
        "ok",
      );
      shown.set(id, new Output(cell));
    }
  };
  await withKernel({ spec: "ours", ...(command === undefined ? {} : { command }) }, runAll);
  return (id) => {
    const output = shown.get(id);
    if (output === undefined) throw new Error(`${name} has no cell "${id}".`);
    return output;
  };
}
