import { spawnSync } from "node:child_process";
import {
  AF_INET,
  calls,
  closeAll,
  type Handle,
  IP_RECVERR,
  LOOPBACK,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_WAITALL,
  otherProcess,
  SHUT_WR,
  SO_LINGER,
  SO_RCVTIMEO,
  SO_SNDTIMEO,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  type SocketOption,
  socket,
  TCP_INFO,
  trace,
} from "kernel-helpers";
import { exactText } from "kernel-helpers/dist/calls/index.js";
import { describe, expect, test, vi } from "vitest";
import { printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { KINDS, removePaths } from "../support/kinds.js";
import { failureOf, rejectionOf, turn } from "../support/outcome.js";
import { connected, deadPort, fill, listening, streamPair, urgentToCome } from "../support/pairs.js";

/* What the man pages say of flags and options that are about waiting. The sockets themselves never block: the handle waits. */

guardDescriptors();
removePaths();
trace.off();

/** A struct timeval. */
const TWENTY_MS = Buffer.from(new BigInt64Array([0n, 20_000n]).buffer);

const EAGAIN = { name: "SocketError", code: "EAGAIN", errno: 11 };

describe("MSG_DONTWAIT: the call never waits, and is EAGAIN at once (recv(2), send(2))", () => {
  test("of a receive when nothing is there; what is there is taken", async () => {
    const { client, server } = await streamPair();
    expect(await rejectionOf(server.recv(10, MSG_DONTWAIT))).toMatchObject({ ...EAGAIN, syscall: "recv" });
    await client.send("hello");
    expect(`${await server.recv(10, MSG_DONTWAIT)}`).toBe("hello");
    const datagrams = socket("datagrams", AF_INET, SOCK_DGRAM);
    expect(await rejectionOf(datagrams.recvfrom(10, MSG_DONTWAIT))).toMatchObject({ ...EAGAIN, syscall: "recvfrom" });
    expect(await rejectionOf(datagrams.recvmsg(10, MSG_DONTWAIT))).toMatchObject({ ...EAGAIN, syscall: "recvmsg" });
  });

  test("also while another receive waits, and with MSG_WAITALL", async () => {
    const { client, server } = await streamPair();
    const waiting = server.recv(10);
    await turn();
    expect(await rejectionOf(server.recv(10, MSG_DONTWAIT))).toMatchObject(EAGAIN);
    expect(await rejectionOf(server.recv(10, MSG_DONTWAIT | MSG_WAITALL))).toMatchObject(EAGAIN);
    await client.send("late");
    expect(`${await waiting}`).toBe("late");
  });

  test("of a send when the buffers are full", async () => {
    const { client } = await streamPair();
    await fill(client);
    expect(await rejectionOf(client.send("x", MSG_DONTWAIT))).toMatchObject({ ...EAGAIN, syscall: "send" });
    expect(trace.steps().at(-1)!.waitedFrom).toBeUndefined();
  });

  test("in another process", async () => {
    const other = await otherProcess("other");
    const handle = await other.socket("datagrams", AF_INET, SOCK_DGRAM);
    expect(await rejectionOf(handle.recvfrom(10, MSG_DONTWAIT))).toMatchObject(EAGAIN);
    await other.stop();
  });
});

describe("MSG_ERRQUEUE and MSG_OOB: no call waits for an error, or for an urgent byte, on a blocking socket either", () => {
  const RECEIVES = ["recv", "recvfrom", "recvmsg"] as const;

  test("an empty queue of errors is EAGAIN at once", async () => {
    const sender = socket("sender", AF_INET, SOCK_DGRAM);
    sender.setsockopt(IP_RECVERR, 1);
    for (const call of RECEIVES) {
      const error = await rejectionOf(sender[call](10, MSG_ERRQUEUE));
      expect(error).toMatchObject({ ...EAGAIN, syscall: call });
      expect(error.message).toContain("No error is in the queue of errors, and no call waits for one.");
      expect(trace.steps().at(-1)!.waitedFrom).toBeUndefined();
    }
  });

  test("and on a descriptor that blocks, without a limit and without words of one", () => {
    const fd = calls.socket(AF_INET, SOCK_DGRAM);
    calls.setsockopt(fd, IP_RECVERR.level, IP_RECVERR, 1);
    trace.clear();
    const buffer = Buffer.alloc(10);
    for (const receive of [
      () => calls.recv(fd, buffer, 10, MSG_ERRQUEUE),
      () => calls.recvfrom(fd, buffer, 10, MSG_ERRQUEUE),
      () => calls.recvmsg(fd, buffer, MSG_ERRQUEUE),
    ]) {
      const error = failureOf(receive);
      expect(error).toMatchObject(EAGAIN);
      expect(error.message).toContain("No error is in the queue of errors");
    }
    expect(trace.records().map(({ call }) => call.name)).toEqual([...RECEIVES]);
    calls.close(fd);
  });

  test("a recv that waits ends when an error comes, and then the queue has it", async () => {
    const sender = socket("sender", AF_INET, SOCK_DGRAM);
    sender.setsockopt(IP_RECVERR, 1);
    const waiting = rejectionOf(sender.recv(10));
    await turn();
    await sender.sendto("lost", LOOPBACK, deadPort(SOCK_DGRAM));
    expect(await waiting).toMatchObject({ code: "ECONNREFUSED" });
    expect(`${(await sender.recvmsg(10, MSG_ERRQUEUE)).data}`).toBe("lost");
  });

  test("an urgent byte that is announced and has not come", async () => {
    const { client, server } = await urgentToCome();
    for (const call of RECEIVES) {
      const error = await rejectionOf(server[call](1, MSG_OOB));
      expect(error).toMatchObject({ ...EAGAIN, syscall: call });
      expect(error.message).toContain("The urgent byte is announced and has not come yet");
      expect(trace.steps().at(-1)!.waitedFrom).toBeUndefined();
    }
    let urgent = "";
    while (urgent === "") {
      await server.recv(100_000, MSG_DONTWAIT).catch(() => {});
      urgent = await server.recv(1, MSG_OOB).then(String, () => "");
    }
    expect(urgent).toBe("!");
    client.close();
  });
});

describe("messages, and a receive of all that was asked for", () => {
  test("a sendmsg with MSG_DONTWAIT is EAGAIN when the buffers are full; without it, it waits for room", async () => {
    const { client, server } = await streamPair();
    await fill(client);
    const refused = await rejectionOf(client.sendmsg({ data: "x" }, MSG_DONTWAIT));
    expect(refused).toMatchObject({ ...EAGAIN, syscall: "sendmsg" });
    const waiting = client.sendmsg({ data: "the last" });
    waiting.then(() => client.shutdown(SHUT_WR));
    let end = "";
    for await (const data of server) end = (end + data.toString("latin1")).slice(-8);
    expect([await waiting, end]).toEqual([8, "the last"]);
  });

  test("a recvmsg with MSG_WAITALL waits for the rest", async () => {
    const { client, server } = await streamPair();
    const waiting = server.recvmsg(10, MSG_WAITALL);
    for (const part of ["hello", "there"]) {
      await client.send(part);
      await turn();
    }
    const { data, truncated, control } = await waiting;
    expect([`${data}`, truncated, control]).toEqual(["hellothere", false, []]);
  });

  test("SO_RCVTIMEO ends a recvmsg and a recvExactly; what had come is in the error", async () => {
    const { client, server } = await streamPair();
    server.setsockopt(SO_RCVTIMEO, 40);
    expect(await rejectionOf(server.recvmsg(10))).toMatchObject({ ...EAGAIN, syscall: "recvmsg" });
    await client.send("half");
    const error = await rejectionOf(server.recvExactly(8));
    expect(error).toMatchObject({ ...EAGAIN, syscall: "recv", data: Buffer.from("half") });
    expect(error.message).toContain("The system gave 4 of the 8 bytes");
  });
});

describe("SO_RCVTIMEO and SO_SNDTIMEO: EAGAIN after that time (socket(7))", () => {
  test("of a receive, and of an accept, whose socket inherits it", async () => {
    const { server, place } = listening();
    server.setsockopt(SO_RCVTIMEO, 20);
    expect(await rejectionOf(server.accept())).toMatchObject({ ...EAGAIN, syscall: "accept", handle: "server" });
    const client = await connected(place);
    const conversation = await server.accept();
    const error = await rejectionOf(conversation.recv());
    expect(error).toMatchObject({ ...EAGAIN, syscall: "recv" });
    expect(String(error.advice)).toBe('SO_RCVTIMEO of "server→1" has passed: 20 ms.');
    expect(trace.steps().at(-1)!.outcome).toEqual({ error: "EAGAIN", errno: 11 });
    await client.send("x");
    expect(`${await conversation.recv()}`).toBe("x");
  });

  test("of a send; a receive has the other one", async () => {
    const { client, server } = await streamPair();
    client.setsockopt(SO_SNDTIMEO, 20);
    await fill(client);
    expect(await rejectionOf(client.send("x"))).toMatchObject({ ...EAGAIN, syscall: "send" });
    const waiting = client.recv();
    await server.send("late");
    expect(`${await waiting}`).toBe("late");
  });

  test("of sendAll, when nothing more was sent for so long: the deadline begins anew with each part", async () => {
    const { client, server } = await streamPair();
    await fill(client);
    // The record keeps so many steps, and the tests before have made some.
    trace.clear();
    client.setsockopt(SO_SNDTIMEO, 1000);
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      const before = trace.steps().length;
      const sending = client.sendAll(Buffer.alloc(50_000_000));
      const outcome = rejectionOf(sending);
      for (let i = 0; i < 5; i++) {
        await turn();
        vi.advanceTimersByTime(900);
        const sends = (): number =>
          trace
            .steps()
            .slice(before)
            .filter(({ name, end }) => name === "send" && end !== undefined).length;
        const sent = sends();
        while (sends() === sent) await server.recv(1_000_000);
      }
      await turn();
      vi.advanceTimersByTime(1000);
      vi.advanceTimersByTime(1000);
      expect(await outcome).toMatchObject({ ...EAGAIN, syscall: "send" });
    } finally {
      vi.useRealTimers();
    }
  });

  test("of a connect EINPROGRESS: the handshake goes on, and the next connect waits for it", async () => {
    const { server, place } = listening(undefined, 0);
    await connected(place, undefined, "in the queue");
    const client = socket("late", AF_INET, SOCK_STREAM);
    client.setsockopt(SO_SNDTIMEO, 20);
    expect(await rejectionOf(client.connect(...place))).toMatchObject({ code: "EINPROGRESS", syscall: "connect" });
    expect(client.getsockopt(TCP_INFO).state).toBe("SYN_SENT");
    client.setsockopt(SO_SNDTIMEO, 0);
    await server.accept();
    await client.connect(...place);
    expect(client.getsockopt(TCP_INFO).state).toBe("ESTABLISHED");
  });

  /** Ways to set an option of a handle's socket that pass the handle by. */
  const BY_OTHERS: [string, (fd: number, option: SocketOption<number>) => void][] = [
    ["by its number", (fd, option) => calls.setsockopt(fd, SOL_SOCKET, option, TWENTY_MS)],
    [
      "by the number of its 64-bit twin",
      (fd, option) => calls.setsockopt(fd, SOL_SOCKET, option.number + 46, TWENTY_MS),
    ],
    [
      "by the number of a duplicate",
      (fd, option) => {
        const copy = calls.dup(fd);
        calls.setsockopt(copy, SOL_SOCKET, option, TWENTY_MS);
        calls.close(copy);
      },
    ],
    [
      "by another program that has the socket too",
      (fd, option) => {
        const script = `import socket, struct; socket.socket(fileno=3).setsockopt(1, ${option.number}, struct.pack("ll", 0, 20_000))`;
        const { status } = spawnSync("python3", ["-c", script], { stdio: ["ignore", "ignore", "inherit", fd] });
        expect(status).toBe(0);
      },
    ],
  ];

  test.for(BY_OTHERS)("set %s", async ([, set]) => {
    const { server, place } = listening();
    set(server.fd, SO_RCVTIMEO);
    expect(await rejectionOf(server.accept())).toMatchObject({ ...EAGAIN, syscall: "accept" });
    await connected(place);
    const conversation = await server.accept();
    for (const receive of [
      () => conversation.recv(),
      () => conversation.recvmsg(),
      () => conversation.recvExactly(5),
      () => conversation.recv(5, MSG_WAITALL),
    ]) {
      const error = await rejectionOf(receive());
      expect(error).toMatchObject(EAGAIN);
      expect(String(error.advice)).toBe('SO_RCVTIMEO of "server→1" has passed: 20 ms.');
    }
    // The buffers of a Unix-domain stream have room again only when the peer receives.
    const { client: full } = await streamPair(KINDS.AF_UNIX);
    set(full.fd, SO_SNDTIMEO);
    await fill(full);
    expect(await rejectionOf(full.send("x"))).toMatchObject({ ...EAGAIN, syscall: "send" });
    expect(await rejectionOf(full.sendAll("x"))).toMatchObject({ ...EAGAIN, syscall: "send" });
    const { place: busy } = listening(undefined, 0, "busy");
    await connected(busy, undefined, "in the queue");
    const late = socket("late", AF_INET, SOCK_STREAM);
    set(late.fd, SO_SNDTIMEO);
    expect(await rejectionOf(late.connect(...busy))).toMatchObject({ code: "EINPROGRESS", syscall: "connect" });
  });

  test("taken back by others too: the wait goes on", async () => {
    const { client, server } = await streamPair();
    server.setsockopt(SO_RCVTIMEO, 20);
    calls.setsockopt(server.fd, SOL_SOCKET, SO_RCVTIMEO, Buffer.alloc(16));
    expect(await rejectionOf(server.recv(1, 0, { timeout: 60 }))).toMatchObject({ name: "TimeoutError" });
    client.close();
  });

  test("asking for it is in the record, and prints no line", async () => {
    const { server } = await streamPair();
    trace.clear();
    const lines = await printed(() => rejectionOf(server.recv(1, 0, { timeout: 5 })), "exact");
    expect(lines.filter((line) => line.includes("getsockopt"))).toEqual([]);
    expect(
      trace
        .records()
        .map(exactText)
        .filter((line) => line.includes("RCVTIMEO")),
    ).toEqual([
      `getsockopt(${server.fd}, SOL_SOCKET, SO_RCVTIMEO_OLD, "\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0", [16]) = 0`,
    ]);
  });

  test("the deadline of the call counts when it is the shorter one; 0 is none", async () => {
    const { client, server } = await streamPair();
    server.setsockopt(SO_RCVTIMEO, 60_000);
    expect(await rejectionOf(server.recv(1, 0, { timeout: 5 }))).toMatchObject({ name: "TimeoutError" });
    server.setsockopt(SO_RCVTIMEO, 0);
    expect(await rejectionOf(server.recv(1, 0, { timeout: 5 }))).toMatchObject({ name: "TimeoutError" });
    await client.send("x");
    expect(`${await server.recv()}`).toBe("x");
  });

  test("in another process", async () => {
    const other = await otherProcess("other");
    const handle = await other.socket("datagrams", AF_INET, SOCK_DGRAM);
    await handle.setsockopt(SO_RCVTIMEO, 20);
    expect(await rejectionOf(handle.recvfrom(10))).toMatchObject({ ...EAGAIN, syscall: "recvfrom" });
    await other.stop();
  });
});

