import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT, run, runScript, startScript, wrapped } from "../support/child.js";
import { SOON } from "../support/time.js";

const SERVER = `const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, 0); server.listen();
  const { port } = server.getsockname();`;
const PAIR = `${SERVER} const client = socket("client", AF_INET, SOCK_STREAM);
  await client.connect(LOOPBACK, port); const conversation = await server.accept();`;

/** How long a program may take that starts, loads the package and ends: as long as one that does nothing else just took, and a second, at leisure. */
const endsSoon = async (): Promise<number> => (await runScript("")).ms + SOON;

describe("the end of a process", () => {
  test("a program that has loaded the package, and one that has left handles open, ends by itself", async () => {
    const soon = await endsSoon();
    for (const script of ["", PAIR, `${PAIR} const data = client.recv(); await conversation.send("x"); await data;`]) {
      const { code, stderr, ms } = await runScript(script);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(ms).toBeLessThan(soon);
    }
  });

  test("process.exit with 100 pending waits: at once, with its own status", async () => {
    const soon = await endsSoon();
    const { code, stderr, ms } = await runScript(`${PAIR}
      for (let i = 0; i < 100; i++) conversation.recv();
      server.accept(); client.sendAll(Buffer.alloc(20_000_000));
      setImmediate(() => process.exit(3));`);
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    expect(ms).toBeLessThan(soon);
  });

  test("process.exit while the thread that waits is still starting", async () => {
    const soon = await endsSoon();
    // At ten moments of its start, and without a socket, which would let it start first: a thread that was ended while it loaded koffi
    // took the process down with SIGABRT, once in 30 early exits.
    const early = Array.from({ length: 10 }, (_, i) => `setTimeout(() => process.exit(4), ${i * 5});`);
    for (const script of ["process.exit(4);", ...early, `${SERVER} server.accept(); process.exit(4);`]) {
      const { code, stderr, ms } = await runScript(script);
      expect({ code, stderr }).toEqual({ code: 4, stderr: "" });
      expect(ms).toBeLessThan(soon);
    }
  });

  test("SIGTERM with pending waits", async () => {
    const child = startScript(`${SERVER} server.accept(); console.log("waiting");`);
    await child.line();
    child.process.kill("SIGTERM");
    expect((await child.ended).signal).toBe("SIGTERM");
  });

  test("SIGINT ends a plain program as it ends any other", async () => {
    const child = startScript(`${SERVER} server.accept(); console.log("waiting");`);
    await child.line();
    child.process.kill("SIGINT");
    expect((await child.ended).signal).toBe("SIGINT");
  });

  test("an uncaught exception with pending waits", async () => {
    const { code, stderr } = await runScript(
      `${SERVER} server.accept(); setImmediate(() => { throw new Error("bang"); });`,
    );
    expect(code).toBe(1);
    expect(stderr).toContain("bang");
  });

  test("K13: a program that waits for a client does not end silently, awaited or not", async () => {
    for (const wait of ["server.accept().then(answer);", "answer(await server.accept());"]) {
      const child = startScript(`${SERVER} console.log(port);
        const answer = (peer) => { console.log(peer.name); process.exit(0); };
        ${wait}`);
      const port = Number(await child.line());
      const client = await runScript(`const client = socket("client", AF_INET, SOCK_STREAM);
        await client.connect(LOOPBACK, ${port});`);
      expect(client.code).toBe(0);
      expect(await child.line()).toBe("server→1");
      expect((await child.ended).code).toBe(0);
    }
  });
});

test("W11: a process that is stopped and goes on in the middle of its waits notices nothing", async () => {
  const child = startScript(`${PAIR} console.log("ready");
    const got = [];
    process.stdin.on("data", () => client.send("x"));
    for (let i = 0; i < 5; i++) { got.push(String(await conversation.recv(1))); console.log("got " + got.length); }
    process.exit(got.join("") === "xxxxx" ? 0 : 5);`);
  await child.line();
  for (let i = 1; i <= 5; i++) {
    child.process.kill("SIGSTOP");
    child.process.kill("SIGCONT");
    child.write("go\n");
    expect(await child.line()).toBe(`got ${i}`);
  }
  expect(await child.ended).toMatchObject({ code: 0, stderr: "" });
});

