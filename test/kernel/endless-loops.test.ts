import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Kernel, startKernel } from "../support/jupyter/index.js";
import { LONG_PATIENCE_MS, SOON } from "../support/time.js";

/*
 * Loops of calls that never have to wait. They starved the event loop: no interrupt, no message and no timer came through, and the memory grew
 * by 0.7 GB in 8 s.
 */

const IMPORT = `import { socket, otherProcess, attempt, closeAll, every, serve, trace, AF_INET, SOCK_STREAM, SOCK_DGRAM, LOOPBACK, MSG_DONTWAIT } from "kernel-helpers";
trace.off();
let n = 0;`;

/** Handles of every kind that the loops need; a cell is run before each loop. */
const HANDLES = `closeAll();
n = 0;
const server = socket("server", AF_INET, SOCK_STREAM);
server.bind(LOOPBACK, 0);
server.listen();
const { port } = server.getsockname();
const gone = socket("gone", AF_INET, SOCK_STREAM);
await gone.connect(LOOPBACK, port);
const ended = await server.accept();
gone.close();
const a = socket("a", AF_INET, SOCK_STREAM);
await a.connect(LOOPBACK, port);
const b = await server.accept();
const u = socket("u", AF_INET, SOCK_DGRAM);
const v = socket("v", AF_INET, SOCK_DGRAM);
v.bind(LOOPBACK, 0);
const to = v.getsockname().port;
const shut = socket("shut", AF_INET, SOCK_DGRAM);
shut.close();
async function* endless() { for (;;) yield await ended.recv(10); }`;

/** Loops, and what ends each in the background. */
const LOOPS: [what: string, code: string, end: string][] = [
  ["recv of 0 bytes", "for (;;) { const d = await ended.recv(10); n++; if (!d) break; }", "ended.close();"],
  ["recvfrom of 0 bytes", "for (;;) { await ended.recvfrom(10); n++; }", "closeAll();"],
  ["recvmsg of 0 bytes", "for (;;) { await ended.recvmsg(10); n++; }", "ended.close();"],
  ["an echo that does not look for the end", "for (;;) { await a.send(await ended.recv()); n++; }", "ended.close();"],
  ["sendto", 'for (;;) { await u.sendto("x", LOOPBACK, to); n++; }', "u.close();"],
  ["sendmsg", 'for (;;) { await u.sendmsg({ data: "x", address: LOOPBACK, port: to }); n++; }', "closeAll();"],
  ["connect of a datagram socket", "for (;;) { await u.connect(LOOPBACK, to); n++; }", "u.close();"],
  [
    "ping-pong of two sockets",
    'for (;;) { await a.sendAll("ping"); await b.recvExactly(4); await b.send("pong"); await a.recv(); n++; }',
    "a.close();",
  ],
  [
    "ping-pong of two loops",
    'const one = async () => { for (;;) { await a.send("ping"); await a.recv(); n++; } };\n' +
      "const two = async () => { for (;;) await b.send(await b.recv()); };\nawait Promise.race([one(), two()]);",
    "a.close(); b.close();",
  ],
  [
    "connect and accept",
    "for (;;) { const c = socket('c', AF_INET, SOCK_STREAM); await c.connect(LOOPBACK, port); (await server.accept()).close(); n++; }",
    "server.close();",
  ],
  ["an async iterator of one's own", "for await (const d of endless()) n += 1;", "ended.close();"],
];

/** Loops that catch what ends them: only an interrupt ends these. */
const STUBBORN: [what: string, code: string][] = [
  ["attempt", 'for (;;) { await attempt(() => u.sendto("x", LOOPBACK, to)); n++; }'],
  ["attempt of what fails", 'for (;;) { await attempt(() => shut.sendto("x", LOOPBACK, to)); n++; }'],
  ["a closed handle", "for (;;) { try { n++; await shut.recv(); } catch {} }"],
  ["a closed stream handle", "ended.close(); for (;;) { try { n++; await ended.recv(10); } catch {} }"],
  ["wrong arguments", "for (;;) { try { n++; await (u as any).sendto(5, LOOPBACK, to); } catch {} }"],
  ["MSG_DONTWAIT", "for (;;) { try { n++; await v.recv(10, MSG_DONTWAIT); } catch {} }"],
  [
    "a client that tries again and again",
    "server.close(); for (;;) { try { n++; await a.connect(LOOPBACK, port); } catch {} }",
  ],
  [
    "a refused client that tries again",
    "server.close(); const c = socket('c', AF_INET, SOCK_STREAM);\nfor (;;) { try { n++; await c.connect(LOOPBACK, port); } catch {} }",
  ],
  ["what catches everything", 'for (;;) { try { n++; await u.sendto("x", LOOPBACK, to); } catch {} }'],
];

