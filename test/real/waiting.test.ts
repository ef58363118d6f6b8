import { getEventListeners } from "node:events";
import { closeSync } from "node:fs";
import {
  AF_INET,
  calls,
  type Handle,
  LOOPBACK,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  TimeoutError,
  trace,
} from "kernel-helpers";
import { describe, expect, test, vi } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { EACH_KIND, placeOf, removePaths } from "../support/kinds.js";
import { duration, rejectionCode, rejectionOf, turn } from "../support/outcome.js";
import { connected, datagram, listening, streamPair } from "../support/pairs.js";
import { POLLERS, waitWith } from "../support/pollers.js";
import { EACH_THROWN, revoked, thrown } from "../support/thrown.js";
import { SOON } from "../support/time.js";

guardDescriptors();
removePaths();

/** What a wait that is over became, or "pending". */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  return Promise.race([promise.then(String, (error: Error) => error.name), turn().then(() => "pending")]);
}

function revokeReason(controller: AbortController): void {
  controller.abort(revoked());
}

function shadowReason(signal: AbortSignal): void {
  Object.defineProperty(signal, "reason", {
    get() {
      throw new Error("mine");
    },
  });
}

/** So many connected pairs, all from one listener. */
async function pairs(count: number): Promise<{ clients: Handle[]; servers: Handle[] }> {
  const { server: listener, place } = listening(undefined, count);
  const clients: Handle[] = [];
  const servers: Handle[] = [];
  for (let i = 0; i < count; i++) {
    clients.push(await connected(place, undefined, `client ${i}`));
    servers.push(await listener.accept());
  }
  return { clients, servers };
}

/** A datagram handle that has this descriptor, which is free: the numbers below it are used up first. */
function socketWithNumber(fd: number): Handle {
  for (let i = 0; ; i++) {
    const handle = socket(`number ${i}`, AF_INET, SOCK_DGRAM);
    if (handle.fd >= fd) {
      expect(handle.fd).toBe(fd);
      return handle;
    }
  }
}

