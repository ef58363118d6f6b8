import {
  AF_INET,
  AF_UNIX,
  ANY,
  calls,
  choosePort,
  LOOPBACK,
  SO_LINGER,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  socket,
} from "kernel-helpers";
import { errno } from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";
import { printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { withFaults } from "../support/faults.js";
import { EACH_KIND, KINDS, type Place, removePaths } from "../support/kinds.js";
import { codeOf, rejectionCode, rejectionOf } from "../support/outcome.js";
import { connected, datagram, deadPort, listening, streamPair } from "../support/pairs.js";
import { POLLERS, waitWith } from "../support/pollers.js";
import { PATIENCE_MS } from "../support/time.js";

guardDescriptors();
removePaths();

describe.each(POLLERS)("%s", (poller) => {
  waitWith(poller);
  describe.each(EACH_KIND)("%s", (_, kind) => {
    test("B12: accept on a socket that does not listen, is connected, or is a datagram socket", async () => {
      const { client } = await streamPair(kind);
      const fresh = socket("fresh", kind.family, SOCK_STREAM);
      expect(await rejectionCode(fresh.accept())).toBe("EINVAL");
      expect(await rejectionCode(client.accept())).toBe("EINVAL");
      expect(await rejectionCode(datagram(kind).receiver.accept())).toBe("EOPNOTSUPP");
    });

    test("B12: the wrong one of accept and receive is told at once, also while the right one waits", async () => {
      const { server, place } = listening(kind);
      const accepting = server.accept();
      for (const receive of [() => server.recv(), () => server.recvExactly(3), () => server.recvfrom()])
        expect(await rejectionCode(receive())).toBe(kind.family === AF_UNIX ? "EINVAL" : "ENOTCONN");
      const client = await connected(place, kind);
      const receiving = client.recv();
      expect(await rejectionCode(client.accept())).toBe("EINVAL");
      await (await accepting).send("x");
      expect(`${await receiving}`).toBe("x");
      const { receiver, place: mailbox } = datagram(kind);
      const first = receiver.recv();
      expect(await rejectionCode(receiver.accept())).toBe("EOPNOTSUPP");
      await socket("sender", kind.family, SOCK_DGRAM).sendto("y", ...mailbox);
      expect(`${await first}`).toBe("y");
    });

    test("B13: accept waits for a client that comes later", async () => {
      const { server, place } = listening(kind);
      const waiting = server.accept();
      const client = await connected(place, kind);
      const conversation = await waiting;
      await client.send("x");
      expect(`${await conversation.recv()}`).toBe("x");
      expect(conversation.name).toBe("server→1");
    });

    test("a client that came before is accepted at once; the numbers count up", async () => {
      const { server, place } = listening(kind);
      await connected(place, kind, "a");
      await connected(place, kind, "b");
      const names = [(await server.accept()).name, (await server.accept({ timeout: 0 })).name];
      expect(names).toEqual(["server→1", "server→2"]);
    });
  });
});

test("B11: a backlog of 0 lets one client in; the next waits, it is not refused", async () => {
  const { server, place } = listening(undefined, 0);
  await connected(place, undefined, "in");
  const second = socket("second", AF_INET, SOCK_STREAM);
  const waiting = second.connect(place[0], place[1], { timeout: PATIENCE_MS });
  expect(await rejectionCode(rest(place))).toBe("ERR_WAIT_TIMEOUT");
  // Room in the queue: the second client's SYN is repeated after a second, and gets in.
  await server.accept();
  await waiting;
  await server.accept();
});

/** Four more clients at the full queue: each still waits after 50 ms. */
async function rest(place: [string, number?]): Promise<void> {
  const outcomes = await Promise.allSettled(
    [3, 4, 5, 6].map((n) => socket(`client ${n}`, AF_INET, SOCK_STREAM).connect(place[0], place[1], { timeout: 50 })),
  );
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled" || outcome.reason.code !== "ERR_WAIT_TIMEOUT") return;
  }
  throw (outcomes[0] as PromiseRejectedResult).reason;
}

test("B13: on numbers, a non-blocking accept with nobody there is EAGAIN", () => {
  const listener = calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  calls.listen(listener, 1);
  expect(codeOf(() => calls.accept(listener))).toBe("EAGAIN");
  calls.close(listener);
});

