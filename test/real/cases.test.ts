import { randomBytes } from "node:crypto";
import {
  AF_INET,
  calls,
  type Handle,
  LOOPBACK,
  MSG_DONTWAIT,
  MSG_OOB,
  MSG_PEEK,
  otherProcess,
  POLLERR,
  POLLHUP,
  POLLOUT,
  SHUT_RD,
  SHUT_WR,
  SO_ERROR,
  SO_LINGER,
  SO_SNDBUF,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from "kernel-helpers";
import { errno } from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";
import { printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { LAYERS, type Layer, outcome, type Socket } from "../support/layers.js";
import { codeOf, rejectionOf } from "../support/outcome.js";
import { connected, deadPort, listening, rawPair, streamPair } from "../support/pairs.js";
import { LONG_PATIENCE_MS } from "../support/time.js";
import { seeded } from "../unit/bytes/random.js";

/*
 * The battery: what the system answers, case by case, through handles and through the calls on numbers. Each case is written once, and
 * comes to a list of outcomes; before and after it the descriptors and the waits are compared. The ids are those of test/contract/battery.ts.
 */

guardDescriptors();

type Outcomes = readonly unknown[];
type Case = [id: string, what: string, steps: (layer: Layer) => Promise<Outcomes>, expected: Outcomes];

/** What each call comes to, one after the other. */
async function each(...all: (() => Promise<unknown>)[]): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const call of all) outcomes.push(await outcome(call()));
  return outcomes;
}

async function opened(layer: Layer, backlog = 8): Promise<{ server: Socket; port: number }> {
  const server = layer.socket();
  await server.bind(LOOPBACK, 0);
  await server.listen(backlog);
  return { server, port: await server.port() };
}

async function pair(layer: Layer): Promise<{ client: Socket; peer: Socket; server: Socket; port: number }> {
  const { server, port } = await opened(layer);
  const client = layer.socket();
  await client.connect(LOOPBACK, port);
  return { client, peer: await server.accept(), server, port };
}

async function box(layer: Layer): Promise<{ receiver: Socket; port: number }> {
  const receiver = layer.socket(SOCK_DGRAM);
  await receiver.bind(LOOPBACK, 0);
  return { receiver, port: await receiver.port() };
}

