import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  attempt,
  calls,
  type Handle,
  LOOPBACK,
  loseDatagrams,
  MSG_DONTWAIT,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  trace,
} from "kernel-helpers";
import { lossProgram } from "kernel-helpers/dist/processes/loss/loss-program.js";
import { describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { run, wrapped } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { KINDS } from "../support/kinds.js";
import { failureOf } from "../support/outcome.js";
import { datagram } from "../support/pairs.js";
import { firstDifference, underStrace } from "../support/strace.js";
import { temporaryOfTest } from "../support/temporary.js";

guardDescriptors();

/** Sends datagrams one by one, looking each time whether it is there: over loopback it is when sendto returns. */
function countArrivals(receiver: Handle, count: number): number {
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  const to = { family: "AF_INET" as const, address: LOOPBACK, port: receiver.getsockname().port };
  const buffer = Buffer.alloc(16);
  let arrived = 0;
  for (let i = 0; i < count; i++) {
    calls.sendto(sender.fd, Buffer.from(`${i}`), to);
    try {
      const length = calls.recv(receiver.fd, buffer, undefined, MSG_DONTWAIT);
      expect(`${buffer.subarray(0, length)}`).toBe(`${i}`);
      arrived += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: "EAGAIN" });
    }
  }
  return arrived;
}

test("10 % of 2,000 datagrams: between 5 % and 15 % are lost; then 0 loses none and 1 loses all", () => {
  const { receiver } = datagram();
  loseDatagrams(receiver, 0.1);
  const lost = 2000 - countArrivals(receiver, 2000);
  // The chance of fewer than 100 or more than 300 is below 1 in 10^11.
  expect(lost).toBeGreaterThan(100);
  expect(lost).toBeLessThan(300);
  loseDatagrams(receiver, 0);
  expect(countArrivals(receiver, 500)).toBe(500);
  loseDatagrams(receiver, 1);
  expect(countArrivals(receiver, 200)).toBe(0);
  loseDatagrams(receiver, 0.5);
  const half = countArrivals(receiver, 1000);
  expect(half).toBeGreaterThan(350);
  expect(half).toBeLessThan(650);
});

test("no two runs lose the same datagrams, and the system counts them as drops", async () => {
  const { receiver } = datagram();
  loseDatagrams(receiver, 0.5);
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  await sender.connect(LOOPBACK, receiver.getsockname().port);
  const runOf = async () => {
    const lost: number[] = [];
    for (let i = 0; i < 64; i++) {
      await sender.send(`${i}`);
      const data = await receiver.recv(8, 0, { timeout: 0 }).catch(() => undefined);
      if (data === undefined) lost.push(i);
    }
    return lost;
  };
  const [first, second] = [await runOf(), await runOf()];
  expect(first).not.toEqual(second);
  const inode = /\[(\d+)\]/.exec((await import("node:fs")).readlinkSync(`/proc/self/fd/${receiver.fd}`))![1]!;
  const row = readFileSync("/proc/net/udp", "latin1")
    .split("\n")
    .find((line) => line.includes(` ${inode} `))!;
  expect(Number(row.trim().split(/\s+/).at(-1))).toBe(first.length + second.length);
});

test.each([
  ["IPv6", KINDS.AF_INET6!],
  ["a Unix-domain path", KINDS.AF_UNIX!],
])("over %s too", async (_, kind) => {
  const { receiver, place } = datagram(kind);
  const sender = socket("sender", kind.family, SOCK_DGRAM);
  loseDatagrams(receiver, 1);
  await sender.sendto("lost", ...place);
  loseDatagrams(receiver, 0);
  await sender.sendto("kept", ...place);
  expect(`${await receiver.recv()}`).toBe("kept");
  expect(receiver.getsockname().family).toBe(
    { [AF_INET6]: "AF_INET6", [AF_UNIX]: "AF_UNIX" }[kind.family as never] as never,
  );
});

