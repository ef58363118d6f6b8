import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type HandedOn, type NotebookPage, runInServer, Scratch } from "../../support/lab/index.js";
import type { OneWindow } from "./window.js";

/*
 * What is printed arrives through a Jupyter server with its own limits: what is more than 1,000 messages or 1 MB of text a second, each over
 * three seconds, it throws away, and says so on stderr.
 */

const START = `import { socket, choosePort, ladder, AF_INET, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";
const P = choosePort();
const s = socket("s", AF_INET, SOCK_DGRAM);`;
const SENDS = `for (let i = 0; i < 6000; i++) await s.sendto("x", LOOPBACK, P);
console.log("END");
ladder();
"result"`;
const LATER = `console.log("first");
clearInterval(globalThis.beat);
globalThis.beats = 0;
globalThis.beat = setInterval(() => console.log("beat", ++globalThis.beats), 100);`;
const CELLS = [
  { id: "start", source: START },
  { id: "sends", source: SENDS },
  { id: "later", source: LATER },
  { id: "quiet", source: `"nothing of the beats"` },
  { id: "over", source: "clearInterval(globalThis.beat);" },
];

export function printed(window: OneWindow): void {
  let scratch: Scratch;
  let notebook: NotebookPage;

  beforeAll(async () => {
    scratch = new Scratch();
    scratch.write("printed", CELLS);
    notebook = await window.open(scratch.path("printed"));
    await run("start");
  });

  afterAll(() => notebook?.close());

  async function run(id: string) {
    await notebook.select(id);
    await notebook.press("Control+Enter");
    return notebook.cell(id);
  }

  test("JupyterLab shows the last line, the picture and the result of a cell with 6,000 calls", async () => {
    const cell = await run("sends");
    await notebook.screenshot("printed", "sends");
    expect(cell.text.match(/sendto\(/g)?.length).toBeGreaterThanOrEqual(300);
    expect(cell.text).toMatch(/^END$/m);
    expect(cell.text.replace(/\s+/g, " ")).toContain("(5700 more lines of this cell are not printed");
    expect(cell.images).toHaveLength(1);
    expect(cell.outputs.at(-1)?.text).toBe("'result'");
    expect(cell.outputs.map(({ mime }) => mime).filter((mime) => mime.endsWith("stderr"))).toEqual([]);
  });

  describe("what a cell prints after it has ended", () => {
    test("stands under it, also when other cells run", async () => {
      await run("later");
      await notebook.shows("later", "beat 2");
      const quiet = await run("quiet");
      await notebook.shows("later", "beat 5");
      expect((await notebook.cell("quiet")).text).toBe(quiet.text);
    });

    test("stands there when it is run again, what its earlier run has left, too", async () => {
      await notebook.write("later", 'console.log("again");');
      await run("later");
      await notebook.shows("later", "beat");
      expect((await notebook.cell("later")).text).toMatch(/^again\n(beat \d+\n)+$/);
      await notebook.screenshot("printed-later", "later");
      await run("over");
    });
  });

  describe("the server hands on everything", () => {
    const END = 'console.log("END");\nladder();\n"result"';
    let sends: HandedOn;
    let text: HandedOn;
    let turns: HandedOn;
    let updates: HandedOn;
    beforeAll(async () => {
      const told = await runInServer(window.page, scratch.path("printed"), [
        START,
        SENDS,
        `for (let i = 0; i < 50_000; i++) console.log(String(i).padStart(99));\n${END}`,
        `for (let i = 0; i < 2000; i++) console.error(i), console.log(i);\n${END}`,
        `import { newDisplay } from "tslab";
        const places = [newDisplay(), newDisplay(), newDisplay()];
        for (let i = 0; i <= 5000; i++) for (const place of places) place.html("shown " + i);\n${END}`,
      ]);
      [, sends, text, turns, updates] = told as [HandedOn, HandedOn, HandedOn, HandedOn, HandedOn];
    });

    test("of 6,000 calls", () => {
      expect(sends.stdout).toMatch(/^END$/m);
      expect(sends.stdout.match(/sendto\(/g)).toHaveLength(300);
      // However slow the machine is, and with it what would be too fast for the server.
      expect(sends.counts.stream).toBeLessThan(310);
      expect(sends).toMatchObject({ status: "ok", stderr: "", results: ["'result'"], shown: [expect.any(String)] });
    });

    test("of five megabytes of text", () => {
      expect(text.stdout).toBe(`${Array.from({ length: 50_000 }, (_, i) => String(i).padStart(99)).join("\n")}\nEND\n`);
      expect(text.counts.stream).toBeLessThan(2000);
      expect(text).toMatchObject({ status: "ok", stderr: "", results: ["'result'"], shown: [expect.any(String)] });
    });

    test("of lines on standard output and standard error in turns", () => {
      const lines = Array.from({ length: 2000 }, (_, i) => `${i}\n`).join("");
      expect(turns).toMatchObject({ status: "ok", stdout: `${lines}END\n`, stderr: lines, results: ["'result'"] });
    });

    test("of displays that are shown anew, the last ones", () => {
      expect(updates.counts.update_display_data).toBeLessThan(3000);
      expect(updates.shown.slice(0, 3)).toEqual(["shown 5000", "shown 5000", "shown 5000"]);
      expect(updates).toMatchObject({ status: "ok", stdout: "END\n", stderr: "", results: ["'result'"] });
    });
  });
}
