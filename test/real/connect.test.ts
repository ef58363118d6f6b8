import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  BusyError,
  calls,
  EPOLL_CTL_ADD,
  EPOLLIN,
  EPOLLOUT,
  LOOPBACK,
  POLLOUT,
  SHUT_WR,
  SO_ERROR,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
  TCP_INFO,
  trace,
} from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { EACH_INTERNET, EACH_KIND, freshPath, KINDS, type Place, removePaths } from "../support/kinds.js";
import { codeOf, duration, rejectionCode, rejectionOf, turn } from "../support/outcome.js";
import { connected, deadPort, listening, streamPair } from "../support/pairs.js";
import { POLLERS, waitWith } from "../support/pollers.js";
import { SOON } from "../support/time.js";

guardDescriptors();
removePaths();

const inet = (port: number) => ({ family: "AF_INET", address: LOOPBACK, port }) as const;

/** A server whose queue is full: whoever connects next waits. */
async function fullServer(): Promise<Place> {
  const { place } = listening(undefined, 0);
  await connected(place, undefined, "in the queue");
  return place;
}

describe.each(POLLERS)("%s", (poller) => {
  waitWith(poller);

  test.each(EACH_INTERNET)("C1: %s, nobody listens: ECONNREFUSED at once, with the address", async (_, kind) => {
    const [address] = kind.anyPlace();
    const port = deadPort();
    const client = socket("client", kind.family, SOCK_STREAM);
    expect(await duration(() => rejectionOf(client.connect(address, port)))).toBeLessThan(SOON);
    const error = await rejectionOf(client.connect(address, port));
    expect(error).toMatchObject({ name: "SocketError", code: "ECONNREFUSED", errno: 111, syscall: "connect" });
    expect(error).toMatchObject({ address, port, fd: client.fd, handle: "client" });
    expect(error.message).toContain(`${port}`);
    expect(error.message).toContain("Nobody listens");
  });

  test.each(EACH_KIND)("C5: %s, connect when connected is EISCONN; nothing changes", async (_, kind) => {
    const { server: listener, place } = listening(kind);
    const client = await connected(place, kind);
    const fd = client.fd;
    expect(await rejectionCode(client.connect(...(place as [string, number])))).toBe("EISCONN");
    expect(await rejectionCode(client.connect(...(place as [string, number])))).toBe("EISCONN");
    expect(client.fd).toBe(fd);
    const conversation = await listener.accept();
    await client.send("still here");
    expect(`${await conversation.recv()}`).toBe("still here");
  });

  test("C4: connect after a refused one: a new socket takes the handle's name, and it works", async () => {
    const client = socket("client", AF_INET, SOCK_STREAM);
    expect(await rejectionCode(client.connect(LOOPBACK, deadPort()))).toBe("ECONNREFUSED");
    expect(await rejectionCode(client.connect(LOOPBACK, deadPort()))).toBe("ECONNREFUSED");
    const { server, place } = listening();
    await client.connect(...(place as [string, number]));
    const conversation = await server.accept();
    await conversation.send("x");
    expect(`${await client.recv()}`).toBe("x");
  });

  test("C6: close while a connect is under way: it rejects, and the descriptor's next owner hears nothing of it", async () => {
    const place = await fullServer();
    const client = socket("client", AF_INET, SOCK_STREAM);
    const waiting = client.connect(place[0], place[1]);
    const { fd } = client;
    await turn();
    client.close();
    const next = socket("next", AF_INET, SOCK_DGRAM);
    expect(next.fd).toBe(fd);
    next.bind(LOOPBACK, 0);
    const heard = next.recvfrom(10, 0, { timeout: 60 });
    const error = await rejectionOf(waiting);
    expect(error).toMatchObject({ name: "ClosedError", handle: "client", fd });
    expect(error.message).toMatch(/^connect\(\d+, 127\.0\.0\.1:\d+\) on "client" ended: the handle was closed\./);
    expect(await rejectionCode(heard)).toBe("ERR_WAIT_TIMEOUT");
  });

  test("C7, C11: a connect that is given up closes its handle, and says so", async () => {
    const place = await fullServer();
    const late = socket("late", AF_INET, SOCK_STREAM);
    const ms = await duration(async () => {
      const error = await rejectionOf(late.connect(place[0], place[1], { timeout: 50 }));
      expect(error).toMatchObject({ name: "TimeoutError", code: "ERR_WAIT_TIMEOUT", handle: "late" });
      expect(error.message).toContain(`waited 50 ms and nobody has answered at ${place.join(":")}`);
    });
    expect(ms).toBeGreaterThanOrEqual(49);
    expect(ms).toBeLessThan(SOON);
    expect(late.closed).toBe(true);
    const gone = socket("gone", AF_INET, SOCK_STREAM);
    const controller = new AbortController();
    const waiting = gone.connect(place[0], place[1], { signal: controller.signal });
    await turn();
    controller.abort(new Error("given up"));
    expect((await rejectionOf(waiting)).message).toBe("given up");
    expect(gone.closed).toBe(true);
    const error = await rejectionOf(async () => gone.recv());
    expect(error.message).toContain("Its connect() was given up");
  });

  test("a second connect while the first is under way is a BusyError", async () => {
    const place = await fullServer();
    const client = socket("client", AF_INET, SOCK_STREAM);
    const first = client.connect(place[0], place[1]);
    const error = await rejectionOf(async () => client.connect(place[0], place[1]));
    expect(error).toBeInstanceOf(BusyError);
    expect(error.message).toContain("Await the first connect()");
    client.close();
    expect((await rejectionOf(first)).name).toBe("ClosedError");
  });

  test.each(["SHUT_RD", "SHUT_WR", "SHUT_RDWR"] as const)(
    "C14: %s while a connect is under way ends it with ECONNRESET, as one that waits in the system; no second handshake begins",
    async (how) => {
      const place = await fullServer();
      const client = socket("client", AF_INET, SOCK_STREAM);
      const connecting = client.connect(...place);
      await turn();
      await turn();
      client.shutdown({ SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 }[how]);
      const error = await rejectionOf(connecting);
      expect(error).toMatchObject({ code: "ECONNRESET", syscall: "connect", handle: "client" });
      expect(String(error.advice)).toContain("took the handshake back");
      expect(client.getsockopt(TCP_INFO).state).toBe("CLOSE");
      const { place: free } = listening(undefined, 5, "free");
      await client.connect(...free);
      expect(client.getpeername().port).toBe(free[1]);
    },
  );

  test("shutdown before the event loop knows that a connect has succeeded: it has, and the other end sees the end", async () => {
    const { server, place } = listening();
    const client = socket("client", AF_INET, SOCK_STREAM);
    const connecting = client.connect(...place);
    expect(client.getsockopt(TCP_INFO).state).toBe("ESTABLISHED");
    client.shutdown(SHUT_WR);
    await connecting;
    const conversation = await server.accept();
    expect(await conversation.recv()).toHaveLength(0);
    await conversation.send("still here");
    expect(String(await client.recv())).toBe("still here");
  });

  test("shutdown before the event loop knows that a connect was refused: the connect says ECONNREFUSED, and what helps", async () => {
    const client = socket("client", AF_INET, SOCK_STREAM);
    const connecting = client.connect(LOOPBACK, deadPort());
    expect(codeOf(() => client.shutdown(SHUT_WR))).toBe("ENOTCONN");
    const error = await rejectionOf(connecting);
    expect(error).toMatchObject({ code: "ECONNREFUSED", syscall: "connect" });
    expect(String(error.advice)).not.toContain("took the handshake back");
  });

  test("a shutdown that is refused for its argument takes nothing back", async () => {
    const place = await fullServer();
    const client = socket("client", AF_INET, SOCK_STREAM);
    const connecting = client.connect(...place);
    await turn();
    expect(codeOf(() => client.shutdown(9))).toBe("EINVAL");
    await turn();
    expect(client.getsockopt(TCP_INFO).state).toBe("SYN_SENT");
    client.close();
    expect((await rejectionOf(connecting)).name).toBe("ClosedError");
  });

  test("a recv that is started while a connect is under way does not take its error", async () => {
    const client = socket("client", AF_INET, SOCK_STREAM);
    const connecting = client.connect(LOOPBACK, deadPort());
    const receiving = client.recv();
    expect(await rejectionCode(connecting)).toBe("ECONNREFUSED");
    expect(await rejectionCode(receiving)).toBe("ENOTCONN");
  });

  test("SO_ERROR read while a connect is under way: the connect does not count as made", async () => {
    const client = socket("client", AF_INET, SOCK_STREAM);
    const connecting = client.connect(LOOPBACK, deadPort());
    expect(client.getsockopt(SO_ERROR)).toBe(111);
    expect(await rejectionCode(connecting)).toBe("ECONNABORTED");
  });

  test("recv and send that are started while a connect is under way are made when it is connected", async () => {
    const { server, place } = listening();
    const client = socket("client", AF_INET, SOCK_STREAM);
    const connecting = client.connect(place[0], place[1]);
    const receiving = client.recv();
    const sending = client.send("early");
    await connecting;
    const conversation = await server.accept();
    expect(await sending).toBe(5);
    expect(`${await conversation.recv()}`).toBe("early");
    await conversation.send("answer");
    expect(`${await receiving}`).toBe("answer");
  });
});

