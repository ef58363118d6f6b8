import { afterAll, beforeAll, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";
import { SOON } from "../support/time.js";

/*
 * Code that leaves the event loop no turn, after the part of its cell that Node itself interrupts: nothing came through to it, and the kernel had
 * to be restarted.
 */

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  await kernel.execute("let beats = 0; setInterval(() => beats++, 5);");
  // A server, which goes on.
  await kernel.execute(`import { otherProcess, socket, attempt, trace, AF_INET, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";
trace.off();
const echo = socket("echo", AF_INET, SOCK_DGRAM);
echo.bind(LOOPBACK, 0);
(async () => { for (;;) { const { data, from } = await echo.recvfrom(); await echo.sendto(data, from.address, from.port); } })();
0;`);
});
afterAll(() => kernel?.stop());

const answers = async () => {
  const cell = await kernel.execute(`const client = socket("client", AF_INET, SOCK_DGRAM);
await client.connect(LOOPBACK, echo.getsockname().port);
await client.send("still here");
console.log(String(await client.recv()));`);
  expect([cell.stdout, cell.stderr, cell.errors]).toEqual(["still here\n", "", []]);
  const before = Number((await kernel.execute("beats")).results[0]?.["text/plain"]);
  await kernel.execute("await new Promise((wake) => setTimeout(wake, 50));");
  expect(Number((await kernel.execute("beats")).results[0]?.["text/plain"])).toBeGreaterThan(before);
};

/** Returns when every interrupt has been heard: one that is still on its way would end the next cell. */
async function nothingIsOnItsWay(): Promise<void> {
  const listen = () => kernel.execute('process.once("SIGINT", () => console.log("heard")); 0;');
  let listening = await listen();
  while (listening.status !== "ok") listening = await listen();
  kernel.interrupt();
  await kernel.waitForOutput(() => listening.stdout.includes("heard"));
}

test.each<[string, string]>([
  ["after an await", 'await 0; console.log("here"); for (;;) {}'],
  ["of promises", 'console.log("here"); for (;;) await null;'],
  ["of promises, and with a system call", 'console.log("here"); for (;;) { await null; echo.getsockname(); }'],
  // Nearly whenever it is looked at, the stack of an error is just being made.
  ["of attempts that fail", 'console.log("here"); for (;;) await attempt(() => { throw new Error("no call"); });'],
  [
    "in the making of an error's stack",
    'console.log("here"); await 0;\nError.prepareStackTrace = () => { Error.prepareStackTrace = undefined; for (;;) {} };\nString(new Error("no call").stack);',
  ],
  ["that catches everything", 'await 0; console.log("here"); for (;;) { try { JSON.parse(""); } catch {} }'],
  [
    "in a function that is not awaited",
    'const spin = async () => { await null; console.log("here"); for (;;) {} };\nspin(); 0;',
  ],
  ["in a timer", 'setTimeout(() => { console.log("here"); for (;;) {} }, 0);\nawait new Promise(() => {});'],
  ["in an immediate", 'setImmediate(() => { console.log("here"); for (;;) {} }); 0;'],
  [
    "of a chain of promises",
    'const go = (): unknown => Promise.resolve().then(go);\nsetTimeout(() => { console.log("here"); go(); }, 0); await new Promise(() => {});',
  ],
  [
    "of ticks",
    'const tick = () => { process.nextTick(tick); };\nsetTimeout(() => { console.log("here"); tick(); }, 0); await new Promise(() => {});',
  ],
  [
    "of ticks that do something",
    'const busy = () => { process.nextTick(busy); JSON.stringify([1, 2, 3]); };\nsetImmediate(() => { console.log("here"); busy(); }); 0;',
  ],
  [
    "of ticks and promises",
    'const both = async () => { await null; process.nextTick(both); };\nsetTimeout(() => { console.log("here"); both(); }, 0); await new Promise(() => {});',
  ],
  ["that prints", 'await 0; for (;;) console.log("here");'],
])("an interrupt ends a loop %s, and everything else goes on", async (_, code) => {
  const cell = kernel.submit(code);
  await kernel.waitForOutput(() => cell.stdout !== "").catch(() => {});
  const behind = kernel.submit("1 + 1");
  kernel.interrupt();
  await kernel.finish(cell, SOON);
  await kernel.finish(behind, SOON);
  // Behind what the cell has printed more than may be sent at once.
  if (cell.status !== "ok") await kernel.waitForOutput(() => cell.errors.length > 0);
  expect(cell.errors).toMatchObject(cell.status === "ok" ? [] : [{ ename: "Interrupted" }]);
  await answers();
});

