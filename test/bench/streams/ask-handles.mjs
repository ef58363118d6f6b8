import { LOOPBACK, SOCK_STREAM, socket, trace } from "kernel-helpers";
import { inTurns } from "../measure/turns.mjs";

// Asks and waits for the answer, with a handle; the port of the one who answers is the argument.
trace.off();
const client = socket("client", 2, SOCK_STREAM);
await client.connect(LOOPBACK, Number(process.argv[2]));

await inTurns(async (rounds) => {
  for (let i = 0; i < rounds; i++) {
    await client.send("hello");
    await client.recv(1024);
  }
});