test("C2: on numbers, a non-blocking connect: EINPROGRESS, then writable, then SO_ERROR 0", () => {
  const { place } = listening();
  const fd = calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  expect(codeOf(() => calls.connect(fd, inet(place[1]!)))).toBe("EINPROGRESS");
  const [entry] = calls.poll([{ fd, events: POLLOUT }], 5000);
  expect(entry!.revents).toBe(POLLOUT);
  expect(Buffer.from(calls.getsockopt(fd, SOL_SOCKET, SO_ERROR)).readInt32LE()).toBe(0);
  expect(calls.getpeername(fd)).toEqual(inet(place[1]!));
  calls.close(fd);
});

test("C3, C4: on numbers, refused: OUT, ERR and HUP; SO_ERROR tells it once; connect again is ECONNABORTED once", () => {
  const fd = calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  expect(codeOf(() => calls.connect(fd, inet(deadPort())))).toBe("EINPROGRESS");
  const epfd = calls.epoll_create1();
  calls.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, { events: EPOLLIN | EPOLLOUT, data: 7 });
  expect(calls.epoll_wait(epfd, 8, 5000)).toEqual([{ events: 0x1d, data: 7 }]);
  expect(Buffer.from(calls.getsockopt(fd, SOL_SOCKET, SO_ERROR)).readInt32LE()).toBe(111);
  expect(Buffer.from(calls.getsockopt(fd, SOL_SOCKET, SO_ERROR)).readInt32LE()).toBe(0);
  const { place } = listening();
  expect(codeOf(() => calls.connect(fd, inet(place[1]!)))).toBe("ECONNABORTED");
  expect(codeOf(() => calls.connect(fd, inet(place[1]!)))).toBe("EINPROGRESS");
  for (const number of [fd, epfd]) calls.close(number);
});

