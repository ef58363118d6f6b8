import { createRequire } from "node:module";
import {
  AF_INET,
  calls,
  choosePort,
  closeAll,
  type Handle,
  handles,
  LOOPBACK,
  ladder,
  otherProcess,
  panel,
  SHUT_WR,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  sockets,
  states,
} from "kernel-helpers";
import { lookAfterSteps } from "kernel-helpers/dist/inspection/state-looks.js";
import { observeCalls } from "kernel-helpers/dist/libc/index.js";
import { beginStep, endStep, resultOf } from "kernel-helpers/dist/trace/index.js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { printed } from "../support/captured.js";
import { type Child, start } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { connected, datagram, listening } from "../support/pairs.js";
import { wayOf } from "../support/states.js";

guardDescriptors();
// As in a notebook: a plain program looks at no states by itself.
lookAfterSteps();

// A panel goes on printing what changes, in the tests after its own too.
const { write } = process.stdout;
beforeAll(() => {
  process.stdout.write = () => true;
});
afterAll(() => {
  process.stdout.write = write;
});

/** The file functions as the package calls them. */
const fs = createRequire(import.meta.url)("node:fs") as Record<string, (...values: unknown[]) => unknown>;

const NAMES = ["readFileSync", "readlinkSync", "readdirSync"];

/** The system's files that an action reads, each as often as it does, and how many calls it makes. */
async function costOf(action: () => unknown): Promise<{ files: string[]; calls: number }> {
  const files: string[] = [];
  const real = NAMES.map((name) => [name, fs[name]!] as const);
  for (const [name, read] of real) {
    fs[name] = (...values) => {
      if (String(values[0]).startsWith("/proc/")) files.push(`${name} ${values[0]}`);
      return read(...values);
    };
  }
  let calls = 0;
  const before = observeCalls((made, context) => {
    calls += 1;
    before?.(made, context);
  });
  try {
    await printed(action);
  } finally {
    observeCalls(before);
    for (const [name, read] of real) fs[name] = read;
  }
  return { files, calls };
}

/** So many steps, as if the handle had made them. */
function steps(count: number, { name, fd }: Handle, local: string, peer: string): void {
  for (let i = 0; i < count; i++) {
    const step = beginStep(name, "send", fd);
    step.local = local;
    // Its own, each time: on other ports other programs listen, whose names would be looked for.
    step.peer = peer;
    endStep(step, resultOf(1));
  }
}

const DRAWN: [name: string, draw: () => void][] = [
  ["ladder", ladder],
  ["panel", panel],
  ["sockets", sockets],
  ["handles", handles],
];

describe("one snapshot for one picture", () => {
  test.each(DRAWN)("%s() reads each file of the system at most once", async (_, draw) => {
    const { server, place } = listening();
    await connected(place);
    await server.accept();
    datagram();
    (await connected(place, undefined, "closed")).close();
    const lab = await otherProcess("lab", { network: "own" });
    const rival = await otherProcess("rival");
    for (const process of [lab, rival]) {
      const box = await process.socket("box", AF_INET, SOCK_DGRAM);
      await box.bind(LOOPBACK, 0);
      await (await process.socket("inn", AF_INET, SOCK_STREAM)).listen(5);
    }
    const { files } = await costOf(draw);
    expect(files.filter((file) => file.endsWith("/net/udp"))).toHaveLength(2);
    expect(files.filter((file) => file.endsWith("/net/tcp"))).toHaveLength(2);
    expect(files.filter((file, index) => files.indexOf(file) !== index)).toEqual([]);
    await lab.stop();
    await rival.stop();
  });

  test.each(DRAWN)(
    "%s() makes as many calls after a million steps as after a thousand, and reads as many files",
    async (_, draw) => {
      const { server, place } = listening();
      const client = await connected(place);
      await server.accept();
      const local = `${LOOPBACK}:${client.getsockname().port}`;
      steps(1000, client, local, place.join(":"));
      // What a picture finds out the first time, it remembers.
      await costOf(draw);
      const before = await costOf(draw);
      steps(999_000, client, local, place.join(":"));
      const after = await costOf(draw);
      expect(after).toEqual(before);
      // A look at the backlog, and no more: the rest is in the tables.
      expect(after.calls).toBeLessThanOrEqual(2);
    },
  );

  test.each(DRAWN)("%s() asks none of a thousand sockets that the table shows", async (_, draw) => {
    const { place } = listening(undefined, 2000);
    for (let i = 0; i < 1000; i++) await connected(place, undefined, `client ${i}`);
    expect((await costOf(draw)).calls).toBeLessThanOrEqual(2);
  });
});

