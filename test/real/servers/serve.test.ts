import {
  AF_INET,
  calls,
  choosePort,
  closeAll,
  datagrams,
  type Handle,
  LOOPBACK,
  LOOPBACK6,
  ladder,
  MSG_OOB,
  type ServeOptions,
  type Server,
  SHUT_WR,
  SO_LINGER,
  SOCK_DGRAM,
  SOCK_STREAM,
  serve,
  socket,
  trace,
} from "kernel-helpers";
import { describe, expect, test } from "vitest";
import { printed } from "../../support/captured.js";
import { guardDescriptors } from "../../support/descriptors.js";
import { EACH_KIND, KINDS, removePaths } from "../../support/kinds.js";
import { rejectionOf } from "../../support/outcome.js";
import { connected, datagram } from "../../support/pairs.js";

guardDescriptors();
removePaths();

const echoes = async (conversation: Handle): Promise<void> => {
  for await (const data of conversation) await conversation.sendAll(data);
};

const echo = (options: ServeOptions = {}): Promise<Server> => serve("echo", options, echoes);

async function client(server: Server, name = "client"): Promise<Handle> {
  return connected([server.address, server.port], KINDS.AF_INET!, name);
}

async function answer(handle: Handle, text: string): Promise<string> {
  await handle.sendAll(text);
  return String(await handle.recvExactly(text.length));
}

describe("a conversation is not asked for what is known: that nothing is there", () => {
  test("the end that comes together with the last bytes is received", async () => {
    const server = await echo();
    for (let i = 0; i < 20; i++) {
      const one = await client(server);
      expect(await answer(one, "first")).toBe("first");
      // Both are there before the server looks.
      calls.send(one.fd, Buffer.from("last"));
      calls.shutdown(one.fd, SHUT_WR);
      expect(String(await one.recvExactly(4))).toBe("last");
      expect((await one.recv()).byteLength).toBe(0);
      one.close();
    }
  });

  test("what follows an urgent byte is received", async () => {
    const server = await echo();
    const one = await client(server);
    expect(await answer(one, "first")).toBe("first");
    calls.send(one.fd, Buffer.from("before!"), 7, MSG_OOB);
    calls.send(one.fd, Buffer.from("after"));
    expect(String(await one.recvExactly(11))).toBe("beforeafter");
  });

  test("each receive is in the record, with the one call that was made", async () => {
    const server = await echo();
    trace.clear();
    const one = await client(server);
    // The first receive has been tried, and found nothing.
    const waits = () =>
      trace.steps().some(({ handle, name, calls }) => handle === "echo→1" && name === "recv" && calls.length > 0);
    await expect.poll(waits, { interval: 1 }).toBe(true);
    for (const text of ["one", "two", "three"]) expect(await answer(one, text)).toBe(text);
    const made = trace.steps().filter(({ handle, name, end }) => handle === "echo→1" && name === "recv" && end);
    expect(made.map((step) => step.calls.map(({ result }) => result))).toEqual([[-1, 3], [3], [5]]);
    for (const { waitedFrom, start } of made.slice(1)) expect(waitedFrom).toBe(start);
  });
});

