import { calls, trace } from "kernel-helpers";
import { inTurns } from "../measure/turns.mjs";
import { numbers } from "./pair.mjs";

// The calls on numbers, as a cell makes them: checked and recorded.
trace.off();
const [client, server] = numbers();
const hello = Buffer.from("hello");
const memory = Buffer.alloc(1024);

await inTurns((rounds) => {
  for (let i = 0; i < rounds; i++) {
    calls.send(client, hello);
    calls.recv(server, memory);
  }
});
