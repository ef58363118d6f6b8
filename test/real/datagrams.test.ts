import { randomBytes } from "node:crypto";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  calls,
  LOOPBACK,
  LOOPBACK6,
  MSG_PEEK,
  MSG_TRUNC,
  SO_BROADCAST,
  SO_REUSEADDR,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  trace,
} from "kernel-helpers";
import { socketTable } from "kernel-helpers/dist/inspection/index.js";
import { describe, expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { EACH_INTERNET, EACH_KIND, freshPath, KINDS, removePaths } from "../support/kinds.js";
import { codeOf, rejectionCode, rejectionOf, turn } from "../support/outcome.js";
import { datagram, deadPort } from "../support/pairs.js";
import { POLLERS, waitWith } from "../support/pollers.js";
import { PATIENCE_MS } from "../support/time.js";

guardDescriptors();
removePaths();

describe.each(POLLERS)("%s", (poller) => {
  waitWith(poller);
  describe.each(EACH_KIND)("%s", (_, kind) => {
    test("a datagram arrives with its sender's address, and an answer goes back", async () => {
      const { receiver, place } = datagram(kind);
      const { receiver: sender, place: home } = datagram(kind, "sender");
      const waiting = receiver.recvfrom();
      expect(await sender.sendto("question", ...place)).toBe(8);
      const { data, from, truncated } = await waiting;
      expect([`${data}`, truncated]).toEqual(["question", false]);
      expect([from.address, from.port]).toEqual([home[0], home[1] ?? 0]);
      await receiver.sendto("answer", ...home);
      expect(`${(await sender.recvfrom()).data}`).toBe("answer");
    });

    test("D1: an empty datagram is a datagram, not the end", async () => {
      const { receiver, place } = datagram(kind);
      const sender = socket("sender", kind.family, SOCK_DGRAM);
      expect(await sender.sendto("", ...place)).toBe(0);
      await sender.sendto("next", ...place);
      expect((await receiver.recv()).byteLength).toBe(0);
      expect(`${await receiver.recv()}`).toBe("next");
    });

    test("D2: what does not fit is gone; recvfrom says that it was cut; MSG_TRUNC tells the true length", async () => {
      const { receiver, place } = datagram(kind);
      const sender = socket("sender", kind.family, SOCK_DGRAM);
      for (let i = 0; i < 4; i++) await sender.sendto("0123456789", ...place);
      expect(`${await receiver.recv(4)}`).toBe("0123");
      expect(await receiver.recvfrom(4)).toMatchObject({ data: Buffer.from("0123"), truncated: true });
      expect(await receiver.recvfrom(10)).toMatchObject({ data: Buffer.from("0123456789"), truncated: false });
      expect(await receiver.recvfrom(4, MSG_TRUNC)).toMatchObject({ data: Buffer.from("0123"), truncated: true });
      await sender.sendto("0123456789", ...place);
      expect(calls.recv(receiver.fd, Buffer.alloc(4), 4, MSG_PEEK | MSG_TRUNC)).toBe(10);
      expect(await receiver.recvfrom(0)).toMatchObject({ data: Buffer.alloc(0), truncated: true });
    });

    test("D9: listen and accept on a datagram socket", async () => {
      const { receiver } = datagram(kind);
      expect(codeOf(() => receiver.listen())).toBe("EOPNOTSUPP");
      expect(await rejectionCode(receiver.accept())).toBe("EOPNOTSUPP");
    });
  });
});

describe.each(EACH_INTERNET)("%s", (_, kind) => {
  const [address] = kind.anyPlace();

  test("D3: 65,507 bytes over IPv4 and 65,527 over IPv6 go out whole; one more is EMSGSIZE", async () => {
    const { receiver, place } = datagram(kind);
    const sender = socket("sender", kind.family, SOCK_DGRAM);
    sender.setsockopt(SO_SNDBUF, 200_000);
    const most = kind.family === AF_INET6 ? 65_527 : 65_507;
    const data = randomBytes(most);
    expect(await sender.sendto(data, ...place)).toBe(most);
    expect((await receiver.recv()).equals(data)).toBe(true);
    const error = await rejectionOf(sender.sendto(Buffer.alloc(most + 1), ...place));
    expect(error).toMatchObject({ code: "EMSGSIZE", address, port: place[1] });
  });

  test("D4: send without an address is EDESTADDRREQ", async () => {
    const sender = socket("sender", kind.family, SOCK_DGRAM);
    const error = await rejectionOf(sender.send("x"));
    expect(error.code).toBe("EDESTADDRREQ");
    expect(error.message).toContain("sendto()");
  });

  test("D5: a connected socket may still send elsewhere", async () => {
    const { receiver, place } = datagram(kind);
    const { place: other, receiver: second } = datagram(kind, "other");
    const sender = socket("sender", kind.family, SOCK_DGRAM);
    await sender.connect(...place);
    await sender.sendto("elsewhere", ...other);
    await sender.send("here");
    expect([`${await receiver.recv()}`, `${await second.recv()}`]).toEqual(["here", "elsewhere"]);
  });

  test("D6: a dead port is told one call late: by recv, by recvfrom with any length, by send", async () => {
    const port = deadPort(SOCK_DGRAM);
    const sender = socket("sender", kind.family, SOCK_DGRAM);
    await sender.connect(address, port);
    expect(await sender.send("x")).toBe(1);
    expect(await rejectionCode(sender.recv(10, 0, { timeout: PATIENCE_MS }))).toBe("ECONNREFUSED");
    await sender.send("x");
    expect(await rejectionCode(sender.recvfrom(undefined, 0, { timeout: PATIENCE_MS }))).toBe("ECONNREFUSED");
    await sender.send("x");
    expect(await rejectionCode(sender.recvfrom(10, 0, { timeout: PATIENCE_MS }))).toBe("ECONNREFUSED");
    await sender.send("x");
    expect(await rejectionCode(sender.send("x"))).toBe("ECONNREFUSED");
    const waiting = sender.recvfrom(10, 0, { timeout: PATIENCE_MS });
    await sender.send("x");
    expect(await rejectionCode(waiting)).toBe("ECONNREFUSED");
  });

  test("D10: opening the name again closes the old one first, and never shares the port", async () => {
    const { receiver, place } = datagram(kind);
    const again = socket("receiver", kind.family, SOCK_DGRAM);
    expect(receiver.closed).toBe(true);
    again.bind(...place);
    expect(again.getsockopt(SO_REUSEADDR)).toBe(0);
    const rival = socket("rival", kind.family, SOCK_DGRAM);
    expect(codeOf(() => rival.bind(...place))).toBe("EADDRINUSE");
    rival.setsockopt(SO_REUSEADDR, 1);
    expect(codeOf(() => rival.bind(...place))).toBe("EADDRINUSE");
  });

  test("D11: connect with AF_UNSPEC takes the peer away", async () => {
    const { place } = datagram(kind);
    const sender = socket("sender", kind.family, SOCK_DGRAM);
    await sender.connect(...place);
    expect(sender.getpeername().port).toBe(place[1]);
    calls.connect(sender.fd, { family: "AF_UNSPEC" });
    expect(codeOf(() => sender.getpeername())).toBe("ENOTCONN");
    expect(await rejectionCode(sender.send("x"))).toBe("EDESTADDRREQ");
  });

  test("a connected socket hears its peer alone", async () => {
    const { receiver, place } = datagram(kind);
    const { receiver: peer, place: home } = datagram(kind, "peer");
    const stranger = socket("stranger", kind.family, SOCK_DGRAM);
    await receiver.connect(...home);
    await stranger.sendto("from a stranger", ...place);
    await peer.sendto("from the peer", ...place);
    expect(`${await receiver.recv()}`).toBe("from the peer");
  });
});

test("D7: port 0 is EINVAL; broadcast needs SO_BROADCAST", async () => {
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  expect(await rejectionCode(sender.sendto("x", LOOPBACK, 0))).toBe("EINVAL");
  const error = await rejectionOf(sender.sendto("x", "127.255.255.255", 9));
  expect(error.code).toBe("EACCES");
  expect(error.message).toContain("SO_BROADCAST");
  sender.setsockopt(SO_BROADCAST, 1);
  expect(await sender.sendto("x", "127.255.255.255", 9)).toBe(1);
});

test("D8: a flood that nobody reads: every sendto succeeds, the oldest arrive, the system counts the rest as drops", async () => {
  const { receiver, place } = datagram();
  const sender = calls.socket(AF_INET, SOCK_DGRAM);
  const data = Buffer.alloc(1000);
  const COUNT = 20_000;
  for (let i = 0; i < COUNT; i++) {
    data.writeUInt32BE(i);
    expect(calls.sendto(sender, data, { family: "AF_INET", address: place[0], port: place[1]! })).toBe(1000);
  }
  calls.close(sender);
  const row = socketTable("udp")!.find((entry) => entry.local.port === place[1]);
  let arrived = 0;
  for (; ; arrived++) {
    const got = await receiver.recv(2000, 0, { timeout: 0 }).catch(() => undefined);
    if (got === undefined) break;
    expect(got.readUInt32BE()).toBe(arrived);
  }
  expect(arrived).toBeGreaterThan(10);
  expect(arrived).toBeLessThan(1000);
  expect(row!.drops).toBe(COUNT - arrived);
  expect(row!.receiveQueue).toBeGreaterThan(0);
});

test("Unix-domain: a receiver whose queue is full: the sender waits without a busy loop, and then sends", async () => {
  const { receiver, place } = datagram(KINDS.AF_UNIX);
  const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
  let queued = 0;
  for (; ; queued++) {
    const sent = await sender.sendto(`${queued}`, place[0], undefined, { timeout: 0 }).catch(() => 0);
    if (sent === 0) break;
  }
  const waiting = sender.sendto("last", place[0]);
  trace.clear();
  const nothing = socket("nothing", AF_INET, SOCK_DGRAM);
  await rejectionOf(nothing.recv(1, 0, { timeout: 200 }));
  expect(trace.records().filter(({ call }) => call.name === "epoll_ctl").length).toBeLessThan(60);
  for (let i = 0; i < queued; i++) expect(`${await receiver.recv()}`).toBe(`${i}`);
  expect(await waiting).toBe(4);
  expect(`${await receiver.recv()}`).toBe("last");
});

test('Unix-domain: a sender without a path has the address ""; a path that is gone is ENOENT or ECONNREFUSED', async () => {
  const { receiver, place } = datagram(KINDS.AF_UNIX);
  const sender = socket("sender", AF_UNIX, SOCK_DGRAM);
  await sender.sendto("x", place[0]);
  expect((await receiver.recvfrom()).from).toMatchObject({ address: "", port: 0 });
  receiver.close();
  expect(await rejectionCode(sender.sendto("x", place[0]))).toBe("ENOENT");
  // Closed without its handle, a socket leaves its file.
  const [fd, path] = [calls.socket(AF_UNIX, SOCK_DGRAM), freshPath()];
  calls.bind(fd, { family: "AF_UNIX", path });
  calls.close(fd);
  expect(await rejectionCode(sender.sendto("x", path))).toBe("ECONNREFUSED");
  expect(await rejectionCode(sender.sendto("x", freshPath()))).toBe("ENOENT");
});

test("the first sendto gives a socket its port", async () => {
  const { receiver, place } = datagram();
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  expect(sender.getsockname().port).toBe(0);
  await sender.sendto("x", ...place);
  expect((await receiver.recvfrom()).from.port).toBe(sender.getsockname().port);
});

test("a socket that was asked for its name before has the port of its first sendto in the record", async () => {
  const { place } = datagram();
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  expect(sender.getsockname().port).toBe(0);
  await sender.sendto("x", ...place);
  const step = trace.steps().at(-1)!;
  expect([step.name, step.local]).toEqual(["sendto", `0.0.0.0:${sender.getsockname().port}`]);
});

test("an IPv6 datagram keeps its sender's address", async () => {
  const { receiver, place } = datagram(KINDS.AF_INET6);
  const sender = socket("sender", AF_INET6, SOCK_DGRAM);
  await sender.sendto("x", ...place);
  await turn();
  expect((await receiver.recvfrom()).from).toMatchObject({ family: "AF_INET6", address: LOOPBACK6 });
  expect(() => sender.sendto("x", LOOPBACK, 9)).toThrow(/IPv4/);
  const stream = socket("stream", AF_INET6, SOCK_STREAM);
  expect(await rejectionCode(stream.sendto("x", ...place))).toBe("EPIPE");
});
