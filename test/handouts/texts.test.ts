import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errnosOf, inHtml, referenceCard } from "../../scripts/handouts/card.mjs";
import { cellsOf, minutesOf, minutesSaid, partsOf, sourceOf } from "../../scripts/handouts/minutes.mjs";
import { LABELS, readNotes } from "../../scripts/handouts/notes.mjs";
import { PROJECT } from "../support/child.js";
import { NOTEBOOKS, notebookNames } from "../support/notebooks.js";

const textOf = (name: string): string => readFileSync(join(PROJECT, name), "utf8");
const notebookFile = (name: string): string => join(NOTEBOOKS, `${name}.ipynb`);
const README = textOf("README.md");
const GUIDE = textOf("INSTRUCTOR.md");

/** All headings of a notebook, of three levels. */
const headings = (name: string): string[] =>
  cellsOf(notebookFile(name))
    .filter(({ cell_type }) => cell_type === "markdown")
    .flatMap((cell) => [
      ...sourceOf(cell)
        .replace(/```[\s\S]*?```/g, "")
        .matchAll(/^#{1,3} (.+?)\s*$/gm),
    ])
    .map(([, heading]) => heading!);

describe("minutes", () => {
  const code = { cell_type: "code", source: "1;" };

  test("are words, code cells, predictions and exercises", () => {
    const reading = { cell_type: "markdown", source: ["word ".repeat(200), "\n```\nnot read\n```\n– ="] };
    expect(minutesOf([reading])).toBeCloseTo(1);
    expect(minutesOf([code, code, code])).toBeCloseTo(1);
    const prediction = { cell_type: "markdown", source: "Predict: (a), (b)" };
    expect(minutesOf([prediction])).toBeCloseTo(0.5 + 3 / 200);
    const exercise = { cell_type: "markdown", source: "## Exercise: x\n\n*About 15 minutes.*" };
    expect(minutesOf([exercise])).toBeCloseTo(15 + 5 / 200);
  });

  test("of the parts add up to those of the whole", () => {
    for (const name of notebookNames()) {
      const cells = cellsOf(notebookFile(name));
      const sum = partsOf(cells).reduce((minutes, part) => minutes + part.minutes, 0);
      expect(sum, name).toBeCloseTo(minutesOf(cells));
    }
  });

  test.each(notebookNames())("of %s: its title, the README and INSTRUCTOR.md say them within five", (name) => {
    const minutes = minutesOf(cellsOf(notebookFile(name)));
    const said = {
      title: /\*About (\d+) minutes/.exec(sourceOf(cellsOf(notebookFile(name))[0]!))?.[1],
      README: new RegExp(`\\(notebooks/${name}\\.ipynb\\) \\| (\\d+) \\|`).exec(README)?.[1],
      INSTRUCTOR: new RegExp(`^\\| ${name.slice(0, 2)} [^|]+\\| (\\d+) \\|`, "m").exec(GUIDE)?.[1],
    };
    // One figure for one notebook, wherever somebody reads it.
    expect(said).toEqual({ title: said.title, README: said.title, INSTRUCTOR: said.title });
    expect(minutesSaid(cellsOf(notebookFile(name)))).toBe(Number(said.title));
    for (const [where, figure] of Object.entries(said)) {
      const message = `${where} says ${figure}, the formula ${minutes.toFixed(1)}`;
      expect(Math.abs(Number(figure) - minutes), message).toBeLessThanOrEqual(5);
    }
  });
});

describe.each(notebookNames())("the instructor's notes of %s", (name) => {
  const notes = readNotes(join(PROJECT, "instructor", `${name}.md`));
  const parts = partsOf(cellsOf(notebookFile(name)));

  test("have an entry for every part, and none for a part that is gone", () => {
    expect(Object.keys(notes)).toEqual(expect.arrayContaining(parts.map(({ heading }) => heading)));
    expect(headings(name)).toEqual(expect.arrayContaining(Object.keys(notes)));
  });

  test("say what to say, and where there are cells, what goes wrong", () => {
    const labels = new RegExp(`^\\*\\*(${LABELS.join("|")}):\\*\\* \\S.*`);
    const cells = cellsOf(notebookFile(name));
    for (const [heading, text] of Object.entries(notes)) {
      const paragraphs = text.split(/\n\n+/);
      for (const paragraph of paragraphs) expect(paragraph, heading).toMatch(labels);
      const said = paragraphs.map((paragraph) => labels.exec(paragraph)?.[1]);
      expect(said, heading).toEqual(LABELS.filter((label) => said.includes(label)));
      expect(said, heading).toContain("Say");
      const hasCode = cellsBelow(cells, heading).some(({ cell_type }) => cell_type === "code");
      if (hasCode) expect(said, heading).toContain("Goes wrong");
    }
  });
});

/** The cells from a heading of the first two levels to the next one. */
function cellsBelow(cells: ReturnType<typeof cellsOf>, heading: string): ReturnType<typeof cellsOf> {
  const begins = (cell: (typeof cells)[number]) => cell.cell_type === "markdown" && /^##? /m.test(sourceOf(cell));
  const first = cells.findIndex((cell) => begins(cell) && sourceOf(cell).includes(`# ${heading}\n`));
  if (first < 0) return [];
  const next = cells.findIndex((cell, index) => index > first && begins(cell));
  return cells.slice(first + 1, next < 0 ? undefined : next);
}

test("every part that INSTRUCTOR.md names in its timetables is a part of the notebook in that row", () => {
  const rows = GUIDE.matchAll(/^\| \d+:\d\d \| (0\d)[ :,](.*) \|$/gm);
  let count = 0;
  for (const [, number, words] of rows) {
    const name = notebookNames().find((one) => one.startsWith(number!))!;
    for (const [, part] of words!.matchAll(/"([^"]+)"/g)) {
      expect(headings(name), `${name}: ${part}`).toContain(part);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(15);
});

test("no cell has more lines than INSTRUCTOR.md says", () => {
  const cells = notebookNames().flatMap((name) => cellsOf(notebookFile(name)));
  const lines = cells
    .filter(({ cell_type }) => cell_type === "code")
    .map(
      (cell) =>
        sourceOf(cell)
          .split("\n")
          .filter((line) => line.trim() !== "").length,
    );
  const most = ["twelve", "thirteen", "fourteen", "fifteen"][Math.max(...lines) - 12];
  expect(GUIDE).toContain(`Most cells have one to five lines, and none more than ${most}.`);
  expect(lines.filter((count) => count <= 5).length / lines.length).toBeGreaterThan(0.8);
});

describe("the timetables", () => {
  /** The heading of the second level below which a heading stands: itself, or the one above it. */
  function partOf(name: string, heading: string): string {
    const parts = partsOf(cellsOf(notebookFile(name))).map((part) => part.heading);
    return headings(name)
      .slice(0, headings(name).indexOf(heading) + 1)
      .findLast((one) => parts.includes(one))!;
  }

  /** The parts that a row names; `done` are those of the rows before. */
  function partsIn(name: string, words: string, done: ReadonlySet<string>): string[] {
    const all = partsOf(cellsOf(notebookFile(name))).map((part) => part.heading);
    const isExercise = (part: string) => part.startsWith("Exercise");
    const left = all.filter((part) => !done.has(part));
    if (/^, the exercise/.test(words)) return left.filter(isExercise);
    if (/\b(whole|the rest)\b/.test(words))
      return left.filter((part) => !isExercise(part) || /(?<!without the )\bwhole$|with the exercise/.test(words));
    const until = (from: number, to: string) => all.slice(from, all.indexOf(partOf(name, to)) + 1);
    const named: string[] = [];
    for (const [, from, to] of words.matchAll(/(?:"([^"]+)"|(?<=^ ))(?: ?(?:to|up to) "([^"]+)")?/g)) {
      const first = from === undefined ? 0 : all.indexOf(partOf(name, from));
      if (to === undefined && from !== undefined) named.push(all[first]!);
      if (to !== undefined) named.push(...until(first, to));
    }
    return named;
  }

  test.each(["## Half a day", "## A day"])("of %s have the minutes of the parts and a quarter more", (title) => {
    const rows = [
      ...GUIDE.split(title)[1]!
        .split("\n## ")[0]!
        .matchAll(/^\| (\d+):(\d\d) \| (.*) \|$/gm),
    ].map(([, hour, minute, words]) => ({ at: 60 * Number(hour) + Number(minute), words: words! }));
    const done = new Set<string>();
    let count = 0;
    for (const [index, { at, words }] of rows.entries()) {
      const [, number, rest] = /(?:^|; )(0\d)\b:?(.*)$/.exec(words) ?? [];
      if (number === undefined) continue;
      const name = notebookNames().find((one) => one.startsWith(number))!;
      const parts = partsIn(
        name,
        rest!,
        new Set([...done].flatMap((one) => (one.startsWith(number) ? [one.slice(2)] : []))),
      );
      expect(parts.length, words).toBeGreaterThan(0);
      const minutes = partsOf(cellsOf(notebookFile(name)))
        .filter(({ heading }) => parts.includes(heading))
        .reduce((sum, part) => sum + part.minutes, 0);
      expect(minutes * 1.25, words).toBeLessThanOrEqual(rows[index + 1]!.at - at);
      for (const part of parts) done.add(number + part);
      count += 1;
    }
    expect(count).toBeGreaterThan(4);
  });
});

test("every notebook is in both timetables", () => {
  const [half, day] = ["## Half a day", "## A day"].map((title) => GUIDE.split(title)[1]!.split("\n## ")[0]!);
  for (const name of notebookNames()) {
    const number = new RegExp(`\\b${name.slice(0, 2)}\\b`);
    expect(half).toMatch(number);
    expect(day).toMatch(number);
  }
});

describe("the reference card", () => {
  const { calls, helpers, constants } = referenceCard();

  test("has every call of a handle, with who makes it, the states, and what it returns", async () => {
    const { Handle } = await import("kernel-helpers/dist/handles/handle.js");
    const names = Object.getOwnPropertyNames(Handle.prototype).filter(
      (name) => !/^(constructor|toString|name|fd|closed)$/.test(name),
    );
    expect(calls.map(({ name }) => name).sort()).toEqual(["socket", ...names].sort());
    for (const { name, who, states, returns, does } of calls) {
      expect(who, name).toMatch(/^(server|client|both)/);
      expect(states, name).toMatch(/→|^unchanged/);
      expect(returns, name).not.toBe("");
      expect(does, name).toMatch(/\.$/);
    }
  });

  test("has every helper, constant and method of a helper that a notebook uses", () => {
    const source = notebookNames()
      .flatMap((name) => cellsOf(notebookFile(name)))
      .filter(({ cell_type }) => cell_type === "code")
      .map(sourceOf)
      .join("\n");
    const imported = [...source.matchAll(/import \{([^}]*)\} from "kernel-helpers"/g)].flatMap(([, names]) =>
      names!.split(",").map((name) => name.trim()),
    );
    const used = new Set(imported.filter((name) => name !== ""));
    expect(used.size).toBeGreaterThan(30);
    // `trace` is an object: what counts are its methods.
    used.delete("trace");
    for (const [, method] of source.matchAll(/\btrace\.(\w+)\(/g)) used.add(`trace.${method}`);
    const named = new Set([...calls, ...helpers, ...constants].map(({ name }) => name));
    expect([...used].filter((name) => !named.has(name))).toEqual([]);
    for (const { name, does } of helpers) expect(does, name).toMatch(/\w.*\.$/);
    for (const { name, means } of constants) expect(means, name).toMatch(/\w/);
  });

  test("says what every errno means", () => {
    for (const { name, errnos } of calls)
      for (const { name: errno, text } of errnos) expect(text, `${name}: ${errno}`).toMatch(/\w{2}/);
  });

  test("says what an argument is once, where calls say the same of it, and names the call whose states are those of another", () => {
    const said = calls.flatMap(({ parameters }) => parameters.map(({ name, text }) => `${name}: ${text}`));
    expect(said.length).toBeGreaterThan(15);
    expect(said).toEqual([...new Set(said)]);
    const statesOf = (call: string) => calls.find(({ name }) => name === call)?.states;
    expect(statesOf("send")).toMatch(/^unchanged: ESTABLISHED/);
    expect(statesOf("sendAll")).toBe("unchanged, as for send()");
    expect(statesOf("recvExactly")).toBe("unchanged, as for recv()");
  });

  test("names errnos that this system has", async () => {
    const { errno } = await import("kernel-helpers/dist/facts/index.js");
    const named = calls.flatMap(({ errnos }) => errnos.map(({ name }) => name));
    expect(named.length).toBeGreaterThan(30);
    for (const name of named) expect(errno[name as keyof typeof errno], name).toBeGreaterThan(0);
  });

  test("reads the words of a comment as they stand there", () => {
    expect(errnosOf("SocketError EINVAL (no such `how`), EBADF; TimeoutError (ETIMEDOUT)")).toEqual([
      { name: "EINVAL", text: "no such <code>how</code>" },
      { name: "EBADF", text: "the number is not an open file descriptor: it was closed, or never opened" },
    ]);
    expect(inHtml("{@link plot} is `a < b`")).toBe("<code>plot</code> is <code>a &lt; b</code>");
  });
});
