/** What an action that fails failed with; fails itself when the action succeeds. */
export function failureOf(action: () => unknown): NodeJS.ErrnoException & Record<string, unknown> {
  try {
    action();
  } catch (error) {
    return error as NodeJS.ErrnoException & Record<string, unknown>;
  }
  throw new Error("It succeeded, and should have failed.");
}

/** The same for an action to await. It may also fail before there is anything to await. */
export async function rejectionOf(
  action: Promise<unknown> | (() => Promise<unknown>),
): Promise<NodeJS.ErrnoException & Record<string, unknown>> {
  try {
    await (typeof action === "function" ? action() : action);
  } catch (error) {
    return error as NodeJS.ErrnoException & Record<string, unknown>;
  }
  throw new Error("It succeeded, and should have failed.");
}

/** The errno's name that an action fails with. */
export const codeOf = (action: () => unknown): string | undefined => failureOf(action).code;

/** The same for an action to await. */
export const rejectionCode = async (action: Promise<unknown> | (() => Promise<unknown>)): Promise<string | undefined> =>
  (await rejectionOf(action)).code;

/** Milliseconds that an action takes. */
export async function duration(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** One turn of the event loop: what was due has happened. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