const THERE: [what: string, code: string, end: string][] = [
  ["sendto", 'for (;;) { await there.sendto("x", LOOPBACK, to); n++; }', "await there.close();"],
  [
    "recv of 0 bytes",
    "for (;;) { const d = await endedThere.recv(10); n++; if (!d) break; }",
    "await endedThere.close();",
  ],
];
const STUBBORN_THERE: [what: string, code: string][] = [
  ["attempt", 'for (;;) { await attempt(() => there.sendto("x", LOOPBACK, to)); n++; }'],
  ["a closed handle", "await there.close(); for (;;) { try { n++; await there.recv(); } catch {} }"],
  ["wrong arguments", "for (;;) { try { n++; await (there as any).sendto(5, LOOPBACK, to); } catch {} }"],
  ["a process that has ended", "await rival.stop(); for (;;) { try { n++; await there.recv(); } catch {} }"],
];
const PROCESS = `const rival = await otherProcess("rival");
const there = await rival.socket("there", AF_INET, SOCK_DGRAM);
const endedThere = await rival.socket("endedThere", AF_INET, SOCK_STREAM);
await endedThere.connect(LOOPBACK, port);
(await server.accept()).close();`;

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  await run(IMPORT);
});
afterAll(() => kernel?.stop());
beforeEach(() => run(HANDLES));

async function run(code: string) {
  const cell = await kernel.execute(code);
  expect(cell.status, cell.errors.map(({ evalue }) => evalue).join()).toBe("ok");
  return cell;
}

const count = async (): Promise<number> => Number((await run("n")).results[0]?.["text/plain"]);

/** Waits until the loop counts no more. */
async function standsStill(): Promise<void> {
  const deadline = performance.now() + SOON;
  for (let before = await count(); ; ) {
    await delay(100);
    const now = await count();
    if (now === before) return;
    expect(performance.now(), `the loop goes on: ${before}, ${now}`).toBeLessThan(deadline);
    before = now;
  }
}

/** An interrupt ends the loop, and the next cell runs. */
async function isEndedByInterrupt(code: string): Promise<void> {
  const cell = kernel.submit(`setTimeout(() => console.log("a timer"), 50);\n${code}`);
  // Other code gets its turn meanwhile.
  await kernel.waitForOutput(() => cell.stdout.includes("a timer"), SOON);
  expect(cell.finished).toBe(false);
  kernel.interrupt();
  await kernel.finish(cell, SOON);
  expect(cell.status).toBe("error");
  // Behind what the cell has printed more than may be sent at once.
  await kernel.waitForOutput(() => cell.errors.length > 0);
  expect(cell.errors.map(({ ename }) => ename)).toEqual(["Interrupted"]);
  await standsStill();
  expect(await count()).toBeGreaterThan(0);
}

/** Begun in the background, the loop goes on while cells run, and `end` ends it. */
async function runsBesideCells(code: string, end: string): Promise<void> {
  const begun = await run(`(async () => {\n${code}\n})().catch(() => {}); console.log("begun");`);
  const before = await count();
  const turns = await run(
    "let turns = 0; const timer = setInterval(() => turns++, 1);\nawait new Promise((wake) => setTimeout(wake, 300));\nclearInterval(timer); turns",
  );
  expect(Number(turns.results[0]?.["text/plain"])).toBeGreaterThan(0);
  expect(await count()).toBeGreaterThan(before);
  // It is no cell that could be interrupted.
  const listening = await run('process.once("SIGINT", () => console.log("heard")); 0;');
  kernel.interrupt();
  await kernel.waitForOutput(() => listening.stdout === "heard\n", SOON);
  const interrupted = await count();
  await delay(50);
  expect(await count()).toBeGreaterThan(interrupted);
  await run(end);
  await standsStill();
  expect(begun.stderr).toBe("");
}

