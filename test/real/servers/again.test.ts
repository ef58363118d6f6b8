import { rmSync } from "node:fs";
import {
  AF_INET,
  AF_UNIX,
  datagrams,
  type Handle,
  LOOPBACK,
  type ServeOptions,
  type Server,
  SHUT_WR,
  SO_ATTACH_FILTER,
  SO_LINGER,
  SOCK_DGRAM,
  SOCK_STREAM,
  type SocketError,
  serve,
  socket,
  trace,
} from "kernel-helpers";
import { socketTable } from "kernel-helpers/dist/inspection/index.js";
import { describe, expect, test } from "vitest";
import { start, startScript } from "../../support/child.js";
import { guardDescriptors, socketDescriptors } from "../../support/descriptors.js";
import { EACH_KIND, freshPath, KINDS, type Kind, removePaths } from "../../support/kinds.js";
import { rejectionCode, rejectionOf } from "../../support/outcome.js";
import { connected, datagram } from "../../support/pairs.js";

/*
 * The cell that serves is run again on one and the same port, while what is left of the connections of before is in each of the states that
 * TCP has. That it is in that state the system is asked, before the cell is run again and, of what outlives its process, afterwards.
 */

guardDescriptors();
removePaths();
trace.off();

/** A conversation does what its first letter says: end at once, wait for the end and then end, wait for ever, or answer. */
async function talk(conversation: Handle): Promise<void> {
  const [kind] = await conversation.recvExactly(1);
  if (kind === "!".charCodeAt(0)) return;
  if (kind === "w".charCodeAt(0)) await new Promise(() => {});
  for await (const data of conversation) await conversation.sendAll(data);
}

const serveOn = (port: number, options: ServeOptions = {}): Promise<Server> =>
  serve("server", { port, ...options }, talk);

/** A client stays as it is until the test is over: none takes another's name, and closes it. */
let clients = 0;
const freshName = (): string => `client ${clients++}`;

async function client(port: number, first: string, name = freshName()): Promise<Handle> {
  const handle = await connected([LOOPBACK, port], KINDS.AF_INET!, name);
  await handle.sendAll(first);
  return handle;
}

/** It answers. */
async function answers(port: number): Promise<void> {
  const one = await client(port, "echo", "asking");
  one.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
  expect(String(await one.recvExactly(3))).toBe("cho");
  one.close();
}

/** The states of all that has this port on the server's side, but for the listening socket. */
const statesOn = (port: number): string[] =>
  socketTable("tcp")!
    .filter(({ local, state }) => local.port === port && state !== "LISTEN")
    .map(({ state }) => state);

const isIn = async (port: number, state: string): Promise<void> => {
  await expect.poll(() => statesOn(port), { interval: 5 }).toContain(state);
};

/** From now on nothing reaches this socket, as when its machine is gone: a filter that keeps no byte of any packet. */
const unplug = (handle: Handle): void => handle.setsockopt(SO_ATTACH_FILTER, NOTHING);
const NOTHING = Buffer.from([0x06, 0, 0, 0, 0, 0, 0, 0]);

/** On a TCP socket that wants CAP_NET_ADMIN: an ordinary user's run leaves out what is half open, and shows it as left out. */
const mayUnplug = (() => {
  const one = socket("unplugged", AF_INET, SOCK_STREAM);
  try {
    unplug(one);
    return true;
  } catch (error) {
    if ((error as SocketError).code !== "EPERM") throw error;
    return false;
  } finally {
    one.close();
  }
})();

/** What is done with a client until the server's side of it is in a state; `outlives`: it is left of a server that was closed. */
const STATES: [state: string, what: string, make: (port: number) => Promise<unknown>, outlives: boolean][] = [
  ["ESTABLISHED", "a client is connected", (port) => client(port, "echo"), false],
  [
    "CLOSE_WAIT",
    "a client has closed, and its conversation goes on",
    async (port) => (await client(port, "w")).close(),
    false,
  ],
  ["FIN_WAIT2", "a conversation has ended, and its client has not", (port) => client(port, "!"), true],
  [
    "TIME_WAIT",
    "a conversation has ended, and then its client",
    async (port) => {
      const one = await client(port, "!");
      expect((await one.recv()).byteLength).toBe(0);
      one.close();
    },
    true,
  ],
  ["SYN_RECV", "half open: a client has asked, and its machine is gone", unpluggedBefore, false],
  [
    "FIN_WAIT1",
    "half open: a conversation has ended, and its client's machine is gone",
    (port) => unplugged(port, "!"),
    true,
  ],
  [
    "LAST_ACK",
    "half open: the client has ended, then its conversation, and the client's machine is gone",
    async (port) => (await unplugged(port, "echo")).shutdown(SHUT_WR),
    true,
  ],
];

async function unpluggedBefore(port: number): Promise<void> {
  const one = socket(freshName(), AF_INET, SOCK_STREAM);
  unplug(one);
  one.connect(LOOPBACK, port, { timeout: Number.POSITIVE_INFINITY });
}

/** It still can send. */
async function unplugged(port: number, first: string): Promise<Handle> {
  const one = await client(port, "");
  unplug(one);
  await one.sendAll(first);
  return one;
}

