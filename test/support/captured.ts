import { trace } from "kernel-helpers";

/** The lines that an action prints, with the trace in the given mode. */
export async function printed(action: () => unknown, mode: "short" | "exact" | "off" = "short"): Promise<string[]> {
  const write = process.stdout.write;
  let text = "";
  process.stdout.write = ((chunk: string) => {
    text += chunk;
    return true;
  }) as typeof write;
  trace[mode]();
  try {
    await action();
  } finally {
    process.stdout.write = write;
    trace.off();
  }
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

const INDENT = " ".repeat(14);

/** The indent of what continues a line of the trace. */
const DEEPER = " ".repeat(16);

/** The same with every line, and every explanation, that breaks between words on one line. */
export function paragraphs(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    const follows = line.startsWith(DEEPER) || (line.startsWith(INDENT) && joined.at(-1)?.startsWith(INDENT));
    if (follows) joined.push(`${joined.pop()} ${line.trim()}`);
    else joined.push(line);
  }
  return joined;
}
