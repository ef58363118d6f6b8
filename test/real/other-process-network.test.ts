import {
  AF_INET,
  attempt,
  choosePort,
  handles,
  LOOPBACK,
  ladder,
  type OtherProcess,
  otherProcess,
  SO_RCVBUF,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  sockets,
} from "kernel-helpers";
import { networkOf, socketTable } from "kernel-helpers/dist/inspection/index.js";
import { lookAfterSteps } from "kernel-helpers/dist/inspection/state-looks.js";
import { networks } from "kernel-helpers/dist/processes/networks.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { inNetworkOf } from "../support/networks.js";
import { wayOf } from "../support/states.js";

guardDescriptors();
lookAfterSteps();

let lab: OtherProcess;
beforeEach(async () => {
  lab = await otherProcess("lab", { network: "own" });
});
afterEach(() => lab.stop());

/** A server and a client here, and both in the other network, at the very same address and port. */
async function twice() {
  const port = choosePort();
  const server = socket("server", AF_INET, SOCK_STREAM);
  server.bind(LOOPBACK, port);
  server.listen(5);
  const theirs = await lab.socket("theirs", AF_INET, SOCK_STREAM);
  await theirs.bind(LOOPBACK, port);
  await theirs.listen(5);
  const mine = socket("mine", AF_INET, SOCK_STREAM);
  await mine.connect(LOOPBACK, port);
  const client = await lab.socket("client", AF_INET, SOCK_STREAM);
  // The same four numbers in both networks.
  await client.bind(LOOPBACK, mine.getsockname().port);
  await client.connect(LOOPBACK, port);
  return { port, server, mine, theirs, client };
}

const words = async (): Promise<string> => (await printed(() => ladder())).join(" ");

test("a process tells which network it is in, and the table of each is its own", async () => {
  expect(networkOf(lab.pid)).toMatch(/^net:\[\d+\]$/);
  expect(networkOf(lab.pid)).not.toBe(networkOf());
  const { port, server } = await twice();
  const listeners = (pid?: number) =>
    socketTable("tcp", pid)!.filter(({ state, local }) => state === "LISTEN" && local.port === port);
  expect(listeners()).toHaveLength(1);
  expect(listeners(lab.pid)).toHaveLength(1);
  expect(listeners(lab.pid)[0]!.inode).not.toBe(listeners()[0]!.inode);
  server.close();
  expect(listeners()).toEqual([]);
  expect(listeners(lab.pid)).toHaveLength(1);
  await lab.kill();
  expect(socketTable("tcp", lab.pid)).toBeUndefined();
  expect(networkOf(lab.pid)).toBeUndefined();
});

test("two processes in one network: its tables are read once", async () => {
  const neighbour = await inNetworkOf(lab, "neighbour");
  try {
    expect(networkOf(neighbour.pid)).toBe(networkOf(lab.pid));
    expect(networks().map(({ name, reader, title }) => [name, reader, title])).toEqual([
      [networkOf(), "self", undefined],
      [networkOf(lab.pid), lab.pid, "lab"],
    ]);
    const { port } = await twice();
    const caller = await neighbour.socket("caller", AF_INET, SOCK_STREAM);
    await caller.connect(LOOPBACK, port);
    expect(await words()).toMatch(
      // On a busy machine the handshake takes so long that it is told.
      /caller: connect 127\.0\.0\.1:\d+ = 0; (?:waited [^;]+; )?waits in the queue to be accepted at theirs \(inferred\)\./,
    );
  } finally {
    await neighbour.stop();
  }
});

test("arrows stay in one network", async () => {
  const { server, theirs } = await twice();
  const here = await server.accept();
  const there = await theirs.accept();
  expect(await here.getpeername()).toEqual(await there.getpeername());
  const drawn = await words();
  expect(drawn).toMatch(/server: accept [^;]*; takes the connection of mine; new socket server→1/);
  expect(drawn).toMatch(/theirs: accept [^;]*; takes the connection of client; new socket theirs→1/);
  here.close();
});

test("one that connects to a listener of the other network is refused, and has an arrow to nobody", async () => {
  const { port, theirs } = await twice();
  await theirs.close();
  const lost = await lab.socket("lost", AF_INET, SOCK_STREAM);
  await printed(() => attempt(() => lost.connect(LOOPBACK, port)));
  expect(await words()).toMatch(/= -1 ECONNREFUSED;( waited [0-9.]+ ms;)? nobody listens there/);
});

