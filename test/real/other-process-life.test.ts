import { readdirSync, readlinkSync } from "node:fs";
import {
  AF_INET,
  attempt,
  LOOPBACK,
  type OtherProcess,
  otherProcess,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
} from "kernel-helpers";
import { hasEnded } from "kernel-helpers/dist/inspection/index.js";
import { reactor } from "kernel-helpers/dist/readiness/index.js";
import { afterEach, describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { type Child, run, startScript, wrapped } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { duration, rejectionOf } from "../support/outcome.js";
import { atMost, LONG_PATIENCE_MS } from "../support/time.js";

guardDescriptors();

const started: OtherProcess[] = [];
afterEach(async () => {
  for (const rival of started.splice(0)) if (rival.running) await rival.kill();
});

async function begin(name = "rival"): Promise<OtherProcess> {
  const rival = await otherProcess(name);
  started.push(rival);
  return rival;
}

/** Where a process's descriptors lead. */
function descriptorsOf(pid: number | "self"): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // The listing's own.
    }
  });
}

describe("start and stop", () => {
  test("50 times: no process and no descriptor is left", { timeout: LONG_PATIENCE_MS }, async () => {
    const before = descriptorsOf("self");
    const pids = new Set<number>();
    for (let i = 0; i < 50; i++) {
      const rival = await begin();
      const box = await rival.socket("box", AF_INET, SOCK_DGRAM);
      await box.bind(LOOPBACK, 0);
      pids.add(rival.pid);
      if (i % 2 === 0) await rival.stop();
      else await rival.kill();
      expect(rival.running).toBe(false);
    }
    expect(pids.size).toBe(50);
    await expect.poll(() => [...pids].filter((pid) => !hasEnded(pid))).toEqual([]);
    // What was there before may have gone meanwhile; nothing new may be left.
    await expect.poll(() => descriptorsOf("self").filter((target) => !before.includes(target))).toEqual([]);
  });

  test("a name that is in use: the process that has it ends first, and a line says so", async () => {
    const first = await begin();
    const taken = await first.socket("taken", AF_INET, SOCK_STREAM);
    await taken.listen();
    const pending = rejectionOf(taken.accept());
    const lines = await printed(() => begin());
    const second = started.at(-1)!;
    expect((await pending).name).toBe("ClosedError");
    expect(lines.slice(-3)).toEqual([
      `taken         close(${taken.fd}) = 0`,
      `rival         process ${first.pid} has ended: otherProcess("rival") starts it anew`,
      `rival         started as process ${second.pid}`,
    ]);
    expect([first.running, second.running]).toEqual([false, true]);
  });

  test("three starts of one name at once: one is left", async () => {
    const results = await Promise.allSettled([begin(), begin(), begin()]);
    const values = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    expect(values.filter(({ running }) => running)).toHaveLength(1);
    for (const result of results) if (result.status === "rejected") expect(result.reason.name).toBe("ProcessError");
  });

  test("interrupted while it starts: it is gone, and its name is free", async () => {
    const starting = rejectionOf(otherProcess("rival"));
    reactor().pending()[0]!.interrupt();
    expect(await starting).toMatchObject({ name: "InterruptedError", call: 'otherProcess("rival")' });
    expect((await begin()).running).toBe(true);
  });

  test("stop() again, and kill() of one that has ended, do nothing and say so", async () => {
    const rival = await begin();
    await Promise.all([rival.stop(), rival.stop()]);
    // In however many lines: a longer process number breaks it.
    const told = async (action: () => unknown) => (await printed(action)).map((line) => line.trim()).join(" ");
    const said = `Process ${rival.pid} (rival) has ended already: nothing to do.`;
    expect(await told(() => rival.stop())).toBe(said);
    expect(await told(() => rival.kill())).toBe(said);
  });

  test("names and signals that are none", async () => {
    for (const name of ["", "  ", undefined, 5])
      expect(await rejectionOf(otherProcess(name as never))).toBeInstanceOf(TypeError);
    const rival = await begin();
    expect(await rejectionOf(rival.kill("SIGNOTHING" as never))).toBeInstanceOf(TypeError);
    expect(rival.running).toBe(true);
  });

  test("two processes beside each other talk to each other", async () => {
    const [a, b] = [await begin("a"), await begin("b")];
    const inn = await a.socket("inn", AF_INET, SOCK_STREAM);
    await inn.listen();
    const guest = await b.socket("guest", AF_INET, SOCK_STREAM);
    await guest.connect(LOOPBACK, (await inn.getsockname()).port);
    const room = await inn.accept();
    await guest.send("knock");
    expect(`${await room.recv()}`).toBe("knock");
    expect(a.pid).not.toBe(b.pid);
  });

  test("without a descriptor left: an error, and later it works", async () => {
    const script = `const { otherProcess } = sockets;
      const made = [];
      try { for (;;) made.push(socket("s" + made.length, AF_INET, SOCK_STREAM)); } catch {}
      const error = await otherProcess("rival").catch((error) => error);
      console.log(error.code);
      for (const handle of made.slice(0, 20)) handle.close();
      const rival = await otherProcess("rival");
      console.log(rival.running);
      await rival.stop();`;
    const args = ["-c", 'ulimit -n 64; exec "$0" -e "$1"', process.execPath, wrapped(script)];
    const { stdout, stderr, code } = await run("sh", args);
    expect({ stdout, stderr, code }).toEqual({ stdout: "EMFILE\ntrue\n", stderr: "", code: 0 });
  });
});

