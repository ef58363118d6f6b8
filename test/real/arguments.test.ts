import { AF_INET, calls, LOOPBACK, SO_TYPE, SOCK_STREAM, SOL_SOCKET, trace } from "kernel-helpers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { functionsWith } from "../support/faults.js";
import { codeOf, failureOf, rejectionOf } from "../support/outcome.js";
import { rawPair, streamPair } from "../support/pairs.js";

guardDescriptors();

/** Every length that reached libc, with the memory it was given for: the last line of defence is looked at, not trusted. */
const reached: { name: string; length: number; room: number }[] = [];
const real: Record<string, (...values: unknown[]) => number> = {};

beforeAll(() => {
  for (const name of ["send", "recv", "sendto", "recvfrom"]) {
    const functions = functionsWith(name);
    const call = functions[name]!;
    real[name] = call;
    functions[name] = (...values) => {
      const [, memory, length] = values as [number, Uint8Array, number];
      const byteLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "byteLength")!;
      reached.push({ name, length, room: byteLength.get!.call(memory) as number });
      return call(...values);
    };
  }
});
afterAll(() => {
  for (const [name, call] of Object.entries(real)) functionsWith(name)[name] = call;
  for (const { name, length, room } of reached) {
    expect(Number.isInteger(length) && length >= 0 && length <= room, `${name} with ${length} of ${room}`).toBe(true);
  }
});

const BAD_LENGTHS: [unknown, typeof RangeError | typeof TypeError][] = [
  [-1, RangeError],
  [-0.5, RangeError],
  [Number.NaN, RangeError],
  [1.9, RangeError],
  [9, RangeError],
  [2 ** 31, RangeError],
  [2 ** 32 + 4, RangeError],
  [2 ** 53, RangeError],
  [Number.POSITIVE_INFINITY, RangeError],
  ["4", TypeError],
  [4n, TypeError],
  [null, TypeError],
  [{ valueOf: () => 4 }, TypeError],
  [[4], TypeError],
  [true, TypeError],
];

test.each(BAD_LENGTHS)("M2: length %s never reaches libc: send, sendto, recv, recvfrom", (value, kind) => {
  const [client, server] = rawPair();
  const memory = Buffer.alloc(8);
  const length = value as number;
  const to = { family: "AF_INET", address: LOOPBACK, port: 9 } as const;
  // null stands for "the default" where a parameter is optional.
  if (value !== null) {
    expect(() => calls.send(client, memory, length)).toThrow(kind);
    expect(() => calls.sendto(client, memory, to, length)).toThrow(kind);
    expect(() => calls.recv(server, memory, length)).toThrow(kind);
    expect(() => calls.recvfrom(server, memory, length)).toThrow(kind);
  }
  expect(codeOf(() => calls.recv(server, memory))).toBe("EAGAIN");
  for (const fd of [client, server]) calls.close(fd);
});

test.each([-1, Number.NaN, 1.9, 2 ** 53, 2 ** 31, "4", null, 4n, {}])(
  "M2: recv(%s) on a handle is refused before the call",
  async (value) => {
    const { server } = await streamPair();
    const length = value as number;
    const before = trace.records().length;
    for (const action of [() => server.recv(length), () => server.recvfrom(length)]) {
      const error = await rejectionOf(async () => action());
      expect(error.name).toMatch(/^(RangeError|TypeError)$/);
    }
    expect(trace.records().length).toBe(before);
  },
);

test("M2: a buffer that lies about its length", () => {
  const [client, server] = rawPair();
  class Long extends Uint8Array {
    override get byteLength(): number {
      return 100_000;
    }
    override get length(): number {
      return 100_000;
    }
  }
  const lies = [new Long(8), Object.defineProperty(Buffer.alloc(8), "byteLength", { value: 100_000 })];
  const to = { family: "AF_INET", address: LOOPBACK, port: 9 } as const;
  for (const lie of lies) {
    for (const length of [100_000, 9]) {
      expect(() => calls.send(client, lie, length)).toThrow(RangeError);
      expect(() => calls.sendto(client, lie, to, length)).toThrow(RangeError);
      expect(() => calls.recv(server, lie, length)).toThrow(RangeError);
      expect(() => calls.recvfrom(server, lie, length)).toThrow(RangeError);
      expect(() => calls.bind(client, lie, length)).toThrow(RangeError);
      expect(() => calls.setsockopt(client, 1, 2, lie, length)).toThrow(RangeError);
    }
    // Without a length it is what it truly has, whatever it says.
    expect([calls.send(client, lie), calls.recv(server, lie)]).toEqual([8, 8]);
  }
  expect(codeOf(() => calls.recv(server, Buffer.alloc(1)))).toBe("EAGAIN");
  for (const fd of [client, server]) calls.close(fd);
});

