import { createRequire } from "node:module";
import { dirname } from "node:path";

/*
 * How the JavaScript that this thread is in the middle of is ended, by a function that another thread has it call there. Nothing of it runs any
 * more, no `finally` either, and what waits behind it in the queue of promises is lost.
 *
 * Node keeps count of the callbacks that are under way (and until Node 24 of promises too, for AsyncLocalStorage), and ends the process when
 * one is missing because its code was ended in the middle ("async hook stack has become corrupted"). So the count is cleared; in the same
 * breath, because one more promise would be counted between two messages to this thread; and not in the middle of counting (without this a
 * loop of `await null` ended the process once in some ten times).
 *
 * Nor in the middle of what Node, a package or the workshop does, as long as there is anything else to be found: it would leave its lists half
 * linked.
 */

/** Prepares the end of what runs. @returns what ends it, as soon as its caller has returned: no promise is to be made in between */
export function termination(): () => void {
  const { Session } = createRequire(__filename)("node:inspector") as typeof import("node:inspector");
  const session = new Session();
  session.connect();
  clearCount();
  return () => session.post("Runtime.terminateExecution");
}

/** What Node does with an error that nobody catches, which clears the count. Node itself calls it by this name. */
type Fatal = { _fatalException(error: unknown, fromPromise: boolean): boolean };

/** Clears Node's count, with an error that counts as caught. */
function clearCount(): void {
  const isOurs = !process.hasUncaughtExceptionCaptureCallback();
  // Whoever else catches all errors catches this one too.
  if (isOurs) process.setUncaughtExceptionCaptureCallback(() => {});
  try {
    (process as unknown as Fatal)._fatalException(new Error("Interrupted"), false);
  } finally {
    if (isOurs) process.setUncaughtExceptionCaptureCallback(null);
  }
}

/** The files of Node's in which the count is kept, and its functions that count one more. */
const COUNTING = /^node:(internal\/)?(async_hooks|promise_hooks)$/;
const ONE_MORE = /before|push/i;

/** Node's files, those of packages, and ours: ended in the middle, their lists would not be whole. (Node's timers were, on a busy machine.) */
const INSIDE = /^node:|[\\/]node_modules[\\/]/;
const OURS = dirname(__dirname);

/** Whose code it is in the middle of which `asked` was called: Node is just counting one more, or nothing runs, between two promises. */
export function placeOf(asked: () => void): "counting" | "inside" | "learner" | "between" {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    // The expression that calls it, and what that interrupts.
    setOfError({ stackTraceLimit: 2, prepareStackTrace: (_: Error, all: NodeJS.CallSite[]) => all });
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, asked);
    const places = holder.stack;
    // In the middle of making an error's stack, V8 makes no other one the way that is asked for here. Nor when a cell has frozen Error.
    if (!Array.isArray(places)) return "inside";
    const [, interrupted] = places as NodeJS.CallSite[];
    if (interrupted === undefined) return "between";
    const file = interrupted.getFileName() ?? "";
    if (COUNTING.test(file) && ONE_MORE.test(interrupted.getFunctionName() ?? "")) return "counting";
    return INSIDE.test(file) || file.startsWith(OURS) ? "inside" : "learner";
  } finally {
    setOfError({ stackTraceLimit, prepareStackTrace });
  }
}

function setOfError(values: Partial<typeof Error>): void {
  for (const [name, value] of Object.entries(values)) Reflect.set(Error, name, value);
}
