import {
  AF_INET,
  calls,
  closeAll,
  datagrams,
  type Handle,
  LOOPBACK,
  type ServeOptions,
  type Server,
  SHUT_RD,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_STREAM,
  serve,
  socket,
  trace,
} from "kernel-helpers";
import { errno } from "kernel-helpers/dist/facts/index.js";
import { describe, expect, test } from "vitest";
import { guardDescriptors } from "../../support/descriptors.js";
import { withFaults } from "../../support/faults.js";
import { KINDS } from "../../support/kinds.js";
import { rejectionCode, turn } from "../../support/outcome.js";
import { connected } from "../../support/pairs.js";
import { EACH_THROWN, thrown } from "../../support/thrown.js";
import { PATIENCE_MS } from "../../support/time.js";

/* What ends a conversation, what ends a server, and what ends neither. */

guardDescriptors();

const echo = (options: ServeOptions = {}): Promise<Server> =>
  serve("echo", options, async (conversation) => {
    for await (const data of conversation) await conversation.sendAll(data);
  });

const client = (server: Server, name = "client"): Promise<Handle> =>
  connected([server.address, server.port], KINDS.AF_INET!, name);

async function answer(handle: Handle, text: string): Promise<string> {
  await handle.sendAll(text);
  return String(await handle.recvExactly(text.length));
}

/** The descriptor of its listening socket. */
const descriptorOf = (server: Server): number =>
  trace.steps().findLast(({ handle, name }) => handle === server.name && name === "listen")!.fd!;

/** Something that ends when the test says so. */
function gate(): { open(): void; readonly opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

describe("whatever a conversation throws, it ends alone and is counted", () => {
  test.each(EACH_THROWN)("%s", async (name) => {
    const value = thrown(name);
    const server = await serve("server", {}, async (conversation) => {
      const data = await conversation.recv();
      if (String(data) === "bad") throw value;
      await conversation.sendAll(data);
    });
    const [bad, good] = [await client(server, "bad"), await client(server, "good")];
    await bad.send("bad");
    expect((await bad.recv()).byteLength).toBe(0);
    await expect.poll(() => [server.clients, server.failed]).toEqual([1, 1]);
    expect(server.lastError === value).toBe(true);
    expect(String(server)).toMatch(/1 client now, 0 served, 1 failed \(the last error: [^\n]{1,600}\)$/);
    expect(await answer(good, "good")).toBe("good");
    await expect.poll(() => server.served).toBe(1);
  });

  test.each(EACH_THROWN)("for datagrams, and its function is called again: %s", async (name) => {
    const value = thrown(name);
    const server = await serve("server", { type: SOCK_DGRAM }, async (mailbox) => {
      const { data, from } = await mailbox.recvfrom();
      if (String(data) === "bad") throw value;
      await mailbox.sendto(data, from.address, from.port);
    });
    const asker = socket("asker", AF_INET, SOCK_DGRAM);
    for (const text of ["bad", "good"]) await asker.sendto(text, LOOPBACK, server.port);
    expect(String(await asker.recv())).toBe("good");
    expect([server.failed, server.lastError === value]).toEqual([1, true]);
    expect(String(server)).toContain("1 failed (the last error: ");
  });

  test("for datagrams it rests before it is called again: one that always fails does not keep the processor", async () => {
    const began = performance.now();
    const server = await serve("server", { type: SOCK_DGRAM }, async () => {
      await turn();
      throw new Error("always");
    });
    await expect.poll(() => server.failed, { interval: 5 }).toBeGreaterThan(2);
    expect(server.failed).toBeLessThanOrEqual((performance.now() - began) / 90 + 1);
  });

  test("a conversation that is closed by its own function, by another cell or by stop() has not failed", async () => {
    const talks: Handle[] = [];
    const server = await serve("server", {}, async (conversation) => {
      talks.push(conversation);
      const [kind] = await conversation.recvExactly(1);
      if (kind === 0x63) conversation.close();
      await conversation.sendAll("!");
      await conversation.recv();
    });
    const [one, two, three] = [await client(server, "one"), await client(server, "two"), await client(server, "three")];
    await expect.poll(() => talks.length).toBe(3);
    await one.send("c");
    expect((await one.recv()).byteLength).toBe(0);
    for (const waits of [two, three]) expect(await answer(waits, "!")).toBe("!");
    await expect.poll(() => [server.clients, server.served]).toEqual([2, 1]);
    talks[1]!.close();
    expect((await two.recv()).byteLength).toBe(0);
    await expect.poll(() => [server.clients, server.served]).toEqual([1, 2]);
    await server.stop({ within: 0 });
    expect([server.served, server.failed, server.lastError]).toEqual([3, 0, undefined]);
  });
});

describe("accept fails", () => {
  test.each(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])(
    "%s passes: the server pauses, says so, and the client that waits is served",
    async (code) => {
      const server = await echo();
      const seen = new Set<string>();
      const made = await withFaults("accept4", [errno[code]!, errno[code]!], async () => {
        const one = await client(server);
        await one.send("hello");
        await expect.poll(() => server.state, { interval: 5 }).toBe("paused");
        seen.add(String(server));
        expect(String(await one.recvExactly(5, { timeout: PATIENCE_MS }))).toBe("hello");
      });
      expect([...seen][0]).toMatch(new RegExp(`waits for a free descriptor.*\\(the last error: .*${code}`));
      expect([server.state, server.clients, server.failed]).toEqual(["listening", 1, 0]);
      // Two in vain, the client, and one that waits for the next: while it pauses it does not try.
      expect(made).toBe(4);
    },
  );

  test.each([
    ...["ENETDOWN", "EPROTO", "ENOPROTOOPT", "EHOSTDOWN", "ENONET", "EHOSTUNREACH", "EOPNOTSUPP", "ENETUNREACH"],
    ...["ECONNABORTED", "EPERM", "EINTR"],
  ])("%s is of one connection: the next one is accepted", async (code) => {
    const server = await echo();
    await withFaults("accept4", [errno[code]!, errno[code]!], async () => {
      expect(await answer(await client(server), "hello")).toBe("hello");
    });
    expect([server.state, server.lastError]).toEqual(["listening", undefined]);
  });

  test("EINVAL is of the listening socket itself: the server has ended, and says why", async () => {
    const server = await echo();
    calls.shutdown(descriptorOf(server), SHUT_RD);
    await expect.poll(() => server.state).toBe("stopped");
    expect(server.lastError).toMatchObject({ code: "EINVAL", syscall: "accept" });
    expect(String(server)).toMatch(/^echo: cannot accept any more, and listened on .*EINVAL/);
    expect(await rejectionCode(client(server))).toBe("ECONNREFUSED");
    await server.stop();
  });
});

