import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, type Spec, startKernel, withKernel } from "../support/jupyter/index.js";
import { SOON } from "../support/time.js";

// What notebooks rely on, with our launcher and with tslab as it comes from npm.
describe.each<Spec>(["ours", "stock"])("%s kernel", (spec) => {
  let kernel: Kernel;
  beforeAll(async () => {
    kernel = await startKernel({ spec });
  });
  afterAll(() => kernel?.stop());

  async function run(code: string) {
    const cell = await kernel.execute(code);
    expect(cell.status, `${code}\n${cell.stderr}`).toBe("ok");
    expect(cell.stderr).toBe("");
    return cell;
  }

  test("says what it is", async () => {
    const { content } = await kernel.request("kernel_info_request");
    expect(content).toMatchObject({
      protocol_version: "5.3",
      implementation: "tslab",
      language_info: { name: "typescript", file_extension: ".ts", mimetype: "text/typescript" },
    });
  });

  test("runs typed code, and keeps variables, functions, classes and types for later cells", async () => {
    await run("interface Point { x: number }\nclass Pair<T> { constructor(readonly a: T, readonly b: T) {} }");
    await run(
      "const pair = new Pair<Point>({ x: 1 }, { x: 2 });\nfunction sum(p: Pair<Point>): number { return p.a.x + p.b.x }",
    );
    expect((await run("console.log(sum(pair))")).stdout).toBe("3\n");
  });

  test("runs a cell that declares a constant again", async () => {
    await run("const again = 1;");
    expect((await run("const again = 2; console.log(again);")).stdout).toBe("2\n");
  });

  test("counts executions", async () => {
    const first = await run("0;");
    expect((await run("0;")).executionCount).toBe(first.executionCount! + 1);
  });

  test("awaits at the top level", async () => {
    await run("const later = await new Promise<string>((resolve) => setTimeout(resolve, 5, 'later'));");
    expect((await run("console.log(later)")).stdout).toBe("later\n");
  });

  test("imports Node's modules with their types", async () => {
    expect(
      (await run("import { basename } from 'node:path';\nconsole.log(basename('/a/b') satisfies string)")).stdout,
    ).toBe("b\n");
  });

  test("keeps the order of output", async () => {
    const cell = await kernel.execute("for (let i = 0; i < 50; i++) (i % 2 ? console.error : console.log)(i);");
    const streams = cell.messages.filter((message) => message.header.msg_type === "stream");
    expect(streams.map((message) => message.content.text).join("")).toBe(
      Array.from({ length: 50 }, (_, i) => `${i}\n`).join(""),
    );
  });

  test("displays HTML, and updates a display from a later cell", async () => {
    const first = await run(
      "import * as tslab from 'tslab';\nconst place = tslab.newDisplay();\nplace.html('<b>one</b>');",
    );
    expect(first.displays).toEqual([{ "text/html": "<b>one</b>" }]);
    const second = await run("place.html('<b>two</b>');");
    const update = second.messages.find((message) => message.header.msg_type === "update_display_data");
    expect(update?.content.data).toEqual({ "text/html": "<b>two</b>" });
    const display = first.messages.find((message) => message.header.msg_type === "display_data");
    expect(update?.content.transient).toEqual(display?.content.transient);
  });

  test("gives a package the tslab of the running kernel", async () => {
    const cell = await run(`
      import { createRequire } from "node:module";
      const inPackage = createRequire(createRequire(process.cwd() + "/cell.js").resolve("kernel-helpers/package.json"));
      inPackage("tslab").display.text("from a package");`);
    expect(cell.displays).toEqual([{ "text/plain": "from a package" }]);
  });

  // See own-cell.test.ts.
  test("sends output of a finished cell to that cell; the stock kernel to the one that was started last", async () => {
    const first = await run(`
      let open = () => {};
      void new Promise<void>((resolve) => (open = resolve)).then(() => console.log("from the past"));`);
    const second = await run("open(); const opened = await 0;");
    const [place, other] = spec === "ours" ? [first, second] : [second, first];
    expect(place.stdout).toBe("from the past\n");
    expect(other.stdout).toBe("");
  });

  test("reports an error in a callback and an abandoned promise on stderr, and lives on", async () => {
    await kernel.execute("setTimeout(() => { throw new Error('in a timer') }, 0); 0;");
    const thrown = await kernel.waitForOutput((message) => /UncaughtException/.test(String(message.content.text)));
    expect(thrown.content).toMatchObject({ name: "stderr", text: expect.stringContaining("Error: in a timer") });
    await kernel.execute("void Promise.reject(new Error('nobody waits'));");
    const rejected = await kernel.waitForOutput((message) =>
      /UnhandledPromiseRejection/.test(String(message.content.text)),
    );
    expect(rejected.content).toMatchObject({ name: "stderr", text: expect.stringContaining("Error: nobody waits") });
    expect((await run("console.log('alive')")).stdout).toBe("alive\n");
  });

  // The stock kernel answers "abort" for 200 ms after an error: a failing cell is the last thing that a kernel is asked.
  test("fails on a type error without running the cell", async () => {
    const cell = await kernel.execute("console.log('ran');\nconst n: number = 'text';");
    expect(cell.status).toBe("error");
    expect(cell.stdout).toBe("");
    const shown = cell.stderr + cell.errors.flatMap((error) => error.traceback).join("\n");
    expect(shown).toContain("2:7 - Type 'string' is not assignable to type 'number'.");
  });

  test("interrupts a cell that waits, and ends with a shutdown request", async () => {
    await withKernel({ spec }, async (own) => {
      const cell = own.submit("setTimeout(() => console.log('waiting'), 0); await new Promise(() => {});");
      await own.waitForOutput((message) => message.content.text === "waiting\n");
      own.interrupt();
      await own.finish(cell, SOON);
      expect(cell.status).toBe("error");
      expect(await own.shutdown()).toMatchObject({ code: 0, signal: null });
    });
  });
});
