import {
  AF_INET,
  AF_UNIX,
  ANY,
  type Handle,
  LOOPBACK,
  ladder,
  type OtherProcess,
  otherProcess,
  SO_ATTACH_FILTER,
  SO_LINGER,
  SO_RCVBUF,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  states,
  trace,
} from "kernel-helpers";
import { observedStates } from "kernel-helpers/dist/inspection/state-history.js";
import { lookAfterSteps } from "kernel-helpers/dist/inspection/state-looks.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { printed } from "../support/captured.js";
import { guardDescriptors } from "../support/descriptors.js";
import { failureOf } from "../support/outcome.js";
import { listeningIn, pairWith } from "../support/rival.js";
import { wayOf } from "../support/states.js";

guardDescriptors();
// As in a notebook: a plain program looks at no states by itself.
lookAfterSteps();

let rival: OtherProcess;
beforeEach(async () => {
  rival = await otherProcess("rival");
});
afterEach(() => rival.stop());

async function listening(address?: string) {
  const { taken: server, port } = await listeningIn(rival, "server", address);
  return { server, port };
}

/** A connection from the other process to itself. */
async function inside() {
  const { server, port } = await listening();
  const client = await rival.socket("client", AF_INET, SOCK_STREAM);
  await client.connect(LOOPBACK, port);
  return { server, port, client, conversation: await server.accept() };
}

/** A connection from this process to the other one. */
async function between(address?: string) {
  const { taken: server, ...rest } = await pairWith(rival, "server", address);
  return { server, ...rest };
}

describe("the TCP states of another process's handles", () => {
  test("both ends there, from the first call to TIME_WAIT", async () => {
    const { server, client, conversation } = await inside();
    await client.close();
    await conversation.recv();
    await conversation.close();
    expect(await wayOf(server)).toEqual(["CLOSE", "LISTEN"]);
    expect(await wayOf(client)).toEqual(["CLOSE", "ESTABLISHED", "TIME_WAIT"]);
    expect(await wayOf(conversation)).toEqual(["ESTABLISHED", "CLOSE_WAIT", "CLOSE"]);
    await server.close();
    expect(await wayOf(server)).toEqual(["CLOSE", "LISTEN", "CLOSE"]);
    // The system keeps it for a minute: a second look finds it again.
    expect((await wayOf(client)).at(-1)).toBe("TIME_WAIT");
  });

  test("have the time of the call that brought them, on this process's clock", async () => {
    const { server, port } = await listening();
    const client = await rival.socket("client", AF_INET, SOCK_STREAM);
    const before = performance.now();
    await client.connect(LOOPBACK, port);
    const after = performance.now();
    await server.getsockname();
    const connect = trace.steps().find(({ name }) => name === "connect")!;
    const seen = observedStates().filter(({ pid, handle }) => pid === rival.pid && handle === "client");
    expect(seen.map(({ state }) => state)).toEqual(["CLOSE", "ESTABLISHED"]);
    expect(seen[0]!.at).toBeLessThan(before);
    expect(seen[1]!.at).toBeGreaterThan(connect.end!);
    expect(seen[1]!.at).toBeLessThan(after);
  });

  test("also what the peer here has brought about, while the other process stands still", async () => {
    const { mine, theirs } = await between();
    await rival.kill("SIGSTOP");
    mine.close();
    expect(await wayOf(theirs)).toEqual(["ESTABLISHED", "CLOSE_WAIT"]);
    expect((await wayOf(mine)).at(-1)).toBe("FIN_WAIT");
    await rival.kill("SIGCONT");
    await theirs.close();
    expect((await wayOf(theirs)).at(-1)).toBe("CLOSE");
    expect((await wayOf(mine)).at(-1)).toBe("TIME_WAIT");
  });

  test("after kill -9 the system closes, and keeps TIME_WAIT for the one that closed first", async () => {
    const { server, mine, theirs } = await between();
    await rival.kill();
    expect(theirs.closed).toBe(true);
    expect(await wayOf(theirs)).toEqual(["ESTABLISHED", "FIN_WAIT"]);
    expect(await wayOf(server)).toEqual(["CLOSE", "LISTEN", "CLOSE"]);
    expect((await wayOf(mine)).at(-1)).toBe("CLOSE_WAIT");
    mine.close();
    expect(await wayOf(theirs)).toEqual(["ESTABLISHED", "FIN_WAIT", "TIME_WAIT"]);
  });

  test("of one accepted on every address, which nobody looked at before it was closed", async () => {
    const { mine, theirs } = await between(ANY);
    await theirs.close();
    expect(await wayOf(theirs)).toEqual(["ESTABLISHED", "FIN_WAIT"]);
    mine.close();
    expect((await wayOf(theirs)).at(-1)).toBe("TIME_WAIT");
  });

  test("a broken connection is CLOSE at once, at both ends", async () => {
    const { mine, theirs } = await between();
    await theirs.setsockopt(SO_LINGER, { onoff: true, linger: 0 });
    await theirs.close();
    expect(await wayOf(theirs)).toEqual(["ESTABLISHED", "CLOSE"]);
    expect((await wayOf(mine)).at(-1)).toBe("CLOSE");
  });

  test("a closed listener is not another one that listens in its place", async () => {
    const { server, port } = await listening();
    expect(await wayOf(server)).toEqual(["CLOSE", "LISTEN"]);
    await server.close();
    const heir = socket("heir", AF_INET, SOCK_STREAM);
    heir.bind(LOOPBACK, port);
    heir.listen(5);
    expect(await wayOf(server)).toEqual(["CLOSE", "LISTEN", "CLOSE"]);
    expect(await wayOf(heir)).toEqual(["CLOSE", "LISTEN"]);
    heir.close();
    const next = socket("next", AF_INET, SOCK_STREAM);
    next.bind(LOOPBACK, port);
    next.listen(5);
    expect(await wayOf(heir)).toEqual(["CLOSE", "LISTEN", "CLOSE"]);
  });

  test("are in the ladder, in the lane of their process", async () => {
    const { client, conversation } = await inside();
    const namesake = socket("client", AF_INET, SOCK_STREAM);
    await client.close();
    await conversation.close();
    const words = (await printed(() => ladder())).join(" ");
    expect(words.match(/client is now \w+/g)).toEqual([
      "client is now CLOSE",
      "client is now ESTABLISHED",
      "client is now CLOSE",
      "client is now TIME_WAIT",
    ]);
    expect(words).toContain("server→1 is now CLOSE_WAIT");
    expect(namesake.closed).toBe(false);
  });
});

