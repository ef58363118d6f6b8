import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faults, type Lab, NotebookPage, openLab, Scratch } from "../support/lab/index.js";
import { notebookNames } from "../support/notebooks.js";
import { LONG_PATIENCE_MS } from "../support/time.js";
import { unfolded } from "../support/unfolded.js";

/** Lines that a learner must see, wherever they stand. */
const LINES: Record<string, RegExp[]> = {
  "00-start-here": [
    /^first {9}socket\(AF_INET, SOCK_STREAM\) = \d+$/m,
    /^first {9}getpeername\(\d+\) = -1 ENOTCONN \(Transport endpoint is not connected\)$/m,
    /^second {8}socket\(AF_INET, SOCK_STREAM\|SOCK_CLOEXEC\|SOCK_NONBLOCK, IPPROTO_IP\) = \d+$/m,
  ],
  "01-connection-procedure": [
    /^server {8}bind\(\d+, 127\.0\.0\.1:\d+\) = 0$/m,
    /^early {9}connect\(\d+, 127\.0\.0\.1:\d+\) = -1 ECONNREFUSED \(Connection refused\)$/m,
    /^server {8}listen\(\d+, 5\) = 0$/m,
    /^client {8}connect\(\d+, 127\.0\.0\.1:\d+\) = 0$/m,
    /^server {8}accept\(\d+\) = \d+ {2}← 127\.0\.0\.1:\d+ +"server→1"$/m,
    /^server→1 {6}recv\(\d+, "knock knock\. hello", 1024\) = 18$/m,
    /^server→1 {6}recv\(\d+, "", 1024\) = 0\b/m,
  ],
};

/** Cells of which a screenshot is kept, for people to look at. */
const PICTURED: Record<string, string[]> = {
  "00-start-here": ["read-a-line"],
  "01-connection-procedure": ["step-5", "step-6", "wrong-order", "exercise"],
};

/** Those that are run again and again in the browser, 60 s on 2 cores; test/notebooks does it with all of them. */
const AGAIN = ["00-start-here", "01-connection-procedure"];

let lab: Lab;
let scratch: Scratch;

beforeAll(async () => {
  scratch = new Scratch();
  scratch.write("empty", [{ id: "empty", source: "" }]);
  lab = await openLab(scratch.path("empty"));
});

afterAll(async () => {
  const { code, left } = await lab.stop();
  expect({ code, left, troubles: lab.troubles }).toEqual({ code: 0, left: [], troubles: [] });
});

describe.each(notebookNames())("%s in JupyterLab", (name) => {
  let notebook: NotebookPage;

  beforeAll(async () => {
    notebook = await NotebookPage.open(lab.page, scratch.path(name));
  }, LONG_PATIENCE_MS);

  afterAll(() => notebook?.close());

  test("is not marked as changed because it was opened", async () => {
    expect(await notebook.isChanged()).toBe(false);
  });

  test("Run All runs every cell and shows no error", { timeout: LONG_PATIENCE_MS }, async () => {
    await notebook.runAll();
    const cells = await notebook.cells();
    for (const cell of PICTURED[name] ?? []) await notebook.screenshot(`${name}-${cell}`, cell);
    expect(faults(cells)).toEqual([]);
    const shown = unfolded(cells.map(({ text }) => text).join("\n"));
    for (const line of LINES[name] ?? []) expect(shown).toMatch(line);
  });

  if (AGAIN.includes(name)) {
    test("Run All works a second and a third time", { timeout: LONG_PATIENCE_MS }, async () => {
      for (let round = 0; round < 2; round++) {
        await notebook.runAll();
        expect(faults(await notebook.cells())).toEqual([]);
      }
    });

    test("every cell can be run twice", { timeout: LONG_PATIENCE_MS }, async () => {
      await notebook.runEachTwice();
      expect(faults(await notebook.cells())).toEqual([]);
    });
  }
});

test("a notebook that lacks what the kernel says of its language is marked as changed", async () => {
  expect(await lab.notebook.isChanged()).toBe(true);
});