const CASES: Case[] = [
  ["L9", "shutdown(99)", async (l) => each(() => l.socket().shutdown(99)), ["EINVAL"]],
  [
    "L10",
    "no such family, type, protocol",
    (l) =>
      each(
        async () => l.socket(SOCK_STREAM, 99),
        async () => l.socket(99),
        async () => l.socket(SOCK_STREAM, AF_INET, 17),
      ),
    ["EAFNOSUPPORT", "EINVAL", "EPROTONOSUPPORT"],
  ],
  [
    "B1",
    "bind to a used port",
    async (l) => {
      const { port } = await opened(l);
      return each(() => l.socket().bind(LOOPBACK, port));
    },
    ["EADDRINUSE"],
  ],
  [
    "B2",
    "bind twice, and after listen",
    async (l) => {
      const { server } = await opened(l);
      const bound = l.socket();
      return each(
        () => bound.bind(LOOPBACK, 0),
        () => bound.bind(LOOPBACK, 0),
        () => server.bind(LOOPBACK, 0),
      );
    },
    [0, "EINVAL", "EINVAL"],
  ],
  ["B3", "bind to another machine's address", (l) => each(() => l.socket().bind("8.8.8.8", 0)), ["EADDRNOTAVAIL"]],
  [
    "B6",
    "port 0 is a port of the system's choice",
    async (l) => {
      const s = l.socket();
      return each(
        () => s.bind(LOOPBACK, 0),
        async () => (await s.port()) > 0,
      );
    },
    [0, true],
  ],
  [
    "B7",
    "listen without bind",
    async (l) => {
      const s = l.socket();
      return each(
        () => s.listen(1),
        async () => (await s.port()) > 0,
      );
    },
    [0, true],
  ],
  ["B8", "listen twice", async (l) => each(...twice((await opened(l)).server)), [0, 0]],
  [
    "B9",
    "listen on a connected and on a datagram socket",
    async (l) => {
      const { client } = await pair(l);
      return each(
        () => client.listen(1),
        () => l.socket(SOCK_DGRAM).listen(1),
      );
    },
    ["EINVAL", "EOPNOTSUPP"],
  ],
  [
    "B10",
    "a backlog of 0 and of -1",
    async (l) => {
      const { server } = await opened(l);
      return each(
        () => server.listen(0),
        () => server.listen(-1),
      );
    },
    [0, 0],
  ],
  [
    "B12",
    "accept where nobody can come",
    async (l) => {
      const { client } = await pair(l);
      return each(
        () => l.socket().accept(),
        () => client.accept(),
        () => l.socket(SOCK_DGRAM).accept(),
      );
    },
    ["EINVAL", "EINVAL", "EOPNOTSUPP"],
  ],
  [
    "B17",
    "the listener closes with a client in its queue",
    async (l) => {
      const { server, port } = await opened(l);
      const client = l.socket();
      return each(
        () => client.connect(LOOPBACK, port),
        () => server.close(),
        () => client.recv(1),
      );
    },
    [0, 0, "ECONNRESET"],
  ],
  ["C1", "nobody listens", (l) => each(() => l.socket().connect(LOOPBACK, deadPort())), ["ECONNREFUSED"]],
  [
    "C5",
    "connect when connected, and on a listener",
    async (l) => {
      const { client, server, port } = await pair(l);
      return each(
        () => client.connect(LOOPBACK, port),
        () => server.connect(LOOPBACK, port),
      );
    },
    ["EISCONN", "EISCONN"],
  ],
  [
    "C8",
    "port 0, the broadcast address, 0.0.0.0",
    async (l) => {
      const { port } = await opened(l);
      return each(
        () => l.socket().connect(LOOPBACK, 0),
        () => l.socket().connect("255.255.255.255", 9),
        () => l.socket().connect("0.0.0.0", port),
      );
    },
    ["ECONNREFUSED", "ENETUNREACH", 0],
  ],
  [
    "C12",
    "the server listens later",
    async (l) => {
      const server = l.socket();
      await server.bind(LOOPBACK, 0);
      const port = await server.port();
      return each(
        () => l.socket().connect(LOOPBACK, port),
        () => server.listen(1),
        () => l.socket().connect(LOOPBACK, port),
      );
    },
    ["ECONNREFUSED", 0, 0],
  ],
  [
    "S1",
    "two sends, one recv",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => client.send("ab"),
        () => client.send("cd"),
        () => peer.recv(10),
      );
    },
    [2, 2, "abcd"],
  ],
  [
    "S2",
    "recv smaller than what is there",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => client.send("abcd"),
        () => peer.recv(1),
        () => peer.recv(10),
      );
    },
    [4, "a", "bcd"],
  ],
  [
    "S3",
    "the peer closes: the end, every time",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => client.close(),
        () => peer.recv(1),
        () => peer.recv(1),
        () => peer.recv(1),
      );
    },
    [0, "", "", ""],
  ],
  [
    "S4",
    "recv of 0 bytes",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => client.send("x"),
        () => peer.recv(0),
        () => peer.recv(10),
      );
    },
    [1, "", "x"],
  ],
  [
    "S5",
    "the peer closes with unread data",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => client.send("never read"),
        () => peer.close(),
        () => client.recv(10),
        () => client.recv(10),
        () => client.send("x"),
      );
    },
    [10, 0, "ECONNRESET", "", "EPIPE"],
  ],
  [
    "S6",
    "the peer closes, then send, send",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => peer.close(),
        () => client.send("x"),
        () => client.send("x"),
      );
    },
    [0, 1, "EPIPE"],
  ],
  [
    "S7",
    "the peer resets: send first",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => peer.lingerNot(),
        () => peer.close(),
        () => client.send("x"),
        () => client.send("x"),
        () => client.recv(1),
      );
    },
    [0, 0, "ECONNRESET", "EPIPE", ""],
  ],
  [
    "S7",
    "the peer resets: recv first",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => peer.lingerNot(),
        () => peer.close(),
        () => client.recv(1),
        () => client.recv(1),
      );
    },
    [0, 0, "ECONNRESET", ""],
  ],
  [
    "S8",
    "send and recv before connect",
    async (l) => {
      const s = l.socket();
      return each(
        () => s.send("x"),
        () => s.recv(1),
        () => s.peer(),
      );
    },
    ["EPIPE", "ENOTCONN", "ENOTCONN"],
  ],
  [
    "S9",
    "send and recv on a listener",
    async (l) => {
      const { server } = await opened(l);
      return each(
        () => server.send("x"),
        () => server.recv(1),
        () => server.peer(),
      );
    },
    ["EPIPE", "ENOTCONN", "ENOTCONN"],
  ],
  [
    "S10",
    "after SHUT_WR",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => client.shutdown(SHUT_WR),
        () => client.send("x"),
        () => peer.recv(1),
        () => peer.send("still"),
        () => client.recv(10),
      );
    },
    [0, "EPIPE", "", 5, "still"],
  ],
  [
    "S11",
    "shutdown twice, before connect, after the peer is gone",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => client.shutdown(SHUT_WR),
        () => client.shutdown(SHUT_WR),
        () => l.socket().shutdown(SHUT_WR),
        () => peer.close(),
        () => client.recv(1),
        () => client.shutdown(SHUT_WR),
      );
    },
    [0, 0, "ENOTCONN", 0, "", "ENOTCONN"],
  ],
  [
    "S12",
    "SHUT_RD, then the peer sends",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => client.shutdown(SHUT_RD),
        () => client.recv(1),
        () => peer.send("x"),
        () => client.recv(1),
        () => client.recv(1),
      );
    },
    [0, "", 1, "x", ""],
  ],
  [
    "S17",
    "MSG_PEEK, then recv",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => client.send("x"),
        () => peer.recv(1, MSG_PEEK),
        () => peer.recv(1),
        () => peer.recv(1, MSG_DONTWAIT),
      );
    },
    [1, "x", "x", "EAGAIN"],
  ],
  [
    "S18",
    "an urgent byte",
    async (l) => {
      const { client, peer } = await pair(l);
      return each(
        () => client.send("ab"),
        () => client.send("!", MSG_OOB),
        () => client.send("cd"),
        () => peer.recv(10, MSG_OOB),
        () => peer.recv(10),
        () => peer.recv(10),
      );
    },
    [2, 1, 2, "!", "ab", "cd"],
  ],
  [
    "S19",
    "ping-pong, 100 rounds",
    async (l) => {
      const { client, peer } = await pair(l);
      const wrong: number[] = [];
      for (let i = 0; i < 100; i++) {
        await client.send(`ping ${i}`);
        await peer.send(`${await peer.recv(100)}!`);
        if ((await client.recv(100)) !== `ping ${i}!`) wrong.push(i);
      }
      return wrong;
    },
    [],
  ],
  [
    "D1",
    "an empty datagram",
    async (l) => {
      const { receiver, port } = await box(l);
      const sender = l.socket(SOCK_DGRAM);
      return each(
        () => sender.sendto("", LOOPBACK, port),
        () => sender.sendto("next", LOOPBACK, port),
        () => receiver.recv(10),
        () => receiver.recv(10),
      );
    },
    [0, 4, "", "next"],
  ],
  [
    "D2",
    "recv 4 of a datagram of 10",
    async (l) => {
      const { receiver, port } = await box(l);
      const sender = l.socket(SOCK_DGRAM);
      return each(
        () => sender.sendto("0123456789", LOOPBACK, port),
        () => sender.sendto("next", LOOPBACK, port),
        () => receiver.recv(4),
        () => receiver.recv(10),
      );
    },
    [10, 4, "0123", "next"],
  ],
  [
    "D3",
    "65,507 bytes, and one more",
    async (l) => {
      const { receiver, port } = await box(l);
      const sender = l.socket(SOCK_DGRAM);
      return each(
        () => sender.sendto(Buffer.alloc(65_507, "x"), LOOPBACK, port),
        async () => (await receiver.recv(70_000)).length,
        () => sender.sendto(Buffer.alloc(65_508, "x"), LOOPBACK, port),
      );
    },
    [65_507, 65_507, "EMSGSIZE"],
  ],
  ["D4", "send without an address", (l) => each(() => l.socket(SOCK_DGRAM).send("x")), ["EDESTADDRREQ"]],
  [
    "D5",
    "sendto with an address on a connected socket",
    async (l) => {
      const [one, other] = [await box(l), await box(l)];
      const sender = l.socket(SOCK_DGRAM);
      return each(
        () => sender.connect(LOOPBACK, one.port),
        () => sender.sendto("elsewhere", LOOPBACK, other.port),
        () => sender.send("here"),
        () => one.receiver.recv(10),
        () => other.receiver.recv(10),
      );
    },
    [0, 9, 4, "here", "elsewhere"],
  ],
  [
    "D6",
    "connected, and nobody is there: the error comes one call late",
    async (l) => {
      const sender = l.socket(SOCK_DGRAM);
      await sender.connect(LOOPBACK, deadPort(SOCK_DGRAM));
      return each(
        () => sender.send("x"),
        () => sender.recv(1),
        () => sender.send("x"),
        () => sender.send("x"),
      );
    },
    [1, "ECONNREFUSED", 1, "ECONNREFUSED"],
  ],
  [
    "D7",
    "port 0, and broadcast without SO_BROADCAST",
    async (l) => {
      const sender = l.socket(SOCK_DGRAM);
      return each(
        () => sender.sendto("x", LOOPBACK, 0),
        () => sender.sendto("x", "127.255.255.255", 9),
      );
    },
    ["EINVAL", "EACCES"],
  ],
  [
    "D9",
    "listen and accept on a datagram socket",
    async (l) => {
      const { receiver } = await box(l);
      return each(
        () => receiver.listen(1),
        () => receiver.accept(),
      );
    },
    ["EOPNOTSUPP", "EOPNOTSUPP"],
  ],
];

