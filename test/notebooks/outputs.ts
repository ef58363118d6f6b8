import type { Bundle, Cell, Kernel } from "../support/jupyter/index.js";
import type { NotebookCell } from "../support/notebooks.js";
import { runAll } from "./running.js";

function wordsOf(html: string): string {
  const alt = /<img [^>]*alt="([^"]*)"/.exec(html)?.[1] ?? "";
  return alt.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** What one cell has shown. */
export class Output {
  constructor(private readonly cell: Cell) {}

  /** The lines it printed, broken lines and explanations put together again. */
  get text(): string {
    return this.cell.stdout.replace(/\n {14}(?: {2})?(?=\S)/g, " ");
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

  /** The rows of a table, each by its headings, its handle's descriptor, protocol and owner as `about`. */
  get rows(): Record<string, string>[] {
    const cells = (row: string, tag: string) =>
      [...row.matchAll(new RegExp(`<${tag}[^>]*>(.*?)</${tag}>`, "g"))].map(([, text]) => text!);
    const [head = "", ...body] = [...this.html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) => row!);
    const headings = cells(head, "th");
    return body.map((row) => {
      const {
        handle = "",
        "local / peer": ends = "",
        ...rest
      } = Object.fromEntries(cells(row, "td").map((text, i) => [headings[i], text])) as Record<string, string>;
      const [name = "", ...about] = handle.split("<br>");
      const [local = "", peer = "–"] = ends.split("<br>↔ ");
      return { ...rest, handle: name, about: about.join(" "), local, peer };
    });
  }

  private get html(): string {
    const html = this.cell.displays.map((bundle) => bundle["text/html"] ?? "").join("\n");
    // Where a cell of a table may break, and where not.
    return html.replaceAll("&nbsp;", " ").replaceAll("<wbr>", "");
  }
}

/** What the cells of a notebook show, by their ids. */
export type Outputs = (id: string) => Output;

/** Runs these cells and keeps what they have shown; `checked`: what its checks have said, each time that they were run. */
export async function outputsIn(
  kernel: Kernel,
  cells: readonly NotebookCell[],
): Promise<{ shown: Outputs; checked: string }> {
  const outputs = (await runAll(kernel, cells)).map((cell) => new Output(cell));
  const last = new Map(cells.map(({ id }, i) => [id, outputs[i]!]));
  const shown = (id: string) => {
    const output = last.get(id);
    if (output === undefined) throw new Error(`There is no cell "${id}" among those that were run.`);
    return output;
  };
  const ofChecks = outputs.filter((_, i) => cells[i]!.tags.includes("check"));
  return { shown, checked: ofChecks.map(({ text }) => text).join("") };
}
