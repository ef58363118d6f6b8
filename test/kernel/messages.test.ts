import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

// The Jupyter messaging specification, https://jupyter-client.readthedocs.io/en/stable/messaging.html
let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());

describe("a cell", () => {
  test("sends busy, its code, its output, its result, idle, all in its name", async () => {
    const code = "console.log('out'); 6 * 7";
    const cell = await kernel.execute(code);
    expect(cell.sequence).toEqual(["busy", "execute_input", "stream", "execute_result", "idle"]);
    expect(cell.messages[1]?.content).toEqual({ code, execution_count: cell.executionCount });
    expect(cell.messages[3]?.content).toEqual({
      execution_count: cell.executionCount,
      data: { "text/plain": "42" },
      metadata: {},
    });
    for (const message of [...cell.messages, cell.reply!]) {
      expect(message.parent_header).toMatchObject({ msg_id: cell.id, msg_type: "execute_request" });
      expect(message.header).toMatchObject({ version: "5.3", session: expect.any(String), msg_id: expect.any(String) });
      expect(Date.parse(message.header.date)).not.toBeNaN();
    }
    expect(new Set(cell.messages.map((message) => message.header.msg_id)).size).toBe(cell.messages.length);
    expect(cell.reply?.header.msg_type).toBe("execute_reply");
    expect(cell.reply?.content).toMatchObject({ status: "ok", user_expressions: {}, payload: [] });
  });

  test("takes away with console.clear() what it has shown, in its place among the rest", async () => {
    const cell = await kernel.execute('console.log("before"); console.clear(); console.log("behind");');
    expect(cell.sequence).toEqual(["busy", "execute_input", "stream", "clear_output", "stream", "idle"]);
    expect(cell.messages[3]?.content).toEqual({ wait: false });
    expect((await kernel.execute("console.clear();")).sequence).toEqual([
      "busy",
      "execute_input",
      "clear_output",
      "idle",
    ]);
  });

  test("fails with an error message whose content the reply repeats", async () => {
    const cell = await kernel.execute("console.log('before'); throw new RangeError('too far');");
    expect(cell.sequence).toEqual(["busy", "execute_input", "stream", "error", "idle"]);
    expect(cell.errors[0]).toMatchObject({ ename: "RangeError", evalue: "too far" });
    expect(cell.reply?.content).toEqual({ status: "error", execution_count: cell.executionCount, ...cell.errors[0] });
    expect(cell.stderr).toBe("");
  });

  test.each<[string, unknown]>([
    ["'text'", "text"],
    ["[1, { a: new Map([[1, 'one']]) }]", [1, { a: new Map([[1, "one"]]) }]],
    ["10n ** 20n", 10n ** 20n],
    ["0", 0],
    ["false", false],
    ["await Promise.resolve('awaited')", "awaited"],
  ])("shows the value of %s as its result", async (code, value) => {
    expect((await kernel.execute(code)).results).toEqual([{ "text/plain": inspect(value) }]);
  });

  test.each(["undefined", "null", "void 0", "const unused = 1;", "", "// nothing"])(
    "has no result for %j",
    async (code) => {
      const cell = await kernel.execute(code);
      expect(cell.sequence).toEqual(["busy", "execute_input", "idle"]);
      expect(cell.status).toBe("ok");
    },
  );

  test("that is silent shows nothing and is not counted", async () => {
    const before = await kernel.execute("0;");
    const cell = await kernel.execute("console.log('hidden'); const hidden = 5; hidden", { silent: true });
    expect(cell.sequence).toEqual(["busy", "idle"]);
    expect(cell.reply?.content).toMatchObject({ status: "ok", execution_count: before.executionCount });
    const after = await kernel.execute("console.log(hidden)");
    expect(after.executionCount).toBe(before.executionCount! + 1);
    expect(after.stdout).toBe("5\n");
  });

  test("that is silent does not take the output of the background away from the last cell", async () => {
    const cell = await kernel.execute("const beat = setInterval(() => console.log('beat'), 5); 0;");
    await kernel.execute("0;", { silent: true });
    const heard = cell.messages.length;
    await kernel.waitForOutput(() => cell.messages.length > heard);
    await kernel.execute("clearInterval(beat);");
    expect(cell.stdout).toMatch(/^(beat\n)+$/);
  });

  test("that is kept out of the history shows everything and is not counted", async () => {
    const before = await kernel.execute("0;");
    const cell = await kernel.execute("1 + 1", { storeHistory: false });
    expect(cell.results).toEqual([{ "text/plain": "2" }]);
    expect(cell.executionCount).toBe(before.executionCount);
  });

  test("loses no line when it prints 5,000 at once", async () => {
    const cell = await kernel.execute("for (let i = 0; i < 5000; i++) console.log(i);");
    expect(cell.stdout).toBe(Array.from({ length: 5000 }, (_, i) => `${i}\n`).join(""));
  });

  test("may write bytes, part of a character at a time, and hear when they are written", async () => {
    const cell = await kernel.execute(`
      const bytes = Buffer.from("häh");
      process.stdout.write(bytes.subarray(0, 2));
      await new Promise<void>((resolve) => process.stdout.write(bytes.subarray(2), () => resolve()));
      process.stderr.write("6f6b", "hex");`);
    expect(cell.stdout).toBe("häh");
    expect(cell.stderr).toBe("ok");
  });

  test("tells its number to the code that runs, and that it has ended", async () => {
    const current = 'globalThis[Symbol.for("socket-workshop.cell")]';
    const cell = await kernel.execute(`
      const seen: { count: number; running: boolean } = (globalThis as any)[Symbol.for("socket-workshop.cell")];
      console.log(seen.count, seen.running);
      setTimeout(() => console.log(seen.count, seen.running, seen === (${current.replace("globalThis", "(globalThis as any)")})), 0);`);
    await kernel.waitForOutput(
      (message) => String(message.content.text).endsWith("true\n") && cell.stdout.split("\n").length > 2,
    );
    expect(cell.stdout).toBe(`${cell.executionCount} true\n${cell.executionCount} false true\n`);
  });
});
