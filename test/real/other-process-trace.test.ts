import { ChildProcess } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  AF_INET,
  closeAll,
  handles,
  LOOPBACK,
  ladder,
  type OtherProcess,
  otherProcess,
  SO_RCVBUF,
  SOCK_STREAM,
  socket,
  sockets,
  trace,
} from "kernel-helpers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { rejectionOf, turn } from "../support/outcome.js";
import { listeningIn, pairWith } from "../support/rival.js";

guardDescriptors();

let rival: OtherProcess;
beforeEach(async () => {
  rival = await otherProcess("rival");
});
afterEach(() => rival.stop());

describe("the trace", () => {
  test("short: the calls of both processes, in order, and where the other one begins and ends", async () => {
    const lines = await printed(async () => {
      const other = await otherProcess("other");
      const taken = await other.socket("taken", AF_INET, SOCK_STREAM);
      const mine = socket("mine", AF_INET, SOCK_STREAM);
      await taken.listen();
      const waiting = taken.accept();
      await mine.connect(LOOPBACK, (await taken.getsockname()).port);
      await waiting;
      await other.stop();
    });
    expect(lines.map((line) => line.replace(/\d{2,}/g, "N"))).toEqual([
      "other         started as process N",
      "taken         socket(AF_INET, SOCK_STREAM) = N",
      "mine          socket(AF_INET, SOCK_STREAM) = N",
      "taken         listen(N, N) = 0",
      expect.stringMatching(/^ {14}It was not bound, so the system chose 0\.0\.0\.0:N\.$/),
      "taken         accept(N) waits for a client",
      "taken         getsockname(N) = 0  → 0.0.0.0:N",
      expect.stringMatching(/^(mine {10}connect|taken {9}accept)/),
      expect.stringMatching(/^(mine {10}connect|taken {9}accept)/),
      "taken→1       close(N) = 0",
      "taken         close(N) = 0",
      "other         process N has ended",
    ]);
  });

  test("in silence: nothing of what was begun in it, also what it says later; the rest as before", async () => {
    const { taken } = await listeningIn(rival);
    const lines = await printed(async () => {
      const waiting = trace.silently(() => taken.accept());
      const mine = socket("mine", AF_INET, SOCK_STREAM);
      await mine.connect(LOOPBACK, (await taken.getsockname()).port);
      const theirs = await waiting;
      await trace.silently(() => theirs.close());
      await taken.close();
    });
    expect(lines.map((line) => line.replace(/\(.*/, ""))).toEqual([
      "mine          socket",
      "taken         getsockname",
      "mine          connect",
      "taken         close",
    ]);
    expect(trace.steps().map(({ handle, name }) => `${handle} ${name}`)).toContain("taken accept");
  });

  test("a handle that is closed is kept by nobody, and a call on it still says that it is closed", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const first = await rival.socket("first", AF_INET, SOCK_STREAM);
    await first.close();
    const others: WeakRef<object>[] = [];
    for (let i = 0; i < 105; i++) {
      const handle = await rival.socket(`socket ${i}`, AF_INET, SOCK_STREAM);
      await handle.close();
      others.push(new WeakRef(handle));
      if (i === 3) expect((await rejectionOf(first.bind(LOOPBACK, 0))).name).toBe("ClosedError");
    }
    expect((await rejectionOf(first.bind(LOOPBACK, 0))).name).toBe("ClosedError");
    trace.clear();
    let left = others.length;
    // What was looked at in a turn stays until the turn is over.
    for (let tries = 0; tries < 50 && left > 5; tries++) {
      await turn();
      collect();
      left = others.filter((other) => other.deref() !== undefined).length;
      await turn();
    }
    expect(left).toBeLessThanOrEqual(5);
  });

  test("exact: strace's words; off: nothing", async () => {
    const { taken } = await listeningIn(rival);
    const exact = await printed(() => taken.setsockopt(SO_RCVBUF, 5000), "exact");
    expect(exact).toEqual([`taken         setsockopt(${taken.fd}, SOL_SOCKET, SO_RCVBUF, [5000], 4) = 0`]);
    expect(await printed(() => taken.close(), "off")).toEqual([]);
  });

  test("steps have the process's number, and times on this process's clock", async () => {
    const { taken } = await listeningIn(rival);
    trace.clear();
    const before = performance.now();
    await taken.setsockopt(SO_RCVBUF, 5000);
    const between = performance.now();
    const mine = socket("mine", AF_INET, SOCK_STREAM);
    await mine.connect(LOOPBACK, (await taken.getsockname()).port);
    const theirs = await taken.accept();
    const after = performance.now();
    const steps = trace.steps();
    expect(steps.map(({ pid, handle, name }) => [pid, handle, name])).toEqual([
      [rival.pid, "taken", "setsockopt"],
      [process.pid, "mine", "socket"],
      [rival.pid, "taken", "getsockname"],
      [process.pid, "mine", "connect"],
      [rival.pid, "taken", "accept"],
    ]);
    const [first] = steps;
    expect(first!.start).toBeGreaterThanOrEqual(before);
    expect(first!.end!).toBeLessThanOrEqual(between);
    expect(first!.calls[0]!.start).toBeGreaterThanOrEqual(first!.start);
    expect(steps.at(-1)).toMatchObject({ opened: "taken→1", outcome: { result: theirs.fd } });
    expect(steps.at(-1)!.end!).toBeLessThanOrEqual(after);
    for (const [index, step] of steps.entries()) {
      if (index > 0) expect(step.start).toBeGreaterThanOrEqual(steps[index - 1]!.start);
    }
    expect(trace.records(rival.pid).map(({ call }) => call.name)).toEqual(
      expect.arrayContaining(["setsockopt", "getsockname", "accept"]),
    );
    expect(trace.records(rival.pid).length + trace.records(process.pid).length).toBe(trace.records().length);
    await theirs.send("x".repeat(100));
    const sent = trace.records(rival.pid).findLast(({ call }) => call.name === "send")!.call;
    expect(sent).toMatchObject({ length: 100, data: "x".repeat(64) });
  });

  test("handles() and sockets() show its handles, with the process", async () => {
    const { taken, port, mine } = await pairWith(rival);
    await (await rival.socket("bound", AF_INET, SOCK_STREAM)).bind(LOOPBACK, 0);
    const [, ...rows] = await printed(() => handles());
    const owner = `rival, pid ${rival.pid}`;
    const inRival = ["", `in ${owner}`];
    const peer = ["", expect.stringMatching(/^↔ 127\.0\.0\.1:\d+$/)];
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      expect.arrayContaining(["mine", String(mine.fd), "ESTABLISHED"]),
      peer,
      expect.arrayContaining(["taken", String(taken.fd), `127.0.0.1:${port}`, "LISTEN"]),
      ["", "backlog 0 of 5"],
      inRival,
      expect.arrayContaining(["taken→1", `127.0.0.1:${port}`, "ESTABLISHED"]),
      peer,
      inRival,
      expect.arrayContaining(["bound", "CLOSE"]),
      inRival,
    ]);
    const table = await printed(() => sockets());
    const of = (name: string) => table.find((row) => row.startsWith(`${name} `));
    expect(of("taken")).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} .*LISTEN .*${owner}$`));
    // Another process's backlog is told as an own one's.
    expect(of("taken")).toContain("  0 of 5  ");
    expect(of("taken→1")).toContain("ESTABLISHED");
    expect(of("bound")).toMatch(new RegExp(`127\\.0\\.0\\.1:\\d+ .*${owner}$`));
    expect(of("mine")).toMatch(/this notebook$/);
    expect(table.join("\n")).not.toContain("not of this notebook");
  });
});

test("a call, its step and its answer are one message", async () => {
  const { mine, theirs } = await pairWith(rival);
  const emit = vi.spyOn(ChildProcess.prototype, "emit");
  try {
    for (let i = 0; i < 10; i++) await theirs.send("x");
    await Promise.all(Array.from({ length: 10 }, () => theirs.getsockname()));
    const messages = emit.mock.calls.filter(([event]) => String(event) === "message").length;
    // Those that were asked for at once are answered together, as far as they arrived together.
    expect(messages).toBeGreaterThan(10);
    expect(messages).toBeLessThanOrEqual(20);
  } finally {
    emit.mockRestore();
  }
  expect(String(await mine.recv())).toBe("x".repeat(10));
});

test("the ladder joins the calls of both processes", async () => {
  const { mine, theirs } = await pairWith(rival);
  await mine.send("hello");
  await theirs.recv();
  const waiting = mine.recv();
  await theirs.send("back");
  await waiting;
  const words = (await printed(() => ladder())).join(" ");
  expect(words).toContain("takes the connection of mine; new socket taken→1");
  expect(words).toContain("5 bytes from mine");
  expect(words).toContain("4 bytes from taken→1");
  expect(words).not.toContain("outside");
});

describe("closeAll()", () => {
  test("ends the other processes, says so, and their ports are free when it returns", async () => {
    const { taken, port } = await listeningIn(rival);
    const waiting = rejectionOf(taken.accept());
    const again = socket("again", AF_INET, SOCK_STREAM);
    expect(() => again.bind(LOOPBACK, port)).toThrow("EADDRINUSE");
    const lines = await printed(() => {
      closeAll();
      const free = socket("free", AF_INET, SOCK_STREAM);
      free.bind(LOOPBACK, port);
      free.listen();
    });
    expect(lines[0]).toMatch(/^again {9}close/);
    expect(lines[1]).toBe(`rival         process ${rival.pid} was ended by closeAll(); the system closed "taken"`);
    expect(lines.at(-1)).toMatch(/^free {10}listen\(\d+, 128\) = 0$/);
    expect(rival.running).toBe(false);
    expect(await waiting).toMatchObject({ name: "ProcessError" });
    const anew = await otherProcess("rival");
    expect(anew.pid).not.toBe(rival.pid);
    await anew.stop();
  });
});

test("what the process itself prints is shown under its name", async () => {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = "--trace-exit";
  const lines = await printed(async () => {
    try {
      const other = await otherProcess("talker");
      await other.stop();
    } finally {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    }
  });
  expect(lines[0]).toMatch(/^talker {8}started as process \d+$/);
  expect(lines.find((line) => line.includes("WARNING: Exited the environment"))).toMatch(/^talker {8}\S/);
});
