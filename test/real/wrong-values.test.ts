import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as helpers from "kernel-helpers";
import {
  AF_INET,
  calls,
  choosePort,
  closeAll,
  LOOPBACK,
  otherProcess,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  serve,
  socket,
  trace,
} from "kernel-helpers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { badValues, detached, faultOf, hostileValues, labelOf, lying } from "../support/bad-values.js";
import { printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { failureOf, rejectionOf } from "../support/outcome.js";
import { PLOT, RIGHT_FOR_TRACE, rightCalls, rightFunctions, rightMethods } from "../support/right-arguments.mjs";
import { LONG_PATIENCE_MS } from "../support/time.js";

guardDescriptors();
beforeAll(() => trace.off());
afterAll(() => trace.short());

type Action = (...values: unknown[]) => unknown;

const once = { timeout: 0 };
const CALLS = (fd: number) => rightCalls(helpers, fd);
const METHODS = rightMethods(helpers);
const FUNCTIONS = rightFunctions(helpers);
const TRACE: Record<string, unknown[]> = RIGHT_FOR_TRACE;

/** Puts every bad value at every place, and gives what was wrong with the errors. */
async function faults(name: string, args: unknown[], call: () => Action, after: (value: unknown) => void) {
  const found: string[] = [];
  for (const [place] of args.entries()) {
    for (const bad of [...badValues(), ...hostileValues()]) {
      // With nothing given, kill() ends the process.
      if (name === "kill" && bad === undefined) continue;
      const values = args.with(place, bad);
      try {
        const value = call()(...values);
        after(value instanceof Promise ? await Promise.race([value, pause()]) : value);
      } catch (error) {
        const fault = faultOf(error);
        if (fault !== undefined) found.push(`${name}, argument ${place + 1} = ${labelOf(bad)}: ${fault}`);
      }
    }
  }
  return found;
}

/** What is drawn outside of a notebook is printed in words. */
async function quietly<T>(action: () => Promise<T>): Promise<T> {
  let value: T | undefined;
  await printed(async () => {
    value = await action();
  }, "off");
  return value as T;
}

/** A call that was not refused may wait. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20).unref());

const isOpen = (value: unknown): value is number => typeof value === "number" && value > 2;

describe("a wrong value at any place gets an error in words", () => {
  const OPEN = new Set(["socket", "socketpair", "dup", "epoll_create1"]);

  test("every call on numbers stands in this list", () => {
    expect(Object.keys(CALLS(0)).sort()).toEqual(Object.keys(calls).sort());
  });

  test("every function that can be imported stands in a list, and so does every method", () => {
    const functions = Object.entries(helpers).filter(
      ([name, value]) => typeof value === "function" && /^[a-z]/.test(name),
    );
    expect(functions.map(([name]) => name).sort()).toEqual(Object.keys(FUNCTIONS).sort());
    const inTrace = Object.keys(trace).filter((name) => name !== "mode");
    expect(inTrace.sort()).toEqual(Object.keys(TRACE).sort());
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(socket("h", AF_INET, SOCK_DGRAM)));
    const taking = methods.filter(
      (name) => !/^(constructor|name|fd|closed|toString|close|getsockname|getpeername)$/.test(name),
    );
    expect(taking.sort()).toEqual(Object.keys(METHODS).sort());
    closeAll();
  });

  test.for(Object.keys(CALLS(0)))("calls.%s", async (name) => {
    const fd = calls.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK);
    const close = (value: unknown): void => {
      if (OPEN.has(name)) for (const one of [value].flat()) if (isOpen(one)) calls.close(one);
    };
    expect(
      await faults(name, CALLS(fd)[name]!, () => (calls as Record<string, unknown>)[name] as Action, close),
    ).toEqual([]);
    calls.close(fd);
  });

  test.for(Object.keys(METHODS))("handle.%s", { timeout: LONG_PATIENCE_MS }, async (name) => {
    const method = (): Action => {
      const handle = socket("wrong", AF_INET, SOCK_DGRAM);
      return ((handle as unknown as Record<string, Action>)[name] as Action).bind(handle);
    };
    expect(await faults(name, METHODS[name]!, method, () => {})).toEqual([]);
    closeAll();
  });

  test.for(Object.keys(FUNCTIONS))("%s", { timeout: LONG_PATIENCE_MS }, async (name) => {
    const receiver = socket("receiver", AF_INET, SOCK_DGRAM);
    const args = FUNCTIONS[name]!.map((value) => (value === undefined ? receiver : value));
    if (name === "every") args[1] = 0;
    const some = name === "every" ? args.slice(0, 1) : args;
    const call = (...values: unknown[]): unknown =>
      ((helpers as Record<string, unknown>)[name] as Action)(...values, ...args.slice(some.length));
    expect(
      await quietly(() =>
        faults(
          name,
          some,
          () => call,
          () => {},
        ),
      ),
    ).toEqual([]);
    closeAll();
  });

  test.for(Object.keys(TRACE))("trace.%s", async (name) => {
    const call = (): Action => (trace as unknown as Record<string, Action>)[name]!;
    expect(await quietly(() => faults(name, TRACE[name]!, call, () => {}))).toEqual([]);
    trace.off();
  });

  test("otherProcess, of which each right value would start one", async () => {
    const start = (): Action => otherProcess as Action;
    const wrong = [...badValues(), ...hostileValues()].filter((bad) => typeof bad !== "string" || bad.trim() === "");
    for (const bad of wrong) {
      expect(faultOf(await rejectionOf(async () => start()(bad))), labelOf(bad)).toBeUndefined();
      expect(
        faultOf(await rejectionOf(async () => start()("name", { network: bad ?? null }))),
        labelOf(bad),
      ).toBeUndefined();
    }
    for (const bad of [null, 5, ...hostileValues().slice(0, 8)])
      expect(faultOf(await rejectionOf(async () => start()("name", bad))), labelOf(bad)).toBeUndefined();
  });

  test("what is drawn, at every place inside", async () => {
    const places: ((bad: unknown) => object)[] = [
      (bad) => ({ ...PLOT, title: bad }),
      (bad) => ({ ...PLOT, x: bad }),
      (bad) => ({ ...PLOT, x: { label: bad } }),
      (bad) => ({ ...PLOT, x: { label: "x", from: bad } }),
      (bad) => ({ ...PLOT, y: bad }),
      (bad) => ({ ...PLOT, lines: bad }),
      (bad) => ({ ...PLOT, lines: [bad] }),
      (bad) => ({ ...PLOT, lines: [{ name: bad, points: [] }] }),
      (bad) => ({ ...PLOT, lines: [{ name: "line", points: bad }] }),
      (bad) => ({ ...PLOT, lines: [{ name: "line", points: [bad] }] }),
      (bad) => ({ ...PLOT, lines: [{ name: "line", points: [[1, bad]] }] }),
      (bad) => ({ title: "title", x: { label: "x" }, histogram: [{ name: "sample", values: bad }] }),
      (bad) => ({ title: "title", x: { label: "x" }, histogram: [{ name: "sample", values: [1, 2] }], bins: bad }),
    ];
    await quietly(async () => {
      for (const [name, draw] of Object.entries({ plot: helpers.plot, livePlot: helpers.livePlot })) {
        for (const place of places) {
          const call = (bad: unknown): unknown => (draw as Action)(place(bad));
          expect(
            await faults(
              `${name} of ${place}`,
              [undefined],
              () => call,
              () => {},
            ),
          ).toEqual([]);
        }
      }
    });
  });

  test("of another process, which outlives them all", { timeout: LONG_PATIENCE_MS * 3 }, async () => {
    const rival = await otherProcess("rival");
    const found: string[] = [];
    for (const [name, args] of Object.entries(METHODS)) {
      const handle = await rival.socket("there", AF_INET, SOCK_DGRAM);
      const method = (): Action => ((handle as unknown as Record<string, Action>)[name] as Action).bind(handle);
      found.push(...(await faults(name, args, method, () => {})));
      await handle.close();
      expect(rival.running, `after ${name}`).toBe(true);
    }
    found.push(
      ...(await faults(
        "socket",
        ["there", AF_INET, SOCK_DGRAM, {}],
        () => rival.socket.bind(rival) as Action,
        () => {},
      )),
    );
    found.push(
      ...(await faults(
        "kill",
        ["SIGCONT"],
        () => rival.kill.bind(rival) as Action,
        () => {},
      )),
    );
    expect(found).toEqual([]);
    expect(rival.running).toBe(true);
    await rival.kill("SIGCONT");
    await rival.stop();
  });
});

test("a view that lies about its length sends its own bytes from another process, and leaves it alive", async () => {
  const rival = await otherProcess("rival");
  const receiver = socket("receiver", AF_INET, SOCK_DGRAM);
  receiver.bind(LOOPBACK, choosePort());
  const sender = await rival.socket("sender", AF_INET, SOCK_DGRAM);
  await sender.sendto(lying(), LOOPBACK, receiver.getsockname().port);
  expect(`${(await receiver.recvfrom()).data}`).toBe("xxxxxxxx");
  await expect(sender.bind(lying() as never, 0)).rejects.toThrow("The address is a text");
  expect(rival.running).toBe(true);
  await rival.stop();
  closeAll();
});

/** The values as text of a program, which has no TypeScript. */
const BAD_VALUES = [lying, detached, badValues, hostileValues].join("\n");

const EVERYWHERE = `
  const { calls, AF_INET, SOCK_DGRAM, SOCK_NONBLOCK, SO_TYPE, trace } = require("kernel-helpers");
  trace.off();
  ${BAD_VALUES}
  const fd = calls.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK);
  calls.bind(fd, { family: "AF_INET", address: "127.0.0.1", port: 0 });
  const to = calls.getsockname(fd);
  const attempts = [
    (bad) => calls.getsockopt(fd, 1, SO_TYPE, bad), (bad) => calls.getsockopt(fd, 1, bad), (bad) => calls.getsockopt(fd, bad, 3, 4096),
    (bad) => calls.setsockopt(fd, 1, 26, bad), (bad) => calls.setsockopt(fd, 1, 8, lying(), bad), (bad) => calls.setsockopt(fd, 1, bad, lying()),
    (bad) => calls.bind(fd, bad), (bad) => calls.bind(fd, lying(), bad), (bad) => calls.connect(fd, lying(), bad),
    (bad) => calls.recv(fd, bad), (bad) => calls.recv(fd, lying(), bad), (bad) => calls.recvfrom(fd, bad), (bad) => calls.recvfrom(fd, lying(), bad),
    (bad) => calls.sendto(fd, bad, to), (bad) => calls.sendto(fd, "x", bad), (bad) => calls.sendto(fd, lying(), to, bad),
    (bad) => calls.poll(bad), (bad) => calls.poll([{ fd, events: bad }]), (bad) => calls.epoll_wait(fd, bad),
    (bad) => calls.recvmsg(fd, bad), (bad) => calls.recvmsg(fd, lying(), 0, bad), (bad) => calls.sendmsg(fd, bad),
    (bad) => calls.sendmsg(fd, { data: bad, address: to }), (bad) => calls.sendmsg(fd, { data: "x", address: bad }),
    (bad) => calls.sendmsg(fd, { data: lying(), address: to, control: bad }), (bad) => calls.sendmsg(fd, { data: "x", address: to, control: [bad] }),
  ];
  for (let round = 0; round < 3; round++)
    for (const attempt of attempts) for (const bad of [...badValues(), ...hostileValues()]) try { attempt(bad); } catch {}
  console.log("alive");
`;

test("no wrong value writes where it must not: glibc's own check of the heap finds nothing", async () => {
  const env = { ...process.env, LD_PRELOAD: "libc_malloc_debug.so.0", MALLOC_CHECK_: "3", MALLOC_PERTURB_: "165" };
  const done = await promisify(execFile)(process.execPath, ["-e", EVERYWHERE], { env });
  // A library that could not be loaded would be told of here.
  expect(done).toEqual({ stdout: "alive\n", stderr: "" });
});

test("a wrong value is told by the function that was called", async () => {
  const { livePlot, plot } = helpers;
  for (const [name, draw] of Object.entries({ plot, livePlot })) {
    for (const bad of [5, undefined, "text", [PLOT], hostileValues()[0], { title: "title", x: { label: "x" } }]) {
      const words = failureOf(() => draw(bad as never)).message;
      expect(words).toMatch(new RegExp(`(^|What |as in )${name}\\(`));
      expect(words.replaceAll(`${name}(`, "")).not.toMatch(/plot\(/i);
    }
  }
});

test("an object that does not let itself be read is refused with its field", async () => {
  const handle = socket("h", AF_INET, SOCK_DGRAM);
  const bad = Object.defineProperty({}, "timeout", { get: () => detached().at(1)!.toFixed() }) as never;
  await expect(rejectionOf(async () => handle.recv(1, 0, bad))).resolves.toMatchObject({
    name: "TypeError",
    message: 'The options cannot be read: it is an object that throws an error when it is asked for "timeout".',
  });
  closeAll();
});

test("a field is read once: what a getter says the second time does not count", async () => {
  const receiver = socket("receiver", AF_INET, SOCK_DGRAM);
  receiver.bind(LOOPBACK, 0);
  const { port } = receiver.getsockname();
  const fd = calls.socket(AF_INET, SOCK_DGRAM);
  let asked = 0;
  const to = {
    family: "AF_INET",
    address: LOOPBACK,
    get port() {
      return asked++ === 0 ? port : -1;
    },
  } as const;
  calls.sendto(fd, "x", to);
  expect([`${(await receiver.recvfrom()).data}`, asked]).toEqual(["x", 1]);
  calls.close(fd);
  closeAll();
});

test("a method that was taken from its object says so, in words", async () => {
  const lab = await otherProcess("lab");
  const handle = socket("h", AF_INET, SOCK_STREAM);
  const server = await serve("server", {}, () => {});
  const there = await lab.socket("there", AF_INET, SOCK_STREAM);
  const serverThere = await lab.serve("server", {}, () => {});
  for (const object of [handle, server, there, serverThere, lab] as object[]) {
    // Of a server, the others are no learner's.
    const names = object === server ? ["stop"] : Object.getOwnPropertyNames(Object.getPrototypeOf(object));
    const methods = names.filter(
      (name) => !/^(constructor|toString)$/.test(name) && typeof Reflect.get(object, name) === "function",
    );
    expect(methods.length).toBeGreaterThan(0);
    for (const name of methods) {
      const alone = Reflect.get(object, name) as (...values: unknown[]) => unknown;
      const error = await rejectionOf(async () => alone());
      expect([name, faultOf(error)]).toEqual([name, undefined]);
    }
    const last = Reflect.get(object, "close" in object ? "close" : "stop") as () => unknown;
    expect((await rejectionOf(async () => last())).message).toMatch(
      /^This method of .* was called without its .*\(\) =>/,
    );
  }
  await lab.stop();
  closeAll();
});

test("the right value at the same place still works", async () => {
  expect((await rejectionOf(async () => socket("h", AF_INET, SOCK_STREAM).accept(once))).name).toBe("SocketError");
  closeAll();
});
