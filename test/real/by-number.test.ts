import {
  AF_INET,
  AF_INET6,
  calls,
  choosePort,
  closeAll,
  LOOPBACK,
  LOOPBACK6,
  otherProcess,
  SHUT_WR,
  SO_ERROR,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
  trace,
} from "kernel-helpers";
import { afterEach, describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { failureOf, rejectionOf } from "../support/outcome.js";
import { connected, datagram, deadPort, listening } from "../support/pairs.js";

/*
 * Calls on numbers: what is said of a handle is said of a number, and a handle whose number is used knows what has become of its socket.
 */

guardDescriptors();
trace.off();
afterEach(closeAll);

const inet = (port: number, address = LOOPBACK) => ({ family: "AF_INET", address, port }) as const;
const inet6 = (port: number) => ({ family: "AF_INET6", address: LOOPBACK6, port, flowinfo: 0, scopeId: 0 }) as const;
const UNSPEC = { family: "AF_UNSPEC" } as const;

/** What an action says under its lines. */
async function saidBy(action: () => unknown): Promise<string[]> {
  return paragraphs(await printed(action))
    .filter((line) => line.startsWith("  "))
    .map((line) => line.trim());
}

const sentence = (who: string, place: string): string =>
  `${who} is connected to itself: both of its ends are ${place}, and it receives what it sends. No other socket has a part in it. Its SYN met itself, which TCP takes for a simultaneous open (RFC 9293, section 3.5).`;

describe("a number that is connected to itself", () => {
  test.each([
    ["IPv4", AF_INET, inet, (port: number) => `${LOOPBACK}:${port}`],
    ["IPv6", AF_INET6, inet6, (port: number) => `[${LOOPBACK6}]:${port}`],
  ])("%s: it is said, and so it is", async (_, family, address, place) => {
    const port = choosePort();
    const fd = calls.socket(family, SOCK_STREAM);
    calls.bind(fd, address(port));
    expect(await saidBy(() => calls.connect(fd, address(port)))).toEqual([sentence(`Descriptor ${fd}`, place(port))]);
    calls.send(fd, "hello");
    const memory = Buffer.alloc(5);
    calls.recv(fd, memory);
    expect(`${memory}`).toBe("hello");
    calls.close(fd);
  });

  test("one that does not block: once, however the learner finds out how the connect ended", async () => {
    for (const finish of [
      (fd: number, port: number) => calls.connect(fd, inet(port)),
      (fd: number) => expect([...calls.getsockopt(fd, SOL_SOCKET, SO_ERROR)]).toEqual([0, 0, 0, 0]),
    ]) {
      const port = choosePort();
      const fd = calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
      calls.bind(fd, inet(port));
      const said = await saidBy(() => {
        expect(failureOf(() => calls.connect(fd, inet(port))).code).toBe("EINPROGRESS");
        finish(fd, port);
      });
      expect(said).toEqual([sentence(`Descriptor ${fd}`, `${LOOPBACK}:${port}`)]);
      calls.close(fd);
    }
  });

  test("by way of 0.0.0.0, which leads to this machine", async () => {
    const port = choosePort();
    const fd = calls.socket(AF_INET, SOCK_STREAM);
    calls.bind(fd, inet(port));
    expect(await saidBy(() => calls.connect(fd, inet(port, "0.0.0.0")))).toEqual([
      sentence(`Descriptor ${fd}`, `${LOOPBACK}:${port}`),
    ]);
    calls.close(fd);
  });

  test("a datagram socket; again when it was somewhere else meanwhile", async () => {
    const port = choosePort();
    const fd = calls.socket(AF_INET, SOCK_DGRAM);
    calls.bind(fd, inet(port));
    const words = `Descriptor ${fd} sends to itself: ${LOOPBACK}:${port} is its own address, and it receives what it sends.`;
    expect(await saidBy(() => calls.connect(fd, inet(port)))).toEqual([words]);
    expect(await saidBy(() => calls.connect(fd, UNSPEC))).toEqual([]);
    expect(await saidBy(() => calls.connect(fd, inet(port)))).toEqual([words]);
    calls.close(fd);
  });

  test("nothing is said of a number that is connected to another socket, nor asked in a printed line", async () => {
    const { place } = listening();
    const fd = calls.socket(AF_INET, SOCK_STREAM);
    const lines = await printed(() => calls.connect(fd, inet(place[1]!)), "exact");
    expect(lines.map((line) => line.replace(/^calls +(\w+)\(.*$/, "$1"))).toEqual(["setsockopt", "connect"]);
    calls.close(fd);
  });

  test("a handle, and a handle of another process", async () => {
    const rival = await otherProcess("rival");
    for (const [name, open] of [
      ["mine", () => socket("mine", AF_INET, SOCK_STREAM)],
      ["theirs", () => rival.socket("theirs", AF_INET, SOCK_STREAM)],
    ] as const) {
      const port = choosePort();
      const handle = await open();
      await handle.bind(LOOPBACK, port);
      expect(await saidBy(() => handle.connect(LOOPBACK, port))).toEqual([
        sentence(`"${name}"`, `${LOOPBACK}:${port}`),
      ]);
    }
    await rival.stop();
  });
});

describe("connect(AF_UNSPEC) takes back what connect(2) has done", () => {
  test.each([
    ["IPv4", AF_INET, inet, "0.0.0.0"],
    ["IPv6", AF_INET6, inet6, "::"],
  ])(
    "%s datagrams: the destination and the port that was chosen are gone, and others are heard again",
    (_, family, address, none) => {
      const [socket, peer, stranger] = [0, 1, 2].map(() => calls.socket(family, SOCK_DGRAM | SOCK_NONBLOCK)) as [
        number,
        number,
        number,
      ];
      for (const fd of [peer, stranger]) calls.bind(fd, address(0));
      calls.connect(socket, calls.getsockname(peer)!);
      expect(calls.getsockname(socket)).not.toMatchObject({ port: 0 });
      calls.sendto(stranger, "not heard", calls.getsockname(socket)!);
      calls.connect(socket, UNSPEC);
      expect(calls.getsockname(socket)).toMatchObject({ address: none, port: 0 });
      expect(failureOf(() => calls.getpeername(socket)).code).toBe("ENOTCONN");
      calls.bind(socket, address(0));
      calls.sendto(stranger, "heard", calls.getsockname(socket)!);
      const memory = Buffer.alloc(9);
      expect(memory.toString("utf8", 0, calls.recv(socket, memory))).toBe("heard");
      for (const fd of [socket, peer, stranger]) calls.close(fd);
    },
  );

  test("TCP, on Linux: RST ends the connection, the socket connects anew, and a listener listens no more", () => {
    const [listener, client] = [calls.socket(AF_INET, SOCK_STREAM), calls.socket(AF_INET, SOCK_STREAM)];
    calls.bind(listener, inet(0));
    calls.listen(listener, 1);
    const at = calls.getsockname(listener)!;
    calls.connect(client, at);
    const { fd: accepted } = calls.accept(listener);
    calls.connect(client, UNSPEC);
    expect(failureOf(() => calls.recv(accepted, Buffer.alloc(1))).code).toBe("ECONNRESET");
    expect(failureOf(() => calls.getpeername(client)).code).toBe("ENOTCONN");
    calls.connect(client, at);
    expect(calls.getpeername(client)).toEqual(at);
    calls.connect(listener, UNSPEC);
    expect(failureOf(() => calls.accept(listener)).code).toBe("EINVAL");
    for (const fd of [listener, client, accepted]) calls.close(fd);
  });
});

describe("a handle whose number was used", () => {
  test("connect(AF_UNSPEC) takes the peer away, and the handle speaks of none", async () => {
    const { receiver, place } = datagram();
    const sender = socket("sender", AF_INET, SOCK_DGRAM);
    await sender.connect(...place);
    calls.connect(sender.fd, UNSPEC);
    expect((await rejectionOf(sender.recv(1, 0, { timeout: 1 }))).message).toContain("and nothing has arrived. ");
    expect(failureOf(() => sender.getpeername()).code).toBe("ENOTCONN");
    expect(await rejectionOf(sender.send("x"))).toMatchObject({ code: "EDESTADDRREQ" });
    calls.connect(sender.fd, inet(place[1]!));
    expect((await rejectionOf(sender.recv(1, 0, { timeout: 1 }))).message).toContain(
      `nothing has arrived from ${place.join(":")}`,
    );
    await sender.send("x");
    expect((await receiver.recvfrom()).from.port).toBe(sender.getsockname().port);
  });

  test("bind: the handle knows that it has an address", async () => {
    const handle = socket("handle", AF_INET, SOCK_DGRAM);
    calls.bind(handle.fd, inet(0));
    expect(failureOf(() => handle.bind(LOOPBACK, 0)).message).toContain(
      "The socket has an address already: a socket is",
    );
  });

  test("SO_REUSEADDR that was switched off stays off when the handle binds", () => {
    const handle = socket("handle", AF_INET, SOCK_STREAM);
    calls.setsockopt(handle.fd, SOL_SOCKET, SO_REUSEADDR, 0);
    handle.bind(LOOPBACK, 0);
    expect(handle.getsockopt(SO_REUSEADDR)).toBe(0);
  });

  test("shutdown takes a handshake back that a connect of the handle waits for", async () => {
    const { place } = listening(undefined, 0);
    await connected(place, undefined, "in the queue");
    const late = socket("late", AF_INET, SOCK_STREAM);
    const waiting = rejectionOf(late.connect(...place));
    calls.shutdown(late.fd, SHUT_WR);
    const error = await waiting;
    expect(error.code).toBe("ECONNRESET");
    expect(error.message).toContain('shutdown() on "late" took the handshake back.');
  });

  test("shutdown before a connect of the handle is told that nobody listens: it is told that, and not EINVAL", async () => {
    const late = socket("late", AF_INET, SOCK_STREAM);
    const waiting = rejectionOf(late.connect(LOOPBACK, deadPort()));
    expect(failureOf(() => calls.shutdown(late.fd, SHUT_WR)).code).toBe("ENOTCONN");
    expect((await waiting).code).toBe("ECONNREFUSED");
  });

  test("the name of a handle can be that of the lane of numbers", async () => {
    const port = choosePort();
    const handle = socket("calls", AF_INET, SOCK_STREAM);
    handle.bind(LOOPBACK, port);
    expect(await saidBy(() => handle.connect(LOOPBACK, port))).toEqual([sentence('"calls"', `${LOOPBACK}:${port}`)]);
  });
});
