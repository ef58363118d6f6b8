import { standsAlone, tellPlace } from "./call-place";
import { reportCallbackErrors } from "./callbacks";
import { Channels, readConnection } from "./channels";
import { showOwnFramesOnly } from "./frames";
import { Interrupts } from "./interrupts";
import { endWithParent } from "./lifetime";
import { loadEngine } from "./load";
import { showPromisesPlainly } from "./promises";
import { Server } from "./server";
import { Wire } from "./wire";

// Our kernel: tslab, unmodified, between the repairs in this folder. Jupyter runs this file with a connection file as its argument.

async function main(connectionFile: string | undefined): Promise<void> {
  if (connectionFile === undefined) throw new Error("usage: node launcher.js <Jupyter connection file>");
  endWithParent();
  const interrupts = new Interrupts();
  const connection = readConnection(connectionFile);
  const channels = new Channels();
  // Before the compiler is loaded, which takes a second: clients can connect meanwhile.
  await channels.bind(connection);
  const engine = Promise.all([loadEngine(interrupts), interrupts.ready]).then(([loaded]) => loaded);
  const wire = new Wire(connection.key, connection.signature_scheme);
  const server = new Server(channels, wire, engine, () => process.exit(0));
  const cell = Object.assign(server.cells.current, { standsAlone, tellPlace });
  Object.assign(globalThis, { [Symbol.for("socket-workshop.cell")]: cell });
  server.serve();
  interrupts.onInterrupt = () => server.cells.interrupt();
  reportCallbackErrors();
  showOwnFramesOnly();
  showPromisesPlainly();
  await engine;
  // In the next turn: what clients have asked meanwhile is answered first.
  setImmediate(() => server.cells.warmUp());
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
