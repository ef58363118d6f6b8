import { spawn } from "node:child_process";
import {
  AF_INET,
  AF_UNIX,
  calls,
  F_SETFL,
  type Handle,
  LOOPBACK,
  O_NONBLOCK,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_SNDTIMEO,
  SOCK_STREAM,
  SOL_SOCKET,
  serve,
  socket,
  trace,
} from "kernel-helpers";
import { expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { codeOf, rejectionOf } from "../support/outcome.js";
import { streamPair } from "../support/pairs.js";

/*
 * One socket, and several descriptors of it: duplicates, and what came back in a message. What one of them is told of the socket holds for
 * all, and who else has the socket can change it behind everybody's back.
 */

guardDescriptors();

const timeval = (milliseconds: number): Buffer => {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0);
  bytes.writeBigInt64LE(BigInt((milliseconds % 1000) * 1000), 8);
  return bytes;
};
const limitOf = (fd: number, option = SO_RCVTIMEO): number => {
  const bytes = Buffer.from(calls.getsockopt(fd, SOL_SOCKET, option, 16));
  return Number(bytes.readBigInt64LE(0)) * 1000 + Number(bytes.readBigInt64LE(8)) / 1000;
};
const setLimit = (fd: number, milliseconds: number): void =>
  calls.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeval(milliseconds));

/** The descriptor as it comes out of a message to oneself. */
function throughMessage(fd: number, meanwhile = (): void => {}): number {
  const [near, far] = calls.socketpair(AF_UNIX, SOCK_STREAM);
  const data = new Uint8Array(Int32Array.of(fd).buffer);
  calls.sendmsg(near, { data: "take", control: [{ level: SOL_SOCKET, type: 1, data }] });
  meanwhile();
  const { control } = calls.recvmsg(far, Buffer.alloc(4));
  for (const one of [near, far]) calls.close(one);
  return (control[0]!.value as number[])[0]!;
}

test.each([
  ["dup", (fd: number) => calls.dup(fd)],
  ["a message to oneself", (fd: number) => throughMessage(fd)],
])("%s: a limit that one takes away is set again before the other waits", (_, copyOf) => {
  const [fd, other] = calls.socketpair(AF_UNIX, SOCK_STREAM);
  setLimit(fd, 50);
  const copy = copyOf(fd);
  expect(codeOf(() => calls.recv(copy, Buffer.alloc(1)))).toBe("EAGAIN");
  expect(limitOf(fd)).toBeLessThan(100);
  for (const [one, two] of [[copy, fd] as const, [fd, copy] as const]) {
    setLimit(one, 0);
    calls.send(other, "x");
    calls.recv(two, Buffer.alloc(1));
    expect(limitOf(two)).toBe(10_000);
  }
  for (const one of [fd, copy, other]) calls.close(one);
});

test("one that was closed here while it was under way keeps the limit that the learner has set", () => {
  const [fd, other] = calls.socketpair(AF_UNIX, SOCK_STREAM);
  setLimit(fd, 50);
  const copy = throughMessage(fd, () => calls.close(fd));
  expect(codeOf(() => calls.recv(copy, Buffer.alloc(1)))).toBe("EAGAIN");
  expect(limitOf(copy)).toBeLessThan(100);
  for (const one of [copy, other]) calls.close(one);
});

test("an accepted TCP socket has the limits of the listening one: a learner's own stays", () => {
  const listener = calls.socket(AF_INET, SOCK_STREAM);
  calls.bind(listener, { family: "AF_INET", address: LOOPBACK, port: 0 });
  calls.listen(listener, 2);
  for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) calls.setsockopt(listener, SOL_SOCKET, option, timeval(50));
  const client = calls.socket(AF_INET, SOCK_STREAM);
  calls.connect(client, calls.getsockname(listener)!);
  const { fd } = calls.accept(listener);
  expect(codeOf(() => calls.recv(fd, Buffer.alloc(1)))).toBe("EAGAIN");
  calls.send(fd, "x");
  for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) expect(limitOf(fd, option)).toBeLessThan(100);
  for (const one of [listener, client, fd]) calls.close(one);
});