describe("a server", () => {
  test.each(EACH_KIND)("answers, %s", async (_, kind) => {
    const [address, port] = kind.anyPlace();
    const server = await serve("echo", port === undefined ? { address } : { address, port }, echoes);
    const one = await connected([server.address, server.port], kind);
    expect(await answer(one, "hello")).toBe("hello");
    expect([server.state, server.clients, server.served]).toEqual(["listening", 1, 0]);
    one.shutdown(SHUT_WR);
    expect((await one.recv()).byteLength).toBe(0);
    await expect.poll(() => [server.clients, server.served]).toEqual([0, 1]);
    await server.stop();
    expect(await rejectionOf(connected([server.address, server.port], kind, "late"))).toMatchObject({
      code: port === undefined ? "ENOENT" : "ECONNREFUSED",
    });
  });

  test("makes real calls, which are in the record, and prints them only when it is asked to", async () => {
    const server = await echo();
    const one = await client(server);
    await answer(one, "hello");
    const calls = trace
      .steps()
      .filter(({ handle }) => handle.startsWith("echo"))
      .map(({ handle, name }) => `${handle} ${name}`);
    expect(calls).toEqual([
      "echo socket",
      "echo bind",
      "echo listen",
      "echo accept",
      "echo→1 recv",
      "echo accept",
      "echo→1 send",
      "echo→1 recv",
    ]);
    trace.short();
    const lines = await printed(async () => {
      await answer(one, "again");
      await echo({ print: true });
    });
    expect(lines.filter((line) => line.startsWith("echo→1") && line.includes('"again"'))).toEqual([]);
    expect(lines.some((line) => /^echo +listen\(\d+, 4096\) = 0$/.test(line))).toBe(true);
    expect(() => ladder()).not.toThrow();
  });

  test("one client that fails ends alone, and is counted", async () => {
    const server = await serve("server", {}, async (conversation) => {
      const data = await conversation.recv();
      if (String(data) === "bad") throw new RangeError("no such request");
      await conversation.sendAll(data);
    });
    const [bad, rude, good] = [await client(server, "bad"), await client(server, "rude"), await client(server, "good")];
    await bad.send("bad");
    rude.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    rude.close();
    expect((await bad.recv()).byteLength).toBe(0);
    await expect.poll(() => server.failed).toBe(2);
    expect(await answer(good, "good")).toBe("good");
    await expect.poll(() => server.served).toBe(1);
    expect(server.lastError).toBeInstanceOf(Error);
    expect(String(server)).toMatch(
      /^server: listens on 127\.0\.0\.1:\d+; 0 clients now, 1 served, 2 failed \(the last error: .+\)$/,
    );
  });

  test("a function that throws at once, or returns nothing, ends the conversation", async () => {
    const server = await serve("server", {}, () => {
      throw "not even an Error";
    });
    const one = await client(server);
    expect((await one.recv()).byteLength).toBe(0);
    await expect.poll(() => server.lastError).toBe("not even an Error");
    const other = await serve("server", {}, () => {});
    expect((await (await client(other)).recv()).byteLength).toBe(0);
    await expect.poll(() => other.served).toBe(1);
  });

  test("whatever a function throws, the server can be shown", async () => {
    for (const thrown of [Object.create(null), Object.assign(new Error("x"), { message: { toString: undefined } })]) {
      const server = await serve("server", {}, () => {
        throw thrown;
      });
      expect((await (await client(server)).recv()).byteLength).toBe(0);
      await expect.poll(() => server.lastError).toBe(thrown);
      expect(String(server)).toMatch(/1 failed \(the last error: an object\)$/);
    }
  });

  test("with `most`, the next client waits in the queue until a conversation has ended", async () => {
    const server = await echo({ most: 2 });
    const clients = await Promise.all([0, 1, 2].map((n) => client(server, `client ${n}`)));
    await expect.poll(() => server.clients).toBe(2);
    await clients[2]!.send("I wait");
    await expect.poll(async () => await answer(clients[0]!, "served")).toBe("served");
    expect(server.clients).toBe(2);
    clients[1]!.close();
    expect(String(await clients[2]!.recvExactly(6))).toBe("I wait");
    expect(server.clients).toBe(2);
  });

  test("its conversations wait without a deadline, and stop() ends them politely", async () => {
    const ended: string[] = [];
    const server = await serve("server", {}, async (conversation) => {
      for await (const data of conversation) await conversation.sendAll(data);
      await conversation.sendAll("bye");
      ended.push(conversation.name);
    });
    const one = await client(server);
    expect(await answer(one, "hello")).toBe("hello");
    const stopping = server.stop();
    expect(server.state).toBe("stopping");
    expect(await server.stop()).toBe(await stopping);
    expect(String(await one.recvExactly(3))).toBe("bye");
    expect((await one.recv()).byteLength).toBe(0);
    expect([ended, server.state, server.clients, server.served]).toEqual([["server→1"], "stopped", 0, 1]);
    expect(String(server)).toContain("was stopped");
  });

  test.each([
    ["waits for the client", async (conversation: Handle) => void (await conversation.recvExactly(100))],
    ["waits for something else", () => new Promise<void>(() => {})],
  ])("what does not end within the time of stop() is closed: a function that %s", async (_, talk) => {
    const server = await serve("server", {}, async (conversation) => {
      await conversation.send("welcome");
      await talk(conversation);
    });
    const one = await client(server);
    await one.recv();
    await server.stop({ within: 20 });
    expect(server.state).toBe("stopped");
    expect((await one.recv()).byteLength).toBe(0);
  });

  test("an abstract name is shown as everywhere else: with @", async () => {
    expect(String(await echo({ address: `\0name ${process.pid}` }))).toMatch(/^echo: listens on @name \d+; 0 clients/);
  });

  test("closeAll(), or the close of its handle, ends it", async () => {
    const server = await echo();
    await client(server);
    await expect.poll(() => server.clients).toBe(1);
    closeAll();
    await expect.poll(() => server.state).toBe("stopped");
    expect(server.clients).toBe(0);
    expect(String(server)).toContain("was closed, and listened on");
    await server.stop();
  });
});

