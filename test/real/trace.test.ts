import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  attempt,
  calls,
  choosePort,
  F_GETFD,
  LOOPBACK,
  LOOPBACK6,
  ladder,
  POLLIN,
  SHUT_WR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVBUF,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
  trace,
} from "kernel-helpers";
import { exactText } from "kernel-helpers/dist/calls/index.js";
import { onStep } from "kernel-helpers/dist/trace/index.js";
import { describe, expect, test, vi } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { freshPath, removePaths } from "../support/kinds.js";
import { turn } from "../support/outcome.js";
import { connected, listening, rawPair, streamPair } from "../support/pairs.js";

guardDescriptors();
removePaths();

test("short: the steps of one connection, line by line", async () => {
  const port = choosePort();
  const fds: number[] = [];
  const lines = await printed(async () => {
    const server = socket("server", AF_INET, SOCK_STREAM);
    server.bind(LOOPBACK, port);
    server.listen(5);
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(LOOPBACK, port);
    const conversation = await server.accept();
    await client.send("hello");
    expect(`${await conversation.recv(1024)}`).toBe("hello");
    client.close();
    conversation.close();
    server.close();
    fds.push(server.fd, client.fd, conversation.fd);
  });
  const [s, c, v] = fds;
  const from = Number(/← 127\.0\.0\.1:(\d+)/.exec(lines.join("\n"))![1]);
  const accepted = `server        accept(${s}) = ${v}  ← 127.0.0.1:${from}`;
  expect(lines).toEqual([
    `server        socket(AF_INET, SOCK_STREAM) = ${s}`,
    `server        bind(${s}, 127.0.0.1:${port}) = 0`,
    `server        listen(${s}, 5) = 0`,
    `client        socket(AF_INET, SOCK_STREAM) = ${c}`,
    `client        connect(${c}, 127.0.0.1:${port}) = 0`,
    `${accepted.padEnd(52)}"server→1"`,
    `client        send(${c}, "hello", 5) = 5`,
    `server→1      recv(${v}, "hello", 1024) = 5`,
    `client        close(${c}) = 0`,
    `server→1      close(${v}) = 0`,
    `server        close(${s}) = 0`,
  ]);
});

test("short: a call that waits says so, and then how it ended", async () => {
  const { server, place } = listening();
  const lines = await printed(async () => {
    const waiting = server.accept();
    const second = server.accept();
    await turn();
    await connected(place);
    await waiting;
    server.close();
    await second.catch(() => {});
  });
  const s = server.fd;
  expect(lines[0]).toBe(`server        accept(${s}) waits for a client`);
  expect(lines[1]).toBe(`server        accept(${s}) waits for a client`);
  expect(lines.filter((line) => line.startsWith(`server        accept(${s}) =`))).toHaveLength(1);
  expect(lines.slice(-2)).toEqual([
    `server        accept(${s}) ended: the handle was closed`,
    `server        close(${s}) = 0`,
  ]);
});

test("short: a wait behind another one that ends without a call still has its line", async () => {
  const { server } = await streamPair();
  const lines = await printed(async () => {
    const first = server.recv(8);
    const second = server.recv(8, 0, { timeout: 5 });
    await second.catch(() => {});
    server.close();
    await first.catch(() => {});
  });
  const fd = server.fd;
  expect(lines).toEqual([
    `server→1      recv(${fd}, 8) waits for data`,
    `server→1      recv(${fd}) waits for data`,
    `server→1      recv(${fd}) ended: timeout`,
    `server→1      recv(${fd}, 8) ended: the handle was closed`,
    `server→1      close(${fd}) = 0`,
  ]);
  expect(trace.steps().every((step) => step.end !== undefined)).toBe(true);
});