describe("stop()", () => {
  test("it lets conversations end while it accepts nobody, and says so until the last of them has ended", async () => {
    const { open, opened } = gate();
    const server = await serve("server", {}, async (conversation) => {
      for await (const data of conversation) await conversation.sendAll(data);
      await opened;
      await conversation.sendAll("bye");
    });
    const one = await client(server);
    expect(await answer(one, "hello")).toBe("hello");
    const stopping = server.stop({ within: PATIENCE_MS });
    for (let i = 0; i < 20; i++) await turn();
    expect([server.state, server.clients]).toEqual(["stopping", 1]);
    expect(String(server)).toMatch(/^server: lets its conversations end, and listens no longer on .*; 1 client now/);
    expect(await rejectionCode(client(server, "late"))).toBe("ECONNREFUSED");
    open();
    expect(String(await one.recvExactly(3))).toBe("bye");
    await stopping;
    expect([server.state, server.clients, server.served]).toEqual(["stopped", 0, 1]);
  });

  test("for datagrams it returns when the function has ended", async () => {
    const { open, opened } = gate();
    let ended = false;
    const server = await serve("server", { type: SOCK_DGRAM }, async (mailbox) => {
      try {
        for await (const _ of mailbox);
      } finally {
        await opened;
        ended = true;
      }
    });
    const stopping = server.stop({ within: PATIENCE_MS });
    for (let i = 0; i < 20; i++) await turn();
    expect(server.state).toBe("stopping");
    open();
    await stopping;
    expect([server.state, ended]).toEqual(["stopped", true]);
  });

  test("for datagrams a function that does not end is waited for no longer than it may take", async () => {
    const server = await serve("server", { type: SOCK_DGRAM }, () => new Promise<void>(() => {}));
    await server.stop({ within: 20 });
    expect(server.state).toBe("stopped");
  });

  test("a client that goes on sending, and one that does not read, hold it up no longer than that", async () => {
    const server = await serve("server", {}, async (conversation) => {
      const [kind] = await conversation.recvExactly(1);
      if (kind === 0x72) await conversation.sendAll(Buffer.alloc(20_000_000));
      else for await (const _ of conversation);
    });
    const reads = await client(server, "does not read");
    const sends = await client(server, "goes on sending");
    await reads.send("r");
    await sends.send("s");
    const sending = sends.sendAll(Buffer.alloc(50_000_000, "s")).catch((error: NodeJS.ErrnoException) => error.code);
    await expect.poll(() => server.clients).toBe(2);
    await server.stop({ within: 50 });
    expect([server.state, server.clients]).toEqual(["stopped", 0]);
    expect([undefined, "ECONNRESET", "EPIPE"]).toContain(await sending);
  });

  test("asked again with less time, it takes no longer than that", async () => {
    const server = await serve("server", {}, () => new Promise<void>(() => {}));
    const one = await client(server);
    await expect.poll(() => server.clients).toBe(1);
    const stopping = server.stop({ within: 10 * PATIENCE_MS });
    await server.stop({ within: 10 });
    await stopping;
    expect((await one.recv()).byteLength).toBe(0);
    expect([server.state, server.clients]).toEqual(["stopped", 0]);
  });

  test("who was accepted in that moment is let go as well: accept() had returned, and its loop had not had its turn", async () => {
    let begun = 0;
    const server = await serve("server", {}, () => {
      begun += 1;
      // So that the calls of few of them use up a turn of the event loop: the next result is handed over in another one.
      for (const end = performance.now() + 4; performance.now() < end; );
    });
    const address = { family: "AF_INET", address: LOOPBACK, port: server.port! } as const;
    const others = Array.from({ length: 20 }, () => {
      const fd = calls.socket(AF_INET, SOCK_STREAM);
      calls.connect(fd, address);
      return fd;
    });
    while (begun === 0) await turn();
    await server.stop();
    // Those whose accept() has returned by now.
    for (let i = 0; i < 3; i++) await turn();
    const accepted = trace.steps().filter(({ handle, name }) => handle === "server" && name === "accept");
    expect(accepted.length).toBeGreaterThan(begun);
    expect(begun).toBeLessThan(others.length);
    for (const { opened } of accepted) {
      const steps = trace.steps().filter(({ handle }) => handle === opened);
      if (opened !== undefined) expect(steps.map(({ name }) => name)).toEqual(["close"]);
    }
    for (const fd of others) calls.close(fd);
  });

  test("it can be stopped by one of its own conversations, which goes on to its end", async () => {
    const said: string[] = [];
    const server: Server = await serve("server", {}, async (conversation) => {
      for await (const data of conversation) {
        if (String(data) === "stop") void server.stop({ within: PATIENCE_MS });
        await conversation.sendAll(data);
      }
      said.push("ended");
    });
    expect(await answer(await client(server), "stop")).toBe("stop");
    await server.stop();
    expect([server.state, said]).toEqual(["stopped", ["ended"]]);
  });
});