test("B15: errors of a connection that died in the queue are skipped", async () => {
  const { server, place } = listening();
  await connected(place);
  const faults = [errno.ECONNABORTED!, errno.EPERM!, errno.EPROTO!, errno.EINTR!];
  const count = await withFaults("accept4", faults, async () => {
    expect((await server.accept()).name).toBe("server→1");
  });
  expect(count).toBe(5);
});

test("B15: thousands of them neither overflow the stack nor stop the event loop", async () => {
  const { server, place } = listening();
  await connected(place);
  let turns = 0;
  const clock = setInterval(() => turns++);
  await withFaults("accept4", new Array(2000).fill(errno.ECONNABORTED!), async () => {
    expect((await server.accept()).name).toBe("server→1");
  });
  clearInterval(clock);
  expect(turns).toBeGreaterThan(0);
});

test("B16: accept without a free descriptor says what to do; the client stays in the queue", async () => {
  const { server, place } = listening();
  await connected(place);
  await withFaults("accept4", [errno.EMFILE!], async () => {
    const error = await rejectionOf(server.accept());
    expect(error).toMatchObject({ code: "EMFILE", syscall: "accept" });
    expect(error.message).toMatch(/closeAll\(\).* 2 handles are open/);
  });
  expect((await server.accept({ timeout: 0 })).name).toBe("server→1");
});

test("B17: a client in the queue when the listener closes is reset", async () => {
  const { server, place } = listening();
  const client = await connected(place);
  server.close();
  expect(await rejectionCode(client.recv())).toBe("ECONNRESET");
});

test("a client that resets while it is in the queue is accepted all the same, and its recv says ECONNRESET", async () => {
  const { server, place } = listening();
  const client = await connected(place);
  client.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
  client.close();
  const conversation = await server.accept();
  expect(await rejectionCode(conversation.recv())).toBe("ECONNRESET");
});

test("the address that accept tells is the client's", async () => {
  const { server, place } = listening();
  const client = await connected(place);
  const conversation = await server.accept();
  expect(conversation.getpeername()).toEqual(client.getsockname());
  expect(conversation.getsockname()).toEqual(client.getpeername());
  expect(conversation.getsockname()).toEqual(server.getsockname());
});

test("an accepted handle never takes the name of an open one", async () => {
  const { server, place } = listening();
  const other = socket("server→1", AF_INET, SOCK_DGRAM);
  await connected(place);
  const conversation = await server.accept();
  expect(conversation.name).toBe("server→2");
  expect(other.closed).toBe(false);
});

test("a port where nobody listens stays free after refused clients", async () => {
  const port = deadPort();
  const client = socket("client", AF_INET, SOCK_STREAM);
  expect(await rejectionCode(client.connect(ANY, port))).toBe("ECONNREFUSED");
});

test("a client is said to be a handle that has closed only when it is that one", async () => {
  const said = async (action: () => unknown) => (await printed(action)).join(" ");
  const GONE = /This client was your handle/;
  // Unix-domain clients: none of them has an address.
  const local = listening(KINDS.AF_UNIX, 16, "local");
  (await connected(local.place, KINDS.AF_UNIX, "first")).close();
  await local.server.accept();
  await connected(local.place, KINDS.AF_UNIX, "second");
  expect(await said(() => local.server.accept())).not.toMatch(GONE);
  // Another client has the port by now: of another server, and of the same one.
  const [one, other] = [listening(undefined, 16, "one"), listening(undefined, 16, "other")];
  const port = choosePort();
  const client = async (name: string, place: Place) => {
    const handle = socket(name, AF_INET, SOCK_STREAM);
    handle.bind(LOOPBACK, port);
    await handle.connect(...place);
    return handle;
  };
  const before = await client("before", one.place);
  // Who closes first keeps the port: so that is the other end.
  (await one.server.accept()).close();
  before.close();
  const after = await client("after", other.place);
  const text = await said(() => other.server.accept());
  expect(text).toContain(`127.0.0.1:${port}`);
  expect(text).not.toMatch(GONE);
  after.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
  after.close();
  await client("again", one.place);
  expect(await said(() => one.server.accept())).not.toMatch(GONE);
});