test("short: datagrams, options, names, errors, text of every kind", async () => {
  const lines: string[] = [];
  const handle = socket("d", AF_INET6, SOCK_DGRAM);
  const fd = handle.fd;
  const record = async (action: () => unknown) => lines.push(...(await printed(action)));
  await record(() => handle.bind(LOOPBACK6, 0));
  const { port } = handle.getsockname();
  await record(() => handle.getsockname());
  await record(() => handle.sendto("a\n\0é", LOOPBACK6, port));
  await record(() => handle.recvfrom(2));
  await record(() => handle.setsockopt(SO_RCVBUF, 5000));
  await record(() => attempt(() => handle.shutdown(SHUT_WR)));
  const path = freshPath();
  const unix = socket("unix", AF_UNIX, SOCK_STREAM);
  await record(() => unix.bind(path));
  expect(lines).toEqual([
    `d             bind(${fd}, [::1]:0) = 0`,
    `d             getsockname(${fd}) = 0  → [::1]:${port}`,
    `d             sendto(${fd}, "a\\n\\0é", 5, [::1]:${port}) = 5`,
    `d             recvfrom(${fd}, "a\\n", 2, MSG_TRUNC) = 5  ← [::1]:${port}`,
    `d             setsockopt(${fd}, SO_RCVBUF, 5000) = 0`,
    `d             shutdown(${fd}, SHUT_WR) = -1 ENOTCONN (Transport endpoint is not connected)`,
    "              There is no connection to shut down (any more).",
    "              man 2 shutdown",
    `unix          bind(${unix.fd}, unix:${path}) = 0`,
  ]);
});

test("short: calls on numbers have the lane calls; long names push their line aside", async () => {
  const lines = await printed(() => {
    calls.close(calls.socket(AF_INET, SOCK_STREAM));
    socket("a name longer than its lane", AF_INET, SOCK_DGRAM);
  });
  expect(lines).toEqual([
    expect.stringMatching(/^calls {9}socket\(AF_INET, SOCK_STREAM\) = \d+$/),
    expect.stringMatching(/^calls {9}close\(\d+\) = 0$/),
    expect.stringMatching(/^a name longer than its lane {2}socket\(AF_INET, SOCK_DGRAM\) = \d+$/),
  ]);
});

