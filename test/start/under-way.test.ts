import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { PATIENCE_MS } from "../support/time.js";
import { project } from "./project-copy.js";

/*
 * What people see of steps that run side by side: in a terminal, which is feigned, and elsewhere.
 */

/** What a terminal of so many columns shows in the end, and each state of its last line. Throws for a line that would be broken in two. */
function terminal(output: string, columns: number) {
  const lines = [""];
  const states: string[] = [];
  let column = 0;
  for (const letter of output) {
    const line = lines.at(-1) ?? "";
    if (letter === "\r" || letter === "\n") {
      states.push(line.trimEnd());
      column = 0;
      if (letter === "\n") lines.push("");
      continue;
    }
    lines[lines.length - 1] = line.slice(0, column) + letter + line.slice(column + 1);
    column += 1;
    if (column >= columns) throw new Error(`more than ${columns - 1} columns: ${lines.at(-1)}`);
  }
  return { lines: lines.map((line) => line.trimEnd()), states };
}

/** What statements print with the steps of the scripts; figures of seconds are N. `columns` undefined: no terminal. */
function printed(columns: number | undefined, statements: string): string {
  const script = `
${columns === undefined ? "" : `Object.assign(process.stdout, { isTTY: true, columns: ${columns} });`}
const { step } = await import("./scripts/lib/step.mjs");
const { breakOff, say } = await import("./scripts/lib/under-way.mjs");
const ends = {};
const work = (what) => (tell) => new Promise((resolve, reject) => { ends[what] = { resolve, reject, tell }; });
const begin = (what) => step(what, work(what)).catch(() => {});
const [NPM, PIP] = ["Installing npm packages", "Installing JupyterLab"];
${statements}`;
  const args = ["--input-type=module", "-e", script];
  return execFileSync(process.execPath, args, { cwd: project, encoding: "utf8", timeout: PATIENCE_MS }).replace(
    /\d+ s\b/g,
    "N s",
  );
}

const TWO = `
const npm = begin(NPM), pip = begin(PIP);
ends[NPM].resolve();
await npm;
say("Something else is said.");
ends[PIP].reject();
await pip;`;

const TWO_ENDED = ["✓ Installing npm packages: N s", "Something else is said.", "✗ Installing JupyterLab: N s", ""];

test("a terminal has one line for all that is under way, and a line for each that has ended", () => {
  const { lines, states } = terminal(printed(80, TWO), 80);
  expect(lines).toEqual(TWO_ENDED);
  expect(states).toContain("  Installing npm packages … N s, Installing JupyterLab … N s");
  expect(states).toContain("  Installing JupyterLab … N s");
});

test.each([
  [60, "  Installing npm packages … N s, and 1 more"],
  [40, "  Installing npm packages … N s"],
  [24, "  Installing npm packa…"],
])("a terminal of %d columns has as much of it as fits", (columns, line) => {
  const three = `begin(NPM), begin(PIP), begin("Building kernel-helpers");`;
  const { states } = terminal(
    printed(columns, columns === 60 ? TWO : `begin(NPM);${columns < 40 ? three : ""}`),
    columns,
  );
  expect(states).toContain(line);
});

test("it counts the seconds, and shows how far a step has come", () => {
  const statements = `
begin(NPM);
begin(PIP);
ends[PIP].tell("3 of 9");
const write = process.stdout.write.bind(process.stdout);
setInterval(() => {}, 1000);
await new Promise((resolve) => {
  process.stdout.write = (text) => {
    if (/npm packages … [1-9]/.test(text)) resolve();
    return write(text.replace(/npm packages … [1-9]\\d*/, "npm packages … one or more"));
  };
});
process.exit();`;
  const { lines, states } = terminal(printed(100, statements), 100);
  expect(states).toContain("  Installing npm packages … N s, Installing JupyterLab … 3 of 9, N s");
  // And the next prompt has a line of its own.
  expect(lines).toEqual([
    expect.stringMatching(/^ {2}Installing npm packages … one or more s, Installing JupyterLab … 3 of 9, N s$/),
    "",
  ]);
});

test("what is broken off says so", () => {
  const { lines } = terminal(printed(80, `begin(NPM); begin(PIP); breakOff();`), 80);
  const broken = [
    "– Installing npm packages: broken off after N s",
    "– Installing JupyterLab: broken off after N s",
    "",
  ];
  expect(lines).toEqual(broken);
});

test("elsewhere there is a line before and a line after each", () => {
  const output = printed(undefined, TWO);
  expect(output).not.toContain("\r");
  expect(output.split("\n")).toEqual(["  Installing npm packages …", "  Installing JupyterLab …", ...TWO_ENDED]);
});
