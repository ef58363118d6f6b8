import {
  AF_INET,
  AF_UNIX,
  calls,
  IP_PKTINFO,
  IP_RECVERR,
  LOOPBACK,
  MSG_CTRUNC,
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  otherProcess,
  SO_PASSCRED,
  SO_PEERCRED,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
} from "kernel-helpers";
import { shortText, toldText } from "kernel-helpers/dist/calls/index.js";
import { trace } from "kernel-helpers/dist/trace/index.js";
import { describe, expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { KINDS, removePaths } from "../support/kinds.js";
import { codeOf, rejectionOf } from "../support/outcome.js";
import { datagram, deadPort, listening, streamPair } from "../support/pairs.js";

guardDescriptors();
removePaths();

/** The last line of one call, as a cell shows it. */
function lastLine(name: string): string {
  const record = trace.records().findLast(({ call }) => call.name === name)!;
  return `${shortText(record.call, record.result)} = ${record.result}${toldText(record.call)}`;
}

describe("datagrams", () => {
  test("IP_PKTINFO tells where it was sent to, and chooses where it comes from", async () => {
    const { receiver, place } = datagram();
    receiver.setsockopt(IP_PKTINFO, 1);
    const sender = socket("sender", AF_INET, SOCK_DGRAM);
    const control = [{ name: "IP_PKTINFO", local: "127.0.0.2" }] as const;
    expect(await sender.sendmsg({ data: "hello", address: LOOPBACK, port: place[1]!, control })).toBe(5);
    const message = await receiver.recvmsg();
    expect(message).toMatchObject({ from: { address: "127.0.0.2" }, truncated: false, flags: 0 });
    expect(`${message.data}`).toBe("hello");
    expect(message.control).toMatchObject([{ name: "IP_PKTINFO", value: { destination: LOOPBACK, interface: 1 } }]);
    expect(lastLine("sendmsg")).toMatch(
      /^sendmsg\(\d+, "hello", 5, \{IP_PKTINFO from 127\.0\.0\.2 by 0\}, 127\.0\.0\.1:\d+\) = 5$/,
    );
    expect(lastLine("recvmsg")).toMatch(
      /^recvmsg\(\d+, "hello", 65536\) = 5 {2}← 127\.0\.0\.2:\d+ \{IP_PKTINFO 127\.0\.0\.1 by lo\}$/,
    );
  });

  test("a datagram that was cut is told in the flags, without being asked", async () => {
    const { receiver, place } = datagram();
    const sender = socket("sender", AF_INET, SOCK_DGRAM);
    for (let i = 0; i < 2; i++) await sender.sendto("0123456789", ...place);
    const { data, flags, truncated } = await receiver.recvmsg(4);
    expect([`${data}`, flags & MSG_TRUNC, truncated]).toEqual(["0123", MSG_TRUNC, true]);
    expect((await receiver.recvmsg(4, MSG_PEEK | MSG_TRUNC)).data.byteLength).toBe(4);
    expect(calls.recvmsg(receiver.fd, Buffer.alloc(4), MSG_TRUNC).length).toBe(10);
  });

  test("without room for control messages MSG_CTRUNC is told", async () => {
    const { receiver, place } = datagram();
    receiver.setsockopt(IP_PKTINFO, 1);
    await socket("sender", AF_INET, SOCK_DGRAM).sendto("x", ...place);
    const { control, flags } = calls.recvmsg(receiver.fd, Buffer.alloc(1), 0, 0);
    expect([control, flags]).toEqual([[], MSG_CTRUNC]);
  });

  test("IP_RECVERR: the queue of errors says which datagram found nobody, also without a connect", async () => {
    const sender = socket("sender", AF_INET, SOCK_DGRAM);
    sender.setsockopt(IP_RECVERR, 1);
    const port = deadPort(SOCK_DGRAM);
    await sender.sendto("lost", LOOPBACK, port);
    const { data, from, control } = await sender.recvmsg(100, MSG_ERRQUEUE);
    expect([`${data}`, from.port]).toEqual(["lost", port]);
    expect(control).toMatchObject([
      {
        name: "IP_RECVERR",
        value: { code: "ECONNREFUSED", origin: 2, icmpType: 3, icmpCode: 3, offender: { address: LOOPBACK } },
      },
    ]);
  });

  test("wrong messages are refused before any call", async () => {
    const fd = calls.socket(AF_INET, SOCK_DGRAM);
    const at = { family: "AF_INET", address: LOOPBACK, port: 9 } as const;
    trace.clear();
    const wrong = [
      5,
      "IP_PKTINFO",
      [5],
      [{ name: "IP_TTL" }],
      [{ level: 0, type: 8, data: "text" }],
      [{ level: 0.5, type: 8, data: Buffer.alloc(1) }],
    ];
    for (const control of wrong) {
      expect(() => calls.sendmsg(fd, { data: "x", address: at, control: control as never })).toThrow(
        /control|Control|level|data/,
      );
    }
    expect(() =>
      calls.sendmsg(fd, { data: "x", address: at, control: [{ level: 0, type: 8, data: Buffer.alloc(5000) }] }),
    ).toThrow(RangeError);
    expect(trace.records()).toEqual([]);
    expect(codeOf(() => calls.sendmsg(fd, { data: "x" }))).toBe("EDESTADDRREQ");
    calls.close(fd);
  });
});

describe("Unix-domain sockets", () => {
  test("SO_PEERCRED tells the process at the other end; it can only be read", async () => {
    const { server, place } = listening(KINDS.AF_UNIX);
    const rival = await otherProcess("rival");
    const client = await rival.socket("client", AF_UNIX, SOCK_STREAM);
    await client.connect(...place);
    const accepted = await server.accept();
    expect(accepted.getsockopt(SO_PEERCRED)).toEqual({
      pid: rival.pid,
      uid: process.getuid!(),
      gid: process.getgid!(),
    });
    expect(() => accepted.setsockopt(SO_PEERCRED, { pid: 1, uid: 1, gid: 1 })).toThrow("can be read and not set");
    await rival.stop();
  });

  test("as many descriptors as one message can have all come, and none is lost", async () => {
    const { client, server } = await streamPair(KINDS.AF_UNIX!);
    server.setsockopt(SO_PASSCRED, true);
    // SCM_MAX_FD: unix(7).
    const data = new Uint8Array(new Int32Array(253).fill(client.fd).buffer);
    await client.sendmsg({ data: "take", control: [{ level: SOL_SOCKET, type: 1, data }] });
    const { control, flags } = await server.recvmsg();
    const came = control.find(({ name }) => name === "SCM_RIGHTS")?.value as number[];
    for (const fd of came) calls.close(fd);
    expect([came.length, flags & MSG_CTRUNC]).toEqual([253, 0]);
  });

  test("credentials and descriptors travel beside the data, and what came can be closed", () => {
    const [a, b] = calls.socketpair(AF_UNIX, SOCK_STREAM);
    calls.setsockopt(a, SOL_SOCKET, SO_PASSCRED, 1);
    calls.sendmsg(b, {
      data: "take",
      control: [{ level: SOL_SOCKET, type: 1, data: new Uint8Array(Int32Array.of(b).buffer) }],
    });
    const { control } = calls.recvmsg(a, Buffer.alloc(8));
    expect(control).toMatchObject([
      { name: "SCM_CREDENTIALS", value: { pid: process.pid } },
      { name: "SCM_RIGHTS", value: [expect.any(Number)] },
    ]);
    const [copy] = control[1]!.value as number[];
    calls.send(copy!, "by the copy");
    expect(calls.recvmsg(a, Buffer.alloc(20)).length).toBe(11);
    for (const fd of [a, b, copy!]) calls.close(fd);
  });
});

describe("recvExactly", () => {
  test("puts a stream together, and keeps its place before what receives after it", async () => {
    const { client, server } = await streamPair();
    const [header, behind] = [server.recvExactly(6), server.recv(2)];
    for (const part of ["ab", "cd", "efgh"]) await client.send(part);
    expect([`${await header}`, `${await behind}`]).toEqual(["abcdef", "gh"]);
    expect((await server.recvExactly(0)).byteLength).toBe(0);
  });

  test.each([
    ["out of time", async () => {}, "TimeoutError", { timeout: 20 }],
    ["the end of the stream", async (client: { close(): void }) => client.close(), "EndError", {}],
    ["closed meanwhile", async (_: unknown, server: { close(): void }) => server.close(), "ClosedError", {}],
  ])("%s: the error has what came, and says how much", async (_, happens, name, options) => {
    const { client, server } = await streamPair();
    await client.send("abc");
    const failure = rejectionOf(server.recvExactly(10, options));
    await new Promise((resolve) => setImmediate(resolve));
    await happens(client, server);
    const error = await failure;
    expect([error.name, `${error.data as Buffer}`]).toEqual([name, "abc"]);
    expect(error.message).toMatch(/gave 3 of the 10 bytes/);
  });

  test("on a datagram socket it says what to use", () => {
    expect(() => socket("s", AF_INET, SOCK_DGRAM).recvExactly(4)).toThrow(/a datagram is taken whole/);
  });

  test("in another process too", async () => {
    const rival = await otherProcess("rival");
    const { server, place } = listening();
    const client = await rival.socket("client", AF_INET, SOCK_STREAM);
    await client.connect(...place);
    const accepted = await server.accept();
    await accepted.send("abc");
    const error = await rejectionOf(client.recvExactly(10, { timeout: 50 }));
    expect([error.name, `${error.data as Buffer}`]).toEqual(["TimeoutError", "abc"]);
    await accepted.send("hello");
    expect(`${await client.recvExactly(5)}`).toBe("hello");
    expect(await client.sendmsg({ data: "there" })).toBe(5);
    expect(`${(await accepted.recvmsg()).data}`).toBe("there");
    await rival.stop();
  });
});

test.each([
  ["timed out", { timeout: 20 }, () => {}, "TimeoutError"],
  ["closed", {}, (client: { close(): void }) => client.close(), "ClosedError"],
] as const)("sendAll that is %s says how many bytes the system took", async (_, options, happens, name) => {
  const { client } = await streamPair();
  const failure = rejectionOf(client.sendAll(Buffer.alloc(30_000_000), options));
  await new Promise((resolve) => setImmediate(resolve));
  happens(client);
  const error = await failure;
  const taken = trace
    .records()
    .reduce((sum, { call, result }) => sum + (call.name === "send" && result > 0 ? result : 0), 0);
  expect(taken).toBeGreaterThan(0);
  expect([error.name, /took (\d+) of the 30000000 bytes/.exec(error.message)?.[1]]).toEqual([name, `${taken}`]);
  expect(error.message).not.toContain("Nothing was lost");
});

test("a sendAll whose peer goes away says it, too", async () => {
  const { client, server } = await streamPair();
  const failure = rejectionOf(client.sendAll(Buffer.alloc(30_000_000)));
  await server.recv(10);
  server.close();
  const error = await failure;
  expect(error.code).toMatch(/^E(CONNRESET|PIPE)$/);
  expect(error.message).toMatch(/The system took \d+ of the 30000000 bytes/);
});