test("no request is lost that comes while a loop of ticks is ended", async () => {
  for (let round = 0; round < 10; round++) {
    const cell = kernel.submit(
      'const tick = () => { process.nextTick(tick); };\nsetTimeout(() => { console.log("here"); tick(); }, 0); await new Promise(() => {});',
    );
    await kernel.waitForOutput(() => cell.stdout !== "");
    const behind = kernel.submit("1 + 1");
    kernel.interrupt();
    await kernel.finish(cell);
    await kernel.finish(behind);
  }
  await answers();
});

test.each([
  ["during awaits", "await new Promise(() => {});"],
  ["in a synchronous loop", "for (;;) {}"],
  ["in a loop after an await", "await 0; for (;;) {}"],
  ["in a loop of calls", "for (;;) await socket('u', AF_INET, SOCK_DGRAM).connect(LOOPBACK, 9);"],
  ["between cells", ""],
])("three hundred interrupts in a second %s: the kernel lives, and what it had started answers", async (_, code) => {
  let sent = 0;
  let cell = kernel.submit(code);
  await new Promise<void>((done) => {
    const timer = setInterval(() => {
      // Whatever has ended is begun again, so that the next ones meet it too.
      if (cell.finished && code !== "") cell = kernel.submit(code);
      for (let i = 0; i < 3; i++, sent++) kernel.interrupt();
      if (sent < 300) return;
      clearInterval(timer);
      done();
    }, 10);
  });
  // The last cell may have begun after the last interrupt.
  const again = setInterval(() => kernel.interrupt(), 500);
  await kernel.finish(cell);
  clearInterval(again);
  await nothingIsOnItsWay();
  await answers();
});

// The moment at which it is ended is a matter of chance: in Node's own count of promises one in some ten was fatal.
test("fifteen loops of promises, one behind the other, are ended, and the kernel lives", async () => {
  for (let i = 0; i < 15; i++) {
    const cell = kernel.submit('console.log("here"); for (;;) await null;');
    await kernel.waitForOutput(() => cell.stdout !== "");
    kernel.interrupt();
    await kernel.finish(cell, SOON);
    expect(cell.errors).toMatchObject([{ ename: "Interrupted" }]);
  }
  await answers();
});

test("an interrupt in the middle of calls leaves the record whole", async () => {
  await kernel.execute('import { calls } from "kernel-helpers"; trace.short();');
  for (let i = 0; i < 20; i++) {
    const cell = kernel.submit(`console.log("here"); trace.off(); for (;;) echo.getsockname();`);
    await kernel.waitForOutput(() => cell.stdout.includes("here"));
    kernel.interrupt();
    await kernel.finish(cell, SOON);
    const next = await kernel.execute("trace.short(); calls.getsockname(echo.fd); new Error().stack!.length > 0");
    expect(next.stdout).toMatch(/^calls +getsockname\(/);
    expect(next.results).toEqual([{ "text/plain": "true" }]);
  }
  await kernel.execute("trace.off();");
});

test("an interrupt in the middle of a long completion leaves the compiler whole", async () => {
  await kernel.execute("const someNumber = 7;");
  const asked = Array.from({ length: 20 }, () => kernel.request("complete_request", { code: "someN", cursor_pos: 5 }));
  kernel.interrupt();
  for (const reply of await Promise.all(asked)) expect(reply.content.matches).toContain("someNumber");
  await nothingIsOnItsWay();
  await answers();
});
