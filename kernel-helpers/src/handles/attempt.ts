import { inspect, types } from "node:util";
import { isCallable, isOf, shown } from "../bytes/arguments";
import { clean } from "../bytes/clean";
import {
  BusyError,
  ClosedError,
  EndError,
  InterruptedError,
  markExplained,
  SocketError,
  TimeoutError,
} from "../errors";
import { isEndingLoops } from "../readiness/turn";
import { print, say, trace } from "../trace";

/**
 * Makes a call that is expected to fail: prints what the error means, and returns it instead of throwing it, so that the cells after it run.
 *
 * @param action the call, which is awaited: `() => client.recv()`
 * @returns Returns a promise of the error, or of what the call returned when it did not fail
 * @throws Errors: none: they are returned. A thrown value that is no error, such as a text, is thrown on
 */
export function attempt<T>(action: () => Promise<T>): Promise<T | Error>;
/**
 * Makes a call that is expected to fail: prints what the error means, and returns it instead of throwing it, so that the cells after it run.
 *
 * @param action the call: `() => rival.bind(LOOPBACK, PORT)`
 * @returns Returns the error, or what the call returned when it did not fail
 * @throws Errors: none: they are returned. A thrown value that is no error, such as a text, is thrown on
 */
export function attempt<T>(action: () => T): T | Error;
export function attempt<T>(action: () => T | Promise<T>): T | Error | Promise<T | Error> {
  if (!isCallable(action)) {
    throw new TypeError(
      `attempt takes a function, so that it can make the call: attempt(() => rival.listen()), not ${shown(action)}.`,
    );
  }
  try {
    const value = action();
    return types.isPromise(value) ? (value as Promise<T>).catch(explained) : (value as T);
  } catch (error) {
    if (isEndingLoops(error)) throw error;
    return explained(error);
  }
}

function explained(error: unknown): Error {
  if (!isOf(error, Error)) throw error;
  // A call that was never made has no line in the trace yet.
  const untold = isOf(error, ClosedError) && !error.waited;
  if (untold || trace.mode === "off") print(cleanLines(inspect(error)).join("\n"));
  else for (const line of linesOf(error)) say(line);
  markExplained(error);
  return error;
}

function linesOf(error: Error): string[] {
  if (error instanceof SocketError) return error.explanation;
  if (error instanceof EndError) return [`${error.name}: it ${error.happened}. ${error.advice}`];
  if (error instanceof TimeoutError || error instanceof InterruptedError || error instanceof BusyError) {
    return [`${error.name}: ${error.happened}. ${error.advice}`];
  }
  return cleanLines(`${error.name}: ${error.message}`);
}

/** The words of an error can be anybody's. */
function cleanLines(text: string): string[] {
  return text.split("\n").map(clean);
}
