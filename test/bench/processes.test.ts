import { AF_INET, LOOPBACK, otherProcess, type ProcessHandle, SOCK_STREAM } from "kernel-helpers";
import { test } from "vitest";
import { guardDescriptors } from "../support/descriptors.js";
import { figureOf, median, put, timed } from "./measure/figures.js";

guardDescriptors();

const ROUNDS = 2000;
const STREAMS = 8;
type Pair = readonly [client: ProcessHandle, conversation: ProcessHandle];

async function round([client, conversation]: Pair): Promise<void> {
  await client.send("hello");
  await conversation.recv(1024);
}

test("a round of send and recv in another process, alone and in eight streams at once", async ({ task }) => {
  const rival = await otherProcess("rival");
  try {
    const server = await rival.socket("server", AF_INET, SOCK_STREAM);
    await server.bind(LOOPBACK, 0);
    await server.listen(STREAMS);
    const { port } = await server.getsockname();
    const pairs: Pair[] = [];
    for (let i = 0; i < STREAMS; i++) {
      const client = await rival.socket(`client ${i}`, AF_INET, SOCK_STREAM);
      await client.connect(LOOPBACK, port);
      pairs.push([client, await server.accept()]);
    }
    const alone: number[] = [];
    for (let i = 0; i < ROUNDS; i++) alone.push(await timed(() => round(pairs[0]!)));
    const rounds = async (pair: Pair) => {
      for (let i = 0; i < ROUNDS / STREAMS; i++) await round(pair);
    };
    const together = await timed(() => Promise.all(pairs.map(rounds)));
    const perSecond = (ROUNDS / together) * 1000;
    // Measured: 410 µs, most of which is two processes waking each other up four times; 5,000 rounds a second.
    put(task, [
      { what: "another process: send + recv", value: median(alone) * 1000, unit: "µs", atMost: 2000 },
      { what: "another process: send + recv in eight streams", value: perSecond, unit: "/s", atLeast: 1000 },
    ]);
  } finally {
    await rival.stop();
  }
});

test("the start of another process", async ({ task }) => {
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    const start = performance.now();
    const rival = await otherProcess("rival");
    times.push(performance.now() - start);
    await rival.stop();
  }
  put(task, [figureOf("another process is there", "ms", times, { atMost: 1000 })]);
});