/** How many sockets are asked is counted by the second: another one begins. */
async function nextSecond(): Promise<void> {
  const second = () => Math.floor(performance.now() / 1000);
  for (const now = second(); second() === now; ) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("of many sockets the table shows a hundred handles, some of the others, and how many there are beside them", async () => {
  const { place } = listening(undefined, 200);
  for (let i = 0; i < 120; i++) await connected(place, undefined, `client ${i}`);
  const lines = await printed(() => sockets());
  expect(lines.filter((line) => /^(client|server) /.test(line))).toHaveLength(100);
  expect(lines.filter((line) => line.startsWith("(waits to be accepted)"))).toHaveLength(20);
  expect(lines.at(-1)).toBe("121 more sockets are not shown; handles() prints every handle.");
});

describe("the states of more than sixteen sockets", () => {
  test("states() tells of each of a hundred, and of what their steps have changed", async () => {
    await nextSecond();
    const { server, place } = listening(undefined, 200);
    const clients: Handle[] = [];
    const accepted: Handle[] = [];
    for (let i = 0; i < 100; i++) {
      clients.push(await connected(place, undefined, `client ${i}`));
      accepted.push(await server.accept());
    }
    const [first, last] = [clients[0]!, clients[99]!];
    expect(await wayOf(first)).toEqual(["CLOSE", "ESTABLISHED"]);
    expect((await wayOf(last)).at(-1)).toBe("ESTABLISHED");
    expect((await wayOf(server)).at(-1)).toBe("LISTEN");
    accepted[99]!.close();
    expect((await wayOf(last)).at(-1)).toBe("CLOSE_WAIT");
    expect((await wayOf(accepted[99]!)).at(-1)).toMatch(/^FIN_WAIT/);
    last.close();
    expect((await wayOf(accepted[99]!)).at(-1)).toBe("TIME_WAIT");
    expect(await wayOf(last)).toEqual(expect.arrayContaining(["CLOSE_WAIT", "CLOSE"]));
  });

  test("a step looks at a few, however many are open: its own, the other end, and others in turn", async () => {
    const { server, place } = listening(undefined, 200);
    const made: Handle[] = [];
    for (let i = 0; i < 60; i++) {
      made.push(await connected(place, undefined, `client ${i}`));
      made.push(await server.accept());
    }
    await nextSecond();
    const [client, conversation] = [made[40]!, made[41]!];
    const asked: number[] = [];
    const before = observeCalls((record, context) => {
      const { call } = record as unknown as { call: { name: string; fd: number } };
      if (call.name === "getsockopt") asked.push(call.fd);
      before?.(record, context);
    });
    try {
      client.shutdown(SHUT_WR);
    } finally {
      observeCalls(before);
    }
    expect(asked.length).toBeLessThanOrEqual(16);
    expect(asked.slice(0, 2)).toEqual([client.fd, conversation.fd]);
  });
});

test("what becomes of a closed socket is not drawn at the one that has its name now; states() tells it", async () => {
  const { server, place } = listening();
  const client = await connected(place, undefined, "again");
  const conversation = await server.accept();
  client.close();
  conversation.close();
  const heir = socket("again", AF_INET, SOCK_STREAM);
  const words = (await printed(() => ladder())).join(" ");
  expect(words.match(/again is now \w+/g)?.at(-1)).toBe("again is now CLOSE");
  expect(words).not.toContain("again is now TIME_WAIT");
  expect((await wayOf(client)).at(-1)).toBe("TIME_WAIT");
  expect(await wayOf(heir)).toEqual(["CLOSE"]);
});

test("what sockets() and handles() print is part of what states() tells", async () => {
  for (const [table, word] of [
    [sockets, "FIN_WAIT2"],
    [handles, "CLOSE_WAIT"],
  ] as const) {
    const { server, place } = listening();
    const client = await connected(place);
    const conversation = await server.accept();
    // Not by a step of a handle: nobody looks then.
    calls.shutdown(client.fd, SHUT_WR);
    await expect.poll(async () => (await printed(() => table())).join("\n")).toContain(word);
    conversation.close();
    client.close();
    const way = (await printed(() => states(word === "FIN_WAIT2" ? client : conversation))).join(" ");
    expect(way).toContain(word);
    closeAll();
  }
});

describe("who is at the other end", () => {
  let child: Child | undefined;
  afterEach(async () => {
    child?.end();
    await child?.ended;
    child = undefined;
  });

  test("a connection of strangers with one of our ports is not in the table, its own end of ours is", async () => {
    const { server, place } = listening();
    const client = socket("client", AF_INET, SOCK_STREAM);
    const port = choosePort();
    client.bind(LOOPBACK, port);
    await client.connect(...place);
    await server.accept();
    // The same port once more, for a connection to somebody else; and one to our server.
    child = start("python3", [
      "-c",
      `import socket, sys
inn = socket.create_server(("127.0.0.1", 0))
one = socket.socket()
one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
one.bind(("127.0.0.1", ${port}))
one.connect(inn.getsockname())
two = inn.accept()
guest = socket.create_connection(("127.0.0.1", ${place[1]}))
box = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
box.bind(("127.0.0.1", ${port}))
print(inn.getsockname()[1], guest.getsockname()[1], flush=True)
sys.stdin.read()`,
    ]);
    const [strange, guest] = (await child.line()).split(" ");
    const lines = await printed(() => sockets());
    expect(lines.filter((line) => line.includes(`:${strange} `))).toEqual([]);
    expect(lines.filter((line) => line.includes("udp"))).toEqual([]);
    const shown = lines.filter((line) => line.includes("(not of this notebook)"));
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatch(new RegExp(`127.0.0.1:${guest} .*127.0.0.1:${place[1]} .*python`));
  });

  test("a socket of this process without a handle is not called a stranger's", async () => {
    const fd = calls.socket(AF_INET, SOCK_STREAM);
    const port = choosePort();
    calls.bind(fd, { family: "AF_INET", address: LOOPBACK, port });
    calls.listen(fd, 1);
    await connected([LOOPBACK, port]);
    const lines = await printed(() => sockets());
    const row = lines.find((line) => line.startsWith("(without a handle)"));
    expect(row).toMatch(new RegExp(`^\\(without a handle\\) +${fd} .*LISTEN.* this notebook$`));
    expect(lines.join("\n")).not.toContain("not of this notebook");
    calls.close(fd);
  });
});
