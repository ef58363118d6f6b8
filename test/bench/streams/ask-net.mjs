import { once } from "node:events";
import { connect } from "node:net";
import { inTurns } from "../measure/turns.mjs";

// The same with node:net.
const client = connect(Number(process.argv[2]), "127.0.0.1");
client.setNoDelay(true);
await once(client, "connect");
let answered = () => {};
client.on("data", () => answered());

await inTurns(async (rounds) => {
  for (let i = 0; i < rounds; i++) {
    const answer = new Promise((resolve) => {
      answered = () => resolve(undefined);
    });
    client.write("hello");
    await answer;
  }
});