/** IP_LOCAL_PORT_RANGE of Linux 6.3: from which ports the system may choose one for this socket, the lowest and the highest. */
const [IPPROTO_IP, IP_LOCAL_PORT_RANGE] = [0, 51];

/** A new socket whose connect to this port is given the very port by the system. */
async function meeting(layer: Layer, port: number): Promise<Socket> {
  for (;;) {
    const s = layer.socket();
    try {
      calls.setsockopt(s.fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, (port << 16) | port, 4);
    } catch {
      // An older system: it happens once in some 15,000 tries.
    }
    if ((await outcome(s.connect(LOOPBACK, port))) === 0) return s;
    await s.close();
  }
}

/** What is sent comes back, and the end of one direction is the end of the other. */
const comesBack = (s: Socket): Promise<Outcomes> =>
  each(
    async () => (await s.port()) === (await s.peer()),
    () => s.send("hello"),
    () => s.recv(10),
    () => s.shutdown(SHUT_WR),
    () => s.recv(10),
  );
const OWN_PEER = [true, 5, "hello", 0, ""];

function twice(server: Socket): (() => Promise<unknown>)[] {
  return [() => server.listen(5), () => server.listen(10)];
}

describe.each(LAYERS.map((layer) => [layer().name, layer] as const))("%s", (_, make) => {
  test.each(CASES)("%s: %s", async (_id, _what, steps, expected) => {
    const layer = make();
    try {
      expect(await steps(layer)).toEqual(expected);
    } finally {
      layer.closeAll();
    }
  });

  test("C9: an ephemeral port meets itself: it is told as such", { timeout: LONG_PATIENCE_MS }, async () => {
    const layer = make();
    // An even one of those that the system chooses for connections.
    const port = deadPort() & ~1;
    let met: Socket | undefined;
    const said = (
      await printed(async () => {
        met = await meeting(layer, port);
      })
    )
      .join(" ")
      .replace(/\s+/g, " ");
    expect(said).toContain("is connected to itself: both of its ends are 127.0.0.1:");
    expect(await comesBack(met!)).toEqual(OWN_PEER);
    layer.closeAll();
  });

  test("C10: bind, then connect to the very port: it works, and is explained", async () => {
    const layer = make();
    const s = layer.socket();
    await s.bind(LOOPBACK, 0);
    const port = await s.port();
    const said = (await printed(() => s.connect(LOOPBACK, port))).join(" ").replace(/\s+/g, " ");
    expect(said).toContain(`is connected to itself: both of its ends are 127.0.0.1:${port}`);
    expect(said).toContain("TCP takes for a simultaneous open");
    expect(await comesBack(s)).toEqual(OWN_PEER);
    layer.closeAll();
  });
});