test("in the ladder a killed process's sockets end, with what it has not received", async () => {
  const { mine, theirs } = await between();
  const box = await rival.socket("box", AF_INET, SOCK_DGRAM);
  await box.bind(LOOPBACK, 0);
  const writer = socket("writer", AF_INET, SOCK_DGRAM);
  await writer.sendto("to nobody", LOOPBACK, (await box.getsockname()).port);
  const gone = await rival.socket("gone", AF_INET, SOCK_STREAM);
  await gone.close();
  await theirs.send("last words");
  await rival.kill();
  expect(String(await mine.recv())).toBe("last words");
  expect(await mine.recv()).toHaveLength(0);
  const words = (await printed(() => ladder())).join(" ");
  const ends = words.match(/\S+: process was ended by SIGKILL/g)?.map((text) => text.split(":")[0]);
  expect(ends).toEqual(["server", "server→1", "box"]);
  expect(words).toContain("mine: recv = 0 end of stream; server→1 has ended the stream");
  expect(words).toContain("never received: closed at box");
  // Seen when the process ended, and not at the next call here.
  expect(words.indexOf("mine is now CLOSE_WAIT")).toBeLessThan(words.indexOf('recv "last words"'));
  expect(words.slice(words.indexOf("end of stream"))).toMatch(/server→1 is now FIN_WAIT/);
});

test("states() says what is wrong with anything but a TCP handle", async () => {
  const box = await rival.socket("box", AF_INET, SOCK_DGRAM);
  const local = await rival.socket("local", AF_UNIX, SOCK_STREAM);
  const wrong: [value: unknown, message: string][] = [
    [box, '"box" is not a TCP socket (AF_INET SOCK_DGRAM): only TCP has these states.'],
    [local, '"local" is not a TCP socket (AF_UNIX SOCK_STREAM): only TCP has these states.'],
    [5, "states() takes a handle, for example states(client)."],
    [null, "states() takes a handle, for example states(client)."],
    [rival, 'states() takes a handle, for example states(client), and not a process: one of the handles of "rival".'],
  ];
  for (const [value, message] of wrong) {
    expect(failureOf(() => states(value as Handle))).toMatchObject({ name: "TypeError", message });
  }
  const promise = rival.socket("late", AF_INET, SOCK_STREAM);
  expect(failureOf(() => states(promise as never)).message).toContain("put `await` before the call");
  await promise;
});

describe("datagrams that another process's handle loses", () => {
  async function receiver() {
    const box = await rival.socket("box", AF_INET, SOCK_DGRAM);
    await box.bind(LOOPBACK, 0);
    return { box, port: (await box.getsockname()).port, mine: socket("mine", AF_INET, SOCK_DGRAM) };
  }
  const words = async (): Promise<string> => (await printed(() => ladder())).join(" ");

  test("because its queue is full", async () => {
    const { box, port, mine } = await receiver();
    await box.setsockopt(SO_RCVBUF, 1);
    for (let i = 0; i < 6; i++) await mine.sendto(Buffer.alloc(800), LOOPBACK, port);
    const drawn = await words();
    expect(drawn.match(/waits in the queue at box/g)).toHaveLength(1);
    expect(drawn.match(/dropped: the queue was full at box/g)).toHaveLength(5);
  });

  test("because its filter refuses them", async () => {
    const { box, port, mine } = await receiver();
    await box.setsockopt(SO_ATTACH_FILTER, Buffer.from([6, 0, 0, 0, 0, 0, 0, 0]));
    for (let i = 0; i < 3; i++) await mine.sendto("x", LOOPBACK, port);
    expect((await words()).match(/dropped by the socket's filter at box/g)).toHaveLength(3);
  });
});
