/** Undefined where reading it throws: a class can have a getter of its own, and a cell an Error.prepareStackTrace. */
export function stackOf(thrown: object): unknown {
  try {
    return (thrown as { stack?: unknown }).stack;
  } catch {
    return undefined;
  }
}
