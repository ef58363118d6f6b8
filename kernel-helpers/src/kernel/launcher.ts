// First: what the others load may be in the snapshot.
import "./snapshot/adopt";
import { standsAlone, tellPlace } from "./call-place";
import { reportCallbackErrors } from "./callbacks";
import { Channels, readConnection } from "./channels";
import { showOwnFramesOnly } from "./frames";
import { Interrupts } from "./interrupts";
import { endFor } from "./lifetime";
import { loadEngine } from "./load";
import { optimiseLater } from "./optimising";
import { showPromisesPlainly } from "./promises";
import { Server } from "./server";
import { startedFrom } from "./snapshot/adopt";
import { renewLater } from "./snapshot/renew";
import { ownHeap, Tidying } from "./tidy";
import { rememberUntouched, untouched } from "./untouched";
import { compilerWatching } from "./watching";
import { Wire } from "./wire";

// Our kernel: tslab, unmodified, between the repairs in this folder. Jupyter runs this file with a connection file as its argument.

/** How long, in milliseconds, the compiler does without its watchers: they would take from the first cell's time. */
const UNWATCHED = 1000;

async function main(connectionFile: string | undefined): Promise<void> {
  if (connectionFile === undefined) throw new Error("usage: node launcher.js <Jupyter connection file>");
  optimiseLater();
  const interrupts = new Interrupts();
  const end = endFor(interrupts);
  const connection = readConnection(connectionFile);
  const channels = new Channels();
  // Before the compiler is loaded, which takes a second: clients can connect meanwhile.
  await channels.bind(connection);
  showOwnFramesOnly();
  showPromisesPlainly();
  const engine = Promise.all([loadEngine(interrupts), interrupts.ready]).then(([loaded]) => {
    rememberUntouched(); // Before any cell, and behind all that the kernel itself replaces.
    return loaded;
  });
  const wire = new Wire(connection.key, connection.signature_scheme);
  const server = new Server(channels, wire, engine, () => end(0));
  const cell = Object.assign(server.cells.current, { standsAlone, tellPlace });
  Object.assign(globalThis, { [Symbol.for("socket-workshop.cell")]: cell });
  // First of all: a listener of the learner's may throw.
  process.on("exit", () => server.cells.office.flushAll());
  // Node's does nothing where there is no terminal.
  console.clear = () => server.cells.clear();
  server.serve();
  interrupts.onInterrupt = () => server.cells.interrupt();
  interrupts.onLoss = (since, until) => {
    server.goOn();
    server.cells.tellLoss(since, until);
  };
  reportCallbackErrors();
  const heap = ownHeap();
  const collect = () => untouched(() => interrupts.atWork(heap.collect));
  const tidying = new Tidying(() => server.cells.running !== undefined, { ...heap, collect });
  server.onReply = () => tidying.asked();
  await engine;
  // In the next turn: what clients have asked meanwhile is answered first.
  setImmediate(() => {
    if (startedFrom !== "snapshot") server.cells.warmUp();
    // No interrupt ends it: koffi, ended in the middle of its loading, ends the process.
    else interrupts.atWork(() => loadPackage(server));
  });
  setTimeout(() => compilerWatching()?.begin(), UNWATCHED).unref();
  if (startedFrom !== "snapshot") renewLater();
}

/** Loads kernel-helpers while nobody waits. The compiler of a snapshot is warm. */
function loadPackage({ cells }: Server): void {
  if (cells.running !== undefined) return;
  try {
    require("kernel-helpers");
  } catch {
    // The cell that imports it will say why it cannot be loaded.
  }
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
