import { ChildProcess } from "node:child_process";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  attempt,
  closeAll,
  handles,
  LOOPBACK,
  LOOPBACK6,
  ladder,
  MSG_PEEK,
  type OtherProcess,
  otherProcess,
  type RemoteHandle,
  SHUT_WR,
  SO_LINGER,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOCK_STREAM,
  SocketError,
  socket,
  sockets,
  TCP_INFO,
  TimeoutError,
  trace,
} from "kernel-helpers";
import { reactor } from "kernel-helpers/dist/readiness/index.js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { freshPath, removePaths } from "../support/kinds.js";
import { rejectionCode, rejectionOf, turn } from "../support/outcome.js";

guardDescriptors();
removePaths();

let rival: OtherProcess;
beforeEach(async () => {
  rival = await otherProcess("rival");
});
afterEach(() => rival.stop());

/** A listening handle of the other process, and its port. */
async function listening(name = "taken"): Promise<{ taken: RemoteHandle; port: number }> {
  const taken = await rival.socket(name, AF_INET, SOCK_STREAM);
  await taken.bind(LOOPBACK, 0);
  await taken.listen(5);
  return { taken, port: (await taken.getsockname()).port };
}

/** A connection between this process and the other one. */
async function pair() {
  const { taken, port } = await listening();
  const mine = socket("mine", AF_INET, SOCK_STREAM);
  await mine.connect(LOOPBACK, port);
  return { taken, port, mine, theirs: await taken.accept() };
}

describe("the handles of another process have the methods of a handle", () => {
  test("both sides of a connection", async () => {
    const { taken, port, mine, theirs } = await pair();
    expect([theirs.name, theirs.pid, taken.pid]).toEqual(["taken→1", rival.pid, rival.pid]);
    expect(await mine.send("hello")).toBe(5);
    expect(`${await theirs.recv(1024, MSG_PEEK)}`).toBe("hello");
    expect(await theirs.recv(1024)).toEqual(Buffer.from("hello"));
    expect(await theirs.send("back")).toBe(4);
    expect(`${await mine.recv()}`).toBe("back");
    expect(await theirs.getpeername()).toEqual(mine.getsockname());
    expect((await theirs.getsockname()).port).toBe(port);
    expect((await theirs.getsockopt(TCP_INFO)).state).toBe("ESTABLISHED");
    await theirs.setsockopt(SO_LINGER, { onoff: true, linger: 3 });
    expect(await theirs.getsockopt(SO_LINGER)).toEqual({ onoff: true, linger: 3 });
    await theirs.setsockopt(SO_RCVBUF, 5000);
    expect(await theirs.getsockopt(SO_RCVBUF)).toBe(10_000);
    await theirs.shutdown(SHUT_WR);
    expect(await mine.recv()).toHaveLength(0);
    await theirs.close();
    expect(theirs.closed).toBe(true);
    const caller = await rival.socket("caller", AF_INET, SOCK_STREAM);
    const server = socket("server", AF_INET, SOCK_STREAM);
    server.listen();
    await caller.connect(LOOPBACK, server.getsockname().port, { timeout: 1000 });
    expect((await server.accept()).name).toBe("server→1");
  });

  test("datagrams, truncated ones too, over IPv4, IPv6 and a path", async () => {
    const path = freshPath();
    for (const [family, place] of [
      [AF_INET, [LOOPBACK, 0]],
      [AF_INET6, [LOOPBACK6, 0]],
      [AF_UNIX, [path]],
    ] as const) {
      const box = await rival.socket("box", family, SOCK_DGRAM);
      await box.bind(place[0], place[1]);
      const { port } = await box.getsockname();
      const mine = socket("mine", family, SOCK_DGRAM);
      mine.bind(...((family === AF_UNIX ? [freshPath()] : [place[0], 0]) as [string, number?]));
      await mine.sendto("a datagram", place[0], family === AF_UNIX ? undefined : port);
      const { data, from, truncated } = await box.recvfrom(4);
      expect([`${data}`, truncated]).toEqual(["a da", true]);
      expect(from).toEqual(mine.getsockname());
      await box.sendto(Buffer.from([1, 2, 3]), from.address, family === AF_UNIX ? undefined : from.port);
      expect(await mine.recv()).toEqual(Buffer.from([1, 2, 3]));
    }
  });

  test("1 MB each way, byte for byte; what was given to send can be changed at once", async () => {
    const { mine, theirs } = await pair();
    const data = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 7) % 251));
    const given = Buffer.from(data);
    const sending = theirs.sendAll(given);
    given.fill(0);
    const got: Buffer[] = [];
    for (let count = 0; count < data.length; count += got.at(-1)!.length) got.push(await mine.recv());
    await sending;
    expect(Buffer.concat(got).equals(data)).toBe(true);
    const back = mine.sendAll(data);
    const there: Buffer[] = [];
    for (let count = 0; count < data.length; count += there.at(-1)!.length) there.push(await theirs.recv());
    await back;
    expect(Buffer.concat(there).equals(data)).toBe(true);
    expect(there[0]!.buffer.byteLength).toBeLessThan(2 * there[0]!.byteLength + 10_000);
  });

  test("every method returns a promise, also for wrong arguments", async () => {
    const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);
    const wrong: [action: () => Promise<unknown>, kind: typeof TypeError | typeof RangeError][] = [
      [() => taken.bind("300.0.0.1", 1), TypeError],
      [() => taken.bind(LOOPBACK, 65_536), RangeError],
      [() => taken.listen("5" as never), TypeError],
      [() => taken.accept({ timeout: -1 }), RangeError],
      [() => taken.accept({ signal: 5 as never }), TypeError],
      [() => taken.connect(LOOPBACK, undefined, { timeout: "5" as never }), TypeError],
      [() => taken.send(5 as never), TypeError],
      [() => taken.sendAll({} as never), TypeError],
      [() => taken.recv(-1), RangeError],
      [() => taken.sendto("x", "nowhere", 5), TypeError],
      [() => taken.recvfrom(1.5), RangeError],
      [() => taken.shutdown((() => 5) as never), TypeError],
      [() => taken.setsockopt(SO_RCVBUF, "5" as never), TypeError],
      [() => rival.socket("", AF_INET, SOCK_STREAM), TypeError],
      [() => rival.socket("x", Symbol("x") as never, SOCK_STREAM), TypeError],
    ];
    for (const [action, kind] of wrong) {
      const promise = action();
      expect(promise, `${action}`).toBeInstanceOf(Promise);
      expect(await rejectionOf(promise), `${action}`).toBeInstanceOf(kind);
    }
  });
});

