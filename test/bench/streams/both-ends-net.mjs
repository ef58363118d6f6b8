import { once } from "node:events";
import { connect, createServer } from "node:net";
import { inTurns } from "../measure/turns.mjs";

// Both ends in one process, with node:net: one asks, the other sends back what comes.
const server = createServer((connection) => {
  connection.on("data", (data) => connection.write(data));
}).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const client = connect(port, "127.0.0.1");
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