test("C14: on numbers, SHUT_WR while a connect is under way ends it with its own error, and no second handshake begins", async () => {
  const { place } = listening(undefined, 0);
  await connected(place, undefined, "in the queue");
  const fd = calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  const address = { family: "AF_INET", address: LOOPBACK, port: place[1]! } as const;
  expect(codeOf(() => calls.connect(fd, address))).toBe("EINPROGRESS");
  calls.shutdown(fd, SHUT_WR);
  expect(calls.poll([{ fd, events: POLLOUT }], 5000)).toMatchObject([{ revents: POLLOUT | POLLERR | POLLHUP }]);
  const ended = [0, 1].map(() => Buffer.from(calls.getsockopt(fd, SOL_SOCKET, SO_ERROR)).readInt32LE());
  expect(ended).toEqual([errno.ECONNRESET, 0]);
  expect(codeOf(() => calls.getpeername(fd))).toBe("ENOTCONN");
  calls.close(fd);
});

test("B11: on numbers, a backlog of 0 lets one client in; the others stay in EINPROGRESS, and none is refused", () => {
  const { place } = listening(undefined, 0);
  const address = { family: "AF_INET", address: LOOPBACK, port: place[1]! } as const;
  const clients = Array.from({ length: 6 }, () => calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK));
  for (const fd of clients) expect(codeOf(() => calls.connect(fd, address))).toBe("EINPROGRESS");
  const polled = calls.poll(
    clients.map((fd) => ({ fd, events: POLLOUT })),
    50,
  );
  expect(polled.map(({ revents }) => revents)).toEqual([POLLOUT, 0, 0, 0, 0, 0]);
  for (const fd of clients.slice(1)) expect(codeOf(() => calls.connect(fd, address))).toBe("EALREADY");
  for (const fd of clients) calls.close(fd);
});