describe("the cell is run again", () => {
  test("1,000 times on one port, whatever its connections are doing", async () => {
    const port = choosePort();
    let before: Server | undefined;
    for (let run = 0; run < 1000; run++) {
      const server = await echo({ port });
      expect(before?.state ?? "stopped").toBe("stopped");
      before = server;
      const one = await client(server, `client ${run % 7}`);
      // In turn: established, answered, closed by the client, half closed, reset, and never accepted.
      if (run % 5 === 0) expect(await answer(one, "hello")).toBe("hello");
      if (run % 5 === 1) one.close();
      if (run % 5 === 2) one.shutdown(SHUT_WR);
      if (run % 5 === 3) {
        one.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
        one.close();
      }
    }
    expect(await answer(await client(before!), "still here")).toBe("still here");
  });

  test("with port 0 it has the port that it had, unless somebody else has it by now", async () => {
    const first = await echo();
    const again = await echo();
    expect(again.port).toBe(first.port);
    expect([first.state, again.state]).toEqual(["stopped", "listening"]);
    expect(String(first)).toContain("was started anew");
    await again.stop();
    const rival = socket("rival", AF_INET, SOCK_STREAM);
    rival.bind(LOOPBACK, first.port);
    rival.listen();
    const third = await echo();
    expect(third.port).not.toBe(first.port);
    expect(await answer(await client(third), "hello")).toBe("hello");
  });

  test("at another address it has another port of the system's", async () => {
    const four = await echo();
    const six = await echo({ address: LOOPBACK6 });
    expect(six.address).toBe("::1");
    expect(four.state).toBe("stopped");
    const one = await connected([LOOPBACK6, six.port], KINDS.AF_INET6!);
    expect(await answer(one, "hello")).toBe("hello");
  });
});

describe("datagrams", () => {
  test("are answered by one function, each to its sender", async () => {
    const server = await serve("time", { type: SOCK_DGRAM }, async (mailbox) => {
      for await (const { data, from } of datagrams(mailbox)) await mailbox.sendto(data, from.address, from.port);
    });
    const askers = [0, 1].map((n) => datagram(KINDS.AF_INET!, `asker ${n}`).receiver);
    for (const [n, asker] of askers.entries()) await asker.sendto(`asker ${n}`, LOOPBACK, server.port);
    for (const [n, asker] of askers.entries()) expect(String((await asker.recvfrom()).data)).toBe(`asker ${n}`);
    expect(String(server)).toMatch(/^time: listens on 127\.0\.0\.1:\d+$/);
    await server.stop();
    expect(server.state).toBe("stopped");
  });

  test("an error in the function is counted, and the next datagram is answered", async () => {
    const server = await serve("time", { type: SOCK_DGRAM }, async (mailbox) => {
      for await (const data of mailbox)
        if (String(data) === "bad") throw new Error("what is that?");
        else if (String(data) === "") return;
    });
    const { receiver: asker } = datagram(KINDS.AF_INET!, "asker");
    await asker.sendto("bad", LOOPBACK, server.port);
    await expect.poll(() => server.failed).toBe(1);
    await asker.sendto("good", LOOPBACK, server.port);
    expect(server.state).toBe("listening");
    expect(String(server)).toMatch(/; 1 failed \(the last error: what is that\?\)$/);
  });

  test("an empty datagram does not end the iteration", async () => {
    const got: number[] = [];
    const server = await serve("box", { type: SOCK_DGRAM }, async (mailbox) => {
      for await (const data of mailbox) got.push(data.byteLength);
    });
    const { receiver: asker } = datagram(KINDS.AF_INET!, "asker");
    for (const text of ["", "one", ""]) await asker.sendto(text, LOOPBACK, server.port);
    await expect.poll(() => got).toEqual([0, 3, 0]);
  });
});

