import { trace } from "kernel-helpers";
import { handles } from "../calls/pair.mjs";
import { inTurns } from "../measure/turns.mjs";

// Calls on handles of which each prints a line as the argument says. Results go to descriptor 3: standard output is the trace's.
trace.off();
const { client, server } = await handles();
const how = process.argv[2];
if (how === "short" || how === "exact") trace[how]();

await inTurns(async (rounds) => {
  for (let i = 0; i < rounds / 2; i++) {
    await client.send("hello");
    await server.recv(1024);
  }
}, 3);