test("S15: on numbers, 1 MB both ways at once, random chunks, small buffers", () => {
  const ends = rawPair().map((fd, at) => ({
    fd,
    data: randomBytes(1_000_000),
    sent: 0,
    got: Buffer.alloc(1_000_000),
    had: 0,
    at,
  }));
  const next = seeded(15);
  for (const { fd } of ends) calls.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, 5000);
  /** One try, which may be in vain. */
  const tried = (call: () => number): number => {
    try {
      return call();
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe("EAGAIN");
      return 0;
    }
  };
  while (ends.some(({ sent, had }) => sent < 1_000_000 || had < 1_000_000)) {
    for (const end of ends) {
      const { fd, data, got } = end;
      const chunk = data.subarray(end.sent, end.sent + 1 + next(65_535));
      if (chunk.byteLength > 0) end.sent += tried(() => calls.send(fd, chunk));
      const room = got.subarray(end.had, end.had + 1 + next(65_535));
      if (room.byteLength > 0) end.had += tried(() => calls.recv(fd, room));
    }
  }
  expect(ends[0]!.got.equals(ends[1]!.data) && ends[1]!.got.equals(ends[0]!.data)).toBe(true);
  for (const { fd } of ends) calls.close(fd);
});

test("S20: on numbers, every byte arrives unchanged", () => {
  const [client, server] = rawPair();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const got = Buffer.alloc(300);
  expect([calls.send(client, bytes), calls.recv(server, got)]).toEqual([256, 256]);
  expect(got.subarray(0, 256).equals(bytes)).toBe(true);
  for (const fd of [client, server]) calls.close(fd);
});

/** How the peer of a long sendAll disappears. */
const GONE: [how: string, leave: (peer: Handle) => void][] = [
  ["closes with unread data", (peer) => peer.close()],
  [
    "resets",
    (peer) => {
      peer.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
      peer.close();
    },
  ],
];

describe("S14: 64 MB are sent, and the peer disappears", () => {
  test.each(GONE)("it %s: the error says how many bytes the system has taken", async (_, leave) => {
    const { client, server } = await streamPair();
    const sending = client.sendAll(Buffer.alloc(64_000_000, "x"));
    const got = (await server.recvExactly(5_000_000)).byteLength;
    leave(server);
    const error = await rejectionOf(sending);
    expect(["EPIPE", "ECONNRESET"]).toContain(error.code);
    const took = Number(/The system took (\d+) of the 64000000 bytes/.exec(error.message)?.[1]);
    expect(took).toBeGreaterThanOrEqual(got);
    expect(took).toBeLessThan(64_000_000);
  });

  test.each(GONE)("it %s, on numbers: what the calls returned is what the system has taken", async (_, leave) => {
    const { client, server } = await streamPair();
    const data = Buffer.alloc(64_000_000, "x");
    let took = 0;
    const send = () => {
      for (;;) took += calls.send(client.fd, data.subarray(took), undefined, MSG_DONTWAIT);
    };
    expect(codeOf(send)).toBe("EAGAIN");
    await server.recvExactly(took);
    expect(codeOf(send)).toBe("EAGAIN");
    leave(server);
    expect(["EPIPE", "ECONNRESET"]).toContain(codeOf(send));
    expect(codeOf(send)).toBe("EPIPE");
    expect(took).toBeLessThan(64_000_000);
  });

  test("its process is killed", async () => {
    const other = await otherProcess("other");
    const theirs = await other.socket("theirs", AF_INET, SOCK_STREAM);
    const { server, place } = listening();
    await theirs.connect(place[0], place[1]);
    const conversation = await server.accept();
    const sending = conversation.sendAll(Buffer.alloc(64_000_000, "x"));
    await theirs.recv(1000);
    await other.kill("SIGKILL");
    const error = await rejectionOf(sending);
    expect(["EPIPE", "ECONNRESET"]).toContain(error.code);
    expect(error.message).toMatch(/The system took \d+ of the 64000000 bytes/);
  });
});
