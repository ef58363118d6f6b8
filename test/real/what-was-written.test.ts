import {
  AF_INET,
  AF_UNIX,
  calls,
  LOOPBACK,
  MSG_PEEK,
  MSG_TRUNC,
  otherProcess,
  SO_ATTACH_FILTER,
  SO_RCVBUF,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
  TCP_INFO,
} from "kernel-helpers";
import { exactText, shortText } from "kernel-helpers/dist/calls/index.js";
import { trace } from "kernel-helpers/dist/trace/index.js";
import { expect, test } from "vitest";
import { start } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { KINDS, removePaths } from "../support/kinds.js";
import { failureOf } from "../support/outcome.js";
import { datagram, listening, rawPair, streamPair } from "../support/pairs.js";

/*
 * No receive may show memory that the system did not write: what an earlier receive, perhaps of another connection, has left there.
 */

guardDescriptors();
removePaths();

const FLAGS = [MSG_TRUNC, MSG_TRUNC | MSG_PEEK];
const SECRET = "secret of another connection";

test.each(FLAGS)(
  "a stream and flags %i: recv, recvfrom and recvmsg of a handle, and what the trace shows",
  async (flags) => {
    for (const receive of ["recv", "recvfrom", "recvmsg"] as const) {
      const one = await streamPair();
      await one.client.send(SECRET);
      await one.server.recv();
      const two = await streamPair();
      await two.client.send("abcdefgh");
      trace.clear();
      const got = await two.server[receive](8, flags);
      const data = "data" in got ? got.data : got;
      expect(data.toString("latin1"), receive).toBe("\0".repeat(8));
      const record = trace.records().find(({ call }) => call.name === receive);
      expect(shortText(record!.call, record!.result), receive).not.toContain('"');
      expect(exactText(record!), receive).toContain('"\\0\\0\\0\\0\\0\\0\\0\\0"');
    }
  },
);

test("in another process, too", async () => {
  const rival = await otherProcess("rival");
  const { server, place } = listening();
  const [one, two] = [await rival.socket("one", AF_INET, SOCK_STREAM), await rival.socket("two", AF_INET, SOCK_STREAM)];
  await one.connect(...place);
  const first = await server.accept();
  await two.connect(...place);
  const second = await server.accept();
  await first.send(SECRET);
  await one.recv();
  await second.send("abcdefgh");
  expect((await two.recvfrom(4, MSG_TRUNC)).data.toString("latin1")).toBe("\0\0\0\0");
  expect((await two.recv(4, MSG_TRUNC)).toString("latin1")).toBe("\0\0\0\0");
  await rival.stop();
});

test("a call on a number leaves the learner's memory as it is, and the short line does not show it as received", () => {
  const [client, server] = rawPair();
  const memory = Buffer.from("mine, and not received");
  const before = `${memory}`;
  for (const receive of [
    () => calls.recv(server, memory, 4, MSG_TRUNC),
    () => calls.recvfrom(server, memory, 4, MSG_TRUNC).length,
    () => calls.recvmsg(server, memory.subarray(0, 4), MSG_TRUNC).length,
  ]) {
    calls.send(client, "abcd");
    trace.clear();
    expect([receive(), `${memory}`]).toEqual([4, before]);
    const record = trace.records().find(({ call }) => call.name.startsWith("recv"));
    expect(shortText(record!.call, 4)).not.toContain("mine");
    expect(exactText(record!)).toContain('"mine"');
  }
  for (const fd of [client, server]) calls.close(fd);
});

test("MSG_TRUNC where the system does write: datagrams, and Unix-domain streams", async () => {
  for (const kind of Object.values(KINDS)) {
    const { receiver, place } = datagram(kind);
    const sender = socket("sender", kind.family, SOCK_DGRAM);
    await sender.sendto("written", ...place);
    expect(`${await receiver.recv(4, MSG_TRUNC)}`).toBe("writ");
  }
  const { client, server } = await streamPair(KINDS.AF_UNIX);
  await client.send("written");
  expect(`${await server.recv(4, MSG_TRUNC)}`).toBe("writ");
});

test("getsockopt gives as many bytes as the system wrote, of any room; getsockname never a rest of another address", () => {
  const [client, server] = rawPair();
  for (const option of [SO_TYPE, SO_RCVBUF, TCP_INFO]) {
    for (const room of [1, 4, 100, 4096]) {
      const bytes = calls.getsockopt(client, option.level, option, room);
      expect(bytes.byteLength).toBeLessThanOrEqual(option === TCP_INFO ? 400 : 4);
    }
  }
  const long = calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK);
  calls.bind(long, { family: "AF_UNIX", path: `\0${"x".repeat(90)}` });
  expect(calls.getsockname(long)).toEqual({ family: "AF_UNIX", path: `\0${"x".repeat(90)}` });
  expect(calls.getsockname(server)).toMatchObject({ family: "AF_INET", address: LOOPBACK });
  const none = calls.socket(AF_UNIX, SOCK_DGRAM);
  expect(calls.getsockname(none)).toEqual({ family: "AF_UNIX", path: "" });
  expect(calls.getsockopt(none, SOL_SOCKET, SO_TYPE)).toEqual(Buffer.from([2, 0, 0, 0]));
  for (const fd of [client, server, long, none]) calls.close(fd);
});