describe("a remote handle is used as a handle is", () => {
  const membersOf = (handle: object): string[] => {
    const prototype = Object.getPrototypeOf(handle) as object;
    return Reflect.ownKeys(prototype)
      .map((key) => String(key))
      .sort();
  };

  test("it has the same members, and its process's number", async () => {
    const { mine, theirs } = await pair();
    expect(membersOf(mine).length).toBeGreaterThan(20);
    expect(membersOf(theirs)).toEqual([...membersOf(mine), "pid"].sort());
  });

  test("for await receives until the peer closes, without a deadline", async () => {
    const { mine, theirs } = await pair();
    const received = (async () => {
      let text = "";
      for await (const data of theirs) {
        expect(data).toBeInstanceOf(Buffer);
        text += String(data);
      }
      return text;
    })();
    await mine.send("one ");
    await theirs.getsockname();
    await mine.send("two");
    mine.shutdown(SHUT_WR);
    expect(await received).toBe("one two");
    const steps = trace.steps().filter(({ handle, name }) => handle === "taken→1" && name === "recv");
    expect(steps.at(-1)!.outcome).toEqual({ result: 0 });
  });

  test("for await that is left early loses nothing, and an error ends it", async () => {
    const { mine, theirs } = await pair();
    await mine.send("first");
    for await (const data of theirs) {
      expect(String(data)).toBe("first");
      break;
    }
    await mine.send("second");
    expect(String(await theirs.recv())).toBe("second");
    const ends = rejectionOf(async () => {
      for await (const _ of theirs);
    });
    mine.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    mine.close();
    expect(await ends).toMatchObject({ code: "ECONNRESET", handle: "taken→1" });
  });

  test("its asyncDispose closes it, once", async () => {
    const { theirs } = await pair();
    const dispose = (theirs as unknown as Record<symbol, () => Promise<void>>)[Symbol.asyncDispose]!;
    await dispose.call(theirs);
    expect(theirs.closed).toBe(true);
    expect(await printed(() => dispose.call(theirs))).toEqual([]);
  });
});