describe("it has nothing of this process's", () => {
  test("no socket of the notebook's, and none of another process's", async () => {
    const mine = socket("mine", AF_INET, SOCK_STREAM);
    mine.listen();
    const other = await begin("other");
    const rival = await begin();
    const sockets = (pid: number | "self") => descriptorsOf(pid).filter((target) => target.startsWith("socket:"));
    const known = new Set([...sockets("self"), ...sockets(other.pid)]);
    // Its own: the pipe for messages, and the two that it prints to.
    expect(sockets(rival.pid)).toHaveLength(3);
    expect(sockets(rival.pid).filter((target) => known.has(target))).toEqual([]);
  });

  test("not its command line either", async () => {
    const script = `const rival = await sockets.otherProcess("rival");
      console.log(require("node:fs").readFileSync("/proc/" + rival.pid + "/cmdline", "utf8").split("\\0").slice(1).join(" "));
      await rival.stop();`;
    const { stdout, code } = await run(process.execPath, ["--no-warnings", "-e", wrapped(script)]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^.+\/main\.js rival \n$/);
  });
});

describe("it dies", () => {
  test("by SIGKILL: what waits rejects at once, with its number and the signal; later calls too", async () => {
    const rival = await begin();
    const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);
    await taken.listen();
    const mine = socket("mine", AF_INET, SOCK_STREAM);
    await mine.connect(LOOPBACK, (await taken.getsockname()).port);
    const theirs = await taken.accept();
    const waits = [taken.accept(), theirs.recv(), theirs.sendAll(Buffer.alloc(20_000_000))].map(rejectionOf);
    const lines = await printed(async () => {
      process.kill(rival.pid, "SIGKILL");
      for (const error of await Promise.all(waits)) {
        expect(error).toMatchObject({ name: "ProcessError", code: "ERR_OTHER_PROCESS" });
        expect(error.message).toContain(`process ${rival.pid} (rival) was ended by SIGKILL`);
      }
    });
    expect(lines.at(-1)).toBe(
      `rival         process ${rival.pid} was ended by SIGKILL; the system closed "taken", "taken→1"`,
    );
    expect(lines).toContain(`taken         accept(${taken.fd}) ended: the handle was closed`);
    expect([taken.closed, theirs.closed, rival.running]).toEqual([true, true, false]);
    const said = paragraphs(await printed(() => attempt(() => taken.listen())));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`ProcessError: listen(${taken.fd}) was not made or not finished: process ${rival.pid}`);
    expect((await rejectionOf(rival.socket("x", AF_INET, SOCK_STREAM))).name).toBe("ProcessError");
    // The system has ended the connection: what was not received yet makes it a reset.
    await expect(
      mine
        .recv()
        .then(() => mine.recv(10_000_000))
        .then(() => mine.recv(30_000_000)),
    ).resolves.toBeDefined();
  });

  test.each([
    ["SIGTERM", "was ended by SIGTERM"],
    ["SIGABRT", "was ended by SIGABRT"],
  ] as const)("by %s", async (signal, how) => {
    const rival = await begin();
    const taken = await rival.socket("taken", AF_INET, SOCK_DGRAM);
    const waiting = rejectionOf(taken.recv());
    await rival.kill(signal);
    expect((await waiting).message).toContain(`process ${rival.pid} (rival) ${how}`);
  });

  test("an interrupt it survives", async () => {
    const rival = await begin();
    const box = await rival.socket("box", AF_INET, SOCK_DGRAM);
    await box.bind(LOOPBACK, 0);
    const waiting = box.recv();
    for (let i = 0; i < 3; i++) process.kill(rival.pid, "SIGINT");
    const mine = socket("mine", AF_INET, SOCK_DGRAM);
    await mine.sendto("alive", LOOPBACK, (await box.getsockname()).port);
    expect(`${await waiting}`).toBe("alive");
  });

  test("one that stands still is stopped all the same", async () => {
    const rival = await begin();
    await rival.kill("SIGSTOP");
    expect(await duration(() => rival.stop())).toBeLessThan(atMost(2000));
    expect(hasEnded(rival.pid)).toBe(true);
  });
});

