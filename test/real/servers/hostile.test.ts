import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AF_INET,
  AF_UNIX,
  calls,
  closeAll,
  type Handle,
  LOOPBACK,
  type OtherProcess,
  otherProcess,
  type Server,
  SHUT_RDWR,
  SO_ACCEPTCONN,
  SOCK_DGRAM,
  SOCK_STREAM,
  serve,
  socket,
} from "kernel-helpers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { printed } from "../../support/captured.js";
import { guardDescriptors, socketDescriptors } from "../../support/descriptors.js";
import { rejectionOf } from "../../support/outcome.js";
import { revoked } from "../../support/thrown.js";
import { PATIENCE_MS } from "../../support/time.js";

/*
 * Functions and cells that do to a server what nobody does who wants it to serve: it closes what it has opened, says what is so, and can be
 * stopped.
 */

guardDescriptors();

async function client(server: { port: number | undefined }, name = "client"): Promise<Handle> {
  const one = socket(name, AF_INET, SOCK_STREAM);
  await one.connect(LOOPBACK, server.port!);
  return one;
}

/** Waits until the server closes the connection. */
async function end(one: Handle): Promise<void> {
  expect((await one.recv()).byteLength).toBe(0);
}

const forever = (): Promise<void> => new Promise<void>(() => {});
const kept = (handle: Handle) => Object.assign(handle, { close: () => {}, shutdown: () => {} });

describe("a conversation is closed and counted, whatever its function does", () => {
  test("it throws something that does not let itself be asked what it is", async () => {
    const server = await serve("server", {}, () => {
      throw revoked();
    });
    await end(await client(server));
    await expect.poll(() => [server.clients, server.served, server.failed]).toEqual([0, 0, 1]);
    expect(String(server)).toMatch(/1 failed \(the last error: an object\)$/);
  });

  test("it gives the handle a `close` of its own", async () => {
    const server = await serve("server", {}, (conversation) => {
      kept(conversation);
      Object.defineProperty(conversation, "closed", { get: () => true });
    });
    await end(await client(server));
    await expect.poll(() => [server.clients, server.served]).toEqual([0, 1]);
  });

  test("and never ends: stop() closes it all the same, and counts it no longer", async () => {
    const server = await serve("server", {}, (conversation) => {
      Object.defineProperty(kept(conversation), "closed", {
        get() {
          throw new Error("mine");
        },
      });
      return forever();
    });
    const one = await client(server);
    await expect.poll(() => server.clients).toBe(1);
    await server.stop({ within: 10 });
    await end(one);
    expect(String(server)).toMatch(/^server: was stopped, and listened on .*; 0 clients now, 0 served$/);
  });

  test("for datagrams, its socket is closed when the function has ended", async () => {
    const before = socketDescriptors().size;
    const server = await serve("server", { type: SOCK_DGRAM }, (mailbox) => void kept(mailbox));
    await expect.poll(() => server.state).toBe("stopped");
    expect(socketDescriptors().size).toBe(before);
  });
});

describe("what it says of itself is so", () => {
  test("one that was closed is no client any more, also when its function goes on: the next one has its place", async () => {
    const server = await serve("server", { most: 1 }, async (conversation) => {
      await conversation.send("hello");
      conversation.close();
      await forever();
    });
    for (const name of ["one", "two"]) {
      const one = await client(server, name);
      expect(String(await one.recvExactly(5))).toBe("hello");
      await end(one);
    }
    expect(String(server)).toMatch(/; 0 clients now, 0 served$/);
    closeAll();
  });

  test("nobody is its client after closeAll(), whatever its functions wait for", async () => {
    const server = await serve("server", {}, forever);
    await client(server);
    await expect.poll(() => server.clients).toBe(1);
    closeAll();
    await expect.poll(() => server.state).toBe("stopped");
    expect(String(server)).toMatch(/^server: was closed, and listened on .*; 0 clients now, 0 served$/);
  });

  test("for datagrams, it listens no longer when its socket is closed, also when its function goes on", async () => {
    let go: () => void = () => {};
    const goesOn = () => new Promise<void>((resolve) => (go = resolve));
    const one = await serve("one", { type: SOCK_DGRAM }, (mailbox) => {
      mailbox.close();
      return goesOn();
    });
    await expect.poll(() => String(one)).toMatch(/^one: was closed, and listened on /);
    go();
    const two = await serve("two", { type: SOCK_DGRAM }, goesOn);
    closeAll();
    await expect.poll(() => String(two)).toMatch(/^two: was closed, and listened on /);
    // Its function is waited for all the same.
    const stopping = two.stop({ within: PATIENCE_MS });
    expect(two.state).toBe("stopping");
    go();
    await stopping;
    expect(String(two)).toMatch(/^two: was closed, and listened on /);
  });

  test("it is stopping until its conversations have ended", async () => {
    let go: () => void = () => {};
    const server = await serve("server", {}, () => new Promise<void>((resolve) => (go = resolve)));
    await client(server);
    await expect.poll(() => server.clients).toBe(1);
    const stopping = server.stop({ within: 60_000 });
    // Its accept() has heard of the close by then.
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(String(server)).toMatch(/^server: lets its conversations end, and listens no longer on .*; 1 client now/);
    expect(server.state).toBe("stopping");
    go();
    await stopping;
    expect([server.state, server.served]).toEqual(["stopped", 1]);
  });

  test("one for datagrams that was closed has not ended by itself", async () => {
    const server = await serve("server", { type: SOCK_DGRAM }, (mailbox) => mailbox.recv());
    closeAll();
    await expect.poll(() => server.state).toBe("stopped");
    expect(String(server)).toMatch(/^server: was closed, and listened on/);
  });

  test("one whose place cannot be taken again was not started anew", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hostile-"));
    const address = join(folder, "s");
    const server = await serve("server", { address }, forever);
    rmSync(folder, { recursive: true });
    expect(await rejectionOf(serve("server", { address }, forever))).toMatchObject({ code: "ENOENT" });
    await expect.poll(() => String(server)).toMatch(/^server: was closed, and listened on/);
    await server.stop();
  });
});

