import { describe, expect, test } from "vitest";
import { committedText, notebookNames, readNotebook } from "../support/notebooks.js";

/** The words of a markdown text, its tables and code blocks left out. */
function words(text: string): number {
  const prose = text.replace(/```[\s\S]*?```/g, "").replace(/^\|.*$/gm, "");
  return prose.split(/\s+/).filter((word) => /\w/.test(word)).length;
}

const lines = (source: string): number => source.split("\n").filter((line) => line.trim() !== "").length;

describe.each(notebookNames())("%s", (name) => {
  const notebook = readNotebook(name);
  const prose = notebook.cells.filter((cell) => cell.type === "markdown");

  test("is committed without outputs and execution counts", () => {
    const committed: typeof notebook.raw = JSON.parse(committedText(name));
    for (const cell of committed.cells) {
      expect(cell.outputs ?? []).toEqual([]);
      expect(cell.execution_count ?? null).toBeNull();
    }
  });

  test("names our kernel, and has an id of its own for every cell", () => {
    expect(notebook.raw.metadata.kernelspec).toEqual({
      display_name: "TypeScript (socket workshop)",
      language: "typescript",
      name: "tslab",
    });
    expect(new Set(notebook.cells.map((cell) => cell.id)).size).toBe(notebook.cells.length);
  });

  test("starts with a title and its minutes, and ends with things to remember", () => {
    expect(prose[0]?.source).toMatch(/^# .+\n\n\*About \d+ minutes\./);
    expect(prose.at(-1)?.source).toMatch(/## Three things to remember[\s\S]*## What happens if/);
  });

  test("tells of its prepared window and of a view by hand, where it has a panel", () => {
    const at = notebook.cells.findIndex(({ id }) => id === "panel");
    if (at < 0) return expect(notebook.code.map(({ source }) => source).join("\n")).not.toMatch(/^panel\(/m);
    expect(notebook.cells[at - 1]?.source).toMatch(
      /indow .*`npm start` .*shows it on the right side too.*[.;] .*In another window, .*\*Create New View for Cell Output\*/,
    );
  });

  test("has cells of few lines, each after the sentence that says what it is for", () => {
    const short = notebook.code.filter((cell) => lines(cell.source) <= 5);
    expect(short.length / notebook.code.length).toBeGreaterThan(0.8);
    for (const cell of notebook.code) expect(lines(cell.source), cell.id).toBeLessThanOrEqual(15);
  });

  test("has code that half a window of a laptop shows whole: at most 67 columns", () => {
    const long = notebook.code.flatMap(({ id, source }) =>
      source.split("\n").flatMap((line) => (line.length > 67 ? [`${id}: ${line}`] : [])),
    );
    expect(long).toEqual([]);
  });

  test("carries by prose: nine words or more for each short line of code", () => {
    const code = notebook.code.filter((cell) => !cell.tags.includes("solution"));
    const codeLines = code.reduce((sum, cell) => sum + lines(cell.source), 0);
    expect(prose.reduce((sum, cell) => sum + words(cell.source), 0) / codeLines).toBeGreaterThan(9);
  });

  test("names no port and no path of one machine in its prose", () => {
    for (const cell of prose) {
      const text = cell.source.replace(/```[\s\S]*?```/g, "");
      expect(text, cell.id).not.toMatch(/\b[2-6]\d{4}\b|\/home\/|\/root\//);
    }
  });

  test("has no name that is a function in one cell and none in another: cells are run in any order", () => {
    const kinds = new Map<string, Set<string>>();
    for (const { source } of notebook.code)
      for (const [line, name] of source.matchAll(/^(?:const|let|(?:async )?function) ([\w$]+).*/gm)) {
        const known = kinds.get(name!) ?? new Set();
        kinds.set(name!, known.add(/function |= (?:async )?\(.*\) *(?::.*)?=>/.test(line) ? "function" : "value"));
      }
    expect([...kinds].filter(([, known]) => known.size > 1).map(([name]) => name)).toEqual([]);
  });

  test("closes everything in its last code cell", () => {
    expect(notebook.code.at(-1)?.source).toContain("closeAll()");
  });
});

test("the headings of 01 are the eight steps of the question, in its order and words", () => {
  const headings = readNotebook("01-connection-procedure")
    .cells.filter((cell) => cell.type === "markdown")
    .flatMap((cell) => cell.source.match(/^## \d+\. .+$/gm) ?? []);
  expect(headings).toEqual([
    "## 1. Create Sockets",
    "## 2. Server Binding",
    "## 3. Listening for Connections",
    "## 4. Client Socket Creation",
    "## 5. Client Connection",
    "## 6. Server Acceptance",
    "## 7. Data Transfer",
    "## 8. Closing Connections",
  ]);
});
