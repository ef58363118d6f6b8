import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  AF_INET,
  closeAll,
  LOOPBACK,
  MSG_DONTWAIT,
  MSG_WAITALL,
  type OtherProcess,
  otherProcess,
  SOCK_STREAM,
  socket,
  trace,
} from "kernel-helpers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as calls from "../../kernel-helpers/dist/calls/index.js";
import { type ConversationStep, fromSteps } from "../../kernel-helpers/dist/conversation/index.js";
import { ladderPicture } from "../../kernel-helpers/dist/pictures/index.js";
import { guardDescriptors } from "../support/descriptors.js";
import { turn } from "../support/outcome.js";
import { POLLERS, waitWith } from "../support/pollers.js";
import { listeningIn, pairWith } from "../support/rival.js";

// A wait is over when the system tells so, not when the event loop comes to it: who looks at a ladder would look for the fault in the network.

guardDescriptors();

/**
 * How long the event loop is kept busy, and what a wait may seem to last that is over at once: milliseconds. It is found over within 5 ms,
 * where the machine has a processor for the thread that looks, and for the other process.
 */
const BUSY = 1000;
const AT_ONCE = BUSY / 2;

let rival: OtherProcess;
beforeEach(async () => {
  trace.clear();
  rival = await otherProcess("rival");
});
afterEach(async () => {
  await rival.stop();
  closeAll();
});

/** The cell computes. */
function compute(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

/** The last call of this name, as pictures take it. */
function drawn(handle: string, name: string): ConversationStep {
  return fromSteps(trace.steps(), calls).findLast((step) => step.handle === handle && step.call === name)!;
}

/** How long it is shown to have waited. */
function shownWait({ waited, waitedFor, start, end }: ConversationStep): number {
  return waited ? (waitedFor ?? end! - start) : 0;
}

/** The call itself ended when the event loop came to it, and says so. */
function expectShort(step: ConversationStep): void {
  expect(step.end! - step.start).toBeGreaterThanOrEqual(BUSY);
  expect(shownWait(step)).toBeLessThan(AT_ONCE);
}

describe.each(POLLERS)("with %s, while the event loop is busy", (kind) => {
  waitWith(kind);

  // The thread is there: its start takes a while.
  beforeEach(async () => {
    const { mine, theirs } = await pairWith(rival, "first");
    const got = mine.recv();
    await turn();
    await theirs.send("warm");
    await got;
    mine.close();
    await theirs.close();
  });

  test.each([
    ["right after the call", false],
    ["after a turn of the event loop", true],
  ])("a connect that is answered at once has not waited, busy %s", async (_, turns) => {
    const { port } = await listeningIn(rival);
    const client = socket("client", AF_INET, SOCK_STREAM);
    const connected = client.connect(LOOPBACK, port);
    if (turns) await turn();
    compute(BUSY);
    await connected;
    expect(shownWait(drawn("client", "connect"))).toBeLessThan(AT_ONCE);
    // After a turn of the event loop the handshake can be over already.
    const { start, end } = trace.steps().findLast(({ name }) => name === "connect")!;
    if (!turns) expect(end! - start).toBeGreaterThanOrEqual(BUSY);
  });

  test.each([
    ["right after the call", false],
    ["after a turn of the event loop", true],
  ])("a recv whose bytes come at once, busy %s", async (_, turns) => {
    const { mine, theirs } = await pairWith(rival);
    const got = mine.recv();
    if (turns) await turn();
    const sent = theirs.send("here");
    compute(BUSY);
    expect(String(await got)).toBe("here");
    await sent;
    expectShort(drawn("mine", "recv"));
    const { alt } = ladderPicture({ steps: fromSteps(trace.steps(), calls) });
    expect(/mine: recv "here" = 4; waited ([\d.]+) ms/.exec(alt)?.[1]).toSatisfy((ms) => Number(ms) < AT_ONCE);
  });

  test("an accept whose client comes at once", async () => {
    const server = socket("server", AF_INET, SOCK_STREAM);
    server.bind(LOOPBACK, 0);
    server.listen(5);
    const caller = await rival.socket("caller", AF_INET, SOCK_STREAM);
    const accepted = server.accept();
    const connected = caller.connect(LOOPBACK, server.getsockname().port);
    compute(BUSY);
    await Promise.all([accepted, connected]);
    expectShort(drawn("server", "accept"));
  });

  test("a send for which the other end makes room at once", async () => {
    const { mine, theirs } = await pairWith(rival);
    const block = Buffer.alloc(65_536);
    let sent = 0;
    for (let took = 1; took > 0; sent += took) took = await mine.send(block, MSG_DONTWAIT).catch(() => 0);
    const waiting = mine.send(block);
    const read = theirs.recv(sent, MSG_WAITALL);
    compute(BUSY);
    await Promise.all([waiting, read]);
    expectShort(drawn("mine", "send"));
  });

  test("a wait that is over while the event loop is busy has lasted until then", async () => {
    const late = 500;
    const script = `
      const server = require("node:net").createServer((c) => c.once("data", () => setTimeout(() => c.end("late"), ${late})));
      server.listen(0, "127.0.0.1", () => console.log(server.address().port));
      process.stdin.resume().on("end", () => process.exit());`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      const [port] = await once(child.stdout, "data");
      const client = socket("client", AF_INET, SOCK_STREAM);
      await client.connect(LOOPBACK, Number(port));
      await client.send("now");
      const got = client.recv();
      compute(5 * late);
      expect(String(await got)).toBe("late");
      const waited = shownWait(drawn("client", "recv"));
      // Its timer began before the wait, when the bytes arrived there; and nothing here depends on how soon this thread is told.
      expect(waited).toBeGreaterThan(late / 2);
      expect(waited).toBeLessThan(5 * late - late / 2);
    } finally {
      child.stdin.end();
      await once(child, "exit");
    }
  });

  test("a wait in an idle event loop is shown as it was", async () => {
    const { mine, theirs } = await pairWith(rival);
    const got = mine.recv();
    const began = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 150));
    const idle = performance.now() - began;
    await theirs.send("late");
    await got;
    const step = drawn("mine", "recv");
    expect(shownWait(step)).toBeGreaterThanOrEqual(idle - 1);
    expect(shownWait(step)).toBeLessThanOrEqual(step.end! - step.start);
  });
});

test("another process tells when its wait was over", async () => {
  const { mine, theirs } = await pairWith(rival);
  const got = theirs.recv();
  // It waits, and is told by its own thread.
  while (trace.steps().findLast(({ name }) => name === "recv")?.waitedFrom === undefined) await turn();
  await new Promise((resolve) => setTimeout(resolve, 150));
  await mine.send("late");
  await got;
  const { readyAt, end, waitedFrom } = trace.steps().findLast(({ name }) => name === "recv")!;
  expect(readyAt).toBeGreaterThan(waitedFrom!);
  expect(readyAt).toBeLessThan(end!);
});
