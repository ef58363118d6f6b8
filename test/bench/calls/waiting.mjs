import { trace } from "kernel-helpers";
import { inTurns } from "../measure/turns.mjs";
import { handles } from "./pair.mjs";

// The receiver waits first: each round needs the thread that waits for all, and a wake-up.
trace.off();
const { client, server } = await handles();
const turnOfTheLoop = () => new Promise(setImmediate);

await inTurns(async (rounds) => {
  for (let i = 0; i < rounds; i++) {
    const waiting = server.recv(1024);
    await turnOfTheLoop();
    await turnOfTheLoop();
    await client.send("hello");
    await waiting;
  }
});