describe("it ends with the process that started it", () => {
  /** A program with a listening rival; a connection to that one shows when it has ended. */
  async function program(script: string): Promise<{ child: Child; pid: number; gone: Promise<unknown> }> {
    const child = startScript(`const rival = await sockets.otherProcess("rival");
      const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);
      await taken.listen();
      console.log(rival.pid, (await taken.getsockname()).port);
      ${script}`);
    const [pid, port] = (await child.line()).split(" ").map(Number) as [number, number];
    const watch = socket("watch", AF_INET, SOCK_STREAM);
    await watch.connect(LOOPBACK, port);
    // A listener that goes away resets what it has not accepted.
    return { child, pid, gone: watch.recv().catch((error) => error) };
  }

  const STAY = "process.stdin.resume(); await new Promise((resolve) => process.stdin.on('end', resolve));";

  test.each([
    ["by itself", `${STAY}`, 0],
    ["with pending calls that nobody awaits", `${STAY} taken.getsockname();`, 0],
    ["process.exit", `${STAY} process.exit(3);`, 3],
    ["process.exit while the other one stands still", `${STAY} await rival.kill("SIGSTOP"); process.exit(4);`, 4],
    ["an uncaught exception", `${STAY} setImmediate(() => { throw new Error("bang"); });`, 1],
  ])("%s", async (_, script, code) => {
    const { child, pid, gone } = await program(script);
    child.end();
    expect((await child.ended).code).toBe(code);
    await gone;
    await expect.poll(() => hasEnded(pid)).toBe(true);
  });

  test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("%s", async (signal) => {
    const { child, pid, gone } = await program(STAY);
    child.process.kill(signal);
    expect((await child.ended).signal).toBe(signal);
    await gone;
    await expect.poll(() => hasEnded(pid)).toBe(true);
  });

  test("SIGKILL while the other one stands still", async () => {
    const { child, pid, gone } = await program(`await rival.kill("SIGSTOP"); console.log("stopped"); ${STAY}`);
    await child.line();
    child.process.kill("SIGKILL");
    await child.ended;
    await gone;
    await expect.poll(() => hasEnded(pid)).toBe(true);
  });

  test("a program is not kept alive by it, but by a call that waits there", async () => {
    const plain = await run(process.execPath, ["-e", wrapped('await sockets.otherProcess("rival");')]);
    expect({ ...plain, ms: 0 }).toMatchObject({ code: 0, stderr: "", stdout: "" });
    const waits = await run(process.execPath, [
      "-e",
      wrapped(`const rival = await sockets.otherProcess("rival");
        const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);
        await taken.listen();
        taken.accept({ timeout: 300 }).catch((error) => console.log(error.name));`),
    ]);
    expect(waits).toMatchObject({ code: 0, stderr: "", stdout: "TimeoutError\n" });
  });

  test("a wait that nobody looks at is never reported as unhandled", async () => {
    const { code, stderr, stdout } = await run(process.execPath, [
      "-e",
      wrapped(`const rival = await sockets.otherProcess("rival");
        const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);
        taken.accept(); taken.bind("nowhere", 5);
        await rival.kill();
        sockets.otherProcess("");
        taken.listen();
        await new Promise(setImmediate);
        console.log("end");`),
    ]);
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: "", stdout: "end\n" });
  });
});