describe("an interrupt ends the running cell's loop", { timeout: LONG_PATIENCE_MS }, () => {
  test.each(LOOPS)("%s", (_, code) => isEndedByInterrupt(code));
  test.each(STUBBORN)("%s", (_, code) => isEndedByInterrupt(code));
  test.each(LOOPS.slice(0, 5))("in a timer: %s", (_, code) =>
    isEndedByInterrupt(`setTimeout(async () => { ${code} }, 0); await new Promise(() => {});`),
  );
});

describe("a loop in the background lets cells and timers run, and ends with its handle", {
  timeout: LONG_PATIENCE_MS,
}, () => {
  test.each(LOOPS)("%s", (_, code, end) => runsBesideCells(code, end));
  test.each(STUBBORN)("%s", async (_, code) => {
    const stoppable = code.replaceAll("n++;", "n++; if (!(globalThis as any).goesOn) return;");
    await run(`(globalThis as any).goesOn = true;\n(async () => {\n${stoppable}\n})(); 0;`);
    expect(await count()).toBeGreaterThan(0);
    await run("(globalThis as any).goesOn = false;");
    await standsStill();
  });
});

describe("a loop that forgets to await the calls of another process ends by itself", () => {
  beforeEach(() => run(PROCESS));
  test.each([
    ["receives", "for (;;) there.recv();"],
    ["asks", "for (;;) there.getsockname();"],
    ["makes sockets", 'for (;;) rival.socket("many", AF_INET, SOCK_DGRAM);'],
    ["closes", "for (;;) there[Symbol.asyncDispose]();"],
    ["serves", 'for (;;) rival.serve("s", { address: LOOPBACK }, () => {});', "1,000"],
    ["ends it", "for (;;) rival.stop();", "1,000"],
    ["sends it a signal", "for (;;) rival.kill();", "1,000"],
    ["starts it", 'for (;;) otherProcess("rival");', "100"],
  ])("%s", async (_, loop, most = "30,000") => {
    const cell = await kernel.execute(loop, { timeout: LONG_PATIENCE_MS });
    const words = new RegExp(`was not made: ${most} .* not returned yet\\. Write \`await\``);
    expect([cell.status, cell.errors[0]?.evalue]).toEqual(["error", expect.stringMatching(words)]);
  });
});

describe("the same through another process", { timeout: LONG_PATIENCE_MS }, () => {
  beforeEach(() => run(PROCESS));
  test.each(THERE)("%s: an interrupt ends it", (_, code) => isEndedByInterrupt(code));
  test.each(STUBBORN_THERE)("%s: an interrupt ends it", (_, code) => isEndedByInterrupt(code));
  test.each(THERE)("%s: cells run beside it", (_, code, end) => runsBesideCells(code, end));
});

describe("a loop that forgets to await its calls ends by itself, before the memory does", () => {
  test.each([
    [
      "receives",
      "for (;;) u.recvfrom();",
      /^recvfrom\(\d+\) on "u" was not made: 10,000 calls wait there already\. Write `await`/,
    ],
    ["for exactly so much", "for (;;) a.recvExactly(5);", /^recv\(\d+\) on "a" was not made/],
    ["accepts", "for (;;) server.accept();", /^accept\(\d+\) on "server" was not made/],
    ["sends", 'for (;;) a.send("x".repeat(10_000));', /^send\(\d+\) on "a" was not made/],
    [
      "sends what is taken at once",
      'for (;;) u.sendto("x", LOOPBACK, to);',
      /^sendto\(\d+\) on "u" was not made: the results of 50,000 calls have not been handed over yet\. Write `await`/,
    ],
    [
      "serves",
      'for (;;) serve("s", { address: LOOPBACK }, () => {});',
      /^serve\(\) was not made: 1,000 of these calls/,
    ],
    ["counts", "for (;;) every(1000, 2, () => {});", /^every\(\) was not made: 10,000 of these calls/],
  ])("%s", async (_, loop, words) => {
    const cell = await kernel.execute(loop, { timeout: LONG_PATIENCE_MS });
    expect([cell.status, cell.errors[0]?.evalue]).toEqual(["error", expect.stringMatching(words)]);
    expect((await kernel.execute("closeAll(); 1 + 1", { timeout: LONG_PATIENCE_MS })).results).toEqual([
      { "text/plain": "2" },
    ]);
  });
});