describe.each(POLLERS)("%s", (poller) => {
  waitWith(poller);

  describe.each(EACH_KIND)("%s", (_, kind) => {
    test("W1: closing a listener ends an accept that waits, at once", async () => {
      const { server } = listening(kind);
      const waiting = server.accept();
      await turn();
      server.close();
      expect(await stateOf(waiting)).toBe("ClosedError");
      const error = await rejectionOf(waiting);
      expect(error).toMatchObject({ code: "EBADF", syscall: "accept", handle: "server", fd: server.fd });
      expect(error.message).toMatch(/^accept\(\d+\) on "server" ended: the handle was closed\. It was closed\./);
    });

    test("W2: closing a stream ends a recv and a send that wait", async () => {
      const { client } = await streamPair(kind);
      const sending = client.sendAll(Buffer.alloc(20_000_000));
      const receiving = [client.recv(), client.recv()];
      await turn();
      client.close();
      expect(await rejectionOf(sending)).toMatchObject({ name: "ClosedError", syscall: "send" });
      for (const wait of receiving)
        expect(await rejectionOf(wait)).toMatchObject({ name: "ClosedError", syscall: "recv" });
    });

    test("W4: waits are served in the order in which they began", async () => {
      const { client, server } = await streamPair(kind);
      const waits = ["first", "second", "third"].map(() => server.recv(1));
      await turn();
      await client.send("abc");
      expect((await Promise.all(waits)).map(String)).toEqual(["a", "b", "c"]);
    });

    test("W5: recv and send wait on one handle without disturbing each other", async () => {
      const { client, server } = await streamPair(kind);
      const data = Buffer.alloc(6_000_000, "x");
      const sending = client.sendAll(data);
      const receiving = client.recv();
      await turn();
      await server.send("answer");
      expect(`${await receiving}`).toBe("answer");
      expect(await stateOf(sending)).toBe("pending");
      for (let got = 0; got < data.byteLength; ) got += (await server.recv(1_000_000)).byteLength;
      await sending;
    });

    test("W6: a wait that is cancelled takes nothing: the next recv gets all of it", async () => {
      const { client, server } = await streamPair(kind);
      for (let i = 0; i < 20; i++) {
        const controller = new AbortController();
        const cancelled = server.recv(100, 0, { signal: controller.signal });
        await turn();
        // The data is there before the cancelling, in the same turn: either may win, but nothing may be lost.
        const sending = client.send(`message ${i}`);
        controller.abort(new Error("enough"));
        await sending;
        expect((await rejectionOf(cancelled)).message).toBe("enough");
        expect(`${await server.recv()}`).toBe(`message ${i}`);
      }
    });

    test("W10: two wait, one datum comes: the other goes on waiting", async () => {
      const { client, server } = await streamPair(kind);
      const [first, second] = [server.recv(), server.recv()];
      await turn();
      await client.send("one");
      expect(`${await first}`).toBe("one");
      expect(await stateOf(second)).toBe("pending");
      await client.send("two");
      expect(`${await second}`).toBe("two");
    });
  });

  test("W8: timeout 0 is one try; 1 µs to 60 ms end with a TimeoutError; Infinity and 2**53 wait", async () => {
    const { client, server } = await streamPair();
    await client.send("x");
    expect(`${await server.recv(1, 0, { timeout: 0 })}`).toBe("x");
    for (const timeout of [0, 1e-3, 0.5, 1, 2, 10, 30, 60]) {
      const ms = await duration(async () => {
        const error = await rejectionOf(server.recv(1, 0, { timeout }));
        expect(error).toBeInstanceOf(TimeoutError);
        expect(error).toMatchObject({ code: "ERR_WAIT_TIMEOUT", call: `recv(${server.fd}, 1)`, handle: "server→1" });
      });
      expect(ms).toBeGreaterThanOrEqual(Math.floor(timeout) - 1);
      expect(ms).toBeLessThan(timeout + SOON);
    }
    for (const timeout of [Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 31]) {
      const waiting = server.recv(1, 0, { timeout });
      expect(await stateOf(waiting)).toBe("pending");
      await client.send("y");
      expect(`${await waiting}`).toBe("y");
    }
  });

  test("W9: after a timeout nothing is taken: the data comes with the next call", async () => {
    const { receiver, place } = datagram();
    const error = await rejectionOf(receiver.recvfrom(10, 0, { timeout: 5 }));
    expect(error.message).toMatch(/^recvfrom\(\d+, 10\) waited 5 ms and nothing has arrived\. Run the cell in which/);
    const sender = socket("sender", AF_INET, SOCK_DGRAM);
    await sender.sendto("later", ...place);
    expect(`${(await receiver.recvfrom()).data}`).toBe("later");
  });

  test("the default deadline of 10 s starts when the wait is awaited, and not before", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { server } = listening();
      const began = server.accept();
      vi.advanceTimersByTime(3_600_000);
      await turn();
      let error: Error | undefined;
      began.catch((reason) => {
        error = reason;
      });
      vi.advanceTimersByTime(9_999);
      await turn();
      expect(error).toBeUndefined();
      vi.advanceTimersByTime(1);
      await turn();
      expect(error).toBeInstanceOf(TimeoutError);
      const { port } = server.getsockname();
      expect(error!.message).toBe(
        `accept(${server.fd}) waited 10 s and no client has connected to 127.0.0.1:${port}. Run the cell with client.connect(…), or leave out \`await\` to let accept wait in the background.`,
      );
    } finally {
      vi.useRealTimers();
    }
  });

  test("W12: a descriptor closed behind the library: its wait ends when it is cancelled, and later waits work", async () => {
    const { client, server } = await streamPair();
    const controller = new AbortController();
    const waiting = server.recv(10, 0, { signal: controller.signal });
    await turn();
    await turn();
    closeSync(server.fd);
    controller.abort(new Error("cancelled"));
    expect((await rejectionOf(waiting)).message).toBe("cancelled");
    const receiver = socketWithNumber(server.fd);
    receiver.bind(LOOPBACK, 0);
    const place = placeOf(receiver);
    const receiving = receiver.recv();
    await turn();
    const sender = socket("sender", AF_INET, SOCK_DGRAM);
    await sender.sendto("arrives", ...place);
    expect(`${await receiving}`).toBe("arrives");
    expect((await client.recv()).byteLength).toBe(0);
  });

  test("W12: a wait that is armed after the descriptor was closed behind the library fails with its errno", async () => {
    const { server } = await streamPair();
    const waiting = server.recv();
    closeSync(server.fd);
    expect(await rejectionCode(waiting)).toBe("EBADF");
    expect(await rejectionCode(async () => server.recv())).toBe("EBADF");
    expect(`${server}`).toContain("[closed]");
  });

  test("W12: when its number belongs to another handle, the old handle is closed, and closing it closes nothing", async () => {
    const { server } = await streamPair();
    closeSync(server.fd);
    const next = socketWithNumber(server.fd);
    expect(server.closed).toBe(true);
    server.close();
    expect((await rejectionOf(async () => server.recv())).message).toContain("something else has its number");
    next.bind(LOOPBACK, 0);
    expect(next.getsockname().port).toBeGreaterThan(0);
  });

  test("a handle cannot be made blocking: its next wait would stop everything", async () => {
    const { server } = await streamPair();
    const [F_SETFL, O_NONBLOCK] = [4, 2048];
    expect(() => calls.fcntl(server.fd, F_SETFL, 0)).toThrow(/belongs to the handle "server→1"/);
    calls.fcntl(server.fd, F_SETFL, O_NONBLOCK);
    expect(await rejectionCode(server.recv(1, 0, { timeout: 0 }))).toBe("ERR_WAIT_TIMEOUT");
    const own = calls.socket(AF_INET, SOCK_STREAM);
    calls.fcntl(own, F_SETFL, 0);
    calls.close(own);
  });

  test("W12: calls.close() of a handle's descriptor closes the handle: its waits end", async () => {
    const { server } = await streamPair();
    const waiting = server.recv();
    await turn();
    calls.close(server.fd);
    expect((await rejectionOf(waiting)).message).toContain("Its descriptor was closed");
    expect(server.closed).toBe(true);
  });

  test("W15: the main thread is busy while 400 waits become ready: all are served afterwards", async () => {
    const { clients, servers } = await pairs(400);
    const waits = servers.map((server) => server.recv());
    await turn();
    await turn();
    for (const client of clients) calls.send(client.fd, client.name);
    const until = performance.now() + 300;
    while (performance.now() < until) Math.random();
    const ms = await duration(async () => {
      expect((await Promise.all(waits)).map(String)).toEqual(clients.map(({ name }) => name));
    });
    expect(ms).toBeLessThan(SOON);
  });

  test("a signal that is aborted already: nothing is tried", async () => {
    const { client, server } = await streamPair();
    await client.send("kept");
    const signal = AbortSignal.abort(new Error("before"));
    for (const wait of [
      server.recv(10, 0, { signal }),
      server.send("x", 0, { signal }),
      server.sendAll("x", { signal }),
    ]) {
      expect((await rejectionOf(wait)).message).toBe("before");
    }
    expect(`${await server.recv()}`).toBe("kept");
  });

  test("a signal whose reason does not let itself be asked what it is, or be read at all, ends a wait too", async () => {
    const { server } = await streamPair();
    for (const spoil of [revokeReason, (controller: AbortController) => shadowReason(controller.signal)]) {
      const controller = new AbortController();
      const waiting = rejectionOf(server.recv(1, 0, { signal: controller.signal }));
      await turn();
      spoil(controller);
      controller.abort();
      const { name, message } = await waiting;
      expect([name, message]).toEqual(["TypeError", expect.stringContaining("reason cannot be read")]);
      expect(await rejectionOf(server.recv(1, 0, { signal: controller.signal }))).toMatchObject({ message });
    }
  });

  test("AbortSignal.timeout ends a wait with its own reason", async () => {
    const { server } = await streamPair();
    const error = await rejectionOf(server.recv(1, 0, { signal: AbortSignal.timeout(5) }));
    expect(error.name).toBe("TimeoutError");
  });

  test("a signal is let go when the wait ends", async () => {
    const { client, server } = await streamPair();
    const { signal } = new AbortController();
    const waiting = server.recv(1, 0, { signal });
    await turn();
    expect(getEventListeners(signal, "abort").length).toBe(1);
    await client.send("x");
    await waiting;
    expect(getEventListeners(signal, "abort").length).toBe(0);
  });

  /** What a learner's signal can have in the place of what each signal has. */
  const refuses = (): never => {
    throw new Error("HOSTILE");
  };
  test.each<[string, object]>([
    ["lets nobody go", { removeEventListener: refuses }],
    ["tells nobody", { addEventListener: () => {} }],
    ["does not let itself be listened to", { addEventListener: refuses }],
    ["does not say whether it was aborted", { aborted: { get: refuses } }],
  ])(
    "a signal with something of its own, which %s, ends a wait as ever, and is let go by one that ends otherwise",
    async (_, own) => {
      const { client, server } = await streamPair();
      const controller = new AbortController();
      const { signal } = controller;
      for (const [name, value] of Object.entries(own))
        Object.defineProperty(signal, name, typeof value === "function" ? { value } : value);
      const waiting = server.recv(1, 0, { signal });
      await turn();
      await client.send("x");
      expect(String(await waiting)).toBe("x");
      const ended = rejectionOf(server.recv(1, 0, { signal }));
      await turn();
      controller.abort(new Error("mine"));
      expect((await ended).message).toBe("mine");
      expect(getEventListeners(signal, "abort").length).toBe(0);
    },
  );

  test("what has the prototype of a signal and is none is refused", async () => {
    const { server } = await streamPair();
    const signal = Object.create(AbortSignal.prototype) as AbortSignal;
    expect(() => server.recv(1, 0, { signal })).toThrow("signal is the signal of an AbortController.");
  });

  test("a rejection that nobody looks at is not reported as unhandled", async () => {
    const seen: unknown[] = [];
    const note = (reason: unknown) => seen.push(reason);
    process.on("unhandledRejection", note);
    const { server } = listening();
    const { receiver } = datagram();
    server.accept();
    receiver.recv(1, 0, { timeout: 0 });
    receiver.recv(1, 0, { signal: AbortSignal.abort() });
    socket("client", AF_INET, SOCK_STREAM).connect(LOOPBACK, 1);
    server.close();
    await turn();
    await turn();
    process.off("unhandledRejection", note);
    expect(seen).toEqual([]);
  });

  test("what then() and catch() of a wait return are ordinary promises", async () => {
    const { client, server } = await streamPair();
    const waiting = server.recv();
    const chained = waiting.then((data) => `${data}!`);
    expect(chained.constructor).toBe(Promise);
    expect(waiting.finally(() => {}).constructor).toBe(Promise);
    await client.send("x");
    expect(await chained).toBe("x!");
    expect(`${await waiting}`).toBe("x");
  });

  test("a hundred waits that are cancelled in random order lose no byte", async () => {
    const { client, server } = await streamPair();
    let sent = "";
    // In the order of the calls: a result that is handed over in the next turn comes after one that was waited for.
    const got: string[] = [];
    for (let round = 0; round < 100; round++) {
      const controllers = [0, 1, 2, 3].map(() => new AbortController());
      const waits = controllers.map(({ signal }) => {
        const at = got.push("") - 1;
        return server.recv(3, 0, { signal }).then(
          (data) => {
            got[at] = String(data);
          },
          () => {},
        );
      });
      const text = `${round};`;
      if (round % 3 === 0) await turn();
      calls.send(client.fd, text);
      sent += text;
      if (round % 2 === 0) await turn();
      for (const index of [3, 1, 0, 2]) controllers[index]!.abort();
      await Promise.all(waits);
    }
    client.close();
    for (let data = await server.recv(); data.byteLength > 0; data = await server.recv()) got.push(String(data));
    expect(got.join("")).toBe(sent);
  });
});

