import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cell, type Kernel, startKernel } from "../support/jupyter/index.js";

// What code of an earlier cell prints later stands in the output of its own cell. The stock kernel has it in that of the newest cell.
let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  await run(`import { socket, choosePort, otherProcess, ladder, closeAll, every, AF_INET, SOCK_STREAM, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";
    globalThis.open = [];
    const gate = (): Promise<void> => new Promise<void>((resolve) => globalThis.open.push(resolve));`);
});
afterAll(() => kernel?.stop());

async function run(code: string, cellId?: string): Promise<Cell> {
  const cell = await kernel.execute(code, cellId === undefined ? {} : { cellId });
  expect(cell.status, cell.errors.map((error) => error.traceback.join("\n")).join()).toBe("ok");
  return cell;
}

/** Ends the wait of a cell at its gate, in another cell, and waits for what it prints then. */
async function openGate(first: Cell, text: string | RegExp): Promise<Cell> {
  const other = await run("globalThis.open.splice(0).forEach((open: () => void) => open()); const opened = await 0;");
  await kernel.waitForOutput(() => (first.stdout + first.stderr).search(text) >= 0);
  const rest = await run("'rest'");
  for (const cell of [other, rest]) expect(cell.stdout + cell.stderr).toBe("");
  return other;
}

describe("in its own cell stands", () => {
  test.each([
    ["a promise", 'void gate().then(() => console.log("later"));'],
    [
      "a loop",
      'async function loop() { await gate(); process.stdout.write("la"); await 0; console.log("ter"); }\nconst looping = loop();',
    ],
    ["a timer", 'void gate().then(() => setTimeout(() => console.log("later"), 5));'],
    [
      "an interval",
      'const beat = setInterval(() => { if (globalThis.open.length === 0) { clearInterval(beat); console.log("later"); } }, 1);\nvoid gate();',
    ],
    [
      "an event handler",
      'import { createServer, connect } from "node:net";\nconst listener = createServer((c) => { console.log("later"); c.end(); }).listen(0, LOOPBACK);\nvoid gate().then(() => connect((listener.address() as any).port, LOOPBACK).on("close", () => listener.close()).resume());',
    ],
    [
      "a child process's data",
      'import { spawn } from "node:child_process";\nconst child = spawn("cat");\nchild.stdout.on("data", (d) => console.log(String(d)));\nvoid gate().then(() => child.stdin.end("later"));',
    ],
    ["standard error", 'void gate().then(() => console.error("later"));'],
  ])("what is printed by %s", async (_, code) => {
    await openGate(await run(code), /later/);
  });

  test("an error in a timer, an event handler and an abandoned promise", async () => {
    await openGate(
      await run('void gate().then(() => setTimeout(() => { throw new Error("in a timer"); }, 0));'),
      /UncaughtException: Error: in a timer/,
    );
    await openGate(
      await run('void gate().then(() => { throw new Error("nobody"); });'),
      /UnhandledPromiseRejection: Error: nobody/,
    );
    await openGate(
      await run(
        'import { EventEmitter } from "node:events";\nconst e = new EventEmitter().on("x", () => { throw new Error("in a handler"); });\nvoid gate().then(() => setImmediate(() => e.emit("x")));',
      ),
      /UncaughtException: Error: in a handler/,
    );
  });

  test.each([
    ["a microtask", "queueMicrotask"],
    ["an immediate", "setImmediate"],
    ["a tick", "process.nextTick"],
  ])("an error in %s", async (where, begin) => {
    const cell = await run(`void gate().then(() => ${begin}(() => { throw new Error("in ${where}"); }));`);
    await openGate(cell, `UncaughtException: Error: in ${where}`);
  });

  test("a display, with a picture's words beside it", async () => {
    const cell = await run("void gate().then(() => ladder());");
    await run("globalThis.open.splice(0).forEach((open: () => void) => open()); const opened = await 0;");
    await kernel.waitForOutput(() => cell.displays.length > 0);
    expect(cell.displays[0]).toEqual({ "text/html": expect.any(String), "text/plain": expect.any(String) });
  });

  test("the line of a call that waits, whoever ends the wait", async () => {
    await run('const server = socket("server", AF_INET, SOCK_STREAM); server.bind(LOOPBACK, 0); server.listen(5);');
    const accepts = await run("const waiting = server.accept();");
    const connects = await run(
      'const client = socket("client", AF_INET, SOCK_STREAM); await client.connect(LOOPBACK, server.getsockname().port);',
    );
    await kernel.waitForOutput(() => / = \d+ /.test(accepts.stdout));
    expect(accepts.stdout).toMatch(/^server {8}accept\(\d+\) waits for a client\nserver {8}accept\(\d+\) = \d+ /);
    expect(connects.stdout).not.toContain("accept");
    // The same, when another cell awaits it; when it is over by its deadline; and when another cell closes the handle.
    const line = await run("const line = await waiting;");
    expect(line.stdout).toBe("");
    const receives = await run("const bytes = line.recv(10, 0, { timeout: 50 });");
    const late = await run("const error = await bytes.catch(() => 0);");
    expect(receives.stdout).toMatch(/ended: timeout/);
    expect(late.stdout).toBe("");
    const again = await run("const more = line.recv().catch(() => 0);");
    const closes = await run("line.close();");
    expect(again.stdout).toMatch(/recv\(\d+.* ended: the handle was closed/);
    expect(closes.stdout).toMatch(/^server→1 {6}close\(\d+\) = 0\n$/);
  });

  test("the lines of a call in another process", async () => {
    await run('const rival = await otherProcess("rival"); const box = await rival.socket("box", AF_INET, SOCK_DGRAM);');
    await run('await box.bind(LOOPBACK, choosePort("box"));');
    const receives = await run("const data = box.recv();");
    const sends = await run(
      'const sender = socket("sender", AF_INET, SOCK_DGRAM); await sender.sendto("hi", LOOPBACK, choosePort("box"));',
    );
    await kernel.waitForOutput(() => / = 2/.test(receives.stdout));
    expect(receives.stdout).toMatch(/^box {11}recv\(\d+.* waits for a datagram\nbox {11}recv\(\d+, "hi".* = 2\n/);
    expect(sends.stdout).not.toContain("box  ");
    const names = await run("const name = await box.getsockname();");
    expect(names.stdout).toMatch(/^box {11}getsockname/);
    const waits = await run("const never = box.recv().catch(() => 0);");
    const kills = await run("await rival.kill();");
    expect(kills.stdout).toMatch(/^rival .*SIGKILL/m);
    expect(waits.stdout).toMatch(/ended: the handle was closed/);
  });
});

test("what code of the running cell prints stands there, also when an earlier cell has made its functions and emitters", async () => {
  const first = await run(
    'import { EventEmitter } from "node:events";\nconst bus = new EventEmitter().on("x", () => console.log("heard")); function hello() { console.log("hello"); }',
  );
  const second = await run('hello(); bus.emit("x");');
  expect(first.stdout).toBe("");
  expect(second.stdout).toBe("hello\nheard\n");
});

test("a cell that is run again has one place: what its earlier run has left goes on there", async () => {
  const code = 'console.log("run"); void gate().then(() => console.log("later"));';
  const first = await run(code, "cell-a");
  const second = await run('console.log("again");', "cell-a");
  await openGate(second, /later/);
  expect(first.stdout).toBe("run\n");
  expect(second.stdout).toBe("again\nlater\n");
});

test("a cell that leaves another write behind does not make the next ones mute", async () => {
  await run("process.stdout.write = (() => true) as never;");
  expect((await run("console.log('heard');")).stdout).toBe("heard\n");
});

test("bytes of half a character belong to the cell that has written them", async () => {
  const first = await run(
    'process.stdout.write(Buffer.from("ä").subarray(0, 1)); void gate().then(() => process.stdout.write(Buffer.from("ä").subarray(1)));',
  );
  expect((await run('process.stdout.write(Buffer.from("ö"))')).stdout).toBe("ö");
  await openGate(first, /ä/);
});

test("what a cell has shown anew in the place of another one has come when it ends", async () => {
  await run(
    'import { newDisplay } from "tslab";\nconst place = newDisplay(); place.html("first"); void gate().then(() => { for (let i = 0; i < 100; i++) place.html("last " + i); });',
  );
  const cell = await run("globalThis.open.splice(0).forEach((open: () => void) => open()); const opened = await 0;");
  const ends = kernel.iopub.findIndex(
    ({ header, content, parent_header }) =>
      header.msg_type === "status" && content.execution_state === "idle" && parent_header.msg_id === cell.id,
  );
  const last = kernel.iopub.findIndex(({ content }) => JSON.stringify(content).includes("last 99"));
  expect(last).toBeGreaterThan(0);
  expect(last).toBeLessThan(ends);
});