test("exact: one line per real call, in strace's words", async () => {
  const port = choosePort();
  let s = 0;
  let c = 0;
  const lines = await printed(async () => {
    const server = socket("server", AF_INET, SOCK_STREAM);
    s = server.fd;
    server.bind(LOOPBACK, port);
    server.listen(5);
    const client = socket("client", AF_INET, SOCK_STREAM);
    c = client.fd;
    await client.connect(LOOPBACK, port);
    await client.send("hello");
    client.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    client.close();
    server.close();
  }, "exact");
  const at = `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("127.0.0.1")}`;
  expect(lines).toEqual([
    `server        socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP) = ${s}`,
    `server        setsockopt(${s}, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0`,
    `server        bind(${s}, ${at}, 16) = 0`,
    `server        listen(${s}, 5) = 0`,
    `client        socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP) = ${c}`,
    `client        connect(${c}, ${at}, 16) = -1 EINPROGRESS (Operation now in progress)`,
    `client        connect(${c}, ${at}, 16) = 0`,
    expect.stringMatching(/^client {8}getsockname\(\d+, \{sa_family=AF_INET, .*\[128 => 16\]\) = 0$/),
    `client        sendto(${c}, "hello", 5, MSG_NOSIGNAL, NULL, 0) = 5`,
    `client        setsockopt(${c}, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=0}, 8) = 0`,
    `client        close(${c}) = 0`,
    `server        close(${s}) = 0`,
  ]);
});

test("off: nothing is printed, everything is recorded", async () => {
  expect(await printed(async () => void (await streamPair()), "off")).toEqual([]);
  const names = trace.steps().map(({ handle, name }) => `${handle} ${name}`);
  for (const step of ["server socket", "server bind", "server listen", "client connect", "server accept"]) {
    expect(names).toContain(step);
  }
  expect(trace.records().map(({ call }) => call.name)).toContain("setsockopt");
  expect(trace.mode).toBe("off");
});

describe("the record", () => {
  test("steps tell who, what, when, how it ended, and where", async () => {
    const { client } = await streamPair();
    await client.send("x");
    const steps = trace.steps();
    const send = steps.at(-1)!;
    expect(send).toMatchObject({
      handle: "client",
      name: "send",
      fd: client.fd,
      pid: process.pid,
      outcome: { result: 1 },
    });
    const { address, port } = client.getsockname();
    expect(send.local).toBe(`${address}:${port}`);
    expect(send.peer).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(send.end!).toBeGreaterThanOrEqual(send.start);
    expect(send.calls).toHaveLength(1);
    const ids = steps.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const starts = trace.records().map(({ start }) => start);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(JSON.parse(JSON.stringify(send))).toMatchObject({ handle: "client" });
  });

  test("is bounded: after 30,000 steps it holds 5,000, the newest", () => {
    const fd = calls.socket(AF_INET, SOCK_DGRAM);
    const before = process.memoryUsage().heapUsed;
    let last = 0;
    for (let i = 0; i < 30_000; i++) {
      calls.fcntl(fd, F_GETFD);
      if (i % 1000 === 0) last = Math.max(last, trace.steps().length);
    }
    expect(last).toBeLessThanOrEqual(5000);
    const steps = trace.steps();
    expect(steps).toHaveLength(5000);
    expect(steps.at(-1)!.id - steps[0]!.id).toBe(4999);
    expect(trace.steps(3)).toEqual(steps.slice(-3));
    expect(trace.records().length).toBeLessThanOrEqual(40_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000);
    calls.close(fd);
  });

  test("is bounded by bytes: calls that keep much push more of the old ones out", () => {
    const fd = calls.socket(AF_INET, SOCK_DGRAM);
    const entries = Array.from({ length: 1000 }, () => ({ fd, events: POLLIN }));
    for (let i = 0; i < 6000; i++) calls.poll(i % 2 === 0 ? entries : entries.slice(0, 100));
    const steps = trace.steps();
    expect(steps.length).toBeGreaterThan(3000);
    // Of an array the first 32 members are kept, as strace shows them.
    const { fds, count } = steps.at(-2)!.calls[0]!.call as unknown as { fds: unknown[]; count: number };
    expect([fds.length, count]).toEqual([32, 1000]);
    calls.close(fd);
  });

  test("keeps the first and the last calls of a step that makes very many", async () => {
    const [path, other] = [freshPath(), freshPath()];
    const receiver = socket("receiver", AF_UNIX, SOCK_DGRAM);
    receiver.bind(path);
    const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
    sender.bind(other);
    sender.setsockopt(SO_SNDBUF, 1_000_000);
    for (;;) {
      const full = await sender.sendto("x".repeat(1000), path, undefined, { timeout: 0 }).catch((error) => error);
      if (full instanceof Error) break;
    }
    // The receiver's queue is full while the sender has room: the system says "ready" again and again.
    await expect(sender.sendto("late", path, undefined, { timeout: 2000 })).rejects.toThrow("waited");
    const step = trace.steps().at(-1)!;
    expect(step.calls.length).toBeLessThanOrEqual(64);
    expect(step.calls.length + step.leftOut!).toBeGreaterThan(64);
  });

  test("copies what it keeps: a buffer that is used again changes no line", () => {
    const [client, server] = rawPair();
    // Port 20001: for one below 1024 a user without privileges hears EACCES first.
    const address = Buffer.from([2, 0, 0x4e, 0x21, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    const value = Buffer.from([1, 0, 0, 0]);
    const data = Buffer.from("hello");
    trace.clear();
    expect(() => calls.bind(client, address)).toThrow("EINVAL");
    calls.setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, value);
    calls.send(client, data);
    calls.recv(server, data);
    const [entry] = calls.poll([{ fd: client, events: POLLIN }]);
    const read = calls.getsockopt(client, SOL_SOCKET, SO_KEEPALIVE);
    const lines = (): string[] => trace.records().map(exactText);
    const before = lines();
    for (const memory of [address, value, data, read]) memory.fill(0x7a);
    entry!.fd = 99;
    expect(lines()).toEqual(before);
    expect(before[0]).toContain("127.0.0.1");
    for (const fd of [client, server]) calls.close(fd);
  });

  test("has the first 64 bytes of what was sent and received, each as it was", () => {
    const [near, far] = calls.socketpair(AF_UNIX, SOCK_STREAM);
    const all = Buffer.from(Array.from({ length: 70 }, (_, at) => (at * 89) % 256));
    for (let length = 1; length <= all.byteLength; length++) {
      calls.send(near, all.subarray(all.byteLength - length));
      calls.recv(far, Buffer.alloc(100));
      const sent = all.toString("latin1", all.byteLength - length).slice(0, 64);
      const data = trace.records().flatMap(({ call }) => ("data" in call ? [call.data] : []));
      expect(data.slice(-2)).toEqual([sent, sent]);
    }
    for (const fd of [near, far]) calls.close(fd);
  });

  test("keeps only the beginning of what was sent", async () => {
    const { client } = await streamPair();
    const data = Buffer.alloc(1000, "x");
    await client.send(data);
    data.fill("y");
    const call = trace.records().findLast((record) => record.call.name === "send")!.call;
    expect(call).toMatchObject({ length: 1000, data: "x".repeat(64) });
  });

  test("what it gives may be frozen and changed: calls that wait end as ever, and the pictures are drawn", async () => {
    const { client, server } = await streamPair();
    const waiting = server.recv();
    const given = trace.steps();
    for (const step of given) {
      for (const value of [...step.calls.map(({ call }) => call), ...step.calls, step.calls, step])
        Object.freeze(value);
    }
    for (const step of trace.steps()) Object.assign(step, { calls: null, name: 5, handle: null });
    for (const record of trace.records()) Object.assign(record, { call: null });
    await client.send("x");
    expect(String(await waiting)).toBe("x");
    expect(given.at(-1)?.outcome).toBeUndefined();
    expect(trace.steps().findLast(({ name }) => name === "recv")?.outcome).toEqual({ result: 1 });
    expect(await printed(() => ladder())).not.toEqual([]);
  });

  test("clear forgets", async () => {
    await streamPair();
    trace.clear();
    expect(trace.steps()).toEqual([]);
    expect(trace.records()).toEqual([]);
  });
});

describe("who follows the calls may fail", () => {
  test("an accept whose follower throws gives its handle; the follower is told of no more, and the cell is told of it", async () => {
    const { server, place } = listening();
    const told: string[] = [];
    onStep(({ name }) => {
      told.push(name);
      throw new Error("broken");
    });
    let conversation: Awaited<ReturnType<typeof server.accept>> | undefined;
    const lines = await printed(async () => {
      const client = socket("client", AF_INET, SOCK_STREAM);
      await client.connect(place[0], place[1]);
      conversation = await server.accept();
      await client.send("x");
    });
    expect(`${await conversation!.recv()}`).toBe("x");
    expect(told).toEqual(["socket"]);
    expect(paragraphs(lines).filter((line) => line.includes("broken"))).toEqual([
      expect.stringContaining("Something that follows the calls has failed"),
    ]);
  });

  test.each([
    ["no text can be made of it", Object.create(null), /an object/],
    [
      "its text throws",
      Object.assign(new Error("x"), { get: 1, toString: undefined, message: { toString: undefined } }),
      /an object/,
    ],
    ["it forges a line", new Error("broken\rserver        bind(3) = 0\u001b[31m"), /broken\\u\{d\}server/],
    ["it is long", new Error("x".repeat(100_000)), /x{10}/],
  ])(
    "whatever a follower throws, an accept gives its handle and the cell one sentence: %s",
    async (_, thrown, words) => {
      const { server, place } = listening();
      const client = socket("client", AF_INET, SOCK_STREAM);
      await client.connect(place[0], place[1]);
      onStep(() => {
        throw thrown;
      });
      let conversation: Awaited<ReturnType<typeof server.accept>> | undefined;
      const lines = await printed(async () => {
        conversation = await server.accept();
      });
      await client.send("x");
      expect(`${await conversation!.recv()}`).toBe("x");
      const text = lines.join("");
      expect(text).toMatch(words);
      expect(text.length).toBeLessThan(1500);
      for (const character of ["\r", "\u001b"]) expect(text).not.toContain(character);
    },
  );

  test("lines that cannot be printed cost no call, and are counted in the next that can", async () => {
    const write = process.stdout.write;
    const lines: string[] = [];
    const { server, place } = listening();
    trace.short();
    try {
      process.stdout.write = () => {
        throw new Error("no room");
      };
      const client = socket("client", AF_INET, SOCK_STREAM);
      await client.connect(place[0], place[1]);
      expect((await server.accept()).closed).toBe(false);
      process.stdout.write = ((chunk: string) => lines.push(chunk) > 0) as typeof write;
      client.close();
    } finally {
      process.stdout.write = write;
      trace.off();
    }
    expect(lines[0]).toMatch(/^ +\(3 lines before this one could not be printed\)\n$/);
    expect(lines[1]).toMatch(/^client +close/);
  });
});

describe("silently", () => {
  /** A step: its line says that the trace prints. */
  const step = (name: string): void => socket(name, AF_INET, SOCK_DGRAM).close();
  const laneOf = (line: string): string => line.split(" ")[0]!;

  test("prints nothing of the action and of all that it starts; others go on as before; the record has everything", async () => {
    const before = trace.steps().length;
    const lines = await printed(async () => {
      step("loud");
      expect(trace.silently(() => socket("quiet", AF_INET, SOCK_DGRAM).close())).toBeUndefined();
      const waiting = trace.silently(async () => {
        await turn();
        step("quiet");
        return [6, trace.mode];
      });
      // Other code, such as the next cell, while it goes on.
      step("loud");
      expect([trace.mode, await waiting, trace.mode]).toEqual(["short", [6, "off"], "short"]);
      step("loud");
    });
    expect(lines.map(laneOf)).toEqual(["loud", "loud", "loud", "loud", "loud", "loud"]);
    expect(trace.steps().length - before).toBe(10);
  });

  test("is not ended by a promise that nobody awaits, and the action may fail", async () => {
    const lines = await printed(async () => {
      expect(() => trace.silently(() => calls.close(9999))).toThrow("EBADF");
      step("loud");
      let over = (): void => {};
      const ended = new Promise<void>((resolve) => {
        over = resolve;
      });
      trace.silently(() => {
        void (async () => {
          await turn();
          step("quiet");
          over();
        })();
      });
      await expect(trace.silently(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
      await ended;
      step("loud");
    });
    expect(lines.map(laneOf)).toEqual(["loud", "loud", "loud", "loud"]);
  });

  test("a call that was begun in silence ends in silence, and one that was not does not", async () => {
    const { client, server } = await streamPair();
    const lines = await printed(async () => {
      const quiet = trace.silently(() => server.recv(1));
      const loud = server.recv(1);
      await trace.silently(() => client.send("ab"));
      await Promise.all([quiet, loud]);
    });
    expect(lines).toEqual([expect.stringContaining("waits for data"), expect.stringContaining("recv(")]);
  });

  test("begins no deadline: what is left waiting inside waits as it would outside", async () => {
    const { client, server } = await streamPair();
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      const waiting = trace.silently(() => server.recv());
      await turn();
      vi.advanceTimersByTime(60_000);
      await client.send("late");
      expect(`${await waiting}`).toBe("late");
    } finally {
      vi.useRealTimers();
    }
  });

  test("a mode that is chosen meanwhile holds afterwards", async () => {
    await printed(() => {
      trace.silently(() => trace.exact());
      expect(trace.mode).toBe("exact");
    });
  });
});