const isHalfOpen = ([, what]: (typeof STATES)[number]): boolean => what.startsWith("half open");
/** Those that can be made here. */
const MADE = STATES.filter((one) => mayUnplug || !isHalfOpen(one));

describe("the cell that serves is run again on its port while", () => {
  async function isRunAgain(...[state, _, make, outlives]: (typeof STATES)[number]): Promise<void> {
    let server = await serveOn(0);
    const { port } = server;
    for (const stopped of [false, true]) {
      await make(port!);
      await isIn(port!, state);
      if (stopped) await server.stop({ within: 0 });
      server = await serveOn(port!);
      if (outlives) expect(statesOn(port!)).toContain(state);
      await answers(port!);
    }
  }

  test.each(STATES.filter((one) => !isHalfOpen(one)))("%s: %s", isRunAgain);
  test.runIf(mayUnplug).each(STATES.filter(isHalfOpen))("%s: %s", isRunAgain);

  test("a client waits in its queue, and nobody accepts it", async () => {
    const { port } = await serveOn(0, { most: 1 });
    await client(port!, "w", "served");
    const waiting = await client(port!, "echo", "waiting");
    await serveOn(port!);
    expect(await rejectionCode(waiting.recv())).toBe("ECONNRESET");
    await answers(port!);
  });

  test("all of that is left of before, of several runs", async () => {
    const { port } = await serveOn(0);
    for (let run = 0; run < 5; run++) {
      for (const [, , make] of MADE) await make(port!);
      await serveOn(port!);
    }
    const left = new Set(statesOn(port!));
    for (const [state, , , outlives] of MADE) if (outlives) expect(left).toContain(state);
    await answers(port!);
  });

  test("a child process is alive that was started meanwhile: it has none of the sockets", async () => {
    const { port } = await serveOn(0);
    const one = await client(port!, "echo");
    expect(String(await one.recvExactly(3))).toBe("cho");
    const ours = new Set(socketDescriptors().values());
    const child = start("sleep", ["60"]);
    try {
      const theirs = [...socketDescriptors(child.process.pid!).values()];
      expect(theirs.filter((inode) => ours.has(inode))).toEqual([]);
      await serveOn(port!);
      expect((await one.recv()).byteLength).toBe(0);
      await answers(port!);
    } finally {
      child.process.kill();
      await child.ended.catch(() => {});
    }
  });
});

const PLACES: [what: string, options: () => ServeOptions, Kind][] = [
  ...EACH_KIND.map(([name, kind]): [string, () => ServeOptions, Kind] => {
    const options = (): ServeOptions => {
      const [address, port] = kind.anyPlace();
      return port === undefined ? { address } : { address, port };
    };
    return [name, options, kind];
  }),
  ["an abstract name", () => ({ address: `\0again ${process.pid}` }), KINDS.AF_UNIX!],
];

describe.each(PLACES)("%s: the cell that serves is run again, twenty times", (_, options, kind) => {
  test("with a client of the one before connected, which is told the end", async () => {
    const place = options();
    let before: Handle | undefined;
    let { port } = place;
    for (let run = 0; run < 20; run++) {
      const server = await serve("server", port === undefined ? place : { ...place, port }, talk);
      port = server.port;
      if (before !== undefined) expect((await before.recv()).byteLength).toBe(0);
      before = await connected([server.address, server.port], kind, `client ${run % 2}`);
      await before.sendAll("echo");
      expect(String(await before.recvExactly(3))).toBe("cho");
    }
  });

  test("for datagrams, with some of them unread", async () => {
    const place = { ...options(), type: SOCK_DGRAM };
    let { port } = place;
    const { receiver: asker } = datagram(kind, "asker");
    for (let run = 0; run < 20; run++) {
      const server = await serve("server", port === undefined ? place : { ...place, port }, async (mailbox) => {
        for await (const { data, from } of datagrams(mailbox)) {
          await mailbox.sendto(`${run} ${data}`, from.address, kind.family === AF_UNIX ? undefined : from.port);
          await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
        }
      });
      port = server.port;
      for (const text of ["answered", "unread"]) await asker.sendto(text, server.address, server.port);
      expect(String(await asker.recv())).toBe(`${run} answered`);
    }
  });
});

test("what a program that was killed has left on the port is no hindrance, and the file of its path is told", async () => {
  const path = freshPath();
  const child = startScript(`
    const port = await sockets.serve("port", {}, () => new Promise(() => {}));
    await sockets.serve("path", { address: ${JSON.stringify(path)} }, () => {});
    console.log(port.port);`);
  const port = Number(await child.line());
  const one = await client(port, "w");
  child.process.kill("SIGKILL");
  await child.ended;
  expect(await rejectionCode(one.recv())).toBe("ECONNRESET");
  expect((await serveOn(port)).port).toBe(port);
  await answers(port);
  const error = await rejectionOf(serve("path", { address: path }, talk));
  expect(error).toMatchObject({ code: "EADDRINUSE", address: path });
  expect(error.message).toContain("a closed one can have left it. If no program uses it, remove that file");
  rmSync(path);
  await serve("path", { address: path }, talk);
});
