import { trace } from "kernel-helpers";
import { inTurns } from "../measure/turns.mjs";
import { handles } from "./pair.mjs";

// The same with handles: checked, recorded, and each call awaited.
trace.off();
const { client, server } = await handles();

await inTurns(async (rounds) => {
  for (let i = 0; i < rounds; i++) {
    await client.send("hello");
    await server.recv(1024);
  }
});
