import { reportCallbackErrors } from "./callbacks";
import { Channels, readConnection } from "./channels";
import type { Engine } from "./engine";
import { Interrupts } from "./interrupts";
import { endWithParent } from "./lifetime";
import { Server } from "./server";
import { Wire } from "./wire";

// Our kernel: tslab, unmodified, between the repairs in this folder. Jupyter runs this file with a connection file as its argument.

async function main(connectionFile: string | undefined): Promise<void> {
  if (connectionFile === undefined) throw new Error("usage: node launcher.js <Jupyter connection file>");
  const interrupts = new Interrupts();
  const connection = readConnection(connectionFile);
  const channels = new Channels();
  // Before the compiler is loaded, which takes a second: clients can connect meanwhile.
  await channels.bind(connection);
  const server = new Server(channels, new Wire(connection.key, connection.signature_scheme), load(interrupts), () =>
    process.exit(0),
  );
  Object.assign(globalThis, { [Symbol.for("socket-workshop.cell")]: server.cells.current });
  server.serve();
  interrupts.onInterrupt = () => server.cells.interrupt();
  reportCallbackErrors();
  endWithParent();
}

/** Loads tslab and makes its compiler ready. */
function load(interrupts: Interrupts): Promise<Engine> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        const engine: typeof import("./engine") = require("./engine");
        resolve(new engine.Engine(interrupts));
      } catch (error) {
        reject(error);
      }
    });
  });
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
