import { endRunning } from "./run.mjs";

/** @type {Array<[NodeJS.Signals, number]>} */
const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
];

/** Who has pressed Ctrl-C and waits for longer is told why. */
const SILENT_MS = 500;

let ending = false;

/**
 * From now on a signal ends the programs that this process runs, and then this process: an npm that went on by itself
 * would meet the next one. A second signal changes nothing about that; npm passes on those that a terminal has sent already.
 * @param {() => void} [cleanUp] done when they have ended, before the exit
 * @returns {() => void} back to the default
 */
export function endOnSignals(cleanUp = () => {}) {
  const handlers = SIGNALS.map(([signal, status]) => {
    const handler = async () => {
      if (ending) return;
      ending = true;
      setTimeout(() => console.error("\n  Ending what still runs …"), SILENT_MS);
      await endRunning();
      cleanUp();
      process.exit(status);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    // What comes while the programs end must not end this process before them.
    if (ending) return;
    for (const remove of handlers) remove();
  };
}