test("closeAll() ends it also when it has no room for another client, and its functions never end", async () => {
  const server = await serve("server", { most: 1 }, () => new Promise<void>(() => {}));
  await client(server);
  await expect.poll(() => server.clients).toBe(1);
  closeAll();
  await expect.poll(() => server.state).toBe("stopped");
  expect(String(server)).toContain("was closed, and listened on");
});

describe("what a conversation is not ready for waits in the system", () => {
  test("for await: what comes is received when the loop comes back for it, and not before", async () => {
    const { open, opened } = gate();
    const server = await serve("server", {}, async (conversation) => {
      for await (const data of conversation) {
        await conversation.sendAll(data);
        await opened;
      }
    });
    const one = await client(server);
    expect(await answer(one, "first")).toBe("first");
    const received = () => trace.steps().filter(({ handle, name }) => handle === "server→1" && name === "recv").length;
    await one.send("second");
    // The client is held up as soon as the buffers of the system are full.
    const sending = one.sendAll(Buffer.alloc(20_000_000, "x"));
    for (let i = 0; i < 50; i++) await turn();
    expect(received()).toBe(1);
    const reading = one.recvExactly(20_000_006, { timeout: PATIENCE_MS });
    open();
    await sending;
    expect((await reading).subarray(0, 6).toString()).toBe("second");
    expect(received()).toBeGreaterThan(1);
  });

  test("datagrams: each is received when the loop comes back for it, and the others wait", async () => {
    const { open, opened } = gate();
    const server = await serve("server", { type: SOCK_DGRAM }, async (mailbox) => {
      for await (const { data, from } of datagrams(mailbox)) {
        await mailbox.sendto(data, from.address, from.port);
        await opened;
      }
    });
    const asker = socket("asker", AF_INET, SOCK_DGRAM);
    for (const text of ["one", "two", "three"]) await asker.sendto(text, LOOPBACK, server.port);
    expect(String(await asker.recv())).toBe("one");
    for (let i = 0; i < 20; i++) await turn();
    const received = () =>
      trace.steps().filter(({ handle, name }) => handle === "server" && name === "recvfrom").length;
    expect(received()).toBe(1);
    open();
    expect([String(await asker.recv()), String(await asker.recv())]).toEqual(["two", "three"]);
  });

  test("sendAll: a client that does not read holds up its own conversation, and no other", async () => {
    const done: string[] = [];
    const server = await serve("server", {}, async (conversation) => {
      const length = Number(String(await conversation.recv()));
      await conversation.sendAll(Buffer.alloc(length, "y"));
      done.push(conversation.name);
    });
    const [slow, quick] = [await client(server, "slow"), await client(server, "quick")];
    await slow.send("20000000");
    await quick.send("5");
    expect(String(await quick.recvExactly(5))).toBe("yyyyy");
    await expect.poll(() => server.served).toBe(1);
    expect([done, server.clients]).toEqual([["server→2"], 1]);
    expect((await slow.recvExactly(20_000_000, { timeout: PATIENCE_MS })).every((byte) => byte === 0x79)).toBe(true);
    slow.shutdown(SHUT_WR);
    await expect.poll(() => server.served).toBe(2);
  });
});