test("M2: methods and getters of a learner's own are never asked", async () => {
  const [client, server] = rawPair();
  const asked: string[] = [];
  const lying = (): Buffer => {
    const bytes = Buffer.from("abcdefgh");
    for (const name of ["subarray", "slice", "buffer", "byteOffset", "byteLength", "length", "constructor", "set"]) {
      Object.defineProperty(bytes, name, {
        get: () => {
          asked.push(name);
          return name === "constructor" || name === "buffer" ? undefined : 100_000;
        },
      });
    }
    return bytes;
  };
  const received = Buffer.alloc(8);
  expect(calls.send(client, lying())).toBe(8);
  expect(calls.recv(server, lying(), 4)).toBe(4);
  expect(calls.recv(server, received)).toBe(4);
  expect(`${received.subarray(0, 4)}`).toBe("efgh");
  expect(codeOf(() => calls.bind(client, lying(), 8))).toMatch(/^E/);
  expect(codeOf(() => calls.setsockopt(client, SOL_SOCKET, 9999, lying(), 4))).toBe("ENOPROTOOPT");
  const { client: handle, server: other } = await streamPair();
  await handle.sendAll(lying());
  expect(`${await other.recv()}`).toBe("abcdefgh");
  expect(asked).toEqual([]);
  for (const fd of [client, server]) calls.close(fd);
});

test("M2: nothing of a learner's runs between the check and the call", () => {
  const [client, server] = rawPair();
  const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  const memory = new Resizable(64, { maxByteLength: 64 });
  const shrink = (): void => (memory as ArrayBuffer & { resize(size: number): void }).resize(8);
  const to = {
    family: "AF_INET",
    address: LOOPBACK,
    get port() {
      shrink();
      return 9;
    },
  } as const;
  const view = new Uint8Array(memory);
  expect(() => calls.sendto(client, view, to, 64)).toThrow(RangeError);
  expect(view.byteLength).toBe(8);
  const real = performance.now;
  (memory as ArrayBuffer & { resize(size: number): void }).resize(64);
  try {
    performance.now = () => {
      shrink();
      return real.call(performance);
    };
    expect(calls.send(client, new Uint8Array(memory))).toBe(64);
    expect(memory.byteLength).toBe(64);
  } finally {
    performance.now = real;
  }
  for (const fd of [client, server]) calls.close(fd);
});

test("M2: a number that says something else each time is read once", () => {
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  const changing = (...values: unknown[]): unknown => (values.length > 1 ? values.shift() : values[0]);
  const option = {
    name: "x",
    get number() {
      return changing(1.5, 2);
    },
  };
  expect(() => calls.getsockopt(fd, SOL_SOCKET, option as never)).toThrow(RangeError);
  for (const events of [1.5, 1n, -1, 2 ** 16]) {
    expect(failureOf(() => calls.poll([{ fd, events: events as number }])).name).toMatch(/^(RangeError|TypeError)$/);
  }
  expect(() => calls.poll({ length: 1.5 } as never)).toThrow(TypeError);
  calls.close(fd);
});