test("recvfrom of a handle is one system call, which tells that a datagram was cut", async () => {
  const { receiver, place } = datagram();
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  for (const length of [4, 10, 65_536]) {
    await sender.sendto("0123456789", ...place);
    trace.clear();
    expect((await receiver.recvfrom(length)).truncated).toBe(length < 10);
    const lines = trace.records().map(({ call, result }) => `${shortText(call, result)} = ${result}`);
    expect(lines).toEqual([
      length === 4
        ? `recvfrom(${receiver.fd}, "0123", 4, MSG_TRUNC) = 10`
        : `recvfrom(${receiver.fd}, "0123456789", ${length}) = 10`,
    ]);
    expect(exactText(trace.records()[0]!)).toContain(`, ${length}, MSG_TRUNC, {`);
  }
});

test("a peek that begins further on (SO_PEEK_OFF): what is left of the datagram, and nothing of an earlier one", async () => {
  for (const kind of [KINDS.AF_INET!, KINDS.AF_INET6!, KINDS.AF_UNIX!]) {
    const { receiver, place } = datagram(kind);
    const sender = socket("sender", kind.family, SOCK_DGRAM);
    await sender.sendto(SECRET, ...place);
    await receiver.recvfrom();
    await sender.sendto("12345678", ...place);
    const peekOff = 42; // asm-generic/socket.h
    for (const receive of ["recv", "recvfrom", "recvmsg"] as const) {
      calls.setsockopt(receiver.fd, SOL_SOCKET, peekOff, 5);
      const got = await receiver[receive](100, MSG_PEEK);
      expect(("data" in got ? got.data : got).toString(), `${kind.family} ${receive}`).toBe("678");
    }
    calls.setsockopt(receiver.fd, SOL_SOCKET, peekOff, -1);
    const { data, truncated } = await receiver.recvfrom(3, MSG_PEEK);
    expect([data.toString(), truncated]).toEqual(["123", true]);
    expect((await receiver.recvfrom()).data.toString()).toBe("12345678");
  }
});

/** Instructions that let everything through. */
const filterOf = (instructions: number): Buffer =>
  Buffer.alloc(8 * instructions, Buffer.from([6, 0, 0, 0, 255, 255, 0, 0]));

test("a filter is read with no more room than there is: the system counts instructions of 8 bytes, and not bytes", () => {
  const fd = calls.socket(AF_INET, SOCK_DGRAM);
  const program = filterOf(4);
  calls.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, program);
  expect(calls.getsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, 32)).toEqual(program);
  expect(calls.getsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, 4096)).toEqual(program);
  for (const room of [1, 4, 8, 31])
    expect(failureOf(() => calls.getsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, room)).code).toBe("EINVAL");
  const records = trace.records().filter(({ call }) => call.name === "getsockopt");
  expect(records.map(exactText).map((line) => line.replace(/^\S+ /, ""))).toEqual([
    "SOL_SOCKET, SO_GET_FILTER, 0x…, [4]) = 0",
    "SOL_SOCKET, SO_GET_FILTER, 0x…, [512 => 4]) = 0",
    ...[1, 1, 1, 3].map((n) => `SOL_SOCKET, SO_GET_FILTER, 0x…, [${n}]) = -1 EINVAL (Invalid argument)`),
  ]);
  calls.close(fd);
  const { receiver } = datagram();
  expect(receiver.getsockopt(SO_ATTACH_FILTER)).toHaveLength(0);
  for (const length of [1, 40, 512]) {
    receiver.setsockopt(SO_ATTACH_FILTER, filterOf(length));
    expect(Buffer.from(receiver.getsockopt(SO_ATTACH_FILTER))).toEqual(filterOf(length));
  }
});

test("reading a filter again and again writes into no other memory", async () => {
  const script = `const { calls, SOL_SOCKET, SO_ATTACH_FILTER, trace } = require("kernel-helpers"); trace.off();
    const fd = calls.socket(2, 2); calls.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, Buffer.alloc(400, Buffer.from([6, 0, 0, 0, 255, 255, 0, 0])));
    for (let i = 0; i < 3000; i++) { try { calls.getsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, 60 + (i % 5)); } catch {} }
    console.log("whole");`;
  expect(await start(process.execPath, ["-e", script]).ended).toMatchObject({ stdout: "whole\n", code: 0 });
});