describe("errors are those of a handle", () => {
  test("SocketError with all its fields, and attempt() explains it", async () => {
    const caller = await rival.socket("caller", AF_INET, SOCK_STREAM);
    const port = await freePort();
    const error = await rejectionOf(caller.connect(LOOPBACK, port));
    expect(error).toBeInstanceOf(SocketError);
    const fd = caller.fd;
    expect(error).toMatchObject({ name: "SocketError", code: "ECONNREFUSED", errno: 111, syscall: "connect" });
    expect(error).toMatchObject({ address: LOOPBACK, port, handle: "caller", fd });
    const lines = paragraphs(
      await printed(async () => expect(await attempt(() => caller.recv())).toBeInstanceOf(Error)),
    );
    expect(lines).toEqual([
      `caller        recv(${fd}, 65536) = -1 ENOTCONN (Transport endpoint is not connected)`,
      "              The socket is not connected: call connect(), or receive on the socket that accept() returned. man 2 recv",
    ]);
  });

  test("a deadline, which is the other process's own", async () => {
    const { taken, port } = await listening();
    const error = await rejectionOf(taken.accept({ timeout: 30 }));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toContain(`waited 30 ms and no client has connected to 127.0.0.1:${port}`);
    expect((await rejectionOf(taken.accept({ timeout: 0 }))).message).toContain("waited 0 ms");
  });

  test("a handle that is closed, and a wait that ends with it", async () => {
    const { taken } = await listening();
    const waiting = rejectionOf(taken.accept());
    await taken.close();
    expect(await waiting).toMatchObject({ name: "ClosedError", code: "EBADF", waited: true });
    expect(await rejectionOf(taken.accept())).toMatchObject({ name: "ClosedError", waited: false });
    expect(paragraphs(await printed(() => taken.close()))).toEqual([
      '              "taken" is closed already: nothing to do.',
    ]);
  });

  async function freePort(): Promise<number> {
    const { taken, port } = await listening("free");
    await taken.close();
    return port;
  }
});

