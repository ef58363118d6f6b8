import { once } from "node:events";
import { connect, createServer } from "node:net";
import { inTurns } from "../measure/turns.mjs";

// The same as bulk.c with node:net, as its documentation says: write waits for "drain" when the stream is full.
const MEGABYTE = 1024 * 1024;
const [port] = process.argv.slice(2).map(Number);

if (port === undefined) {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  console.log(/** @type {import("node:net").AddressInfo} */ (server.address()).port);
  const [connection] = await once(server, "connection");
  let taken = 0;
  let more = () => {};
  connection.on("data", (/** @type {Buffer} */ data) => {
    taken += data.byteLength;
    more();
  });
  await inTurns(async (rounds) => {
    const all = rounds * MEGABYTE;
    await new Promise((resolve) => {
      more = () => taken >= all && resolve(undefined);
      more();
    });
    taken -= all;
    connection.write("!");
  });
} else {
  const connection = connect(port, "127.0.0.1");
  await once(connection, "connect");
  const data = Buffer.alloc(MEGABYTE);
  await inTurns(async (rounds) => {
    const answer = once(connection, "data");
    for (let i = 0; i < rounds; i++) if (!connection.write(data)) await once(connection, "drain");
    await answer;
  });
}
