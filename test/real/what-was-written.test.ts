import {
  AF_INET,
  AF_UNIX,
  calls,
  LOOPBACK,
  MSG_PEEK,
  MSG_TRUNC,
  otherProcess,
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
import { guardDescriptors } from "../support/descriptors.js";
import { KINDS, removePaths } from "../support/kinds.js";
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
      const [record] = trace.records();
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
    const [record] = trace.records();
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
