import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answers } from "../support/jupyter/answers.js";
import { type Kernel, startKernel } from "../support/jupyter/index.js";
import { SOON } from "../support/time.js";

/* A cell that replaces what all JavaScript uses: the kernel works on, and the cell keeps what it has made. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
});
afterAll(() => kernel?.stop());
const { run, value, failure } = answers(() => kernel);

/** What is replaced, by what, and whether a cell sees it afterwards. */
const REPLACED: readonly [what: string, by: string][] = [
  ["Array.prototype.push", '() => { throw new Error("mine") }'],
  ["Array.prototype.map", "undefined"],
  ["Array.prototype.shift", "null"],
  ["Array.prototype[Symbol.iterator]", "undefined"],
  ["Object.assign", "null"],
  ["Object.entries", "null"],
  ["String.prototype.split", "null"],
  ["RegExp.prototype.exec", "() => null"],
  ["Map.prototype.get", "null"],
  ["Set.prototype.add", "null"],
  ["Date.prototype.toISOString", "() => { throw new Error() }"],
  ["Date.now", "() => 0"],
  ["JSON.stringify", '() => "{}"'],
  ["JSON.parse", "null"],
  ["Promise.race", "null"],
  ["Promise.prototype.then", "null"],
  ["Buffer.byteLength", "null"],
  ["Math.max", "() => NaN"],
  ["globalThis.JSON", "null"],
  ["globalThis.Promise", "class {}"],
  ["globalThis.Map", "null"],
  ["globalThis.String", "null"],
  ["globalThis.Proxy", "null"],
  ["globalThis.Date", "null"],
  ["globalThis.Buffer", "null"],
  ["globalThis.process", "{}"],
  ["globalThis.performance", "null"],
  ["globalThis.Atomics", "null"],
  ["globalThis.setTimeout", "() => 0"],
  ["process.cwd", '() => { throw new Error("nowhere") }'],
  ["process.on", "null"],
  ['require("crypto").createHmac', "null"],
  ['require("util").inspect', "null"],
  ['require("fs").statSync', "null"],
];

describe("the kernel does its work when a cell has replaced", () => {
  test.each(REPLACED)("%s by %s", async (what, by) => {
    await run(`const kept: any = ${what}, own: any = ${by};`);
    try {
      await run(`(${what} as any) = own;`);
      await works();
      expect(await value(`(${what} as any) === own`)).toBe("true");
    } finally {
      await run(`(${what} as any) = kept;`);
    }
    expect(await value(`(${what} as any) === kept`)).toBe("true");
  });

  test.each(["get", "value", "toJSON", "polluted"])(
    "nothing, but has given every object a property `%s`",
    async (name) => {
      await run(
        `Object.defineProperty(Object.prototype, "${name}", { get() { throw new Error("mine"); }, enumerable: true, configurable: true });`,
      );
      try {
        await works();
        expect(await value(`let seen = false; try { ({} as any).${name}; } catch { seen = true; } seen`)).toBe("true");
      } finally {
        await run(`delete (Object.prototype as any).${name};`);
      }
    },
  );

  test("nothing, but has tried to take away its way to the kernel", async () => {
    await run("(globalThis as any).__tslab__ = null;");
    expect(await value("delete (globalThis as any).__tslab__")).toBe("false");
    await works();
  });
});

describe("an interrupt ends an endless loop when a cell has replaced", () => {
  const ends = async () => {
    const loop = kernel.submit('await 0; console.log("here"); for (;;) {}');
    await kernel.waitForOutput(() => loop.stdout === "here\n");
    kernel.interrupt();
    await kernel.finish(loop, SOON);
    expect(loop.errors).toMatchObject([{ ename: "Interrupted" }]);
  };

  test.each([
    ["globalThis.Error", "null"],
    ["globalThis.Symbol", "null"],
    ["globalThis.queueMicrotask", "null"],
    ["Object.assign", "null"],
    ["RegExp.prototype.test", "() => { throw 1 }"],
    ["process.setUncaughtExceptionCaptureCallback", "null"],
  ])("%s by %s", async (what, by) => {
    await run(`const kept: any = ${what}; (${what} as any) = ${by};`);
    await ends();
    await run(`(${what} as any) = kept;`);
  });

  // It cannot be undone: the last test of this kernel.
  test("nothing, but has frozen Error; and calls are made then, and while the stack of an error is made", async () => {
    await run(
      'import { socket, AF_INET, SOCK_STREAM } from "kernel-helpers";\n' +
        'Error.prepareStackTrace = () => String(socket("s", AF_INET, SOCK_STREAM).fd);',
    );
    expect(await value("Number(new Error().stack) > 2")).toBe("true");
    await run("Error.prepareStackTrace = undefined; Object.freeze(Error);");
    await ends();
    expect((await run('socket("t", AF_INET, SOCK_STREAM).close();')).stdout).toContain("close(");
  });
});

async function works(): Promise<void> {
  expect((await run('console.log("shown")')).stdout).toBe("shown\n");
  expect(await value("const one = 1;\none + 1")).toBe("2");
  expect(await value("await 3")).toBe("3");
  expect(await failure('throw new Error("told")')).toBe("told");
  expect(await failure("one.nothing")).toContain("'nothing'");
  const completion = await kernel.request("complete_request", { code: "Math.ma", cursor_pos: 7 });
  expect(completion.content.matches).toContain("max");
  const inspection = await kernel.request("inspect_request", { code: "Math.max", cursor_pos: 8, detail_level: 0 });
  expect(inspection.content).toMatchObject({ found: true });
  const complete = await kernel.request("is_complete_request", { code: "f(" });
  expect(complete.content).toMatchObject({ status: "incomplete" });
}