/** Waits that a learner's signal can end, whatever reason it gives. */
const ABORTED: [what: string, wait: (signal: AbortSignal) => Promise<[wait: Promise<unknown>, handle: Handle]>][] = [
  [
    "accept",
    async (signal) => {
      const { server } = listening();
      return [server.accept({ signal }), server];
    },
  ],
  [
    "connect",
    async (signal) => {
      const { place } = listening(undefined, 0);
      await connected(place, undefined, "in the queue");
      const client = socket("client", AF_INET, SOCK_STREAM);
      return [client.connect(place[0], place[1], { signal }), client];
    },
  ],
  [
    "recv",
    async (signal) => {
      const { server } = await streamPair();
      return [server.recv(10, 0, { signal }), server];
    },
  ],
  [
    "recvExactly, when some has come",
    async (signal) => {
      const { client, server } = await streamPair();
      await client.send("some");
      return [server.recvExactly(10, { signal }), server];
    },
  ],
  [
    "sendAll",
    async (signal) => {
      const { client } = await streamPair();
      return [client.sendAll(Buffer.alloc(20_000_000), { signal }), client];
    },
  ],
  [
    "recvfrom",
    async (signal) => {
      const { receiver } = datagram();
      return [receiver.recvfrom(10, 0, { signal }), receiver];
    },
  ],
];

describe.each(ABORTED)("a signal ends %s with whatever is its reason", (_, begin) => {
  test.each(EACH_THROWN)("%s", async (name) => {
    const reason = thrown(name);
    const controller = new AbortController();
    const [wait, handle] = await begin(controller.signal);
    await turn();
    await turn();
    controller.abort(reason);
    // What cannot be asked what it is is told so, in its place.
    const rejected = await wait.then(
      () => "it was not",
      (error: unknown) => error === reason || String(error).includes("reason cannot be read"),
    );
    expect(rejected).toBe(true);
    expect(trace.steps().filter(({ end }) => end === undefined)).toEqual([]);
    expect(String(handle)).toContain(handle.name);
  });
});