test("an accepted Unix-domain socket has none of them, and gets the usual one", () => {
  const listener = calls.socket(AF_UNIX, SOCK_STREAM);
  calls.bind(listener, { family: "AF_UNIX", path: `\0shared-${process.pid}` });
  calls.listen(listener, 2);
  calls.setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, timeval(50));
  const client = calls.socket(AF_UNIX, SOCK_STREAM);
  calls.connect(client, calls.getsockname(listener)!);
  const { fd } = calls.accept(listener);
  calls.send(client, "x");
  calls.recv(fd, Buffer.alloc(1));
  expect(limitOf(fd)).toBe(10_000);
  for (const one of [listener, client, fd]) calls.close(one);
});

test("a socket that another process has too: it takes the limit away, and makes it blocking, and a call ends all the same", async () => {
  const [fd, other] = calls.socketpair(AF_UNIX, SOCK_STREAM);
  calls.fcntl(fd, F_SETFL, O_NONBLOCK);
  // Who has a socket in a message to itself can send it on.
  const copy = throughMessage(fd);
  const script = `import socket, struct, fcntl, os
s = socket.socket(fileno=3); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 0))
fcntl.fcntl(3, fcntl.F_SETFL, 0); s.detach()`;
  const child = spawn("python3", ["-c", script], { stdio: ["ignore", "inherit", "inherit", fd] });
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
  calls.send(other, "x");
  calls.recv(fd, Buffer.alloc(1));
  expect(limitOf(fd)).toBe(10_000);
  for (const one of [fd, copy, other]) calls.close(one);
});

test("the limit of a handle: a call on another descriptor of its socket leaves it", async () => {
  const { client, server } = await streamPair();
  server.setsockopt(SO_RCVTIMEO, 40);
  const copies = [calls.dup(server.fd), throughMessage(server.fd)];
  for (const copy of copies) {
    expect(codeOf(() => calls.recv(copy, Buffer.alloc(1)))).toBe("EAGAIN");
    const error = await rejectionOf(server.recv());
    expect([error.code, limitOf(server.fd) < 100]).toEqual(["EAGAIN", true]);
  }
  await client.send("x");
  expect(`${await server.recv()}`).toBe("x");
  for (const copy of copies) calls.close(copy);
});

test("the socket of a handle is made blocking by no other descriptor of it", async () => {
  const { server } = await streamPair();
  for (const copy of [calls.dup(server.fd), throughMessage(server.fd)]) {
    expect(() => calls.fcntl(copy, F_SETFL, 0)).toThrow(`Descriptor ${copy} has the socket of the handle "server→1"`);
    calls.close(copy);
  }
  expect(() => calls.fcntl(server.fd, F_SETFL, 0)).toThrow(`Descriptor ${server.fd} belongs to the handle "server→1"`);
});

test("what a handle knows of its socket it learns from its duplicates, too", () => {
  const server = socket("server", AF_INET, SOCK_STREAM);
  const copy = calls.dup(server.fd);
  calls.setsockopt(copy, SOL_SOCKET, SO_REUSEADDR, 0);
  server.bind(LOOPBACK, 0);
  expect(server.getsockopt(SO_REUSEADDR)).toBe(0);
  calls.close(copy);
});

test("a call on a number that nobody else has asks the system nothing", () => {
  const [fd, other] = calls.socketpair(AF_UNIX, SOCK_STREAM);
  calls.send(other, "xy");
  calls.recv(fd, Buffer.alloc(1));
  trace.clear();
  calls.recv(fd, Buffer.alloc(1));
  expect(trace.steps().map(({ name }) => name)).toEqual(["recv"]);
  for (const one of [fd, other]) calls.close(one);
});

test("a limit that a duplicate sets while a server's conversation waits holds for it too", async () => {
  let conversation: Handle | undefined;
  const server = await serve("echo", {}, async (handle) => {
    conversation = handle;
    await handle.recv();
  });
  const client = socket("client", AF_INET, SOCK_STREAM);
  await client.connect(LOOPBACK, server.port);
  await expect.poll(() => trace.steps().some(({ handle, waitedFrom }) => handle === "echo→1" && waitedFrom)).toBe(true);
  const copy = calls.dup(conversation!.fd);
  setLimit(copy, 50);
  await expect.poll(() => server.lastError).toMatchObject({ code: "EAGAIN" });
  calls.close(copy);
  await server.stop();
});
