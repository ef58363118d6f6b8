import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Cell, type Kernel, startKernel } from "../support/jupyter/index.js";
import { PATIENCE_MS, SOON } from "../support/time.js";

/*
 * A server in the background of a notebook, with clients of another process (this one): what its cells come to leaves it alone, and what it
 * prints stands in its own cell.
 */

let kernel: Kernel;
let gatePort: number;
beforeAll(async () => {
  kernel = await startKernel({ spec: "ours" });
  await run(`import { calls, closeAll, serve, socket, trace, AF_INET, AF_UNIX, SOCK_STREAM, SOCK_DGRAM, LOOPBACK } from "kernel-helpers";
    import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
    import { createRequire } from "node:module";
    const load = createRequire(process.cwd() + "/here");
    globalThis.gates = [];
    const gate = (): Promise<void> => new Promise<void>((resolve) => globalThis.gates.push(resolve));
    trace.off();`);
  gatePort = Number(
    (
      await run(`const gates = await serve("gates", { port: 0 }, () => globalThis.gates.splice(0).forEach((open: () => void) => open()));
    console.log(gates.port);`)
    ).stdout,
  );
});
afterAll(() => kernel?.stop());

const clients: Socket[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

async function run(code: string, cellId?: string): Promise<Cell> {
  const cell = await kernel.execute(code, cellId === undefined ? {} : { cellId });
  expect(cell.status, `${code}\n${cell.errors.map((error) => error.traceback.join("\n"))}`).toBe("ok");
  return cell;
}

/** A client of this process. */
async function client(port: number): Promise<Socket> {
  const made = connect(port, "127.0.0.1");
  clients.push(made);
  await once(made, "connect");
  return made;
}

/** Says it, and waits for as many bytes of answer. */
async function ask(asking: Socket, text: string): Promise<string> {
  asking.write(text);
  let got = "";
  while (got.length < text.length) {
    const [data] = await once(asking, "data", { signal: AbortSignal.timeout(PATIENCE_MS) });
    got += data;
  }
  return got;
}

/** What the kernel has open and waits for: the inodes of its sockets, and how many waits there are. */
async function held(): Promise<string> {
  const cell = await run(`const inodes = readdirSync("/proc/self/fd").flatMap((fd) => {
      try { return [readlinkSync("/proc/self/fd/" + fd)].filter((target) => target.startsWith("socket:")); } catch { return []; }
    });
    console.log(inodes.sort().join(), load("kernel-helpers/dist/readiness").reactor().pending().length);`);
  return cell.stdout;
}

const SERVE = `const echo = await serve("echo", { port: 0 }, async (conversation) => {
  for await (const data of conversation) {
    const text = String(data);
    if (text === "bad") throw new Error("what is that?");
    if (text === "lost") void Promise.reject(new Error("nobody looks"));
    await conversation.sendAll(data);
  }
});
console.log(echo.port);`;

describe("a server in the background goes on, and nothing is left open or waiting, after", () => {
  let server: Cell;
  let steady: Socket;
  let port: number;
  let before: string;
  beforeAll(async () => {
    server = await run(SERVE);
    port = Number(server.stdout);
  });
  beforeEach(async () => {
    steady = await client(port);
    expect(await ask(steady, "before")).toBe("before");
    // Two servers wait for clients, and one conversation for what its client says: it has answered before it waits again.
    await expect.poll(held, { timeout: PATIENCE_MS }).toMatch(/ 3\n$/);
    before = await held();
  });
  afterEach(async () => {
    await expect.poll(held, { timeout: PATIENCE_MS }).toBe(before);
    expect(await ask(steady, "after")).toBe("after");
    const another = await client(port);
    expect(await ask(another, "hello")).toBe("hello");
    for (const one of clients.splice(0)) one.destroy();
    await expect.poll(async () => (await run("console.log(echo.clients)")).stdout).toBe("0\n");
  });

  test.each([
    ["K2: an interrupt of a loop", 'console.log("here"); for (;;) {}'],
    ["K3: an interrupt of a cell that waits", 'console.log("here"); await new Promise(() => {});'],
    [
      "K1: an interrupt of a recv",
      `const asking = socket("asking", AF_INET, SOCK_STREAM); await asking.connect(LOOPBACK, echo.port);
      console.log("here"); try { await asking.recv(10, 0, { timeout: Infinity }); } finally { asking.close(); }`,
    ],
  ])("%s", async (_, code) => {
    const cell = kernel.submit(code);
    await kernel.waitForOutput(() => cell.stdout !== "");
    // An answer on the control channel shows that the cell's synchronous part is over; a loop has no other.
    if (code.includes("await")) await kernel.request("kernel_info_request", {}, { channel: "control" });
    kernel.interrupt();
    await kernel.finish(cell, SOON);
    expect(cell.status).toBe("error");
  });

  test("K5: an interrupt with nothing running", async () => {
    const heard = await run("const hears = () => void process.stdout.write('!'); process.on('SIGINT', hears); 0;");
    for (let i = 1; i <= 10; i++) {
      kernel.interrupt();
      await kernel.waitForOutput(() => heard.stdout.length === i);
    }
    await run("process.removeListener('SIGINT', hears); 0;");
    expect((await run("1 + 1")).results).toEqual([{ "text/plain": "2" }]);
  });

  test("K8: a throw in a timer, which is told in its cell", async () => {
    const cell = await run('setTimeout(() => { throw new Error("in a timer"); }, 0); 0;');
    await kernel.waitForOutput(() => cell.stderr.includes("UncaughtException: Error: in a timer"));
  });

  test("K8: an error in its function, which the server tells", async () => {
    const bad = await client(port);
    const ended = once(bad, "close");
    bad.resume().write("bad");
    await ended;
    const shown = await run("console.log(String(echo), (echo.lastError as Error).message);");
    expect(shown.stdout).toMatch(/1 failed \(the last error: what is that\?\) what is that\?\n$/);
    expect(server.stderr).toBe("");
  });

  test("K8: a rejection in its function that nobody looks at, which is told in its cell", async () => {
    const one = await client(port);
    expect(await ask(one, "lost")).toBe("lost");
    await kernel.waitForOutput(() => server.stderr.includes("UnhandledPromiseRejection: Error: nobody looks"));
    one.destroy();
    await expect.poll(async () => (await run("console.log(echo.clients)")).stdout).toBe("1\n");
  });

  test("K10: a cell that fails, in each of its ways", async () => {
    for (const code of [
      'throw new Error("mine");',
      "const wrong: number = '';",
      "await Promise.reject(5);",
      'socket("mine", AF_INET, SOCK_STREAM).listen("x" as never);',
    ]) {
      expect((await kernel.execute(code)).status).toBe("error");
      expect(await ask(steady, "still")).toBe("still");
    }
    await run('socket("mine", AF_INET, SOCK_STREAM).close();');
  });

  test("K11: 100 cells at once, while it answers", async () => {
    const cells = Array.from({ length: 100 }, (_, i) => kernel.submit(i % 3 === 0 ? `await 0; ${i}` : `${i}`));
    for (let i = 0; i < 20; i++) expect(await ask(steady, `round ${i}`)).toBe(`round ${i}`);
    for (const cell of cells) await kernel.finish(cell);
    expect(cells.map((cell) => cell.results[0]?.["text/plain"])).toEqual(cells.map((_, i) => `${i}`));
  });
});

/** What a call on a number changes, takes or gives away, on every descriptor by which the kernel itself lives. */
const ON_STRANGERS = `const yours = load("kernel-helpers/dist/calls/descriptors").isOurs;
const strangers = readdirSync("/proc/self/fd").map(Number).filter((fd) => {
  try { return /^(socket|anon_inode)/.test(readlinkSync("/proc/self/fd/" + fd)) && !yours(fd); } catch { return false; }
});
const to = { family: "AF_INET", address: LOOPBACK, port: 9 } as const;
const pair = calls.socketpair(AF_UNIX, SOCK_DGRAM);
const refused: [string, (fd: number) => unknown][] = [
  ["shutdown", (fd) => calls.shutdown(fd, 2)], ["accept", (fd) => calls.accept(fd)], ["listen", (fd) => calls.listen(fd, 0)],
  ["bind", (fd) => calls.bind(fd, to)], ["connect", (fd) => calls.connect(fd, to)], ["dup", (fd) => calls.dup(fd)],
  ["send", (fd) => calls.send(fd, "x")], ["sendto", (fd) => calls.sendto(fd, "x", to)], ["sendmsg", (fd) => calls.sendmsg(fd, { data: "x" })],
  ["recv", (fd) => calls.recv(fd, Buffer.alloc(1))], ["recvfrom", (fd) => calls.recvfrom(fd, Buffer.alloc(1))], ["recvmsg", (fd) => calls.recvmsg(fd, Buffer.alloc(1))],
  ["setsockopt", (fd) => calls.setsockopt(fd, 1, 9, 1)], ["fcntl", (fd) => calls.fcntl(fd, 4, 0)],
  ["epoll_ctl", (fd) => calls.epoll_ctl(fd, 2, 0)], ["epoll_wait", (fd) => calls.epoll_wait(fd, 1)], ["close", (fd) => calls.close(fd)],
  ["SCM_RIGHTS", (fd) => calls.sendmsg(pair[0], { data: "x", control: [{ level: 1, type: 1, data: new Uint8Array(Int32Array.of(fd).buffer) }] })],
];
const made = refused.filter(([, call]) => !strangers.every((fd) => {
  try { call(fd); } catch (error) { return error instanceof RangeError && error.message.includes(fd + " is none that kernel-helpers"); }
}));
for (const fd of pair) calls.close(fd);
console.log(strangers.length > 10, made.map(([name]) => name).join());`;

test("a call on a number of the kernel's own is not made: it would be the last", async () => {
  expect((await run(ON_STRANGERS)).stdout).toBe("true \n");
  expect((await run("1 + 1")).results).toEqual([{ "text/plain": "2" }]);
});

/** Its function has another socket, and takes so long at first that the calls of a few clients use up a turn of the event loop. */
const PROXY = `const inner = await serve("inner", { port: 0 }, async (one) => { for await (const data of one) await one.sendAll(data); });
const outer = await serve("outer", { port: 0 }, async (one) => {
  for (const end = Date.now() + 4; Date.now() < end; );
  const up = socket("up to " + one.name, AF_INET, SOCK_STREAM);
  await up.connect(LOOPBACK, inner.port);
  for await (const data of one) {
    await up.sendAll(data);
    await one.sendAll(await up.recv());
  }
  up.close();
});
console.log(outer.port);
await new Promise(() => {});`;

test("an interrupt of its own cell, which goes on to something else, leaves it serving, and all that its functions wait for", async () => {
  const cell = kernel.submit(PROXY);
  await kernel.waitForOutput(() => cell.stdout !== "");
  const port = Number(cell.stdout);
  const before = await client(port);
  expect(await ask(before, "before")).toBe("before");
  await kernel.request("kernel_info_request", {}, { channel: "control" });
  kernel.interrupt();
  await kernel.finish(cell, SOON);
  expect(cell.status).toBe("error");
  expect(await ask(before, "after")).toBe("after");
  const many = await Promise.all(Array.from({ length: 20 }, () => client(port)));
  for (const one of many) expect(await ask(one, "hello")).toBe("hello");
  const shown = await run("console.log(String(outer)); await outer.stop(); await inner.stop();");
  expect(shown.stdout).toMatch(/^outer: listens on .*; 21 clients now, 0 served\n$/);
});

/** Prints what it gets in every way: at once, to standard error, from a timer, and as lines of the trace. */
const PRINTING = `trace.short();
const said = await serve("said", { port: 0, print: true }, async (conversation) => {
  for await (const data of conversation) {
    console.log("got", String(data));
    console.error("noted", String(data));
    await new Promise<void>((resolve) => setTimeout(() => { console.log("a moment later", String(data)); resolve(); }, 1));
    await conversation.sendAll(data);
  }
});
console.log("port", said.port);`;

/** What it must have printed of one word. */
const WAYS = (word: string): RegExp[] => [
  new RegExp(`^got ${word}$`, "m"),
  new RegExp(`^a moment later ${word}$`, "m"),
  new RegExp(`^said→\\d+ +recv\\(.*"${word}"`, "m"),
  new RegExp(`^said→\\d+ +send\\(.*"${word}"`, "m"),
];

async function stands(cell: Cell, word: string): Promise<void> {
  await kernel.waitForOutput(
    () => cell.stderr.includes(`noted ${word}\n`) && WAYS(word).every((way) => way.test(cell.stdout)),
  );
}

describe("what a server prints stands in its own cell", () => {
  test("also while another cell runs, waits, computes and prints, and after its own cell was run again", async () => {
    const first = await run(PRINTING, "the server");
    const port = Number(/port (\d+)/.exec(first.stdout)?.[1]);
    expect(first.stdout).toMatch(/^said +listen\(/m);
    const one = await client(port);
    expect(await ask(one, "idle")).toBe("idle");
    await stands(first, "idle");

    const waits = kernel.submit('console.log("mine"); await gate(); console.log("mine too");', { cellId: "another" });
    await kernel.waitForOutput(() => waits.stdout === "mine\n");
    expect(await ask(one, "during")).toBe("during");
    await stands(first, "during");
    expect(waits.stdout + waits.stderr).toBe("mine\n");

    // What another cell's own client makes it print, too.
    const asks = kernel.submit(
      `const asking = socket("asking", AF_INET, SOCK_STREAM); await asking.connect(LOOPBACK, ${port});
      await asking.send("inside"); console.log(String(await asking.recvExactly(6))); asking.close();`,
    );
    await openGate(waits);
    await kernel.finish(asks);
    await stands(first, "inside");
    expect(asks.stdout).not.toMatch(/said|got|moment|noted/);
    expect(asks.stderr).toBe("");

    const again = await run(PRINTING, "the server");
    expect(again.stdout).toContain(`port ${port}\n`);
    const before = [first.stdout, first.stderr];
    const two = await client(port);
    const busy = kernel.submit('console.log("busy"); await gate();', { cellId: "another" });
    await kernel.waitForOutput(() => busy.stdout === "busy\n");
    expect(await ask(two, "anew")).toBe("anew");
    await stands(again, "anew");
    expect([first.stdout, first.stderr]).toEqual(before);
    expect(busy.stdout + busy.stderr).toBe("busy\n");
    await openGate(busy);
    const stop = await run("await said.stop(); closeAll(); trace.off();");
    expect(stop.stdout).not.toContain("got");
  });
});

/** Lets a cell go on that waits at the gate: by a client, because no other cell runs meanwhile. */
async function openGate(cell: Cell): Promise<void> {
  await client(gatePort);
  await kernel.finish(cell);
}

/** A file that stands for a loop: it is there as soon as that goes round, when the kernel itself can tell nothing. */
const looping = join(mkdtempSync(join(tmpdir(), "serving-")), "looping");
afterAll(() => rmSync(dirname(looping), { recursive: true, force: true }));
const LOOP = `{ writeFileSync(${JSON.stringify(looping)}, ""); for (;;) {} }`;

const LOOPING = `const looping = await serve("looping", { port: 0 }, async (conversation) => {
  for await (const data of conversation) {
    if (String(data) === "loop") ${LOOP}
    if (String(data) === "later") await new Promise<void>((resolve) => globalThis.gates.push(resolve));
    await conversation.sendAll(data);
  }
});
console.log(looping.port);`;

/** Waits until the loop goes round, and interrupts it. */
async function endLoop(): Promise<void> {
  await expect.poll(() => existsSync(looping), { timeout: PATIENCE_MS }).toBe(true);
  rmSync(looping);
  kernel.interrupt();
  // It hears of the interrupt before it answers.
  await kernel.request("kernel_info_request", {}, { channel: "control" });
}

/** Its answer, or "" when the connection is closed: not silence. */
async function answerOrEnd(one: Socket): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const ended = once(one, "end", { signal }).then(() => "");
  return Promise.race([once(one, "data", { signal }).then(String), ended]);
}

describe("an interrupt of a loop that leaves nothing else its turn, in a server's function", () => {
  test("closes its conversation and those that were due with it; the others go on, and the server accepts", async () => {
    const port = Number((await run(LOOPING)).stdout);
    const waits = await client(port);
    const sleeps = await client(port);
    expect(await ask(waits, "hello")).toBe("hello");
    sleeps.write("later");
    await expect.poll(async () => (await run("console.log(globalThis.gates.length)")).stdout).toBe("1\n");
    const [loops, due] = [await client(port), await client(port)];
    for (const one of [loops, due]) expect(await ask(one, "hello")).toBe("hello");
    const answers = [loops, due].map(answerOrEnd);

    // They come when the event loop has its turn again, the one that loops first; the other one can be told in a turn of its own.
    const computes = kernel.submit('console.log("here"); for (const end = Date.now() + 1000; Date.now() < end; ) {}');
    await kernel.waitForOutput(() => computes.stdout === "here\n");
    loops.write("loop");
    due.write("due");
    const late = connect(port, "127.0.0.1");
    clients.push(late);
    await once(late, "connect");
    await kernel.finish(computes);
    await endLoop();
    expect(await answers[0]).toBe("");
    const isLost = (await answers[1]) === "";

    expect(await ask(waits, "still here")).toBe("still here");
    expect(await ask(late, "accepted")).toBe("accepted");
    expect(await ask(await client(port), "and others")).toBe("and others");
    sleeps.resume();
    const woken = once(sleeps, "data", { signal: AbortSignal.timeout(PATIENCE_MS) });
    await run("globalThis.gates.splice(0).forEach((open: () => void) => open());");
    expect(String((await woken)[0])).toBe("later");
    const shown = String((await run("String(looping)")).results[0]?.["text/plain"]);
    expect(shown).toContain(isLost ? "; 4 clients now, 0 served, 2 failed" : "; 5 clients now, 0 served, 1 failed");
    expect(shown).toContain("(the last error: An interrupt ended a loop that left nothing else its turn");
    await run("await looping.stop();");
  });

  test("with its first client, with `most`, and for datagrams", async () => {
    const ports = await run(`let asked = 0;
      const once = await serve("once", { port: 0, most: 1 }, async (conversation) => {
        if (asked++ === 0) ${LOOP}
        for await (const data of conversation) await conversation.sendAll(data);
      });
      const box = await serve("box", { port: 0, type: SOCK_DGRAM }, async (mailbox) => {
        for (;;) {
          const { data, from } = await mailbox.recvfrom();
          if (String(data) === "loop") ${LOOP}
          await mailbox.sendto(data, from.address, from.port);
        }
      });
      console.log(once.port, box.port);`);
    const [port, boxPort] = ports.stdout.split(" ").map(Number);
    await client(port!);
    await endLoop();
    expect(await ask(await client(port!), "served")).toBe("served");
    const asks = `const asker = socket("asker", AF_INET, SOCK_DGRAM); asker.bind(LOOPBACK, 0);
      await asker.sendto("TEXT", LOOPBACK, ${boxPort});`;
    // The loop can begin before the cell that has asked for it is answered.
    const loops = kernel.submit(asks.replace("TEXT", "loop"));
    await endLoop();
    await kernel.finish(loops);
    const answered = await run(`${asks.replace("TEXT", "hello")} console.log(String((await asker.recvfrom()).data));`);
    expect(answered.stdout).toBe("hello\n");
    await run("await once.stop(); await box.stop(); closeAll();");
  });
});