test("W11: a hail of signals during 2,000 rounds", async () => {
  const { code, stderr } = await runScript(`${PAIR}
    let signals = 0;
    process.on("SIGUSR2", () => { signals++; });
    const hail = setInterval(() => process.kill(process.pid, "SIGUSR2"), 1);
    for (let i = 0; i < 2000; i++) {
      const waiting = conversation.recv();
      if (i % 10 === 0) await new Promise(setImmediate);
      await client.send("x");
      await waiting;
    }
    while (signals < 5) await new Promise(setImmediate);
    clearInterval(hail);`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

const DEATH = `let worker;
  process.on("worker", (started) => { worker = started; });`;

describe("W14: the thread that waits ends", () => {
  test("all waits reject with a ThreadError, and the next wait starts another thread", async () => {
    const script = `${PAIR}
      const waits = [conversation.recv(), server.accept(), client.recv()];
      const outcomes = Promise.allSettled(waits);
      await new Promise(setImmediate);
      await worker.terminate();
      for (const { reason } of await outcomes) console.log(reason.name, reason.code);
      const data = conversation.recv();
      setTimeout(() => calls.send(client.fd, "after"), 50);
      console.log(String(await data));`;
    const { stdout, stderr, code } = await run(process.execPath, ["-e", DEATH + wrapped(script)]);
    expect({ stdout, stderr, code }).toEqual({
      stdout: `${"ThreadError ERR_WAIT_THREAD\n".repeat(3)}after\n`,
      stderr: "",
      code: 0,
    });
  });

  test("a plain program that waits afterwards is kept alive by the new thread", async () => {
    const script = `${PAIR} await worker.terminate();
      conversation.recv(1, 0, { timeout: 300 }).catch((error) => console.log(error.name));`;
    const { stdout } = await run(process.execPath, ["-e", DEATH + wrapped(script)]);
    expect(stdout).toBe("TimeoutError\n");
  });

  test("its epoll set is closed behind the library: it is opened anew", async () => {
    const script = `${PAIR} const fs = require("node:fs");
      const mine = trace.records().find(({ call }) => call.name === "epoll_create1").result;
      const waiting = conversation.recv().catch((error) => console.log(error.name));
      await new Promise(setImmediate);
      fs.closeSync(mine);
      await waiting;
      const data = conversation.recv();
      setTimeout(() => calls.send(client.fd, "after"), 50);
      console.log(String(await data));`;
    const { stdout, stderr, code } = await run(process.execPath, ["-e", DEATH + wrapped(script)]);
    expect({ stdout, stderr, code }).toEqual({ stdout: "ThreadError\nafter\n", stderr: "", code: 0 });
  });
});

test("M14: garbage collection while 300 waits are pending loses nothing", async () => {
  const { stdout, stderr, code } = await runScript(
    `${SERVER}
    const clients = [], waits = [];
    for (let i = 0; i < 300; i++) {
      const client = socket("client " + i, AF_INET, SOCK_STREAM);
      await client.connect(LOOPBACK, port);
      clients.push(client.fd);
      waits.push((await server.accept()).recv().then(String));
    }
    for (let i = 0; i < 10; i++) { gc(); Buffer.alloc(1_000_000); await new Promise(setImmediate); gc(); }
    clients.forEach((fd, i) => calls.send(fd, Buffer.from("data " + i)));
    gc();
    const got = await Promise.all(waits);
    gc();
    console.log(got.every((text, i) => text === "data " + i), got.length);`,
    { execArgv: ["--expose-gc"] },
  );
  expect({ stdout, stderr, code }).toEqual({ stdout: "true 300\n", stderr: "", code: 0 });
});

test("M14: of 5,000 handles that were opened and closed, none is kept", async () => {
  const { stdout, stderr, code } = await runScript(
    `const refs = [];
    for (let i = 0; i < 5000; i++) {
      // The one of before that has the name is closed: three are always open.
      refs.push(new WeakRef(socket("x" + i % 3, AF_INET, SOCK_STREAM)));
      if (i % 1000 === 0) await new Promise(setImmediate);
    }
    closeAll();
    await new Promise(setImmediate);
    gc();
    console.log(refs.filter((ref) => ref.deref() !== undefined).length);`,
    { execArgv: ["--expose-gc"] },
  );
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  // The last one may still be in a register of the program.
  expect(Number(stdout)).toBeLessThan(10);
});

test("K18: out of descriptors: EMFILE says how many handles are open; when some are closed it goes on", async () => {
  const script = wrapped(`${SERVER}
    let made = [];
    const fill = () => { for (;;) made.push(socket("s" + made.length, AF_INET, SOCK_STREAM)); };
    try { fill(); } catch (error) { console.log(error.code, error.message); }
    const count = made.length;
    made[0].close(); made[1].close(); made[2].close();
    const client = socket("client", AF_INET, SOCK_STREAM);
    const connecting = client.connect(LOOPBACK, port);
    await connecting;
    const conversation = await server.accept();
    const waiting = conversation.recv();
    await new Promise(setImmediate);
    await client.send("works");
    console.log(String(await waiting));
    try { made = []; fill(); } catch (error) { console.log(error.code, error.handle); }
    // Linux looks for a descriptor first, and then for a client.
    console.log(await server.accept({ timeout: 0 }).catch((error) => error.code));
    closeAll();
    const again = socket("again", AF_INET, SOCK_STREAM);
    console.log(again.closed, count > 80 && count < 128);`);
  const { stdout, stderr, code } = await run("sh", [
    "-c",
    'ulimit -n 128; exec "$0" -e "$1"',
    process.execPath,
    script,
  ]);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^EMFILE socket\(AF_INET, SOCK_STREAM\) on "s\d+" = -1 EMFILE .* \d+ handles are open\./);
  expect(lines.slice(1)).toEqual(["works", "EMFILE s1", "EMFILE", "false true"]);
});

test("K18: accept without a descriptor is EMFILE, the client stays in the queue and is accepted later", async () => {
  const script = wrapped(`${SERVER}
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(LOOPBACK, port);
    const made = [];
    try { for (;;) made.push(socket("s" + made.length, AF_INET, SOCK_STREAM)); } catch {}
    const error = await server.accept().catch((error) => error);
    console.log(error.code, error.syscall);
    made[0].close();
    console.log((await server.accept()).name);`);
  const { stdout } = await run("sh", ["-c", 'ulimit -n 128; exec "$0" -e "$1"', process.execPath, script]);
  expect(stdout).toBe("EMFILE accept\nserver→1\n");
});

test("K16: the package loaded twice: one thread, one registry, one trace; it works across the two", async () => {
  const copy = mkdtempSync(join(tmpdir(), "twice-"));
  try {
    cpSync(join(PROJECT, "kernel-helpers/dist"), join(copy, "dist"), { recursive: true });
    symlinkSync(join(PROJECT, "node_modules"), join(copy, "node_modules"));
    const { stdout, stderr, code } = await run(process.execPath, [
      "-e",
      wrapped(`const { Worker } = require("node:worker_threads");
      let workers = 0; process.on("worker", () => { workers++; });
      for (const id of Object.keys(require.cache)) delete require.cache[id];
      const again = require("kernel-helpers");
      const other = require(${JSON.stringify(join(copy, "dist"))});
      console.log("copies", new Set([sockets, again, other]).size, "threads", workers);
      ${SERVER.replace("socket(", "other.socket(")}
      const client = again.socket("client", AF_INET, SOCK_STREAM);
      const waiting = server.accept();
      await client.connect(LOOPBACK, port);
      const conversation = await waiting;
      const data = conversation.recv();
      await new Promise(setImmediate);
      await client.send("across");
      console.log(String(await data));
      const pending = conversation.recv();
      await new Promise(setImmediate);
      const renamed = socket("server", AF_INET, SOCK_STREAM);
      console.log(server.closed, conversation.closed, (await pending.catch((error) => error)).name);
      other.trace.short();
      renamed.listen();
      const step = again.trace.steps().at(-1);
      console.log(step.name, step.handle);
      const stale = again.socket("stale", AF_INET, SOCK_STREAM);
      other.trace.off();
      const hurt = other.socket("hurt", AF_INET, 2);
      const late = hurt.recv();
      require("node:fs").closeSync(hurt.fd);
      console.log((await late.catch((error) => error)).code);
      other.closeAll(); console.log(client.closed, renamed.closed, stale.closed);`),
    ]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([
      "copies 3 threads 0",
      "across",
      "true true ClosedError",
      expect.stringMatching(/^server {8}listen\(\d+, 128\) = 0$/),
      expect.stringMatching(/^ {14}It was not bound, so the system chose 0\.0\.0\.0:\d+\.$/),
      "listen server",
      expect.stringMatching(/^stale {9}socket\(AF_INET, SOCK_STREAM\) = \d+$/),
      "EBADF",
      "true true true",
      "",
    ]);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

test("1,000 clients connect, are accepted, answered and closed", async () => {
  const { stdout, stderr, code } = await runScript(`${SERVER.replace("listen()", "listen(1000)")}
    const clients = Array.from({ length: 1000 }, (_, i) => socket("client " + i, AF_INET, SOCK_STREAM));
    const accepting = (async () => {
      const all = [];
      for (let i = 0; i < 1000; i++) {
        const conversation = await server.accept();
        all.push(conversation.recv().then((data) => conversation.send(data)));
      }
      await Promise.all(all);
    })();
    await Promise.all(clients.map((client) => client.connect(LOOPBACK, port)));
    const answers = clients.map(async (client) => { await client.send(client.name); return String(await client.recv()); });
    const got = await Promise.all(answers);
    await accepting;
    console.log(got.every((text, i) => text === "client " + i));
    closeAll();`);
  expect({ stdout, stderr, code }).toEqual({ stdout: "true\n", stderr: "", code: 0 });
});
