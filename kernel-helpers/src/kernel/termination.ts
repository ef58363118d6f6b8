import { createRequire } from "node:module";

/*
 * How the JavaScript that this thread is in the middle of is ended, by a function that another thread has it call there. Nothing of it runs any
 * more, no `finally` either, and what waits behind it in the queue of promises is lost.
 *
 * Until Node 24, AsyncLocalStorage follows promises by hooks on both sides of each: Node keeps count of them, and ends the process
 * ("Assertion failed: (env_->execution_async_id()) == (0)") when one is missing because its code was ended in the middle. So the count is
 * cleared, as Node itself does after an error that nobody catches; in the same breath, because one more promise would be counted between two
 * messages to this thread; and not in the middle of counting (without this a loop of `await null` ended the process once in some ten times).
 */

/** Returns the function that ends what runs, as soon as its caller has returned. */
export function prepareTermination(): () => void {
  const clearCount = clearingCount();
  return () => {
    const { Session } = createRequire(__filename)("node:inspector") as typeof import("node:inspector");
    const session = new Session();
    session.connect();
    clearCount();
    session.post("Runtime.terminateExecution");
  };
}

function clearingCount(): () => void {
  const { noDeprecation } = process;
  try {
    process.noDeprecation = true;
    const { binding } = process as unknown as { binding(name: string): { clearAsyncIdStack?: () => void } };
    const { clearAsyncIdStack } = binding.call(process, "async_wrap");
    return () => clearAsyncIdStack?.();
  } catch {
    return () => {};
  } finally {
    process.noDeprecation = noDeprecation ?? false;
  }
}

/** The files of Node's in which the count is kept, and its functions that count one more. */
const COUNTING = /^node:(internal\/)?(async_hooks|promise_hooks)$/;
const ONE_MORE = /before|push/i;

/** Whether Node is just counting one more: in the code in the middle of which `asked` was called. */
export function isCounting(asked: () => void): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    // The expression that calls it, and what that interrupts.
    Error.stackTraceLimit = 2;
    Error.prepareStackTrace = (_, places) => places;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, asked);
    const [, interrupted] = holder.stack as NodeJS.CallSite[];
    return COUNTING.test(interrupted?.getFileName() ?? "") && ONE_MORE.test(interrupted?.getFunctionName() ?? "");
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}
