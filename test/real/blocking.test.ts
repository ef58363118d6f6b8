import {
  AF_INET,
  AF_UNIX,
  calls,
  F_SETFL,
  LOOPBACK,
  MSG_DONTWAIT,
  O_NONBLOCK,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  trace,
} from "kernel-helpers";
import { exactText } from "kernel-helpers/dist/calls/index.js";
import { expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { codeOf, failureOf } from "../support/outcome.js";
import { rawPair } from "../support/pairs.js";

guardDescriptors();

const ANYWHERE = { family: "AF_INET", address: LOOPBACK, port: 0 } as const;
/** A struct timeval. */
const timeval = (milliseconds: number): Buffer => {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0);
  bytes.writeBigInt64LE(BigInt((milliseconds % 1000) * 1000), 8);
  return bytes;
};
const limits = (fd: number): number[] =>
  [SO_RCVTIMEO, SO_SNDTIMEO].map((option) =>
    Number(Buffer.from(calls.getsockopt(fd, SOL_SOCKET, option, 16)).readBigInt64LE(0)),
  );

test("the limit is set once, before the first call that can wait, and the exact trace shows it", () => {
  const fd = calls.socket(AF_INET, SOCK_DGRAM);
  calls.bind(fd, ANYWHERE);
  const to = calls.getsockname(fd)!;
  expect(limits(fd)).toEqual([0, 0]);
  trace.clear();
  for (let i = 0; i < 2; i++) {
    calls.sendto(fd, "x", to);
    calls.recv(fd, Buffer.alloc(1));
  }
  const lines = trace.records().map((record) => exactText(record).replace(/\(.*/, ""));
  expect(lines).toEqual(["setsockopt", "sendto", "setsockopt", "recvfrom", "sendto", "recvfrom"]);
  expect(trace.steps().map(({ name }) => name)).toEqual(["sendto", "recv", "sendto", "recv"]);
  expect(limits(fd)).toEqual([10, 10]);
  calls.close(fd);
});

test("no limit where nothing waits: non-blocking, MSG_DONTWAIT, or arguments that are refused", () => {
  const [client, server] = rawPair();
  calls.send(client, "x");
  calls.recv(server, Buffer.alloc(1));
  expect(limits(client)).toEqual([0, 10]); // connect, before it was made non-blocking
  expect(limits(server)).toEqual([0, 0]);
  const fd = calls.socket(AF_INET, SOCK_DGRAM);
  expect(codeOf(() => calls.recv(fd, Buffer.alloc(1), 1, MSG_DONTWAIT))).toBe("EAGAIN");
  expect(() => calls.recv(fd, Buffer.alloc(1), 2)).toThrow(RangeError);
  expect(() => calls.sendto(fd, "x", { ...ANYWHERE, port: 70_000 })).toThrow(RangeError);
  expect(limits(fd)).toEqual([0, 0]);
  const copy = calls.dup(fd);
  calls.fcntl(fd, F_SETFL, O_NONBLOCK);
  expect(codeOf(() => calls.recv(copy, Buffer.alloc(1)))).toBe("EAGAIN");
  expect(limits(copy)).toEqual([0, 0]);
  for (const one of [client, server, fd, copy]) calls.close(one);
});

test("a learner's own shorter limit stays; none, and a longer one, become 10 s", () => {
  const [fd, other] = calls.socketpair(AF_UNIX, SOCK_STREAM);
  calls.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeval(50));
  const error = failureOf(() => calls.recv(fd, Buffer.alloc(1)));
  expect([error.code, limits(fd)[0]]).toEqual(["EAGAIN", 0]);
  calls.send(other, "x");
  for (const mine of [0, 60_000]) {
    calls.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeval(mine));
    calls.recv(fd, Buffer.alloc(1), 0);
    expect(limits(fd)[0]).toBe(10);
  }
  for (const one of [fd, other]) calls.close(one);
});
