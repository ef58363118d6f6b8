import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";

/* What a forgotten `await` leaves: a promise, shown as one, and a line that says so. */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  await kernel.execute(`
    import { otherProcess, trace, socket, LOOPBACK, AF_INET, SOCK_STREAM } from "kernel-helpers";
    trace.off();
    // Whoever uses it has Node keep things in every promise.
    import { AsyncLocalStorage } from "node:async_hooks";
    const storage = new AsyncLocalStorage();
    const server = socket("server", AF_INET, SOCK_STREAM);
    server.bind(LOOPBACK, 0);
    server.listen(1);
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(LOOPBACK, server.getsockname().port);
    const rival = await otherProcess("rival");
    const there = await rival.socket("there", AF_INET, SOCK_STREAM);
    class Own extends Promise<number> {}`);
});
afterAll(async () => {
  await kernel?.execute("await rival.stop()");
  await kernel?.stop();
});

const HINT = "This is a promise, not its value: write `await` before it.\n";

describe("as the last line of a cell", () => {
  test.each([
    ['client.send("hi")', "Promise { 2 }"],
    ["server.accept(); client.recv()", "Promise { <pending> }"],
    ["client.recv(0)", "Promise { <pending> }"],
    ["there.getsockname()", "Promise { <pending> }"],
    ["storage.run({ secret: 1 }, () => Promise.resolve('x'))", "Promise { 'x' }"],
    ["Own.resolve(1)", "Own [Promise] { 1 }"],
    ["const failed = Promise.reject('no'); failed.catch(() => {}); failed", "Promise { <rejected> 'no' }"],
  ])("%s is shown as a promise, with what to do", async (code, shown) => {
    const cell = await kernel.execute(code);
    expect(cell.results.map((result) => result["text/plain"])).toEqual([shown]);
    expect(cell.stderr).toBe(HINT);
  });

  test("many of them in a list need Promise.all", async () => {
    const cell = await kernel.execute("[1, 2].map(async (n) => n)");
    expect(cell.results.map((result) => result["text/plain"])).toEqual(["[ Promise { 1 }, Promise { 2 } ]"]);
    expect(cell.stderr).toContain("write `await Promise.all(…)` around them");
  });

  test.each([
    "const later = client.recv(5);",
    "await client.send('x')",
    "({ later: Promise.resolve(1) })",
    "void client.recv(5)",
  ])("nothing is said of %s", async (code) => {
    expect((await kernel.execute(code)).stderr).toBe("");
  });
});

test("printed promises have no internals either", async () => {
  const cell = await kernel.execute(
    "console.log(storage.run(1, () => Promise.resolve({ p: Promise.resolve(2) })), client.recv(6))",
  );
  expect(cell.stdout).toBe("Promise { { p: Promise { 2 } } } Promise { <pending> }\n");
});

test("one that rejects later, awaited by nobody, says so below its error", async () => {
  const cell = kernel.submit("const go = async () => { await null; throw new Error('late'); };\nvoid go();");
  await kernel.finish(cell);
  await kernel.waitForOutput(() => cell.stderr !== "");
  expect(cell.stderr).toMatch(/^UnhandledPromiseRejection: Error: late\n {4}at go \(cell \[\d+\]:1:44\)\n/);
  expect(cell.stderr).toMatch(
    /\nNobody awaits this promise: write `await` before the call that made it, or catch its error\.\n$/,
  );
});

test("a thrown promise is no error, and shown without internals", async () => {
  const cell = await kernel.execute("throw Promise.resolve(2);");
  expect(cell.errors[0]).toMatchObject({ ename: "Uncaught", evalue: "Promise { 2 }" });
});