test("C5: connect on a listening socket is EISCONN", async () => {
  const { server, place } = listening();
  expect(await rejectionCode(server.connect(place[0], place[1]))).toBe("EISCONN");
  await connected(place);
  expect((await server.accept()).name).toBe("server→1");
});

test("C8: port 0 is refused, the broadcast address unreachable, 0.0.0.0 is this machine", async () => {
  const { server, place } = listening();
  const connectTo = (address: string, port: number) => socket("client", AF_INET, SOCK_STREAM).connect(address, port);
  expect(await rejectionCode(connectTo(LOOPBACK, 0))).toBe("ECONNREFUSED");
  expect(await rejectionCode(connectTo("255.255.255.255", 9))).toBe("ENETUNREACH");
  await connectTo("0.0.0.0", place[1]!);
  expect((await server.accept()).getpeername().address).toBe(LOOPBACK);
});

test("C12: the server listens later: refused, and then not", async () => {
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, 0);
  const { port } = server.getsockname();
  const client = socket("client", AF_INET, SOCK_STREAM);
  expect(await rejectionCode(client.connect(LOOPBACK, port))).toBe("ECONNREFUSED");
  server.listen();
  await client.connect(LOOPBACK, port);
});

test("C13: a socket that was never connected is OUT and HUP, which does not mean connected", () => {
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  const epfd = calls.epoll_create1();
  calls.epoll_ctl(epfd, EPOLL_CTL_ADD, fd, { events: EPOLLIN | EPOLLOUT, data: 1 });
  expect(calls.epoll_wait(epfd, 1, 0)).toEqual([{ events: 0x14, data: 1 }]);
  for (const number of [fd, epfd]) calls.close(number);
});

