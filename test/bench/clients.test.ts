import { AF_INET, type Handle, SOCK_STREAM, socket } from "kernel-helpers";
import { test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { listening } from "../support/pairs.js";
import { figureOf, put, timed } from "./measure/figures.js";
import { TURNS } from "./measure/turns.js";

guardDescriptors();

const CLIENTS = 1000;

/** Milliseconds for all of them. */
interface Times {
  connect: number;
  accept: number;
  close: number;
}

async function together(): Promise<Times> {
  const { server, place } = listening(undefined, CLIENTS);
  const names = Array.from({ length: CLIENTS }, (_, i) => `client ${i}`);
  const clients = names.map((name) => socket(name, AF_INET, SOCK_STREAM));
  let accepted: Handle[] = [];
  const connect = await timed(() => Promise.all(clients.map((client) => client.connect(place[0], place[1]))));
  const accept = await timed(async () => {
    accepted = await Promise.all(names.map(() => server.accept()));
  });
  const close = await timed(() => {
    for (const handle of [...clients, ...accepted, server]) handle.close();
  });
  return { connect, accept, close };
}

test("1,000 clients connect, are accepted, and are closed", async ({ task }) => {
  const all: Times[] = [];
  for (let turn = 0; turn < TURNS; turn++) all.push(await together());
  const sums = all.map(({ connect, accept, close }) => connect + accept + close);
  put(task, [
    figureOf(
      "1,000 clients connect",
      "ms",
      all.map(({ connect }) => connect),
      { atMost: 60 },
    ),
    figureOf("1,000 clients connect, are accepted, are closed", "ms", sums, { atMost: 3000 }),
  ]);
});
