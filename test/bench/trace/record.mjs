import { calls, trace } from "kernel-helpers";
import { observeCalls } from "kernel-helpers/dist/libc/funnel.js";
import { numbers } from "../calls/pair.mjs";
import { inTurns } from "../measure/turns.mjs";

// Calls on numbers, recorded as always, or with the argument "unrecorded" by nobody.
trace.off();
const [client, server] = numbers();
const hello = Buffer.from("hello");
const memory = Buffer.alloc(1024);
if (process.argv[2] === "unrecorded") observeCalls(undefined);

await inTurns((rounds) => {
  for (let i = 0; i < rounds / 2; i++) {
    calls.send(client, hello);
    calls.recv(server, memory);
  }
});
