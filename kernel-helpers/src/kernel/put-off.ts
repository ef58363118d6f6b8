import type { WatchHost } from "@tslab/typescript-for-tslab";

/** The timers of the host of a program, as tslab's converter makes them. */
type Timers = Pick<WatchHost, "setTimeout" | "clearTimeout">;

/**
 * The compiler puts off what a change of a file makes necessary, and what a new file does, each with a timer of its own. tslab has room for one,
 * which runs when the next cell is compiled: at the second it throws, in whatever has noticed the file, and the cell gets the modules as they
 * were; and when what was put off has thrown, no cell is compiled any more. So all of it is one timer for tslab.
 */
export function putOffTogether(host: Timers): void {
  const { setTimeout, clearTimeout } = host;
  if (setTimeout === undefined || clearTimeout === undefined) return;
  const waiting = new Map<object, () => void>();
  let timer: unknown;
  const stop = () => {
    const stopped = timer;
    timer = undefined;
    if (stopped !== undefined) clearTimeout.call(host, stopped);
  };
  const run = () => {
    stop(); // First: what is put off may throw.
    for (const [id, callback] of waiting) {
      waiting.delete(id);
      callback();
    }
    stop();
  };
  host.setTimeout = (callback, ms, ...args) => {
    const id = {};
    waiting.set(id, () => callback(...args));
    timer ??= setTimeout.call(host, run, ms);
    return id;
  };
  host.clearTimeout = (id) => {
    waiting.delete(id as object);
  };
}
