import {
  AF_INET,
  AF_INET6,
  ANY,
  calls,
  choosePort,
  closeAll,
  type Handle,
  IPV6_V6ONLY,
  LOOPBACK,
  otherProcess,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
  sockets,
} from "kernel-helpers";
import { afterEach, describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { type Child, start } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { failureOf, rejectionOf } from "../support/outcome.js";

guardDescriptors();

let child: Child | undefined;
afterEach(async () => {
  child?.end();
  expect((await child?.ended)?.code ?? 0).toBe(0);
  child = undefined;
});

/** Python has a socket on the port until the test is over. */
async function python(port: number, { type = "STREAM", address = LOOPBACK, listens = true } = {}): Promise<number> {
  const family = address.includes(":") ? "AF_INET6" : "AF_INET";
  child = start("python3", [
    "-c",
    `import socket, sys, os
s = socket.socket(socket.${family}, socket.SOCK_${type})
s.bind(("${address}", ${port}))
${listens ? "s.listen()" : ""}
print(os.getpid(), flush=True)
sys.stdin.read()`,
  ]);
  return Number(await child.line());
}

/** A stream socket that does not set SO_REUSEADDR, as in a program that does not know of it. */
function plainSocket(name: string): Handle {
  const handle = socket(name, AF_INET, SOCK_STREAM);
  handle.setsockopt(SO_REUSEADDR, 0);
  return handle;
}

const adviceOf = (action: () => unknown): string => {
  const error = failureOf(action);
  expect(error.code).toBe("EADDRINUSE");
  return error.advice as string;
};

describe("a port is taken by another program", () => {
  test("its number and its name", async () => {
    const port = choosePort();
    const pid = await python(port);
    const rival = socket("rival", AF_INET, SOCK_STREAM);
    expect(adviceOf(() => rival.bind(LOOPBACK, port))).toMatch(
      new RegExp(`^Port ${port} is taken by another process: pid ${pid}, python3?[.\\d]* \\(listening\\)\\. `),
    );
  });

  test("a datagram socket", async () => {
    const port = choosePort();
    const pid = await python(port, { type: "DGRAM", listens: false });
    const rival = socket("rival", AF_INET, SOCK_DGRAM);
    expect(adviceOf(() => rival.bind(LOOPBACK, port))).toContain(`pid ${pid}, python`);
    // TCP's ports are others.
    socket("tcp", AF_INET, SOCK_STREAM).bind(LOOPBACK, port);
  });

  test("over IPv6, which takes IPv4's port too", async () => {
    const port = choosePort();
    const pid = await python(port, { address: "::" });
    const four = socket("four", AF_INET, SOCK_STREAM);
    expect(adviceOf(() => four.bind(LOOPBACK, port))).toContain(`pid ${pid}, python`);
    const six = socket("six", AF_INET6, SOCK_STREAM);
    expect(adviceOf(() => six.bind("::1", port))).toContain(`pid ${pid}, python`);
  });

  test("one that is bound and does not listen is in no table", async () => {
    const port = choosePort();
    await python(port, { listens: false });
    const rival = socket("rival", AF_INET, SOCK_STREAM);
    expect(adviceOf(() => rival.bind(LOOPBACK, port))).toContain("Its socket is bound and does not listen");
  });

  test("sockets() names it", async () => {
    const port = choosePort();
    const pid = await python(port);
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(LOOPBACK, port);
    const lines = await printed(() => sockets());
    const row = lines.find((line) => line.includes("(not of this notebook)"));
    expect(row).toContain(`127.0.0.1:${port}`);
    expect(row).toMatch(new RegExp(`LISTEN .* pid ${pid} python3?[.\\d]*$`));
    // Drawn again, it is the same.
    expect(await printed(() => sockets())).toEqual(lines);
  });
});

describe("a port is taken by an own socket", () => {
  test("the connection that is left of a server", async () => {
    const port = choosePort();
    const server = plainSocket("server");
    server.bind(LOOPBACK, port);
    server.listen();
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(LOOPBACK, port);
    await server.accept();
    server.close();
    const again = plainSocket("again");
    expect(adviceOf(() => again.bind(LOOPBACK, port))).toBe(
      'The port is taken by your own handle "server→1" (a connection that is still open).',
    );
  });

  test("on every address, and on another one", async () => {
    const port = choosePort();
    const server = socket("server", AF_INET, SOCK_STREAM);
    server.bind("127.0.0.2", port);
    server.listen();
    socket("neighbour", AF_INET, SOCK_STREAM).bind(LOOPBACK, port);
    const rival = socket("rival", AF_INET, SOCK_STREAM);
    expect(adviceOf(() => rival.bind("0.0.0.0", port))).toContain('your own handle "server" (listening)');
  });

  test("a descriptor without a handle", () => {
    const fd = calls.socket(AF_INET, SOCK_STREAM);
    const port = choosePort();
    calls.bind(fd, { family: "AF_INET", address: LOOPBACK, port });
    calls.listen(fd, 1);
    const rival = socket("rival", AF_INET, SOCK_STREAM);
    expect(adviceOf(() => rival.bind(LOOPBACK, port))).toContain(`descriptor ${fd} of this notebook`);
    calls.close(fd);
  });

  test("two that are bound, and one listens: listen() says who", () => {
    const port = choosePort();
    const [first, second] = [socket("first", AF_INET, SOCK_STREAM), socket("second", AF_INET, SOCK_STREAM)];
    for (const handle of [first, second]) handle.bind(LOOPBACK, port);
    first.listen();
    expect(adviceOf(() => second.listen())).toBe('The port is taken by your own handle "first" (listening).');
  });
});

describe("a port is taken by a connection that is over", () => {
  /** A connection whose server has closed first. */
  async function closedByServer(port: number): Promise<Handle> {
    const server = plainSocket("server");
    server.bind(LOOPBACK, port);
    server.listen();
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(LOOPBACK, port);
    const conversation = await server.accept();
    server.close();
    conversation.close();
    expect(await client.recv()).toHaveLength(0);
    return client;
  }

  test("while its other end has not closed", async () => {
    const port = choosePort();
    await closedByServer(port);
    const again = plainSocket("again");
    expect(adviceOf(() => again.bind(LOOPBACK, port))).toContain("no process has any more");
  });

  test("in TIME_WAIT", async () => {
    const port = choosePort();
    (await closedByServer(port)).close();
    const again = plainSocket("again");
    expect(adviceOf(() => again.bind(LOOPBACK, port))).toContain("TIME_WAIT: the system keeps it for up to 60 s.");
  });
});

describe("a port is taken by another process of the notebook", () => {
  test.each([
    ["listening", true],
    ["bound only", false],
  ])("%s", async (_, listens) => {
    const rival = await otherProcess("rival");
    const taken = await rival.socket("taken", AF_INET, SOCK_STREAM);
    await taken.bind(LOOPBACK, 0);
    // Without SO_REUSEADDR on both, a bound port is taken even when nobody listens.
    if (listens) await taken.listen();
    const { port } = await taken.getsockname();
    const mine = plainSocket("mine");
    expect(adviceOf(() => mine.bind(LOOPBACK, port))).toBe(
      `The port is taken by "taken", a handle of your other process "rival" (pid ${rival.pid}).`,
    );
    await rival.stop();
  });

  test("the other way round: the notebook's own handle has it", async () => {
    const mine = socket("mine", AF_INET, SOCK_STREAM);
    mine.bind(LOOPBACK, 0);
    mine.listen();
    const { port } = mine.getsockname();
    const rival = await otherProcess("rival");
    const wants = await rival.socket("wants", AF_INET, SOCK_STREAM);
    const error = await rejectionOf(wants.bind(LOOPBACK, port));
    expect(error.advice).toBe('The port is taken by your own handle "mine" (listening).');
    const both = await rival.socket("both", AF_INET, SOCK_STREAM);
    await both.bind("127.0.0.2", port);
    await both.listen();
    expect((await rejectionOf(wants.bind("127.0.0.2", port))).advice).toContain('taken by "both", a handle of your');
    await rival.stop();
  });

  test("a program: to both", async () => {
    const port = choosePort();
    const pid = await python(port);
    const rival = await otherProcess("rival");
    const wants = await rival.socket("wants", AF_INET, SOCK_STREAM);
    expect((await rejectionOf(wants.bind(LOOPBACK, port))).advice).toContain(`pid ${pid}, python`);
    const lines = paragraphs(await printed(() => sockets()));
    expect(lines.find((line) => line.startsWith("wants "))).toMatch(new RegExp(` rival, pid ${rival.pid}$`));
    await rival.stop();
  });
});

describe("an own handle with the same port is not in the way", () => {
  const listensAt = (port: number, address = LOOPBACK) => {
    const fd = calls.socket(AF_INET, SOCK_STREAM);
    calls.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    calls.bind(fd, { family: "AF_INET", address, port });
    calls.listen(fd, 1);
    return fd;
  };

  test("when it is for IPv6 alone, and the other way round", () => {
    for (const [own, wants] of [
      ["::", ANY],
      [ANY, "::"],
    ] as const) {
      const port = choosePort();
      const family = (address: string) => (address === "::" ? AF_INET6 : AF_INET);
      const handle = (name: string, address: string) => {
        const made = socket(name, family(address), SOCK_STREAM);
        if (address === "::") made.setsockopt(IPV6_V6ONLY, 1);
        return made;
      };
      const first = handle("first", own);
      first.bind(own, port);
      first.listen();
      const taker = calls.socket(family(wants), SOCK_STREAM);
      if (wants === "::") calls.setsockopt(taker, IPV6_V6ONLY.level, IPV6_V6ONLY, 1);
      calls.bind(
        taker,
        wants === "::"
          ? { family: "AF_INET6", address: wants, port, flowinfo: 0, scopeId: 0 }
          : { family: "AF_INET", address: wants, port },
      );
      calls.listen(taker, 1);
      expect(adviceOf(() => handle("second", wants).bind(wants, port))).toContain(
        `descriptor ${taker} of this notebook`,
      );
      calls.close(taker);
      handle("second", wants).bind(wants, port);
      closeAll();
    }
  });

  test("when it was accepted by a listener that is closed, and somebody else listens there by now", async () => {
    const port = choosePort();
    const server = socket("server", AF_INET, SOCK_STREAM);
    server.bind(LOOPBACK, port);
    server.listen();
    const client = socket("client", AF_INET, SOCK_STREAM);
    await client.connect(LOOPBACK, port);
    await server.accept();
    server.close();
    const again = () => socket("again", AF_INET, SOCK_STREAM).bind(LOOPBACK, port);
    again();
    socket("again", AF_INET, SOCK_STREAM).close();
    // A number, another process of the notebook, and a stranger.
    const fd = listensAt(port);
    expect(adviceOf(again)).toContain(`descriptor ${fd} of this notebook`);
    calls.close(fd);
    const rival = await otherProcess("rival");
    const listener = await rival.socket("listener", AF_INET, SOCK_STREAM);
    await listener.bind(LOOPBACK, port);
    await listener.listen();
    expect(adviceOf(again)).toContain(`by "listener", a handle of your other process "rival" (pid ${rival.pid})`);
    // And for the other process it is the same.
    await listener.close();
    const other = listensAt(port);
    const there = await rival.socket("there", AF_INET, SOCK_STREAM);
    expect((await rejectionOf(there.bind(LOOPBACK, port))).advice).toContain(`descriptor ${other} of this notebook`);
    calls.close(other);
    await rival.stop();
    // Without SO_REUSEADDR on both it is in the way.
    expect(adviceOf(() => plainSocket("plain").bind(LOOPBACK, port))).toBe(
      'The port is taken by your own handle "server→1" (a connection that is still open).',
    );
  });
});