test("the cell shows the call in one line, and what it means in one sentence", async () => {
  const { receiver } = datagram();
  const fd = receiver.fd;
  const lines = await printed(() => {
    loseDatagrams(receiver, 0.1);
    loseDatagrams(receiver, 1);
    loseDatagrams(receiver, 0);
    loseDatagrams(receiver, 0);
  });
  expect(paragraphs(lines)).toEqual([
    `receiver      setsockopt(${fd}, SO_ATTACH_FILTER) = 0`,
    '              From now on the system throws away 10 % of the datagrams that arrive at "receiver", by chance.',
    `receiver      setsockopt(${fd}, SO_ATTACH_FILTER) = 0`,
    '              From now on the system throws away all of the datagrams that arrive at "receiver".',
    `receiver      setsockopt(${fd}, SO_DETACH_FILTER) = 0`,
    '              From now on the system throws away nothing at "receiver" by chance.',
    `receiver      setsockopt(${fd}, SO_DETACH_FILTER) = -1 ENOENT (No such file or directory)`,
    '              "receiver" had no filter: nothing is thrown away by chance, as before.',
  ]);
});

describe("what is refused before any call is made", () => {
  test.each([-0.1, 1.1, 10, Number.NaN, Number.POSITIVE_INFINITY])("a probability of %s", (probability) => {
    const { receiver } = datagram();
    const before = trace.records().length;
    expect(failureOf(() => loseDatagrams(receiver, probability))).toBeInstanceOf(RangeError);
    expect(trace.records()).toHaveLength(before);
  });

  test.each([["0.1"], [undefined], [null]])("%j as a probability", (probability) => {
    const { receiver } = datagram();
    expect(failureOf(() => loseDatagrams(receiver, probability as never))).toBeInstanceOf(TypeError);
  });

  test("a stream socket, and what is no handle", async () => {
    const stream = socket("stream", AF_INET, SOCK_STREAM);
    const lines = await printed(() => attempt(() => loseDatagrams(stream, 0.1)));
    expect(paragraphs(lines)).toHaveLength(1);
    expect(paragraphs(lines)[0]).toContain(
      'TypeError: "stream" is a stream socket: it has no datagrams. For TCP use loseSegments(handle, probability)',
    );
    for (const none of [undefined, null, 5, {}]) {
      expect(failureOf(() => loseDatagrams(none as never, 0.1))).toBeInstanceOf(TypeError);
    }
  });

  test("a closed handle", () => {
    const { receiver } = datagram();
    receiver.close();
    expect(failureOf(() => loseDatagrams(receiver, 0.1)).name).toBe("ClosedError");
    expect(failureOf(() => loseDatagrams(receiver, 0)).name).toBe("ClosedError");
  });
});

test("the program: four instructions, with the kernel's random word and the threshold", () => {
  const hex = (probability: number) => Buffer.from(lossProgram(probability)).toString("hex").match(/.{16}/g);
  expect(hex(0.5)).toEqual(["2000000038f0ffff", "3500000100000080", "06000000ffffffff", "0600000000000000"]);
  expect(hex(1)).toEqual(["0600000000000000"]);
  expect(hex(1 - 2 ** -40)).toEqual(["0600000000000000"]);
  expect(hex(2 ** -32)![1]).toBe("3500000101000000");
});

test("the exact trace has strace's words", async () => {
  const seen = join(temporaryOfTest(), "seen");
  const script = `const { loseDatagrams } = sockets;
      const { exactText } = require("kernel-helpers/dist/calls");
      const receiver = socket("receiver", AF_INET, SOCK_DGRAM);
      for (const probability of [0.1, 1, 0, 0]) loseDatagrams(receiver, probability);
      receiver.close();
      console.log(trace.records().map(exactText).join("\\n"));`;
  const [command, ...args] = underStrace([process.execPath, "-e", wrapped(script)], seen);
  const { stdout, code, stderr } = await run(command!, args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const recorded = stdout.trimEnd().split("\n");
  const filters = recorded.filter((line) => line.includes("FILTER"));
  expect(filters.map((line) => line.replace(/^setsockopt\(\d+, /, ""))).toEqual([
    "SOL_SOCKET, SO_ATTACH_FILTER, {len=4, filter=0x…}, 16) = 0",
    "SOL_SOCKET, SO_ATTACH_FILTER, {len=1, filter=0x…}, 16) = 0",
    "SOL_SOCKET, SO_DETACH_FILTER, [0], 4) = 0",
    "SOL_SOCKET, SO_DETACH_FILTER, [0], 4) = -1 ENOENT (No such file or directory)",
  ]);
  expect(firstDifference(readFileSync(seen, "utf8").split("\n"), recorded)).toBeUndefined();
});
