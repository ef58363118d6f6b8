import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  ANY,
  calls,
  LOOPBACK,
  LOOPBACK6,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  TCP_INFO,
} from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { startScript } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { EACH_INTERNET, EACH_KIND, freshPath, placeOf, removePaths } from "../support/kinds.js";
import { codeOf, failureOf } from "../support/outcome.js";
import { connected, datagram, deadPort, listening, streamPair } from "../support/pairs.js";

guardDescriptors();
removePaths();

describe.each(EACH_INTERNET)("%s", (_, kind) => {
  const [address] = kind.anyPlace();

  test("B1: a port that a handle of ours has: EADDRINUSE names the handle", () => {
    const { place } = listening(kind);
    const rival = socket("rival", kind.family, SOCK_STREAM);
    const error = failureOf(() => rival.bind(...place));
    expect(error).toMatchObject({ name: "SocketError", code: "EADDRINUSE", syscall: "bind", fd: rival.fd });
    expect(error).toMatchObject({ handle: "rival", address, port: place[1] });
    expect(error.message).toContain('your own handle "server" (listening)');
  });

  test("B1: a datagram port that a handle of ours has", () => {
    const { place } = datagram(kind);
    const rival = socket("rival", kind.family, SOCK_DGRAM);
    const error = failureOf(() => rival.bind(...place));
    expect(error.code).toBe("EADDRINUSE");
    expect(error.message).toContain('your own handle "receiver" (');
  });

  test("B2: a socket is bound once; not after listen either", () => {
    const handle = socket("server", kind.family, SOCK_STREAM);
    handle.bind(address, 0);
    expect(codeOf(() => handle.bind(address, 0))).toBe("EINVAL");
    handle.listen();
    expect(codeOf(() => handle.bind(address, 0))).toBe("EINVAL");
  });

  test("B6: port 0 gets a real port", () => {
    const handle = socket("server", kind.family, SOCK_STREAM);
    handle.bind(address, 0);
    expect(handle.getsockname().port).toBeGreaterThan(0);
    expect(handle.getsockname().address).toBe(address);
  });

  test("B7: listen without bind gets a port, and says so", async () => {
    const handle = socket("server", kind.family, SOCK_STREAM);
    const lines = await printed(() => handle.listen(5));
    const { port, address: local } = handle.getsockname();
    expect(port).toBeGreaterThan(0);
    const where = kind.family === AF_INET6 ? `[${local}]:${port}` : `${local}:${port}`;
    expect(lines).toEqual([
      `server        listen(${handle.fd}, 5) = 0`,
      `              It was not bound, so the system chose ${where}.`,
    ]);
  });

  test("B18: two listeners on one port, both with SO_REUSEADDR: bind works, listen is EADDRINUSE and names the first", () => {
    const first = socket("first", kind.family, SOCK_STREAM);
    first.bind(address, 0);
    const second = socket("second", kind.family, SOCK_STREAM);
    second.bind(...placeOf(first));
    first.listen();
    const error = failureOf(() => second.listen());
    expect(error).toMatchObject({ code: "EADDRINUSE", syscall: "listen" });
    expect(error.message).toContain('your own handle "first" (listening)');
    const third = socket("third", kind.family, SOCK_STREAM);
    expect(codeOf(() => third.bind(...placeOf(first)))).toBe("EADDRINUSE");
  });

  test("B21: a fixed port that the system gives to clients: a warning; not for port 0 or a low one", async () => {
    const port = deadPort();
    const handle = socket("server", kind.family, SOCK_STREAM);
    const lines = paragraphs(await printed(() => handle.bind(address, port)));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(`another program can have ${port} tomorrow`);
    const low = socket("low", kind.family, SOCK_STREAM);
    expect(await printed(() => low.bind(address, 0))).toHaveLength(1);
  });
});

