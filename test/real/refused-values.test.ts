import * as helpers from "kernel-helpers";
import { closeAll, LOOPBACK, SOCK_DGRAM, SOCK_STREAM, socket, trace } from "kernel-helpers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";

/*
 * What the documentation calls a wrong value is refused, before any system call, in words that say what is right. A learner's cell is not
 * checked by the compiler where a value is `any`.
 */

guardDescriptors();
beforeEach(() => trace.off());
afterEach(() => {
  closeAll();
  trace.short();
});

// biome-ignore lint/suspicious/noExplicitAny: what a learner gives by mistake has the wrong type.
const { addressBytes, AF_INET, choosePort: port, hexdump } = helpers as any;
// biome-ignore lint/suspicious/noExplicitAny: as above.
const datagrams = (): any => socket("postcards", AF_INET, SOCK_DGRAM);
// biome-ignore lint/suspicious/noExplicitAny: as above.
const steps = trace.steps as any;
// biome-ignore lint/suspicious/noExplicitAny: as above.
const records = trace.records as any;
// biome-ignore lint/suspicious/noExplicitAny: as above.
const silently = trace.silently as any;

test.each<[string, () => unknown, typeof TypeError | typeof RangeError, string]>([
  ["steps, a fraction", () => steps(1.5), RangeError, "an integer from 0"],
  ["steps, less than none", () => steps(-1), RangeError, "an integer from 0"],
  ["steps, a text", () => steps("5"), TypeError, "The number of steps must be a number"],
  ["records, no process", () => records(0), RangeError, "an integer from 1"],
  ["records, a process's name", () => records("rival"), TypeError, "The process number must be a number"],
  ["silently, what a call returned", () => silently(Promise.resolve(5)), TypeError, "trace.silently takes a function"],
  ["silently, nothing", () => silently(), TypeError, "trace.silently takes a function"],
  ["sendmsg, a port alone", () => datagrams().sendmsg({ data: "x", port: 9 }), TypeError, "The port 9 has no address"],
  ["choosePort, a number", () => port(5), TypeError, 'choosePort("echo")'],
  [
    "socket, a name of a million letters",
    () => socket("a".repeat(1e6), AF_INET, SOCK_DGRAM),
    RangeError,
    "at most 100",
  ],
  ["hexdump, a text", () => hexdump("hello"), TypeError, 'Buffer.from("hello")'],
  ["addressBytes, no port", () => addressBytes(LOOPBACK, 65_536), RangeError, "from 0 to 65535"],
  ["getsockopt, a number", () => datagrams().getsockopt(7), TypeError, "SO_RCVBUF"],
  ["setsockopt, nothing", () => datagrams().setsockopt(undefined, 7), TypeError, "SO_RCVBUF"],
  [
    "socket, null",
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    () => socket("server", AF_INET, SOCK_STREAM, null as any),
    TypeError,
    "{ protocol: IPPROTO_UDP }",
  ],
  ["sendto, null", () => datagrams().sendto("x", LOOPBACK, 9, null), TypeError, "{ timeout: 500 }"],
])("%s", (_, call, kind, words) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(words);
});

test("all that the record has is given when nothing is told", () => {
  const before = trace.steps().length;
  socket("server", AF_INET, SOCK_STREAM);
  expect(trace.steps()).toHaveLength(before + 1);
  expect(trace.steps(0)).toEqual([]);
  expect(trace.steps(1)).toHaveLength(1);
  expect(trace.records(process.pid)).toEqual(trace.records());
});