describe("what cannot be served is refused, and the server of that name goes on", () => {
  test.each<[what: string, () => Promise<unknown>, RegExp]>([
    ["no name", () => serve("", {}, echoes), /name/],
    ["no options", () => serve("echo", undefined as never, echoes), /second argument is an object/],
    ["no function", () => serve("echo", {}, undefined as never), /last argument is a function/],
    [
      "a function that cannot be called",
      () => {
        const { proxy, revoke } = Proxy.revocable(echoes, {});
        revoke();
        return serve("echo", {}, proxy);
      },
      /last argument is a function/,
    ],
    ["a generator", () => serve("echo", {}, async function* () {}), /cannot be a generator \(function\*\)/],
    ["another option", () => serve("echo", { prot: 80 } as never, echoes), /no option "prot".*address, port/],
    ["an address that is none", () => serve("echo", { address: "localhost" }, echoes), /"localhost" is a name/],
    ["an address of too large numbers", () => serve("echo", { address: "300.0.0.1" }, echoes), /no.* IPv4 address/],
    ["an IPv6 address that is none", () => serve("echo", { address: "::zz" }, echoes), /not an IPv6 address/],
    ["a path that is too long", () => serve("echo", { address: `/${"x".repeat(200)}` }, echoes), /108 bytes/],
    ["a path with a zero", () => serve("echo", { address: "/tmp/a\0b" }, echoes), /first \\0/],
    ["a number as the address", () => serve("echo", { address: 80 as never }, echoes), /address is an address/],
    ["a port that is none", () => serve("echo", { port: 70_000 }, echoes), /port/],
    ["a port in letters", () => serve("echo", { port: "80" as never }, echoes), /port/],
    ["another type", () => serve("echo", { type: 99 }, echoes), /SOCK_STREAM or SOCK_DGRAM/],
    ["a port beside a path", () => serve("echo", { address: "/tmp/x", port: 5 }, echoes), /has no port/],
    ["most that is none", () => serve("echo", { most: 0 }, echoes), /1 or more/],
    ["a backlog that is none", () => serve("echo", { backlog: 1.5 }, echoes), /backlog/],
    ["print that is none", () => serve("echo", { print: 1 as never }, echoes), /true or false/],
  ])("%s", async (_, call, words) => {
    const server = await echo();
    expect(await rejectionOf(call())).toMatchObject({ message: expect.stringMatching(words) });
    expect(await answer(await client(server), "still here")).toBe("still here");
  });

  test("a port that another one has: nothing is left open", async () => {
    const rival = socket("rival", AF_INET, SOCK_STREAM);
    rival.bind(LOOPBACK, 0);
    rival.listen();
    const { port } = rival.getsockname();
    expect(await rejectionOf(echo({ port }))).toMatchObject({ code: "EADDRINUSE", handle: "echo" });
  });

  test("stop() with what is no time", async () => {
    const server = await echo();
    for (const within of [-1, Number.NaN, 2 ** 31]) expect(() => server.stop({ within })).toThrow(RangeError);
    expect(() => server.stop(5 as never)).toThrow(/within: 500/);
    const refuses = Object.defineProperty({}, "within", { get: () => server.port!.toFixed(-1) });
    expect(() => server.stop(refuses)).toThrow(/^The options cannot be read: .* when it is asked for "within"\.$/);
    expect(server.state).toBe("listening");
  });
});