describe("MSG_WAITALL: all of the length, on a stream (recv(2))", () => {
  test("it waits for the rest; each call has its line", async () => {
    const { client, server } = await streamPair();
    const lines = await printed(async () => {
      await client.send("hel");
      const waiting = server.recv(10, MSG_WAITALL);
      await turn();
      await turn();
      await client.send("lo, wor");
      expect(`${await waiting}`).toBe("hello, wor");
    });
    expect(lines.filter((line) => line.startsWith("server→1")).map((line) => line.replace(/\(\d+/, "(N"))).toEqual([
      expect.stringMatching(/^server→1 +recv\(N, "hel", 10, MSG_WAITALL\) = 3/),
      expect.stringMatching(/^server→1 +recv\(N, 7, MSG_WAITALL\) waits for data: 7 bytes are missing/),
      expect.stringMatching(/^server→1 +recv\(N, "lo, wor", 7, MSG_WAITALL\) = 7/),
    ]);
  });

  test("it takes more than the memory of one call holds", async () => {
    const { client, server } = await streamPair();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    const waiting = server.recv(bytes.byteLength, MSG_WAITALL);
    await client.sendAll(bytes);
    expect((await waiting).equals(bytes)).toBe(true);
  });

  test("the end of the stream, a deadline, a close and an error give what has arrived", async () => {
    const ends: ((client: Handle, server: Handle) => void)[] = [
      (client) => client.shutdown(SHUT_WR),
      () => {},
      (_client, server) => server.close(),
      (client) => {
        client.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
        client.close();
      },
    ];
    for (const end of ends) {
      const { client, server } = await streamPair();
      await client.send("some");
      const waiting = server.recv(10, MSG_WAITALL, { timeout: 50 });
      await turn();
      await turn();
      end(client, server);
      expect(`${await waiting}`, `${end}`).toBe("some");
      closeAll();
    }
  });

  test("an error after which nothing has arrived is the error, and so is a deadline", async () => {
    const { client, server } = await streamPair();
    expect(await rejectionOf(server.recv(10, MSG_WAITALL, { timeout: 5 }))).toMatchObject({ name: "TimeoutError" });
    client.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    client.close();
    expect(await rejectionOf(server.recv(10, MSG_WAITALL))).toMatchObject({ code: "ECONNRESET" });
  });

  test("a peek waits too, and takes nothing; for more than can ever be there it waits until its deadline", async () => {
    const { client, server } = await streamPair();
    await client.send("abcd");
    const waiting = server.recv(10, MSG_WAITALL | MSG_PEEK);
    for (let turns = 0; turns < 20; turns++) await turn();
    await client.send("efghij");
    expect(`${await waiting}`).toBe("abcdefghij");
    expect(`${await server.recv(100)}`).toBe("abcdefghij");
    await client.send("some");
    expect(`${await server.recv(100_000_000, MSG_WAITALL | MSG_PEEK, { timeout: 50 })}`).toBe("some");
    expect(`${await server.recv(100)}`).toBe("some");
  });

  test("in another process too nothing that was taken is lost", async () => {
    const other = await otherProcess("other");
    const { place, server } = listening();
    const client = await other.socket("client", AF_INET, SOCK_STREAM);
    await client.connect(...place);
    const conversation = await server.accept();
    await conversation.send("some");
    const controller = new AbortController();
    const waiting = client.recv(10, MSG_WAITALL, { signal: controller.signal });
    await expect
      .poll(() =>
        trace.steps().some(({ pid, calls }) => pid === other.pid && calls.some(({ call }) => call.name === "recv")),
      )
      .toBe(true);
    controller.abort();
    expect(`${await waiting}`).toBe("some");
    await other.stop();
  });
});
