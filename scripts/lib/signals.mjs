import { endRunning } from "./run.mjs";

/** @type {Array<[NodeJS.Signals, number]>} */
const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
];

/**
 * From now on a signal ends the programs that this process runs, too: an npm that went on by itself would
 * meet the next one.
 * @param {() => void} [cleanUp] done before the exit
 * @returns {() => void} back to the default
 */
export function endOnSignals(cleanUp = () => {}) {
  const handlers = SIGNALS.map(([signal, status]) => {
    const handler = () => {
      endRunning();
      cleanUp();
      process.exit(status);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const remove of handlers) remove();
  };
}