/** The descriptor of the listening socket of a server. */
function listenerOf({ port }: Server): number {
  const found = [...socketDescriptors().keys()].find((fd) => {
    const name = calls.getsockname(fd);
    return (
      name?.family === "AF_INET" &&
      name.port === port &&
      calls.getsockopt(fd, SO_ACCEPTCONN.level, SO_ACCEPTCONN, 4)[0] === 1
    );
  });
  return found!;
}

describe("a server that accepts no more can be stopped: its conversations are ended", () => {
  test.each<[string, (fd: number) => void]>([
    ["its socket was closed by its number", (fd) => calls.close(fd)],
    ["accept() fails: it was shut down by its number", (fd) => calls.shutdown(fd, SHUT_RDWR)],
  ])("%s", async (_, action) => {
    const server = await serve("server", {}, forever);
    const one = await client(server);
    await expect.poll(() => server.clients).toBe(1);
    action(listenerOf(server));
    await expect.poll(() => server.state).toBe("stopped");
    const why = String(server).split(",")[0];
    expect(server.clients).toBe(1);
    await server.stop({ within: 10 });
    await end(one);
    expect(String(server).split(",")[0]).toBe(why);
    expect([server.state, server.clients]).toEqual(["stopped", 0]);
  });
});

describe("in another process", () => {
  let lab: OtherProcess;
  beforeEach(async () => {
    lab = await otherProcess("lab");
  });
  afterEach(() => lab.stop());

  test("what cannot be sent to the notebook does not end the process that throws it", async () => {
    const throws: [(conversation: Handle) => unknown, RegExp][] = [
      [
        () => {
          throw Object.assign(new Error("x"), { message: () => "a function" });
        },
        /a function/,
      ],
      [
        () => {
          throw Object.assign(new Error("with a symbol"), { name: Symbol("name") });
        },
        /Symbol\(name\): with a symbol/,
      ],
      [
        () => {
          const { proxy, revoke } = Proxy.revocable({}, {});
          revoke();
          throw proxy;
        },
        /an object/,
      ],
      [
        async (conversation) => {
          conversation.close();
          const error = await conversation.recv().catch((reason: Error) => reason);
          throw Object.assign(error, { fd: () => {} });
        },
        /1 served/,
      ],
      [
        () => {
          throw new Error("long ".repeat(1_000_000));
        },
        /long long/,
      ],
    ];
    for (const [handler, words] of throws) {
      const server = await lab.serve("server", {}, handler);
      await end(await client(server));
      await expect.poll(() => server.failed + server.served).toBe(1);
      expect(String(server)).toMatch(words);
      expect(String(server).length).toBeLessThan(1000);
    }
    expect(lab.running).toBe(true);
  });

  test("it cannot write into the pipe to the notebook, and is told what to do instead", async () => {
    const server = await lab.serve("server", {}, () => void process.send!(5));
    await end(await client(server));
    await expect.poll(() => server.failed).toBe(1);
    expect(String(server)).toMatch(/process\.send\(\) reaches no cell: .*console\.log\(\)/);
  });

  test("what it prints without a newline is shown in pieces, and not kept", async () => {
    const lines = await printed(async () => {
      const server = await lab.serve("server", {}, async (conversation) => {
        for (let i = 0; i < 20; i++) process.stdout.write("x".repeat(100_000));
        process.stdout.write("end\n", () => void conversation.send("done"));
        await conversation.recv();
      });
      const one = await client(server);
      await one.recv();
      await lab.stop();
    }, "short");
    const own = lines.filter((line) => /^lab +x*(end)?$/.test(line));
    expect(own.length).toBeGreaterThan(10);
    expect(own.map((line) => line.replace(/^lab +/, "")).join("")).toBe(`${"x".repeat(2_000_000)}end`);
  });

  test("a stop() that is not answered is called so", async () => {
    const server = await lab.serve("server", {}, () => {});
    await lab.kill("SIGSTOP");
    const stopping = rejectionOf(server.stop());
    await lab.kill();
    expect(await stopping).toMatchObject({ name: "ProcessError", call: '"server".stop()' });
  });
});

test("a Unix-domain server goes on when its file is gone, and leaves alone what is there instead", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  const address = join(folder, "s");
  const server = await serve("server", { address }, async (conversation) => void (await conversation.send("hello")));
  const one = socket("one", AF_UNIX, SOCK_STREAM);
  await one.connect(address);
  rmSync(address);
  const other = socket("other", AF_UNIX, SOCK_STREAM);
  other.bind(address);
  other.listen();
  expect(String(await one.recvExactly(5))).toBe("hello");
  await server.stop();
  const late = socket("late", AF_UNIX, SOCK_STREAM);
  await late.connect(address);
  (await other.accept()).close();
  other.close();
  expect(await rejectionOf(socket("late", AF_UNIX, SOCK_STREAM).connect(address))).toMatchObject({ code: "ENOENT" });
  rmSync(folder, { recursive: true });
});
