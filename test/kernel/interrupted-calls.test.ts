import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cell, type Kernel, startKernel } from "../support/jupyter/index.js";
import { LONG_PATIENCE_MS, PATIENCE_MS } from "../support/time.js";

/*
 * Interrupts that come while a cell makes calls in its synchronous part, where Node ends its JavaScript: nothing of the helpers is ended
 * between a system call and its book-keeping. What was opened can be closed, what was closed is closed, and what was received is kept.
 */

/** So many cells are ended. */
const ENDED = 40;

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  await run(`import { calls, closeAll, choosePort, handles, otherProcess, serve, socket, trace, AF_INET, AF_UNIX, SOCK_STREAM, MSG_DONTWAIT, LOOPBACK } from "kernel-helpers";
    trace.off();
    const port = choosePort();`);
});
afterAll(() => kernel?.stop());

async function run(code: string): Promise<Cell> {
  const cell = await kernel.execute(code);
  expect(cell.status, `${code}\n${cell.errors.map((error) => error.traceback.join("\n"))}`).toBe("ok");
  return cell;
}

/** Runs a cell that never ends by itself again and again, and interrupts it, each time after it has begun, at a moment that nobody has chosen. */
async function storm(code: string): Promise<void> {
  for (let ended = 0; ended < ENDED; ended++) {
    const cell = kernel.submit(`console.log("begun"); ${code}`);
    await kernel.waitForOutput(() => cell.stdout.includes("begun"));
    await delay(Math.random() * 15);
    kernel.interrupt();
    await kernel.finish(cell);
    expect(cell.errors, `${cell.status}: ${cell.errors.map((error) => error.traceback.join("\n"))}`).toMatchObject([
      { ename: "Interrupted" },
    ]);
  }
}

/** The kernel's descriptors of sockets and pipes. */
function descriptors(): string[] {
  const folder = `/proc/${kernel.pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      const target = readlinkSync(`${folder}/${fd}`);
      return /^(socket|pipe):/.test(target) ? [target] : [];
    } catch {
      return [];
    }
  });
}

function children(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]) === kernel.pid;
    } catch {
      return false;
    }
  });
}

/** What is open when a storm is over, and everything closed, that was not open before. */
async function leftBy(code: string, clear = ""): Promise<void> {
  await run("closeAll();");
  const before = new Set(descriptors());
  await storm(code);
  await run(`${clear} closeAll();`);
  // Those of other processes are closed a moment after their end.
  await expect.poll(() => descriptors().filter((target) => !before.has(target)), { timeout: PATIENCE_MS }).toEqual([]);
}

/** The port is free, or has a listener that is no listener any more. */
const portIsFree = () =>
  run(`const next = socket("next", AF_INET, SOCK_STREAM); next.bind(LOOPBACK, port); next.listen(); next.close();`);

test("in a loop that opens, binds, listens and closes: every socket is closed, and the port is free", {
  timeout: LONG_PATIENCE_MS,
}, async () => {
  await leftBy(
    'for (;;) { const s = socket("a", AF_INET, SOCK_STREAM); s.bind(LOOPBACK, port); s.listen(1); s.close(); }',
  );
  await portIsFree();
});

test("in a loop that opens one name anew: its predecessor is closed", { timeout: LONG_PATIENCE_MS }, async () => {
  await leftBy('for (;;) { const s = socket("a", AF_INET, SOCK_STREAM); s.bind(LOOPBACK, port); s.listen(1); }');
  await portIsFree();
});

test("in a loop that accepts: both ends of every connection are closed", { timeout: LONG_PATIENCE_MS }, async () => {
  await leftBy(`for (;;) {
    const listener = socket("listener", AF_INET, SOCK_STREAM); listener.bind(LOOPBACK, port); listener.listen();
    const client = socket("client", AF_INET, SOCK_STREAM); client.connect(LOOPBACK, port);
    listener.accept();
  }`);
  await portIsFree();
});

test("in a loop that serves one port anew: it is served in the end", { timeout: LONG_PATIENCE_MS }, async () => {
  const serving = 'serve("server", { port }, () => {})';
  await leftBy(`for (;;) ${serving};`);
  await run(`const server = await ${serving}; await server.stop();`);
});

test("in a loop of calls on numbers: the program knows every descriptor", { timeout: LONG_PATIENCE_MS }, async () => {
  await run("const open = new Set<number>();");
  await leftBy(
    `for (;;) {
      open.add(calls.socket(AF_INET, SOCK_STREAM));
      for (const fd of open) { calls.close(fd); open.delete(fd); }
    }`,
    "for (const fd of open) calls.close(fd); open.clear();",
  );
});

test("while another process is started: it can be ended", { timeout: LONG_PATIENCE_MS }, async () => {
  await run('await (await otherProcess("rival")).stop();');
  const before = children();
  await leftBy('otherProcess("rival").catch(() => {}); for (;;) {}');
  await expect.poll(() => children().filter((pid) => !before.includes(pid)), { timeout: PATIENCE_MS }).toEqual([]);
});

test("in a loop that receives on a number: every byte comes once", { timeout: LONG_PATIENCE_MS }, async () => {
  await run(`const [into, out] = calls.socketpair(AF_UNIX, SOCK_STREAM);
    const got: number[] = [];
    let sent = 0;
    const memory = Buffer.alloc(4);`);
  await storm(`for (;;) {
    memory.writeUInt32BE(sent);
    calls.send(into, memory);
    sent += 1;
    calls.recv(out, memory);
    got.push(memory.readUInt32BE());
  }`);
  const { stdout } =
    await run(`try { for (;;) { calls.recv(out, memory, 4, MSG_DONTWAIT); got.push(memory.readUInt32BE()); } } catch {}
    const wrong = got.findIndex((number, i) => number !== i);
    console.log(got.length > 0, sent - got.length, wrong);
    calls.close(into); calls.close(out);`);
  expect(stdout).toBe("true 0 -1\n");
});

test("a loop in a function that the helpers call themselves is ended all the same", async () => {
  const cell = kernel.submit(
    'socket("a", AF_INET, SOCK_STREAM, { get protocol() { console.log("here"); for (;;) {} return 0; } });',
  );
  await kernel.waitForOutput(() => cell.stdout.includes("here"));
  kernel.interrupt();
  await kernel.finish(cell);
  expect(cell.errors).toMatchObject([{ ename: "Interrupted" }]);
  await leftBy('for (;;) socket("a", AF_INET, SOCK_STREAM).close();');
});

test("a call that waits on a descriptor that blocks is ended, and fails with nothing of its own", async () => {
  await run("const [mute, deaf] = calls.socketpair(AF_UNIX, SOCK_STREAM);");
  for (let i = 0; i < 5; i++) {
    const cell = kernel.submit(`console.log("here");
      try { calls.recv(mute, Buffer.alloc(1)); } catch (error) { console.log(error); }`);
    await kernel.waitForOutput(() => cell.stdout.includes("here"));
    await delay(50);
    kernel.interrupt();
    await kernel.finish(cell);
    expect([cell.stdout, cell.errors]).toMatchObject(["here\n", [{ ename: "Interrupted" }]]);
  }
  await run("calls.close(mute); calls.close(deaf);");
});
