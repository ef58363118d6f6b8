import { trace } from "kernel-helpers";
import { handles } from "../calls/pair.mjs";
import { inTurns } from "../measure/turns.mjs";

// The same with handles: the one who answers goes on in the background.
trace.off();
const { client, server } = await handles();

async function answer() {
  for (;;) {
    const data = await server.recv(1024, 0, { timeout: Number.POSITIVE_INFINITY });
    if (data.byteLength === 0) return;
    await server.send(data);
  }
}
void answer();

await inTurns(async (rounds) => {
  for (let i = 0; i < rounds; i++) {
    await client.send("hello");
    await client.recv(1024);
  }
});
