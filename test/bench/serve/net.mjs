import { createServer } from "node:net";

// The same with node:net.
const server = createServer((connection) => {
  connection.on("data", (data) => connection.write(data));
  connection.on("error", () => {});
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(/** @type {import("node:net").AddressInfo} */ (server.address()).port);
});
process.stdin.resume().on("end", () => process.exit());
