import {
  AF_INET,
  AF_UNIX,
  attempt,
  type Handle,
  LOOPBACK,
  loseDatagrams,
  loseSegments,
  type OtherProcess,
  otherProcess,
  type ProcessHandle,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  TCP_INFO,
  TCP_NODELAY,
  trace,
} from "kernel-helpers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { paragraphs, printed } from "../support/captured.js";
import { run, wrapped } from "../support/child.js";
import { guardDescriptors } from "../support/descriptors.js";
import { failureOf, rejectionOf } from "../support/outcome.js";
import { streamPair } from "../support/pairs.js";
import { PATIENCE_MS } from "../support/time.js";

guardDescriptors();

let lab: OtherProcess;
beforeEach(async () => {
  lab = await otherProcess("lab", { network: "own" });
});
afterEach(() => lab.stop());

/** A connection inside the lab. */
async function connection(): Promise<{ sender: ProcessHandle; receiver: ProcessHandle }> {
  const server = await lab.socket("server", AF_INET, SOCK_STREAM);
  await server.bind(LOOPBACK, 0);
  await server.listen(5);
  const sender = await lab.socket("sender", AF_INET, SOCK_STREAM);
  await sender.connect(LOOPBACK, (await server.getsockname()).port);
  await sender.setsockopt(TCP_NODELAY, true);
  return { sender, receiver: await server.accept() };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i).padStart(4)).join("");

describe("TCP with loss", () => {
  test("10 % of the segments are lost, and every byte arrives, in order, after some were sent again", async () => {
    const { sender, receiver } = await connection();
    await loseSegments(receiver, 0.1);
    let got = "";
    const reading = (async () => {
      while (got.length < 800) got += await receiver.recv(1024, 0, { timeout: PATIENCE_MS });
    })();
    // Each a segment of its own: the next one is sent when the system has taken the one before.
    for (const piece of numbers(200).match(/..../g)!) await sender.send(piece);
    await reading;
    expect(got).toBe(numbers(200));
    // The chance that none of 200 is lost: 1 in 10^9. Several that were lost can go again in one segment.
    expect((await sender.getsockopt(TCP_INFO)).totalRetrans).toBeGreaterThan(0);
  });

  test("what has arrived waits for the lost segment before it: both are received at once", async () => {
    const { sender, receiver } = await connection();
    const received: string[] = [];
    // On a busy machine the first one can have been sent again before the second is sent at all.
    for (let round = 0; round < 10 && !received.includes("onetwo"); round++) {
      await loseSegments(receiver, 1);
      await sender.send("one");
      await loseSegments(receiver, 0);
      await sender.send("two");
      let got = "";
      while (got.length < 6) got += received[received.push(`${await receiver.recv(6)}`) - 1];
      expect(got).toBe("onetwo");
    }
    expect(received).toContain("onetwo");
    expect((await sender.getsockopt(TCP_INFO)).totalRetrans).toBeGreaterThan(0);
  });

  test("after 0 nothing is lost any more", async () => {
    const { sender, receiver } = await connection();
    await loseSegments(receiver, 0.5);
    const lines = await printed(() => loseSegments(receiver, 0));
    expect(paragraphs(lines).at(-1)).toContain('From now on the system throws away nothing at "server→1" by chance.');
    for (let i = 0; i < 50; i++) {
      await sender.send("x");
      await receiver.recv(1);
    }
    expect((await sender.getsockopt(TCP_INFO)).totalRetrans).toBe(0);
  });
});

describe("datagrams of another process", () => {
  test("all are lost, and then none", async () => {
    const receiver = await lab.socket("receiver", AF_INET, SOCK_DGRAM);
    await receiver.bind(LOOPBACK, 0);
    const sender = await lab.socket("sender", AF_INET, SOCK_DGRAM);
    await sender.connect(LOOPBACK, (await receiver.getsockname()).port);
    const lines = await printed(() => loseDatagrams(receiver, 1));
    expect(paragraphs(lines)).toEqual([
      `receiver      setsockopt(${receiver.fd}, SO_ATTACH_FILTER) = 0`,
      '              From now on the system throws away all of the datagrams that arrive at "receiver".',
    ]);
    await sender.send("lost");
    await loseDatagrams(receiver, 0);
    await sender.send("kept");
    expect(`${await receiver.recv()}`).toBe("kept");
  });
});

describe("what is refused before any call is made", () => {
  const refusals = (handle: ProcessHandle, lose: (handle: ProcessHandle, p: number) => Promise<void>) =>
    Promise.all([-0.1, 1.1, Number.NaN, "0.1" as never].map((p) => rejectionOf(lose(handle, p))));

  test("a probability that is none, in the other process too", async () => {
    const box = await lab.socket("box", AF_INET, SOCK_DGRAM);
    const before = trace.records().length;
    for (const { name } of await refusals(box, loseDatagrams)) expect(name).toMatch(/^(Range|Type)Error$/);
    for (const { name } of await refusals(box, loseSegments)) expect(name).toBe("TypeError");
    expect(trace.records()).toHaveLength(before);
  });

  test("the wrong kind of socket, which the text names", async () => {
    const box = socket("box", AF_INET, SOCK_DGRAM);
    const path = socket("path", AF_UNIX, SOCK_STREAM);
    expect(failureOf(() => loseSegments(box, 0.1))).toMatchObject({
      name: "TypeError",
      message: '"box" is not a TCP socket: it has no segments. Use loseDatagrams(handle, probability).',
    });
    expect(failureOf(() => loseSegments(path, 0.1)).message).toBe('"path" is not a TCP socket: it has no segments.');
    const stream = await lab.socket("stream", AF_INET, SOCK_STREAM);
    expect((await rejectionOf(loseDatagrams(stream, 0.1))).message).toContain('"stream" is a stream socket');
    for (const none of [undefined, null, 5, {}])
      expect(failureOf(() => loseSegments(none as never, 0.1))).toBeInstanceOf(TypeError);
  });

  test("a closed handle, and one of a process that has ended", async () => {
    const { client: here, server } = await streamPair();
    server.close();
    here.close();
    expect(failureOf(() => loseSegments(here, 0.1)).name).toBe("ClosedError");
    const { receiver } = await connection();
    await lab.kill();
    expect((await rejectionOf(loseSegments(receiver, 0.1))).name).toBe("ProcessError");
  });
});

test("without the privilege: EPERM, and the text says who has it", async () => {
  const script = `const { attempt, loseSegments } = sockets;
    const handle = socket("mine", AF_INET, SOCK_STREAM);
    trace.short();
    await attempt(() => loseSegments(handle, 0.1));
    handle.close();`;
  // In a user namespace of its own a process has no privilege over the network that it came from.
  const { stdout, code } = await run("unshare", ["--user", process.execPath, "-e", wrapped(script)]);
  expect(code).toBe(0);
  expect(paragraphs(stdout.split("\n"))).toEqual([
    expect.stringMatching(/^mine +setsockopt\(\d+, SO_ATTACH_FILTER\) = -1 EPERM \(Operation not permitted\)$/),
    expect.stringContaining('await otherProcess("lab", { network: "own" }). man 2 setsockopt'),
    expect.stringMatching(/^mine +close/),
    "",
  ]);
});

test("attempt() returns what it explains", async () => {
  const box: Handle = socket("box", AF_INET, SOCK_DGRAM);
  let error: unknown;
  await printed(() => {
    error = attempt(() => loseSegments(box, 0.1));
  });
  expect(error).toBeInstanceOf(TypeError);
});