test.each([Number.NaN, 1.5, 2 ** 32 + 18, -(2 ** 31) - 1, "3", undefined, null, {}, 3n])(
  "M2: descriptor %s is refused before the call",
  (value) => {
    const fd = value as number;
    const memory = Buffer.alloc(8);
    const to = { family: "AF_INET", address: LOOPBACK, port: 9 } as const;
    const before = trace.records().length;
    const actions = [
      () => calls.accept(fd),
      () => calls.bind(fd, to),
      () => calls.close(fd),
      () => calls.connect(fd, to),
      () => calls.dup(fd),
      () => calls.epoll_ctl(fd, 1, 1),
      () => calls.epoll_wait(fd, 1),
      () => calls.fcntl(fd, 1),
      () => calls.getpeername(fd),
      () => calls.getsockname(fd),
      () => calls.getsockopt(fd, 1, 3),
      () => calls.listen(fd, 1),
      () => calls.poll([{ fd, events: 1 }]),
      () => calls.recv(fd, memory),
      () => calls.recvfrom(fd, memory),
      () => calls.send(fd, memory),
      () => calls.sendto(fd, memory, to),
      () => calls.setsockopt(fd, 1, 3, 1),
      () => calls.shutdown(fd, 1),
    ];
    for (const action of actions) expect(failureOf(action).name).toMatch(/^(RangeError|TypeError)$/);
    expect(trace.records().length).toBe(before);
  },
);

test("numbers of every call that are no C ints are refused before the call", () => {
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  const memory = Buffer.alloc(8);
  const before = trace.records().length;
  for (const value of [Number.NaN, 1.5, 2 ** 31, "1"]) {
    const wrong = value as number;
    const actions = [
      () => calls.socket(wrong, SOCK_STREAM),
      () => calls.socket(AF_INET, wrong),
      () => calls.socket(AF_INET, SOCK_STREAM, wrong),
      () => calls.socketpair(wrong, SOCK_STREAM),
      () => calls.socketpair(1, wrong),
      () => calls.accept(fd, wrong),
      () => calls.epoll_create1(wrong),
      () => calls.epoll_ctl(fd, wrong, fd),
      () => calls.epoll_wait(fd, wrong),
      () => calls.epoll_wait(fd, 1, wrong),
      () => calls.fcntl(fd, wrong),
      () => calls.fcntl(fd, 4, wrong),
      () => calls.getsockopt(fd, wrong, 3),
      () => calls.getsockopt(fd, SOL_SOCKET, wrong),
      () => calls.getsockopt(fd, SOL_SOCKET, SO_TYPE, wrong),
      () => calls.listen(fd, wrong),
      () => calls.poll([], wrong),
      () => calls.recv(fd, memory, 8, wrong),
      () => calls.send(fd, memory, 8, wrong),
      () => calls.setsockopt(fd, wrong, 3, 1),
      () => calls.setsockopt(fd, SOL_SOCKET, wrong, 1),
      () => calls.shutdown(fd, wrong),
    ];
    for (const action of actions) expect(failureOf(action).name, `${action}`).toMatch(/^(RangeError|TypeError)$/);
  }
  expect(trace.records().length).toBe(before);
  calls.close(fd);
});

test("waits on numbers that would stop the notebook for long are refused", () => {
  for (const timeout of [-1, 10_001, Number.POSITIVE_INFINITY]) {
    expect(() => calls.poll([], timeout)).toThrow(RangeError);
    expect(() => calls.epoll_wait(0, 1, timeout)).toThrow(RangeError);
  }
});

test("options of a wait that are none are refused before the call, and leave nothing behind", async () => {
  const { client, server } = await streamPair();
  await client.send("kept");
  const wrong: [unknown, RegExp][] = [
    [{ timeout: -1 }, /RangeError/],
    [{ timeout: Number.NaN }, /RangeError/],
    [{ timeout: "5" }, /TypeError/],
    [{ timeout: null }, /TypeError/],
    [{ timeout: 5n }, /TypeError/],
    [{ signal: 5 }, /TypeError/],
    [{ signal: {} }, /TypeError/],
    [null, /TypeError/],
    [5000, /TypeError/],
  ];
  const steps = trace.steps().length;
  for (const [options, name] of wrong) {
    const waiting = options as object;
    const actions = [
      () => server.recv(10, 0, waiting),
      () => server.recvfrom(10, 0, waiting),
      () => server.send("x", 0, waiting),
      () => server.sendAll("x", waiting),
      () => server.accept(waiting),
      () => server.connect(LOOPBACK, 9, waiting),
    ];
    for (const action of actions) expect((await rejectionOf(async () => action())).name).toMatch(name);
  }
  expect(trace.steps().length).toBe(steps);
  expect(`${await server.recv()}`).toBe("kept");
});