test("an address of the wrong family or form is refused before the call, with the text in the error", () => {
  const four = socket("four", AF_INET, SOCK_STREAM);
  const six = socket("six", AF_INET6, SOCK_STREAM);
  const unix = socket("unix", AF_UNIX, SOCK_STREAM);
  expect(() => four.connect("::1", 80)).toThrow(/"::1" is an IPv6 address.*AF_INET6/);
  expect(() => six.connect(LOOPBACK, 80)).toThrow(/"127\.0\.0\.1" is an IPv4 address.*::ffff:127\.0\.0\.1/);
  expect(() => four.connect("localhost", 80)).toThrow(/"localhost" is a name.*LOOPBACK/);
  expect(() => six.connect("localhost", 80)).toThrow(/"localhost" is a name/);
  expect(() => unix.connect("/tmp/x", 80)).toThrow(/has no port/);
  expect(() => unix.connect(`/${"x".repeat(108)}`)).toThrow(RangeError);
  expect(() => unix.connect("a\0b")).toThrow(TypeError);
  for (const address of [undefined, null, 5, {}]) expect(() => four.connect(address as string, 80)).toThrow(TypeError);
  expect(trace.steps().filter((step) => step.name === "connect")).toEqual([]);
});

test("an IPv4 server is reached over a mapped IPv6 address", async () => {
  const { server, place } = listening();
  const client = socket("client", AF_INET6, SOCK_STREAM);
  await client.connect("::ffff:127.0.0.1", place[1]);
  expect((await server.accept()).getpeername()).toEqual({
    family: "AF_INET",
    address: LOOPBACK,
    port: client.getsockname().port,
  });
});

test("Unix-domain: no such path, a path where nobody listens, a server whose queue is full", async () => {
  const client = socket("client", AF_UNIX, SOCK_STREAM);
  expect(await rejectionCode(client.connect(freshPath()))).toBe("ENOENT");
  const { server, place } = listening(KINDS.AF_UNIX, 0);
  await connected(place, KINDS.AF_UNIX, "in the queue");
  await client.connect(place[0]).catch((error) => error);
  const error = await rejectionOf(connected(place, KINDS.AF_UNIX, "one too many"));
  expect(error.code).toBe("EAGAIN");
  expect(error.message).toContain("queue");
  server.close();
  // The handle takes its file away; one that was left by somebody else is refused.
  expect(await rejectionCode(connected(place, KINDS.AF_UNIX, "late"))).toBe("ENOENT");
  const left = calls.socket(AF_UNIX, SOCK_STREAM);
  calls.bind(left, { family: "AF_UNIX", path: place[0] });
  calls.close(left);
  expect(await rejectionCode(connected(place, KINDS.AF_UNIX, "later"))).toBe("ECONNREFUSED");
});

test("a datagram socket keeps its port when connect fails", async () => {
  const handle = socket("sender", AF_INET, SOCK_DGRAM);
  handle.bind(LOOPBACK, 0);
  const { port } = handle.getsockname();
  expect(await rejectionCode(handle.connect("8.8.8.8", 9))).toBe("EINVAL");
  expect(await rejectionCode(handle.connect("255.255.255.255", 9))).toBe("EACCES");
  await handle.connect(LOOPBACK, 9);
  expect(handle.getsockname().port).toBe(port);
});

test("the peer's addresses are each other's", async () => {
  const { client, server } = await streamPair();
  expect(client.getpeername()).toEqual(server.getsockname());
  expect(server.getpeername()).toEqual(client.getsockname());
});