describe.each(EACH_KIND)("%s", (_, kind) => {
  test("B8: listen twice updates the backlog", () => {
    const { server } = listening(kind, 1);
    for (const backlog of [7, 0, 3]) {
      server.listen(backlog);
      // Of a listening socket Linux tells it there; a Unix-domain one tells it nowhere.
      if (_ !== "AF_UNIX") expect(server.getsockopt(TCP_INFO).sacked).toBe(backlog);
    }
  });

  test("B9: listen on a connected socket is EINVAL, on a datagram socket EOPNOTSUPP", async () => {
    const { client, server } = await streamPair(kind);
    expect(codeOf(() => client.listen())).toBe("EINVAL");
    expect(codeOf(() => server.listen())).toBe("EINVAL");
    const { receiver } = datagram(kind);
    expect(codeOf(() => receiver.listen())).toBe("EOPNOTSUPP");
  });

  test("B10: backlog 0, -1 and INT_MAX are taken; what is no C int is refused before the call", () => {
    const { server } = listening(kind, 0);
    for (const backlog of [-1, 0x7fffffff, -0x80000000]) server.listen(backlog);
    for (const backlog of [0x80000000, Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
      expect(() => server.listen(backlog)).toThrow(RangeError);
    }
    expect(() => server.listen("5" as unknown as number)).toThrow(TypeError);
  });
});

test("B1: a port of another process: the error says so", async () => {
  const child = startScript(`
    const taken = socket("taken", AF_INET, SOCK_STREAM);
    taken.bind(LOOPBACK, 0); taken.listen(1);
    console.log(taken.getsockname().port);
    process.stdin.resume().on("end", () => process.exit(0));`);
  const port = Number(await child.line());
  const rival = socket("rival", AF_INET, SOCK_STREAM);
  const error = failureOf(() => rival.bind(LOOPBACK, port));
  expect(error.code).toBe("EADDRINUSE");
  expect(error.message).toContain("another process");
  child.end();
  expect((await child.ended).code).toBe(0);
});

test("B1: a Unix-domain path that exists", () => {
  const path = freshPath();
  const first = socket("first", AF_UNIX, SOCK_STREAM);
  first.bind(path);
  const second = socket("second", AF_UNIX, SOCK_STREAM);
  const error = failureOf(() => second.bind(path));
  expect(error).toMatchObject({ code: "EADDRINUSE", address: path });
  expect(error.message).toContain('taken by your own handle "first"');
});

test("B3: an address that is not of this machine", () => {
  const error = failureOf(() => socket("server", AF_INET, SOCK_STREAM).bind("8.8.8.8", 0));
  expect(error).toMatchObject({ code: "EADDRNOTAVAIL", address: "8.8.8.8", port: 0 });
  expect(codeOf(() => socket("server", AF_INET6, SOCK_STREAM).bind("2001:db8::1", 0))).toBe("EADDRNOTAVAIL");
});

test("B4: an address that is too short, or of another family", () => {
  const address = { family: "AF_INET", address: LOOPBACK, port: 0 } as const;
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  expect(codeOf(() => calls.bind(fd, address, 8))).toBe("EINVAL");
  expect(codeOf(() => calls.bind(fd, { family: "AF_UNIX", path: "/x" }))).toBe("EINVAL");
  const six = { family: "AF_INET6", address: LOOPBACK6, port: 0, flowinfo: 0, scopeId: 0 } as const;
  expect(codeOf(() => calls.bind(fd, six))).toBe("EAFNOSUPPORT");
  expect(() => calls.bind(fd, address, 17)).toThrow(RangeError);
  expect(() => calls.bind(fd, address, -1)).toThrow(RangeError);
  expect(() => calls.bind(fd, new Uint8Array(129))).toThrow(RangeError);
  calls.close(fd);
});

const WRONG_PORTS = [-1, 65536, 1.5, Number.NaN, "80", undefined, null, 2 ** 32, 80n, {}];

test.each(WRONG_PORTS)("B5: port %s is refused before the call by bind, connect and sendto", (port) => {
  const wrong = port as number;
  const handle = socket("server", AF_INET, SOCK_STREAM);
  const sender = socket("sender", AF_INET, SOCK_DGRAM);
  const error = typeof port === "number" ? RangeError : TypeError;
  expect(() => handle.bind(LOOPBACK, wrong)).toThrow(error);
  expect(() => handle.connect(LOOPBACK, wrong)).toThrow(error);
  expect(() => sender.sendto("x", LOOPBACK, wrong)).toThrow(error);
  expect(() => calls.bind(handle.fd, { family: "AF_INET", address: LOOPBACK, port: wrong })).toThrow(error);
  expect(handle.getsockname().port).toBe(0);
});

test("B18: the learner who turns SO_REUSEADDR off keeps it off", () => {
  const handle = socket("server", AF_INET, SOCK_STREAM);
  handle.setsockopt(SO_REUSEADDR, 0);
  handle.bind(LOOPBACK, 0);
  expect(handle.getsockopt(SO_REUSEADDR)).toBe(0);
  const usual = socket("usual", AF_INET, SOCK_STREAM);
  usual.bind(LOOPBACK, 0);
  expect(usual.getsockopt(SO_REUSEADDR)).toBe(1);
});

test("a server can be started again on its port while its old connections are in TIME_WAIT", async () => {
  const { server, place } = listening();
  const client = await connected(place);
  const conversation = await server.accept();
  conversation.close();
  expect((await client.recv()).byteLength).toBe(0);
  client.close();
  server.close();
  const again = socket("server", AF_INET, SOCK_STREAM);
  again.bind(...place);
  again.listen();
});

test("0.0.0.0 hears what comes to 127.0.0.1", async () => {
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(ANY, 0);
  server.listen();
  const client = await connected([LOOPBACK, server.getsockname().port]);
  const conversation = await server.accept();
  expect(conversation.getpeername()).toEqual(client.getsockname());
});

test("abstract Unix-domain names work and are shown with @", async () => {
  const name = `\0${freshPath()}`;
  const server = socket("server", AF_UNIX, SOCK_STREAM);
  const lines = await printed(() => server.bind(name));
  expect(lines).toEqual([`server        bind(${server.fd}, unix:@${name.slice(1)}) = 0`]);
  server.listen();
  const client = socket("client", AF_UNIX, SOCK_STREAM);
  await client.connect(name);
  expect(client.getpeername().address).toBe(name);
});