test("datagrams: each to the receiver of its network, and what each has dropped", async () => {
  const port = choosePort();
  const here = socket("here", AF_INET, SOCK_DGRAM);
  here.bind(LOOPBACK, port);
  const there = await lab.socket("there", AF_INET, SOCK_DGRAM);
  await there.bind(LOOPBACK, port);
  await there.setsockopt(SO_RCVBUF, 1);
  const mine = socket("mine", AF_INET, SOCK_DGRAM);
  const writer = await lab.socket("writer", AF_INET, SOCK_DGRAM);
  await mine.sendto("for here", LOOPBACK, port);
  for (let i = 0; i < 4; i++) await writer.sendto(Buffer.alloc(800), LOOPBACK, port);
  const drawn = await words();
  expect(drawn.match(/waits in the queue at here/g)).toHaveLength(1);
  expect(drawn.match(/waits in the queue at there/g)).toHaveLength(1);
  expect(drawn.match(/dropped: the queue was full at there/g)).toHaveLength(3);
});

describe("the same four numbers in both networks", () => {
  test("states are those of the own connection, and end with the network", async () => {
    const { server, mine, client } = await twice();
    mine.close();
    (await server.accept()).close();
    expect(await wayOf(mine)).toEqual(["CLOSE", "ESTABLISHED", "TIME_WAIT"]);
    expect(await wayOf(client)).toEqual(["CLOSE", "ESTABLISHED"]);
    await client.close();
    expect(await wayOf(client)).toEqual(["CLOSE", "ESTABLISHED", "FIN_WAIT"]);
    expect((await wayOf(mine)).at(-1)).toBe("TIME_WAIT");
    await lab.kill();
    expect(await wayOf(client)).toEqual(["CLOSE", "ESTABLISHED", "FIN_WAIT", "CLOSE"]);
    expect((await wayOf(mine)).at(-1)).toBe("TIME_WAIT");
  });

  test("sockets() and handles() say which network a row is in", async () => {
    const { port, mine, client } = await twice();
    const from = mine.getsockname().port;
    await client.close();
    const table = await printed(() => sockets());
    const cells = (line: string) => line.split(/ {2,}/);
    const [head, ...rows] = table.map(cells);
    expect(head!.slice(-2)).toEqual(["owner", "network"]);
    // On their ports, other tests can have left connections of other addresses in TIME_WAIT.
    const end = `127.0.0.1:${port}`;
    const of = (name: string) =>
      rows.filter(([handle, , , local, peer]) => handle === name && (local === end || peer === end));
    expect(of("server")[0]!.at(-1)).toBe("of this notebook");
    expect(of("theirs")[0]).toEqual(expect.arrayContaining([end, "LISTEN", `lab, pid ${lab.pid}`, "of lab"]));
    // The closed client, whose FIN a busy system acknowledges later, and the other end of its connection, which nobody has accepted.
    expect(of("(no handle any more)").map((row) => [row[3], row[5], row.at(-1)])).toEqual([
      [`127.0.0.1:${from}`, expect.stringMatching(/^FIN_WAIT[12]$/), "of lab"],
    ]);
    expect(of("(waits to be accepted)").map((row) => [row[5], row.at(-1)])).toEqual([
      ["ESTABLISHED", "of this notebook"],
      ["CLOSE_WAIT", "of lab"],
    ]);
    const lines = await printed(() => handles());
    expect(lines.find((line) => line.startsWith("theirs "))).toContain("LISTEN");
  });

  test("a port that is taken is taken by a handle of that network", async () => {
    const { port, server } = await twice();
    const second = await lab.socket("second", AF_INET, SOCK_STREAM);
    const said = async () => paragraphs(await printed(() => attempt(() => second.bind(LOOPBACK, port)))).join(" ");
    expect(await said()).toContain('taken by "theirs", a handle of your other process "lab"');
    const rival = socket("rival", AF_INET, SOCK_STREAM);
    const here = paragraphs(await printed(() => attempt(() => rival.bind(LOOPBACK, port)))).join(" ");
    expect(here).toContain('taken by your own handle "server"');
    server.close();
    rival.setsockopt(SO_REUSEADDR, 1);
    rival.bind(LOOPBACK, port);
    rival.close();
  });
});