describe("giving up", () => {
  test("a signal ends the wait there too, with its own reason, and loses nothing", async () => {
    const { mine, theirs } = await pair();
    const controller = new AbortController();
    const waiting = rejectionOf(theirs.recv(10, 0, { signal: controller.signal }));
    await turn();
    const reason = new Error("changed my mind");
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    await mine.send("still there");
    expect(`${await theirs.recv()}`).toBe("still there");
    expect(trace.steps().filter(({ outcome }) => outcome && "ended" in outcome)).toMatchObject([
      { handle: "taken→1", name: "recv", outcome: { ended: "interrupted" } },
    ]);
    expect(await rejectionOf(theirs.recv(10, 0, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test("in the very moment in which data arrives: it is received once, by this call or by the next", async () => {
    const { mine, theirs } = await pair();
    let got = "";
    for (let i = 0; i < 100; i++) {
      const controller = new AbortController();
      const waiting = theirs.recv(10, 0, { signal: controller.signal }).catch(() => undefined);
      if (i % 2 === 0) await turn();
      await mine.send(String.fromCharCode(33 + (i % 90)));
      if (i % 3 === 0) await turn();
      controller.abort();
      got += (await waiting) ?? (await theirs.recv(10));
    }
    expect(got).toBe(Array.from({ length: 100 }, (_, i) => String.fromCharCode(33 + (i % 90))).join(""));
  });

  test("an interrupt of the cell ends it as a local wait", async () => {
    const { mine, theirs } = await pair();
    const waiting = rejectionOf(theirs.recv());
    const waiter = reactor().pending()[0]!;
    expect(waiter).toMatchObject({ background: false, run: process.stdout.write });
    waiter.interrupt();
    expect(await waiting).toMatchObject({ name: "InterruptedError", handle: "taken→1" });
    await mine.send("x");
    expect(`${await theirs.recv()}`).toBe("x");
  });

  test("a process that stands still: the call ends half a second after its deadline, or after the interrupt", async () => {
    const { taken, theirs, mine } = await pair();
    await rival.kill("SIGSTOP");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const unawaited = taken.accept();
      const short = rejectionOf(taken.listen());
      const long = rejectionOf(theirs.recv(1, 0, { timeout: 60_000 }));
      await vi.advanceTimersByTimeAsync(11_100);
      expect(await short).toMatchObject({
        name: "TimeoutError",
        happened: `got no answer from process ${rival.pid} (rival)`,
      });
      expect(reactor().pending()).toHaveLength(2);
      await vi.advanceTimersByTimeAsync(50_000);
      expect((await long).name).toBe("TimeoutError");
      const interrupted = rejectionOf(unawaited);
      reactor().pending()[0]!.interrupt();
      await vi.advanceTimersByTimeAsync(500);
      expect((await interrupted).name).toBe("InterruptedError");
    } finally {
      vi.useRealTimers();
    }
    await rival.kill("SIGCONT");
    // It takes what it was sent in order: when it answers this, it has made the calls and given them up.
    await theirs.getsockname();
    await mine.send("x");
    expect(`${await theirs.recv()}`).toBe("x");
  });
});

describe("names", () => {
  test("one that is open in that process is closed first, with what it accepted; one of this process is not", async () => {
    const { taken, theirs } = await pair();
    const mine = socket("taken", AF_INET, SOCK_STREAM);
    const lines = await printed(async () => void (await rival.socket("taken", AF_INET, SOCK_STREAM)));
    expect(lines.map((line) => line.replace(/\d+/g, "N"))).toEqual([
      "taken→N       close(N) = N",
      "taken         close(N) = N",
      "taken         socket(AF_INET, SOCK_STREAM) = N",
    ]);
    expect([taken.closed, theirs.closed, mine.closed]).toEqual([true, true, false]);
    expect(await rejectionCode(taken.listen())).toBe("EBADF");
  });

  test("a handle shows what it is", async () => {
    const { taken, port } = await listening();
    expect(`${taken}`).toBe(
      `taken: fd ${taken.fd} of process ${rival.pid} (rival), AF_INET SOCK_STREAM, local 127.0.0.1:${port}, peer none`,
    );
    expect(`${rival}`).toBe(`rival: process ${rival.pid} running, "taken"`);
    await taken.close();
    expect(`${taken}`).toMatch(/ SOCK_STREAM \[closed\]$/);
    expect(`${rival}`).toBe(`rival: process ${rival.pid} running, no open handles`);
  });

  test("the same handle is the same object", async () => {
    const { taken } = await pair();
    const again = socket("again", AF_INET, SOCK_STREAM);
    await again.connect(LOOPBACK, (await taken.getsockname()).port);
    const second = await taken.accept();
    expect(second.name).toBe("taken→2");
    expect(second).not.toBe(taken);
  });
});

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

  test("exact: strace's words; off: nothing", async () => {
    const { taken } = await listening();
    const exact = await printed(() => taken.setsockopt(SO_RCVBUF, 5000), "exact");
    expect(exact).toEqual([`taken         setsockopt(${taken.fd}, SOL_SOCKET, SO_RCVBUF, [5000], 4) = 0`]);
    expect(await printed(() => taken.close(), "off")).toEqual([]);
  });

  test("steps have the process's number, and times on this process's clock", async () => {
    const { taken } = await listening();
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
    const sent = trace.records(rival.pid).findLast(({ call }) => call.name === "send")!.call as { data: Uint8Array };
    expect(sent.data.buffer.byteLength).toBeLessThan(1000);
  });

  test("handles() and sockets() show its handles, with the process", async () => {
    const { taken, port, mine } = await pair();
    await (await rival.socket("bound", AF_INET, SOCK_STREAM)).bind(LOOPBACK, 0);
    const [head, ...rows] = await printed(() => handles());
    expect(head).toMatch(/ Send-Q {2}process$/);
    const owner = `rival, pid ${rival.pid}`;
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      expect.arrayContaining(["mine", String(mine.fd), "ESTABLISHED"]),
      expect.arrayContaining(["taken", String(taken.fd), `127.0.0.1:${port}`, "LISTEN", owner]),
      expect.arrayContaining(["taken→1", `127.0.0.1:${port}`, "ESTABLISHED", owner]),
      expect.arrayContaining(["bound", owner]),
    ]);
    const table = await printed(() => sockets());
    const of = (name: string) => table.find((row) => row.startsWith(`${name} `));
    expect(of("taken")).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} .*LISTEN .*${owner}$`));
    expect(of("taken→1")).toContain("ESTABLISHED");
    expect(of("bound")).toMatch(new RegExp(`127\\.0\\.0\\.1:\\d+ .*${owner}$`));
    expect(of("mine")).toMatch(/this notebook$/);
    expect(table.join("\n")).not.toContain("not of this notebook");
  });
});

test("a call, its step and its answer are one message", async () => {
  const { mine, theirs } = await pair();
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
  const { mine, theirs } = await pair();
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
    const { taken, port } = await listening();
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
